"""Relay: outbox → publish → confirm → mark.

What is published comes from committed rows only, under an event id that never changes, until the transport has
confirmed it. A publication is marked after a positive confirm and never before, so a crash in between publishes it
again under the same event id: subscribers take effect once by remembering event ids.

Order: publications of one subject leave in the order of their commit, because a subject hashes to one lane and a lane
has one leased relay. A publication that is refused waits for its retry, and those of its subject wait behind it; the
rest do not.

While what was confirmed is marked, the next is taken and published. What was not confirmed is settled first: until the
database knows that a publication has to be tried again, it would give those of its subject that wait behind it. And all
is marked before lanes change hands.

A transport that is away or leaves outcomes unknown counts against no publication: what is not settled is forgotten and
taken again when the loop's wait is over.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, perf_counter

from broker.errors import TransportUnavailableError, UnavailableError
from broker.message.envelope import Destination
from broker.message.failure import Failure, FailureCode
from broker.observability.logs import logger
from broker.observability.metrics import Metrics
from broker.observability.names import LogEvent, SpanName
from broker.observability.traces import Tracing
from broker.pipeline.policy import Policies
from broker.store.outbox import Outbox, PendingRow
from broker.transport.seam import Publication, PublishResult, Transport
from broker.transport.topology import EVENTS, EVENTS_WITH_RA_JSON, REPLAY_OF, outbound

_EXCHANGES = {Destination.EVENT.value: EVENTS, Destination.EVENT_WITH_RA_JSON.value: EVENTS_WITH_RA_JSON}
_CODES = {PublishResult.UNROUTABLE: FailureCode.RELAY_UNROUTABLE, PublishResult.REFUSED: FailureCode.RELAY_REFUSED}
_FIRST_LANE = 0
_TEXTS = {
    FailureCode.RELAY_UNROUTABLE: "No queue took the publication in {} attempts.",
    FailureCode.RELAY_REFUSED: "The transport refused the publication in {} attempts.",
}


@dataclass(frozen=True, slots=True)
class RelayConfig:
    """Sizes in messages, waits in seconds. ``owner`` names this worker in the lane leases."""

    owner: str
    batch_messages: int
    lease_s: float


@dataclass(frozen=True, slots=True)
class RelayPorts:
    """What the relay works with. ``probe`` is told each point passed; ``share`` how many lanes are this worker's."""

    transport: Transport
    outbox: Outbox
    policies: Policies
    share: Callable[[], int]
    tracing: Tracing
    metrics: Metrics
    clock: Callable[[], datetime]
    probe: Callable[[str], None]


