"""What is wrong with mapping files: every problem with file, line and the nearest right name, told together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import process

from broker.errors import MappingError

_CLOSE = 60.0
"""How alike (0 to 100) a known name must be to be worth suggesting."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a mapping file, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        """``payment-transfer/pacs.008.map:12``."""
        return f"{self.file}:{self.line}"


@dataclass(slots=True)
class Problems:
    """Collects problems; each is told once, however many versions show it."""

    found: dict[tuple[Place, str], None] = field(default_factory=dict)

    def add(self, place: Place, text: str) -> None:
        """Note one problem."""
        self.found[place, text] = None

    def lines(self) -> list[str]:
        """``file:line: text`` of every problem, in the order of the files."""
        return [f"{place}: {text}" for place, text in sorted(self.found)]

    def refuse(self) -> None:
        """Raise MappingError naming every problem, if there is one."""
        if self.found:
            raise MappingError("\n".join(self.lines()))


def nearest(name: str, known: Iterable[str]) -> str:
    """Give ``; did you mean X?`` for the known name most like ``name``, or nothing where none is close."""
    best = process.extractOne(name, list(known), score_cutoff=_CLOSE)
    return f"; did you mean {best[0]}?" if best else ""
