"""What is remembered of messages, so that the next of the same shape costs less: how its values are judged and read.

Whatever is remembered only makes the same outcome faster. Of a message of a known shape it is asked whether all is
surely well with it; as soon as there may be anything to say of it, it is parsed and validated from its bytes.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import Final

from lxml.etree import _Element

from broker.catalogue import Catalogue, Schema
from broker.parse import Limits, Parsed
from broker.parse.shape import ItemTag, Shape, places, shape_of, whole
from broker.transform.ra_json import Reader, marks, reader, runs_of, to_object
from broker.validate.recheck import Piece, Recheck, learn

MOST_BYTES: Final = 524_288
"""Markup of the shapes that are known, in all; what is remembered of them takes some thirty times as much."""

LEARNT_AT: Final = 8
"""A shape is learnt when it comes so often: that costs as much as some eight messages cost less afterwards."""

_MOST_COUNTED: Final = 10_000
_NEVER: Final = -1

_Kind = tuple[str, str, str]  # of a transaction: what its message is judged by, its type there, its markup


@dataclass(frozen=True, slots=True)
class _Item:
    """A transaction whose shape is known, with as many pieces as one message had of it."""

    pieces: list[Piece]
    read: Reader


@dataclass(frozen=True, slots=True)
class Known:
    """A shape that is known; ``rechecks`` are by the definition, or usage guideline, that messages are judged by."""

    definition: str
    read: Reader
    rechecks: dict[str, Recheck] = field(default_factory=dict)


class Shapes:
    """Learns the shapes that come again with nothing to be said of them. Not for several threads."""

    def __init__(self, catalogue: Catalogue, tag_of: ItemTag, most_bytes: int = MOST_BYTES) -> None:
        """Know shapes of up to ``most_bytes`` of markup; beyond, what was not met for longest is forgotten.

        ``tag_of`` gives the tag of the transactions of a definition that has any.
        """
        self._catalogue = catalogue
        self._tag_of = tag_of
        self._most_bytes = most_bytes
        self._bytes = 0
        self._known: dict[str, Known] = {}
        self._items: dict[_Kind, _Item] = {}
        self._met: dict[int, int] = {}  # how often, by hash: shapes that share one are learnt a little early

    def of(self, body: bytes, limits: Limits) -> Shape | None:
        """Give the shape of a message, where it has one."""
        return shape_of(body, limits, self._tag_of)

    def known(self, shape: Shape) -> Known | None:
        """Give what is known of a shape; of a message in parts it is known of the frame."""
        known = self._known.pop(shape.markup, None)
        if known is not None:
            self._known[shape.markup] = known  # what was met last is forgotten last
        return known

    def read(self, known: Known, judged_by: str, shape: Shape) -> dict[str, object] | None:
        """Give RA JSON of a message that is surely valid, with nothing to be said of it; None: it is to be parsed."""
        recheck = known.rechecks.get(judged_by)
        if recheck is None:
            return None
        items = [self._items.get(kind) for kind in _kinds(recheck, judged_by, shape)]
        pieces = self._pieces(items, shape)
        if pieces is None or not recheck.passes(shape.values, pieces, shape.runs):
            return None
        made = iter([item.read(own.values, ()) for item, own in zip(items, shape.items, strict=True) if item])
        return known.read(shape.values, [list(islice(made, count)) for count in shape.runs])

    def _pieces(self, items: Sequence[_Item | None], shape: Shape) -> list[tuple[Piece, Sequence[str]]] | None:
        """Give each transaction a piece of its own kind; None where a kind is not known."""
        used: Counter[int] = Counter()
        found: list[tuple[Piece, Sequence[str]]] = []
        for item, own in zip(items, shape.items, strict=True):
            if item is None:
                return None
            number = used[id(item)]
            used[id(item)] += 1
            if number == len(item.pieces):
                item.pieces.append(item.pieces[0].alike())
                self._bytes += len(own.markup)
            found.append((item.pieces[number], own.values))
        self._forget()
        return found

    def met(self, body: bytes, shape: Shape, parsed: Parsed, judged: Parsed) -> None:
        """Count a message in which nothing was found, or learn its shape; then its tree is given away.

        ``judged`` is ``parsed`` with the definition, or usage guideline, that it was judged by.
        """
        known = self._known.get(shape.markup)
        recheck = None if known is None else known.rechecks.get(judged.definition)
        kinds = [] if recheck is None else _kinds(recheck, judged.definition, shape)
        new = [item.markup for item, kind in zip_longest(shape.items, kinds) if kind not in self._items]
        often = [self._count(markup, judged) for markup in ([] if recheck else [shape.markup]) + new]
        if LEARNT_AT in often and not self._learn(body, shape, parsed, judged):
            self._met |= {_key(markup, judged): _NEVER for markup in (shape.markup, *new)}
        self._forget()

    def _count(self, markup: str, judged: Parsed) -> int:
        key = _key(markup, judged)
        times = self._met.pop(key, 0)
        if len(self._met) >= _MOST_COUNTED:
            del self._met[next(iter(self._met))]
        self._met[key] = times = times if times == _NEVER else times % LEARNT_AT + 1
        return times

    def _learn(self, body: bytes, shape: Shape, parsed: Parsed, judged: Parsed) -> bool:
        """Learn what is new in a message; False where it cannot be learnt."""
        tag = self._tag_of(parsed.definition) if shape.items else None
        where = places(parsed.document, whole(body.decode()).values)
        runs = _runs(parsed, tag, shape)
        learnt = None if where is None or runs is None else learn(judged, self._catalogue, where, runs)
        if where is None or learnt is None:
            return False
        for place, mark in zip(where, marks(len(where)), strict=True):
            place.put(mark)
        marked = walked(parsed, self._catalogue)
        found = [each for run in runs_of(marked, tag) for each in run] if tag else []
        *of_items, of_frame = learnt.numbers
        frame = reader(marked, of_frame, tag)
        reads = [reader(each, own) for each, own in zip(found, of_items, strict=True)]
        if frame is None or None in reads:
            return False
        if shape.markup not in self._known:
            self._known[shape.markup] = Known(parsed.definition, frame)
            self._bytes += len(shape.markup)
        self._known[shape.markup].rechecks[judged.definition] = learnt.recheck
        kinds = _kinds(learnt.recheck, judged.definition, shape)
        for kind, piece, read in zip(kinds, learnt.items, reads, strict=True):
            if kind not in self._items and read is not None:
                self._items[kind] = _Item([piece], read)
                self._bytes += len(kind[-1])
        return True

    def _forget(self) -> None:
        while self._bytes > self._most_bytes and (self._known or self._items):
            if self._known:
                eldest = next(iter(self._known))
                del self._known[eldest]
                self._bytes -= len(eldest)
            if self._items:
                kind = next(iter(self._items))
                self._bytes -= len(kind[-1]) * len(self._items.pop(kind).pieces)


def _key(markup: str, judged: Parsed) -> int:
    return hash((markup, judged.definition))


def _kinds(recheck: Recheck, judged_by: str, shape: Shape) -> list[_Kind]:
    return [(judged_by, kind, item.markup) for kind, item in zip(recheck.kinds(shape.runs), shape.items, strict=True)]


def _runs(parsed: Parsed, tag: str | None, shape: Shape) -> list[list[_Element]] | None:
    """The transactions of a message as elements, run by run; None where they are others than in its text."""
    items = [] if tag is None else list(parsed.document.iter(f"{{*}}{tag}"))
    if len(items) != sum(shape.runs):
        return None
    left = iter(items)
    return [list(islice(left, count)) for count in shape.runs]


Walk = Callable[[_Element, Schema], dict[str, object]]


def walked(parsed: Parsed, catalogue: Catalogue, walk: Walk = to_object) -> dict[str, object]:
    """RA JSON of a message, with its header before it where that is of a version that the catalogue knows."""
    found = walk(parsed.document, catalogue.schema(parsed.definition))
    header, facts = parsed.header, parsed.header_facts
    if header is None or facts is None or facts.definition not in catalogue:
        return found
    return walk(header, catalogue.schema(facts.definition)) | found
