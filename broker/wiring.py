"""The composition root: the one file that knows every room and joins them. Read it as the architecture.

``workbench`` joins the pure rooms, for work on files too; ``outside`` opens database and transport; ``Worker`` joins
everything into the loops of one worker process:

    intake      queues → pipeline → one transaction → acknowledge
    redrive     dead letters due or asked for → pipeline → one transaction
    refusals    events that subscribers refused → dead letters → acknowledge
    relay       outbox → publish → confirm → mark
    sequencer   audit entries → their place in the tree
    publisher   committed tree heads → signed checkpoints
    monitor     watermarks, heartbeat
    asked       which events are asked for with RA JSON
    days        partitions ahead made, expired ones dropped
"""

import asyncio
import gc
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from broker.audit.anchor import AnchorFile
from broker.audit.keys import KeyFolder
from broker.audit.publisher import Keys, Publisher
from broker.audit.sequencer import Sequencer
from broker.errors import UnavailableError
from broker.ingest.backpressure import Backpressure, Watermark
from broker.ingest.bulk import BulkConfig, BulkIntake
from broker.ingest.intake import Intake, IntakeConfig, IntakePorts
from broker.ingest.monitor import Monitor
from broker.ingest.processing import Processing
from broker.ingest.redrive import Redrive
from broker.ingest.refusals import Refusals, RefusalsConfig
from broker.loop import Chore, Led, Loop, LoopConfig, Step
from broker.message.failure import FailureCode
from broker.observability.metrics import Metrics
from broker.observability.traces import Tracing
from broker.outside import database, key_folder, policies, transport
from broker.pipeline.policy import Policies
from broker.queues import queues, routes, subscribed
from broker.relay.publishing import Relay, RelayConfig, RelayPorts
from broker.settings import Settings
from broker.store.attempts import Attempts
from broker.store.bulk_writes import BulkRecorder
from broker.store.codec import PlainCodec
from broker.store.database import Database
from broker.store.dead_letters import DeadLetters
from broker.store.fresh import Fresh
from broker.store.ledger import Ledger
from broker.store.outbox import Outbox
from broker.store.partitions import Partitions
from broker.store.recorder import Recorder
from broker.store.refused_events import RefusedEvents
from broker.store.status import Workers
from broker.store.subscriptions import Subscriptions
from broker.store.writing import utc_now
from broker.transport.seam import Transport
from broker.workbench import Workbench, asked_keys

Probe = Callable[[str], None]

_LANES = 16
_OBJECTS_BETWEEN_COLLECTIONS = 20_000
_DAYS_INTERVAL_S = 600
_REFUSALS_WAIT_S = 0.25
_ASKED_INTERVAL_S = 5


def no_probe(_: str) -> None:
    """Nobody listens to the points a worker passes."""


