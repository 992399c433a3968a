"""What contenders are given: messages, and what the broker publishes because of each.

Must not know who works on them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from broker.generate import Generator
from broker.message import identity
from broker.message.envelope import Direction, Envelope
from broker.pipeline.outcome import Accepted
from broker.settings import Settings
from broker.workbench import Workbench

PACS_008 = "pacs.008"
MIX = "the mix"
_SEED = 5


@dataclass(frozen=True)
class Workload:
    """Messages under a name; ``published`` holds, for each, the bytes of each publication that it causes."""

    name: str
    bodies: Sequence[bytes]
    published: Sequence[Sequence[int]]

    @property
    def bytes_a_message(self) -> float:
        """Their mean size."""
        return sum(map(len, self.bodies)) / len(self.bodies)

    @property
    def publications(self) -> int:
        """How many publications all of them cause."""
        return sum(map(len, self.published))

    @cached_property
    def by_length(self) -> Mapping[int, Sequence[int]]:
        """What a message of so many bytes causes, told by the first one of that length."""
        found: dict[int, Sequence[int]] = {}
        for body, sizes in zip(self.bodies, self.published, strict=True):
            found.setdefault(len(body), sizes)
        return found

    @property
    def publications_by_length(self) -> int:
        """How many publications all of them cause for who goes by their length."""
        return sum(len(self.by_length[len(body)]) for body in self.bodies)

    def first(self, count: int) -> "Workload":
        """Give the first ones alone."""
        return Workload(self.name, self.bodies[:count], self.published[:count])

    def after(self, count: int) -> "Workload":
        """Give all but the first ones."""
        return Workload(self.name, self.bodies[count:], self.published[count:])


class Workloads:
    """Makes workloads; the same ones every time."""

    def __init__(self) -> None:
        """Compile what is compiled once."""
        self.bench = Workbench(Settings.model_validate({"channels": {"core": {}}}))

    def pacs_008(self, count: int) -> Workload:
        """Credit transfers of one payment each, some 2 KB."""
        generator = self._generator()
        return self._load(PACS_008, (generator.pacs_008().body for _ in range(count)))

    def mix(self, count: int) -> Workload:
        """All seven kinds that the generator tells stories of, half of them in an envelope with a header."""
        return self._load(MIX, (each.body for each in self._generator().mixed(count, bad=0)))

    def of_size(self, size: int, count: int) -> Workload:
        """Status reports of at least so many bytes each: the more payments, the larger."""
        generator = self._generator()
        small, large = (len(generator.pacs_002(generator.transfer(payments)).body) for payments in (1, 11))
        payments = max(1, 1 + 10 * (size - small) // (large - small))
        one = self._load(f"{size} bytes", [generator.pacs_002(generator.transfer(payments)).body])
        return Workload(one.name, [*one.bodies] * count, [*one.published] * count)

    def _generator(self) -> Generator:
        return Generator(self.bench.catalogue, _SEED)

    def _load(self, name: str, bodies: Iterator[bytes] | Sequence[bytes]) -> Workload:
        kept = list(bodies)
        return Workload(name, kept, [self._published(body) for body in kept])

    def _published(self, body: bytes) -> list[int]:
        outcome = self.bench.pipeline.run(envelope(body))
        assert isinstance(outcome, Accepted), outcome
        return [len(each.body) for each in outcome.outgoing]


def envelope(body: bytes) -> Envelope:
    """Give a message as intake hands it to the pipeline."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    message_id = identity.message_id("bank", "core", "measured")
    return Envelope("bank", "core", Direction.INBOUND, message_id, "measured", identity.digest(body), at, body)


def repeated(load: Workload, count: int) -> Iterator[Workload]:
    """Give portions of at most the workload's size until so many messages are given."""
    for start in range(0, count, len(load.bodies)):
        yield load.first(min(len(load.bodies), count - start))
