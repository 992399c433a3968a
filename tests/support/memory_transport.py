"""A transport in memory, for the logic above the seam: gives the results a test sets, keeps what was published."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from broker.errors import TransportUnavailableError
from broker.transport.seam import Consumer, Publication, PublishResult, Topology


@dataclass
class MemoryTransport:
    """``results`` by event id, CONFIRMED where nothing is said; ``away`` makes every publish find nobody."""

    results: dict[str, PublishResult] = field(default_factory=dict)
    away: bool = False
    published: list[Publication] = field(default_factory=list)

    async def open(self) -> None:
        """Nothing to open."""

    async def declare(self, topology: Topology) -> None:
        """Nothing to declare."""

    async def unbind(self, queue: str, bindings: Sequence[tuple[str, str]]) -> None:
        """Nothing is bound."""

    async def remove(self, queue: str) -> bool:
        """No queue is here."""
        raise NotImplementedError

    async def consumer(self, queues: Sequence[str], prefetch: int) -> Consumer:
        """Nothing comes in here."""
        raise NotImplementedError

    async def publish(self, publications: Sequence[Publication]) -> list[PublishResult]:
        """Keep what was published and give what was set."""
        if self.away:
            raise TransportUnavailableError("away")
        self.published += publications
        return [self.results.get(each.event_id, PublishResult.CONFIRMED) for each in publications]

    async def depth(self, queue: str) -> int:
        """Count what a queue was addressed with."""
        return sum(each.routing_key == queue for each in self.published)

    def blocked(self) -> str | None:
        """Nothing is held back."""
        return None

    async def close(self) -> None:
        """Nothing to close."""
