"""Refusals: events that subscribers refused → dead letters → acknowledge.

The one rule holds here as well: nothing is acknowledged before the transaction that records it has committed. What was
taken and not recorded goes back to its queue and is recorded later, once: a dead letter's id follows from its event.

An event says in its headers who refused it and why; one that RabbitMQ moved here by itself, after too many deliveries,
says no more than the queue it fell from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from broker.errors import UnavailableError
from broker.message.failure import Failure, FailureCode
from broker.message.identity import digest
from broker.observability.logs import logger
from broker.observability.names import LogEvent
from broker.store.refused_events import UNKNOWN, RefusedEvent, RefusedEvents
from broker.store.writing import Clock, utc_now
from broker.transport.seam import Consumer, Delivery, Transport
from broker.transport.topology import EVENTS, REFUSED, REPLAY_OF, outbound

_GIVES_OUT = (f"{EVENTS}.", outbound(""))
_REASONS = {
    code.value: code
    for code in (
        FailureCode.EVENT_MALFORMED,
        FailureCode.EVENT_UNKNOWN_TYPE,
        FailureCode.EVENT_DATA,
        FailureCode.EVENT_POISON,
        FailureCode.HANDLER_FAILED,
        FailureCode.HANDLER_REFUSED,
    )
}

_FALLEN = Failure(
    FailureCode.EVENT_DELIVERY_LIMIT, "The transport delivered it as often as its queue allows; nobody settled it."
)


@dataclass(frozen=True, slots=True)
class RefusalsConfig:
    """Events in one transaction, and the wait in seconds for the first of them."""

    batch_events: int
    wait_s: float


class Refusals:
    """The step of the loop."""

    name = "refusals"

    def __init__(
        self, config: RefusalsConfig, transport: Transport, events: RefusedEvents, clock: Clock = utc_now
    ) -> None:
        """Hold nothing until ``start``."""
        self._config = config
        self._transport = transport
        self._events = events
        self._clock = clock
        self._consumer: Consumer | None = None

    async def start(self) -> None:
        """Begin to consume."""
        if self._consumer is None:
            self._consumer = await self._transport.consumer([REFUSED], self._config.batch_events)

    async def stop(self) -> None:
        """End the consumer; what is unsettled goes back. Idempotent."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.close()

    async def run_once(self) -> bool:
        """Record and acknowledge one batch; True when there was one."""
        assert self._consumer is not None, "start() comes first"
        try:
            deliveries = await self._consumer.batch(self._config.batch_events, self._config.wait_s)
            if not deliveries:
                return False
            events = [refused(each, self._clock) for each in deliveries]
            new = await self._events.record(events)
            await self._consumer.ack(deliveries)
        except UnavailableError:
            await self.stop()
            raise
        logger().warning(LogEvent.EVENTS_REFUSED, events=len(events), new=new)
        return True


def refused(delivery: Delivery, clock: Clock) -> RefusedEvent:
    """Give what the headers of a delivery say; nothing of it is believed yet, and the body is not looked into."""
    headers = delivery.headers
    body = delivery.body if delivery.path is None else delivery.path.read_bytes()
    # What RabbitMQ moved here carries its queue as routing key; what a service hands over is addressed to this queue.
    fell = delivery.routing_key not in ("", REFUSED)
    queue = delivery.routing_key if fell else headers.get("refused-by", "")
    return RefusedEvent(
        queue=queue if queue.startswith(_GIVES_OUT) else UNKNOWN,
        event_id=headers.get("ce-id") or delivery.message_id or f"sha256:{digest(body).hex()}",
        failure=_FALLEN if fell else _failure(headers),
        received_at=clock(),
        message=_message(headers),
        replay_of=_uuid(headers.get(REPLAY_OF)),
        event_type=headers.get("ce-type"),
        content_type=delivery.content_type,
        correlation_id=delivery.correlation_id,
        traceparent=headers.get("traceparent"),
        body=body,
    )


def _failure(headers: Mapping[str, str]) -> Failure:
    code = _REASONS.get(headers.get("refused-reason", ""))
    if code is None:
        return Failure(FailureCode.EVENT_MALFORMED, "Somebody put it here without saying why.")
    attempts = headers.get("refused-attempts", "0")
    tried = f" It was tried {attempts} times." if attempts.isdecimal() and attempts not in ("0", "1") else ""
    return Failure(code, f"The subscriber says: {headers.get('refused-detail') or 'nothing more'}.{tried}")


def _message(headers: Mapping[str, str]) -> tuple[UUID, str] | None:
    message, tenant = _uuid(headers.get("message-id")), headers.get("tenant")
    return None if message is None or tenant is None else (message, tenant)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text)
    except (TypeError, ValueError):
        return None