@contextmanager
def settled() -> Iterator[None]:
    """Keep what was loaded up to now out of the garbage collector's sight for as long as the context lasts.

    Catalogue and mappings are 300,000 objects that stay. Whoever holds many values at a time, a batch or a slice, makes
    the collector walk all of them again and again: half of the time of a bulk message's events, 0.1 s a walk. What
    comes later is looked at more seldom: hardly any of it hangs together in circles.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


class Worker:
    """One worker process: opens the store and the transport, runs its loops, closes in reverse."""

    def __init__(
        self,
        settings: Settings,
        worker_id: str,
        probe: Probe = no_probe,
        about: Mapping[str, object] | None = None,
    ) -> None:
        """Open nothing yet. ``worker_id`` owns lanes and heartbeats; ``probe`` hears each point passed.

        ``about`` (JSON values) is what each heartbeat says of this worker beside its state.
        """
        self.bench = Workbench(settings)
        self.loops: dict[str, Loop] = {}
        self._settings = settings
        self._worker_id = worker_id
        self._probe = probe
        self._about = about
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the batch in hand, settle it, and end ``run``. Idempotent."""
        self._stopping.set()

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Run until ``stop``; ``ready`` is called once everything is open and declared."""
        settings = self._settings
        async with AsyncExitStack() as stack:
            telemetry = settings.telemetry
            tracing = Tracing.to(telemetry.otlp_endpoint)
            stack.callback(tracing.close)
            metrics = Metrics.to(telemetry.otlp_endpoint, telemetry.metrics_interval_s)
            stack.callback(metrics.close)
            opened = await stack.enter_async_context(database(settings))
            carrier = transport(settings)
            stack.push_async_callback(carrier.close)
            await carrier.open()
            wanted = await subscribed(opened)
            await carrier.declare(queues(settings, wanted))
            self.bench.asked.keys = asked_keys(settings, wanted)
            fresh = Fresh(settings.relay.fresh_bytes)
            self._build(_Outside(opened, carrier, tracing, metrics, fresh), stack)
            stack.enter_context(settled())
            async with asyncio.TaskGroup() as tasks:
                for loop in self.loops.values():
                    tasks.create_task(loop.run(), name=loop.step.name)
                ready()

    def _build(self, outside: "_Outside", stack: AsyncExitStack) -> None:
        given = self._settings.backpressure
        backpressure = Backpressure(
            {
                "outbox": Watermark(given.outbox_high, given.outbox_low),
                "memory_mb": Watermark(given.memory_high_mb, given.memory_low_mb),
                "commit_ms": Watermark(given.commit_high_ms, given.commit_low_ms),
            }
        )
        outbox = Outbox(outside.database, outside.codec, fresh=outside.fresh)
        stack.push_async_callback(outbox.close)
        monitor = self._monitor(outside, outbox, backpressure, stack)
        processing = Processing(self.bench.pipeline, routes(self._settings), outside.tracing, outside.metrics)
        relay = self._relay(outside, outbox, monitor)
        self._add(relay, self._settings.relay.poll_interval_ms / 1000)
        self._add_intake(outside, processing, backpressure, stack)
        self._add(monitor, given.interval_ms / 1000)
        self._add_audit(outside, lambda: relay.leads, stack)
        self._add_asked(outside, stack)
        self._add_days(outside, stack)

    def _add(self, step: Step, idle_s: float) -> None:
        self.loops[step.name] = Loop(step, LoopConfig(idle_s), self._stopping)

    def _monitor(
        self, outside: "_Outside", outbox: Outbox, backpressure: Backpressure, stack: AsyncExitStack
    ) -> Monitor:
        workers = Workers(outside.database, self._worker_id, utc_now(), self._about)
        stack.push_async_callback(workers.close)
        return Monitor(outbox, workers, outside.transport, backpressure, outside.metrics)

    def _relay(self, outside: "_Outside", outbox: Outbox, monitor: Monitor) -> Relay:
        given = self._settings.relay
        return Relay(
            RelayConfig(self._worker_id, given.batch_messages, given.lease_s),
            RelayPorts(
                transport=outside.transport,
                outbox=outbox,
                policies=outside.policies,
                share=lambda: -(-_LANES // max(1, monitor.workers)),
                tracing=outside.tracing,
                metrics=outside.metrics,
                clock=utc_now,
                probe=self._probe,
            ),
        )

    def _add_intake(
        self, outside: "_Outside", processing: Processing, backpressure: Backpressure, stack: AsyncExitStack
    ) -> None:
        given = self._settings.ingest
        recorder = Recorder(outside.database, outside.codec, outside.retry_at, fresh=outside.fresh)
        stack.push_async_callback(recorder.close)
        attempts = Attempts(outside.database)
        stack.push_async_callback(attempts.close)
        dead_letters = DeadLetters(outside.database, outside.codec, outside.retry_at)
        stack.push_async_callback(dead_letters.close)
        wake_relay = self.loops["relay"].wake.set
        bulk = BulkIntake(
            self.bench.bulk,
            self.bench.plans,
            BulkRecorder(outside.database, outside.codec, outside.retry_at),
            processing,
            BulkConfig(self._settings.limits.message_bytes, self._settings.bulk.slice_bytes),
        )
        stack.push_async_callback(bulk.close)
        intake = Intake(
            IntakeConfig(
                queues=tuple(processing.routes),
                batch_messages=given.batch_messages,
                batch_wait_s=given.batch_wait_ms / 1000,
                prefetch_messages=given.prefetch_messages,
                attempts=given.attempts,
            ),
            IntakePorts(
                transport=outside.transport,
                recorder=recorder,
                attempts=attempts,
                processing=processing,
                bulk=bulk,
                backpressure=backpressure,
                metrics=outside.metrics,
                recorded=wake_relay,
                probe=self._probe,
            ),
        )
        self._add(intake, 0)  # it waits for messages itself
        refused = RefusedEvents(outside.database, outside.codec)
        stack.push_async_callback(refused.close)
        config = RefusalsConfig(given.batch_messages, _REFUSALS_WAIT_S)
        self._add(Refusals(config, outside.transport, refused), _REFUSALS_WAIT_S)
        redrive = Redrive(dead_letters, processing, wake_relay, given.batch_messages)
        self._add(redrive, given.redrive_interval_ms / 1000)

    def _add_audit(self, outside: "_Outside", leads: Callable[[], bool], stack: AsyncExitStack) -> None:
        given = self._settings.audit
        folder = KeyFolder(key_folder(self._settings))
        folder.ensure()
        sequencer = Sequencer(Ledger(outside.database.session(), outside.codec), given.sequence_entries)
        publisher = Publisher(
            Ledger(outside.database.session(), outside.codec),
            given.origin,
            Keys(folder.signers(), folder.public_keys()),
            utc_now,
            AnchorFile(given.anchor_file) if given.anchor_file else None,
        )
        self._add(Led(sequencer, leads), given.sequence_interval_ms / 1000)
        self._add(publisher, given.checkpoint_interval_s)
        stack.push_async_callback(_sign_to_the_end, sequencer, publisher)

    def _add_asked(self, outside: "_Outside", stack: AsyncExitStack) -> None:
        kept = Subscriptions(outside.database, outside.codec)
        stack.push_async_callback(kept.close)

        async def once() -> None:
            wanted = [each.wanted for each in await kept.all()]
            self.bench.asked.keys = asked_keys(self._settings, wanted)

        self._add(Chore("asked", once), _ASKED_INTERVAL_S)

    def _add_days(self, outside: "_Outside", stack: AsyncExitStack) -> None:
        given = self._settings.store
        partitions = Partitions(outside.database)
        stack.push_async_callback(partitions.close)

        async def once() -> None:
            await partitions.prepare()
            await partitions.drop_expired(given.body_retention_days, given.outbox_retention_days)

        self._add(Chore("days", once), _DAYS_INTERVAL_S)


@dataclass(frozen=True, slots=True)
class _Outside:
    """What a worker holds of the outside, and the values that go with it."""

    database: Database
    transport: Transport
    tracing: Tracing
    metrics: Metrics
    fresh: Fresh
    codec: PlainCodec = field(default_factory=PlainCodec)
    policies: Policies = field(default_factory=policies)

    def retry_at(self, code: FailureCode, attempts: int, now: datetime) -> datetime | None:
        """When a failed message is tried again by itself; None: parked."""
        return self.policies.retry_at(code, attempts, now, random.random())  # noqa: S311  jitter, not a secret


async def _sign_to_the_end(sequencer: Sequencer, publisher: Publisher) -> None:
    """When every loop has ended: a log at rest is signed to its end."""
    with suppress(UnavailableError):
        while await sequencer.run_once():
            pass
        await publisher.run_once()
    await sequencer.stop()
    await publisher.stop()
