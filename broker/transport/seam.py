"""The seam every transport implements: amqp (RabbitMQ) and directory. One conformance suite runs on both.

What a transport owns: taking deliveries from named queues, settling them, and publishing with a confirmed outcome.
What it must not know: what a message means, the store, settings.

Contract
- *Order*: deliveries of one queue come in queue order except after a requeue or redelivery.
- *Settling*: each delivery is settled exactly once, with ``ack`` after the commit or ``requeue``. One never settled is
  delivered again, with ``redelivered`` true, after the consumer or its connection ends.
- *Publishing*: ``publish`` returns one result for each publication, in their order. It raises nothing for a refused or
  unroutable one, and TransportUnavailableError only when nothing was sent. A publication whose outcome cannot be known
  (timeout, connection lost on the way) is UNKNOWN and may have arrived.
  Cancelling ``publish`` leaves the outcome unknown and the transport usable.
- *Closing*: ``close`` is idempotent; unsettled deliveries go back to their queues.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message from a queue. ``token`` is the transport's own; ``delivery_count`` earlier deliveries it knows of.

    ``routing_key`` is the one it was last routed by, "" where the transport has none. ``path`` is the file of a body
    that is too large to be held (``body`` is empty then); it can be read until the delivery is settled.
    """

    queue: str
    token: object = field(repr=False)
    body: bytes = field(repr=False)
    message_id: str | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    redelivered: bool = False
    delivery_count: int = 0
    routing_key: str = ""
    path: Path | None = None


class Publication(NamedTuple):
    """One message to publish. ``exchange`` ``""`` addresses the queue named by ``routing_key`` directly.

    ``event_id`` goes into the header ``ce-id``; the transport's own message id is unique for each attempt.
    """

    exchange: str
    routing_key: str
    event_id: str
    body: bytes
    content_type: str = "application/octet-stream"
    correlation_id: str | None = None
    headers: Mapping[str, str] = MappingProxyType({})

    def __repr__(self) -> str:
        """Name it by its event and where it goes."""
        return f"Publication(exchange={self.exchange!r}, routing_key={self.routing_key!r}, event_id={self.event_id!r})"


class PublishResult(StrEnum):
    """What became of one publication."""

    CONFIRMED = "confirmed"
    UNROUTABLE = "unroutable"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A durable queue. ``bindings`` are (exchange, routing pattern) pairs; ``arguments`` the AMQP ones, in full."""

    name: str
    arguments: Mapping[str, str | int] = field(default_factory=dict)
    bindings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ExchangeSpec:
    """A durable exchange: ``topic`` or ``fanout``, with the alternate exchange for what no binding takes."""

    name: str
    kind: str
    alternate: str | None = None


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything a broker declares, in the order of declaration: exchanges first, then queues with their bindings."""

    exchanges: tuple[ExchangeSpec, ...]
    queues: tuple[QueueSpec, ...]


class Consumer(Protocol):
    """A consumer of several queues with one prefetch budget."""

    async def batch(self, limit: int, wait_s: float) -> list[Delivery]:
        """Give up to ``limit`` deliveries; wait at most ``wait_s`` for the first, then take what is there.

        An empty list means none came in time. Raises TransportUnavailableError when the consumer has ended.
        """

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Settle as done, in as few round trips as the transport allows."""

    async def requeue(self, deliveries: Sequence[Delivery]) -> None:
        """Give back to the queue, to be delivered again."""

    async def pause(self) -> None:
        """Stop taking from the queues; what is held unsettled stays held. Idempotent."""

    async def resume(self) -> None:
        """Take from the queues again. Idempotent."""

    async def close(self) -> None:
        """End the consumer; what is held unsettled goes back to its queue."""


class Transport(Protocol):
    """A connection to whatever carries the messages; publishes and consumes on separate connections."""

    async def open(self) -> None:
        """Connect. Raises TransportUnavailableError."""

    async def declare(self, topology: Topology) -> None:
        """Make the topology exist. Idempotent; raises TopologyMismatchError naming the argument that differs."""

    async def unbind(self, queue: str, bindings: Sequence[tuple[str, str]]) -> None:
        """Let nothing more come into a queue by these (exchange, pattern) pairs; what is in it stays. Idempotent."""

    async def remove(self, queue: str) -> bool:
        """Remove an empty queue. False, and nothing changes, while messages are in it or somebody consumes from it.

        Idempotent: True for a queue that does not exist.
        """

    async def consumer(self, queues: Sequence[str], prefetch: int) -> Consumer:
        """Start consuming. Raises TransportUnavailableError, or ConfigurationError for a queue that does not exist."""

    async def publish(self, publications: Sequence[Publication]) -> list[PublishResult]:
        """Publish, pipelined, and wait for every outcome (at most the configured confirm timeout)."""

    async def depth(self, queue: str) -> int:
        """Count the messages ready in a queue."""

    def blocked(self) -> str | None:
        """Say why the peer holds back publishers (``connection.blocked``), or None."""

    async def close(self) -> None:
        """Close everything. Idempotent."""
