"""Intake: consume → batch → pipeline → one transaction → acknowledge.

The one rule of the house lives here: nothing is acknowledged before the transaction that records it has committed.

Theory of operation
- Under full load the next batch is taken and processed while one is recorded: the database's work and ours go on side
  by side. One is recorded at a time, in order, and no more than one waits for it. As long as batches are not full, the
  next is taken when the last is recorded: what would wait for the database processed waits in the queue instead, so
  that batches are fewer and larger.
- A batch whose commit failed for want of the database is *held*: its outcome is unknown. It is recorded again under the
  same batch id when the database is back, and the inbox tells what had committed. Nothing else is taken meanwhile.
- A batch that the database refuses is split until the culprit stands alone; the culprit is parked, the rest is stored.
- A bulk message is taken alone and as a stream (``ingest.bulk``). It is kept, with its batch id, until it is settled.
- A delivery that came back unsettled may have killed a worker. It is counted in its own transaction *before* it is
  touched again, taken alone, and parked as poison beyond the limit, unparsed.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol
from uuid import UUID, uuid4

from broker.errors import StoreRefusedError, StoreUnavailableError, TransportUnavailableError, UnavailableError
from broker.ingest.backpressure import Backpressure
from broker.ingest.bulk import BulkIntake
from broker.ingest.processing import Processing, rejected
from broker.message.envelope import Envelope
from broker.message.failure import Failure, FailureCode
from broker.observability.logs import logger
from broker.observability.metrics import Metrics
from broker.observability.names import LogEvent
from broker.pipeline.outcome import Outcome
from broker.store.recorder import Recorder
from broker.transport.seam import Consumer, Delivery, Transport
from broker.transport.topology import SAFETY_NET

_PROCESSED_BETWEEN_YIELDS = 20
_REFUSED = "The database refused what was made of this message."


class Attempts(Protocol):
    """Counts the deliveries of messages that came back, each count committed before it is returned."""

    async def count(self, tenant: str, message_id: UUID) -> int:
        """Add one and give the new count."""


@dataclass(frozen=True, slots=True)
class IntakeConfig:
    """Sizes in messages, waits in seconds."""

    queues: tuple[str, ...]
    batch_messages: int
    batch_wait_s: float
    prefetch_messages: int
    attempts: int


@dataclass(frozen=True, slots=True)
class IntakePorts:
    """What intake works with. ``probe`` is told the name of each point passed; fault tests listen to it."""

    transport: Transport
    recorder: Recorder
    attempts: Attempts
    processing: Processing
    bulk: BulkIntake
    backpressure: Backpressure
    metrics: Metrics
    recorded: Callable[[], None]
    probe: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Batch:
    batch_id: UUID
    deliveries: tuple[Delivery, ...]
    outcomes: tuple[Outcome, ...]


class Intake:
    """The step of the intake loop."""

    name = "intake"

    def __init__(self, config: IntakeConfig, ports: IntakePorts) -> None:
        """Hold nothing until ``start``."""
        self._config = config
        self._ports = ports
        self._consumer: Consumer | None = None
        self._suspects: deque[Delivery] = deque()
        self._bulk: deque[tuple[Delivery, UUID]] = deque()
        self._held: deque[_Batch] = deque()
        self._settling: asyncio.Task[None] | None = None
        self._paused = False
        self._full = False
        self._poisoned: Delivery | None = None

    async def start(self) -> None:
        """Begin to consume, unless the consumer outlived what was away."""
        if self._consumer is None:
            self._consumer = await self._ports.transport.consumer(self._config.queues, self._config.prefetch_messages)

    async def stop(self) -> None:
        """Let the batch that is being recorded end; end the consumer; everything unsettled goes back to its queue."""
        with suppress(UnavailableError):
            await self._settled()
        consumer, self._consumer, self._paused = self._consumer, None, False
        self._held.clear()
        self._suspects.clear()
        self._bulk.clear()
        if consumer is not None:
            await consumer.close()

    async def run_once(self) -> bool:
        """Take and settle one batch; True when there was one."""
        assert self._consumer is not None, "start() comes first"
        try:
            return await self._turn(self._consumer)
        except StoreUnavailableError:
            await self._pause(self._consumer, ("store",))
            raise
        except TransportUnavailableError:
            await self.stop()
            raise

    async def _turn(self, consumer: Consumer) -> bool:
        if self._suspects or self._bulk:
            await self._settled()
        if self._settling is None and (self._held or self._suspects):
            await self._settle_one_by_one(consumer)
            return True
        if closed_by := self._ports.backpressure.closed_by:
            await self._settled()
            await self._pause(consumer, closed_by)
            await asyncio.sleep(self._config.batch_wait_s)
            return False
        await self._resume(consumer)
        if self._bulk:
            await self._take_bulk(consumer, *self._bulk[0])
            return True
        return await self._take(consumer)

    async def _settle_one_by_one(self, consumer: Consumer) -> None:
        """Settle what a lost database left; else the next of what came back, for which nothing else is under way."""
        if not self._held:
            await self._prepare_suspect(self._suspects[0])
            self._suspects.popleft()
        await self._settle_held(consumer)

    async def _take(self, consumer: Consumer) -> bool:
        """Take and process one batch, and let it be recorded while the next is taken; False where none came."""
        if not self._full:
            await self._settled()
        deliveries = await consumer.batch(self._config.batch_messages, self._config.batch_wait_s)
        self._full = len(deliveries) == self._config.batch_messages
        if not deliveries:
            await self._settled()
            return False
        self._ports.probe("received")
        self._suspects.extend(each for each in deliveries if each.redelivered)
        fresh: list[Delivery] = []
        for each in (each for each in deliveries if not each.redelivered):
            if self._ports.bulk.takes(each):
                self._bulk.append((each, uuid4()))
            else:
                fresh.append(each)
        if fresh:
            batch = await self._processed(fresh)
            try:
                await self._settled()
            finally:
                self._held.append(batch)
            self._settling = asyncio.create_task(self._settle_held(consumer))
        return True

    async def _settled(self) -> None:
        """Wait for the batch that is being recorded; raises what that raised."""
        if self._settling is not None:
            await asyncio.wait({self._settling})
            settled, self._settling = self._settling, None
            settled.result()

    async def _pause(self, consumer: Consumer, by: tuple[str, ...]) -> None:
        if not self._paused:
            await consumer.pause()
            self._paused = True
            self._ports.metrics.intake_pauses.add(1, {"by": ",".join(by)})
            logger().warning(LogEvent.INTAKE_PAUSED, by=by)

    async def _resume(self, consumer: Consumer) -> None:
        if self._paused:
            await consumer.resume()
            self._paused = False
            logger().info(LogEvent.INTAKE_RESUMED)

    async def _processed(self, deliveries: Sequence[Delivery]) -> _Batch:
        began = perf_counter()
        outcomes: list[Outcome] = []
        for position, delivery in enumerate(deliveries, 1):
            envelope = self._ports.processing.envelope(delivery)
            given_up = delivery.queue == SAFETY_NET
            outcomes.append(_given_up(envelope) if given_up else self._ports.processing.outcome(envelope))
            if position % _PROCESSED_BETWEEN_YIELDS == 0:
                await asyncio.sleep(0)  # confirms, heartbeats and the relay have their turn inside a batch
        self._ports.metrics.pipeline_duration.record(perf_counter() - began)
        self._ports.metrics.batch_size.record(len(deliveries))
        self._ports.probe("processed")
        return _Batch(uuid4(), tuple(deliveries), tuple(outcomes))

    async def _prepare_suspect(self, delivery: Delivery) -> None:
        bulk = self._ports.bulk.takes(delivery)
        envelope = await self._ports.bulk.envelope(delivery) if bulk else self._ports.processing.envelope(delivery)
        attempts = await self._ports.attempts.count(envelope.tenant, envelope.message_id)
        if bulk:
            self._poisoned = delivery if attempts > self._config.attempts else None
            self._bulk.append((delivery, uuid4()))
        elif attempts > self._config.attempts:
            outcome: Outcome = _poison(envelope, attempts)
            self._held.append(_Batch(uuid4(), (delivery,), (outcome,)))
        else:
            self._held.append(await self._processed([delivery]))

    async def _take_bulk(self, consumer: Consumer, delivery: Delivery, batch_id: UUID) -> None:
        """Record and acknowledge one bulk message; one that the database refuses is recorded as refused."""
        bulk = self._ports.bulk
        try:
            if delivery is self._poisoned:
                await bulk.refuse(delivery, batch_id, _poison_failure(self._config.attempts + 1))
            else:
                await bulk.take(delivery, batch_id)
        except StoreRefusedError:
            await bulk.refuse(delivery, batch_id, Failure(FailureCode.STORE_REFUSED, _REFUSED))
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001  the edge: one message's crash is that message's dead letter
            logger().error(LogEvent.PIPELINE_CRASHED, message_id=delivery.message_id, error=type(error).__name__)
            text = f"The pipeline raised {type(error).__name__}."
            await bulk.refuse(delivery, batch_id, Failure(FailureCode.INTERNAL_ERROR, text))
        self._ports.recorded()
        self._ports.probe("committed")
        await consumer.ack([delivery])
        self._ports.probe("acknowledged")
        self._bulk.popleft()

    async def _settle_held(self, consumer: Consumer) -> None:
        """Record and acknowledge every held batch, splitting one the database refuses."""
        while self._held:
            batch = self._held[0]
            try:
                await self._record(batch)
            except StoreRefusedError:
                self._held.popleft()
                self._held.extendleft(reversed(_split(batch)))
                logger().warning(LogEvent.BATCH_SPLIT, messages=len(batch.deliveries))
                continue
            self._ports.probe("committed")
            await consumer.ack(batch.deliveries)
            self._ports.probe("acknowledged")
            self._held.popleft()

    async def _record(self, batch: _Batch) -> None:
        began = perf_counter()
        verdicts = await self._ports.recorder.record(batch.batch_id, batch.outcomes)
        elapsed_s = perf_counter() - began
        self._ports.metrics.commit_duration.record(elapsed_s)
        self._ports.backpressure.read("commit_ms", elapsed_s * 1000)
        self._ports.recorded()
        for outcome, verdict in zip(batch.outcomes, verdicts, strict=True):
            self._ports.processing.line(outcome, verdict)


def _split(batch: _Batch) -> list[_Batch]:
    """Halve a refused batch; a single message becomes the dead letter it has to be."""
    if len(batch.deliveries) == 1:
        refused = rejected(batch.outcomes[0].envelope, FailureCode.STORE_REFUSED, _REFUSED)
        return [_Batch(uuid4(), batch.deliveries, (refused,))]
    middle = len(batch.deliveries) // 2
    return [
        _Batch(uuid4(), batch.deliveries[:middle], batch.outcomes[:middle]),
        _Batch(uuid4(), batch.deliveries[middle:], batch.outcomes[middle:]),
    ]


def _given_up(envelope: Envelope) -> Outcome:
    text = "The transport delivered the message as often as its queue allows and gave it up. It was not parsed."
    return rejected(envelope, FailureCode.RECEIVE_DELIVERY_LIMIT, text)


def _poison(envelope: Envelope, attempts: int) -> Outcome:
    failure = _poison_failure(attempts)
    return rejected(envelope, failure.code, failure.text)


def _poison_failure(attempts: int) -> Failure:
    text = f"Delivered {attempts} times without being settled: it may end the process that takes it. It was not parsed."
    return Failure(FailureCode.RECEIVE_POISON, text)
