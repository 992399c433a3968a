"""Who appears in the demo: the generated messages, one that will be mended, a command; and what must come of them."""

from collections import Counter
from dataclasses import dataclass

from broker.catalogue.catalogue import Catalogue
from broker.generate import DAMAGE, Generator, Sample

# The element of which a message of each family has one for every event beside its own.
_ITEMS = {
    "pacs.008": b"<CdtTrfTxInf>",
    "pacs.002": b"<TxInfAndSts>",
    "pacs.004": b"<TxInf>",
    "pain.001": b"<CdtTrfTxInf>",
    "pain.002": b"<TxInfAndSts>",
    "camt.053": b"<Ntry>",
    "camt.056": b"<TxInf>",
}
_MENDABLE = "uetr-upper-case"


@dataclass(frozen=True, slots=True)
class Cast:
    """Messages in the order in which they are sent.

    ``broken`` is one of them, ``mended`` its bytes as they should have been; ``shown`` is a good pacs.008.
    """

    messages: tuple[Sample, ...]
    shown: Sample
    broken: Sample
    mended: bytes
    command: Sample

    @property
    def good(self) -> tuple[Sample, ...]:
        """Those that must be accepted."""
        return tuple(each for each in self.messages if each.expected is None)

    @property
    def failures(self) -> Counter[str]:
        """How many dead letters of each code must come of the others."""
        return Counter(each.expected.value for each in self.messages if each.expected is not None)

    @property
    def events(self) -> int:
        """How many events the good ones must give: one a message, and one for each of its items."""
        return sum(events_of(each.definition, each.body) for each in self.good)


def events_of(definition: str, body: bytes) -> int:
    """How many events a message must give, counted in its bytes and not by any mapping."""
    return 1 + body.count(_ITEMS[definition[:8]])


def cast(catalogue: Catalogue, seed: int, count: int) -> Cast:
    """Make the cast of ``count`` messages. Same seed, same bytes."""
    generator = Generator(catalogue, seed)
    shown, mended = generator.pacs_008(), generator.pacs_008()
    damage = DAMAGE[_MENDABLE]
    broken = Sample(f"{_MENDABLE}-{mended.name}", mended.definition, damage.apply(mended.body), damage.expected)
    mixed = tuple(generator.mixed(count - 2))
    half = len(mixed) // 2
    messages = (shown, *mixed[:half], broken, *mixed[half:])
    return Cast(messages, shown, broken, mended.body, generator.command(wrapped=True))
