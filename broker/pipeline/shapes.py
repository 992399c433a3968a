"""What is remembered of messages, so that the next of the same shape costs less: how its values are judged and read.

Whatever is remembered only makes the same outcome faster. Of a message of a known shape it is asked whether all is
surely well with it; as soon as there may be anything to say of it, it is parsed and validated from its bytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml.etree import _Element

from broker.catalogue import Catalogue, Schema
from broker.parse import Parsed
from broker.parse.shape import Place, Shape, places
from broker.transform.ra_json import Reader, reader, to_object
from broker.validate.recheck import Recheck

MOST_BYTES: Final = 524_288
"""Markup of the shapes that are known, in all; what is remembered of them takes some twenty times as much."""

LEARNT_AT: Final = 8
"""A shape is learnt when it comes so often: that costs as much as some eight messages cost less afterwards."""

_MOST_COUNTED: Final = 10_000
_NEVER: Final = -1


@dataclass(frozen=True, slots=True)
class Known:
    """A shape that is known; ``rechecks`` are by the definition, or usage guideline, that messages are judged by."""

    definition: str
    read: Reader
    rechecks: dict[str, Recheck] = field(default_factory=dict)

    def passes(self, judged_by: str, values: Sequence[str]) -> bool:
        """Whether a message of these values is surely valid, with nothing to be said of it."""
        recheck = self.rechecks.get(judged_by)
        return recheck is not None and recheck.passes(values)


class Shapes:
    """Learns the shapes that come again with nothing to be said of them. Not for several threads."""

    def __init__(self, catalogue: Catalogue, most_bytes: int = MOST_BYTES) -> None:
        """Know shapes of up to ``most_bytes`` of markup; beyond, what was not met for longest is forgotten."""
        self._catalogue = catalogue
        self._most_bytes = most_bytes
        self._bytes = 0
        self._known: dict[str, Known] = {}
        self._met: dict[int, int] = {}  # how often, by hash: shapes that share one are learnt a little early

    def known(self, shape: Shape) -> Known | None:
        """Give what is known of a shape."""
        known = self._known.pop(shape.markup, None)
        if known is not None:
            self._known[shape.markup] = known  # what was met last is forgotten last
        return known

    def met(self, shape: Shape, parsed: Parsed, judged: Parsed) -> None:
        """Count a message in which nothing was found, or learn its shape; then its tree is given away.

        ``judged`` is ``parsed`` with the definition, or usage guideline, that it was judged by.
        """
        key = hash((shape.markup, judged.definition))
        times = self._met.pop(key, 0)
        if times != _NEVER:
            times += 1
        if times == LEARNT_AT:
            times = 0 if self._learn(shape, parsed, judged) else _NEVER
        if len(self._met) == _MOST_COUNTED:
            del self._met[next(iter(self._met))]
        self._met[key] = times

    def _learn(self, shape: Shape, parsed: Parsed, judged: Parsed) -> bool:
        found = places(parsed.document, shape)
        if found is None:
            return False
        recheck = Recheck(judged, self._catalogue, found)
        known = self._known.get(shape.markup)
        if known is None:
            read = reader(lambda marks: _with(marks, found, parsed, self._catalogue), len(found))
            if read is None:
                return False
            known = self._known[shape.markup] = Known(parsed.definition, read)
            self._bytes += len(shape.markup)
        known.rechecks[judged.definition] = recheck
        while self._bytes > self._most_bytes:
            eldest = next(iter(self._known))
            del self._known[eldest]
            self._bytes -= len(eldest)
        return True


def _with(values: Sequence[str], where: Sequence[Place], parsed: Parsed, catalogue: Catalogue) -> dict[str, object]:
    """RA JSON of a message with other values."""
    for place, value in zip(where, values, strict=True):
        place.put(value)
    return walked(parsed, catalogue)


Walk = Callable[[_Element, Schema], dict[str, object]]


def walked(parsed: Parsed, catalogue: Catalogue, walk: Walk = to_object) -> dict[str, object]:
    """RA JSON of a message, with its header before it where that is of a version that the catalogue knows."""
    found = walk(parsed.document, catalogue.schema(parsed.definition))
    header, facts = parsed.header, parsed.header_facts
    if header is None or facts is None or facts.definition not in catalogue:
        return found
    return walk(header, catalogue.schema(facts.definition)) | found