class Relay:
    """The step of the relay loop."""

    name = "relay"

    def __init__(self, config: RelayConfig, ports: RelayPorts) -> None:
        """Hold no lane until the first turn."""
        self._config = config
        self._ports = ports
        self._lanes: dict[int, int] = {}
        self._leased_at = -config.lease_s
        self._settling: asyncio.Task[None] | None = None

    @property
    def leads(self) -> bool:
        """Whether this worker holds the first lane: of all workers one does, and another within a lease of its end."""
        return _FIRST_LANE in self._lanes

    async def start(self) -> None:
        """Nothing to get: lanes are leased in the turn."""

    async def stop(self) -> None:
        """Mark what is confirmed and give the lanes back, so that another worker need not wait for the lease to end."""
        with suppress(UnavailableError):
            await self.settled()
        if self._lanes:
            self._lanes = {}
            with suppress(UnavailableError):
                await self._ports.outbox.lease(self._config.owner, 0, self._config.lease_s)

    async def run_once(self) -> bool:
        """Publish one batch; True when there was one. Raises UnavailableError, after which all is taken again."""
        await self._lease()
        rows = await self._ports.outbox.take(self._lanes, self._config.batch_messages) if self._lanes else []
        if not rows:
            await self.settled()
            return False
        began = perf_counter()
        with self._ports.tracing.batch(SpanName.PUBLISH, len(rows)):
            results = await self._publish(rows)
        self._ports.metrics.publish_duration.record(perf_counter() - began)
        self._ports.probe("confirmed")
        await self.settled()
        settling = self._settle(rows, results)
        if set(results) == {PublishResult.CONFIRMED}:
            self._settling = asyncio.create_task(settling)
            return True
        await settling
        if PublishResult.UNKNOWN in results:
            # The transport fell silent, which says nothing against a publication: none is counted as tried.
            self._ports.outbox.forget()
            raise TransportUnavailableError("the transport left the outcome of publications unknown")
        return True

    async def settled(self) -> None:
        """Wait until what was published before is marked; raises what marking raised. Idempotent."""
        if self._settling is not None:
            await asyncio.wait({self._settling})
            settled, self._settling = self._settling, None
            try:
                settled.result()
            except BaseException:
                self._ports.outbox.forget()  # what was taken meanwhile too: it is not settled either
                raise

    async def _lease(self) -> None:
        """Renew well before the leases end; three renewals may fail before another worker takes over.

        A renewal may give lanes up: what was published of them is marked before, or their new owner publishes it again.
        """
        now = monotonic()
        if now - self._leased_at >= self._config.lease_s / 3:
            await self.settled()
            self._lanes = await self._ports.outbox.lease(self._config.owner, self._ports.share(), self._config.lease_s)
            self._leased_at = now

    async def _publish(self, rows: Sequence[PendingRow]) -> list[PublishResult]:
        self._ports.probe("taken")
        try:
            return await self._ports.transport.publish([publication(row) for row in rows])
        except TransportUnavailableError:
            self._ports.outbox.forget()
            raise

    async def _settle(self, rows: Sequence[PendingRow], results: Sequence[PublishResult]) -> None:
        now = self._ports.clock()
        confirmed: list[PendingRow] = []
        retry: list[tuple[PendingRow, datetime]] = []
        parked: list[tuple[PendingRow, Failure]] = []
        for row, result in zip(rows, results, strict=True):
            self._ports.metrics.publications.add(1, {"result": result, "destination": row.destination})
            if result is PublishResult.CONFIRMED:
                confirmed.append(row)
                self._ports.metrics.delivery_lag.record((now - row.recorded_at).total_seconds())
            elif result is PublishResult.UNKNOWN:
                continue
            elif due_at := self._due_at(row, result, now):
                retry.append((row, due_at))
            else:
                code = _CODES[result]
                parked.append((row, Failure(code, _TEXTS[code].format(row.attempts + 1))))
                logger().error(LogEvent.PUBLICATION_PARKED, message_id=str(row.message_id), code=code.value)
        await self._ports.outbox.settle(self._lanes, confirmed, retry, parked)
        self._ports.probe("marked")

    def _due_at(self, row: PendingRow, result: PublishResult, now: datetime) -> datetime | None:
        """When to try again; None: the policy has had enough."""
        roll = random.random()  # noqa: S311  jitter, not a secret
        return self._ports.policies.retry_at(_CODES[result], row.attempts, now, roll)


def publication(row: PendingRow) -> Publication:
    """The transport's terms for an outbox row: topic exchange for events, a queue for a core or a reply."""
    headers = {"ce-type": row.event_type, "tenant": row.tenant, "message-id": str(row.message_id)}
    if row.traceparent:
        headers["traceparent"] = row.traceparent
    if row.destination == Destination.QUEUE:
        headers[REPLAY_OF] = row.subject
    exchange = _EXCHANGES.get(row.destination, "")
    routing_key = outbound(row.address) if row.destination == Destination.CORE else row.address
    return Publication(
        exchange=exchange,
        routing_key=routing_key,
        event_id=str(row.event_id),
        body=row.body,
        content_type=row.content_type,
        correlation_id=row.correlation_id,
        headers=headers,
    )
