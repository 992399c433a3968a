"""Which places of two versions say the same thing under different names, as the mapping files tell it.

A line such as ``bic = BICFI | BIC`` or ``date = Dt | .`` names one fact and the places that versions of the standard
gave it. Owns those pairs of places, and in which types the mappings use the line; whether two types at hand have them
is the plan's question. Nothing is guessed: what no mapping line says is no agreement. Lines with conditions, and
alternatives that begin elsewhere (``/GrpHdr/…``, ``../…``), are preferences among places that a version may have
together, and say nothing here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from broker.catalogue.catalogue import Catalogue
from broker.transform.bridge.suiting import Side
from broker.transform.mapping import Mappings
from broker.transform.mapping.bound import BoundField, BoundGroup, BoundItem, BoundPart, BoundSlots
from broker.transform.mapping.problems import Place
from broker.transform.mapping.syntax import Event, Field, Group, Item, MappingFile, Part, Slots, Source, Way

Tags = tuple[str, ...]
_ANY = ""
_NUMBERS = re.compile(r"[0-9_]+")


@dataclass(slots=True)
class Agreement:
    """Two paths from one element that say the same; ``.`` is the empty path.

    ``around`` is the tag of that element where the line names it. ``elements``: what stands there is made of elements.
    ``types`` are the types of that element in which the line is used, without their numbers.
    """

    one: Tags
    other: Tags
    around: str = _ANY
    elements: bool = False
    types: set[str] = field(default_factory=set)

    def holds(self, *names: str) -> bool:
        """Whether the line is used in one of these types, of whatever number."""
        return any(_unnumbered(name) in self.types for name in names)


class Agreements:
    """All agreements, by what they are asked for."""

    def __init__(self, known: Iterable[Agreement]) -> None:
        """Sort them."""
        self._renamed: dict[Tags, list[tuple[Tags, Agreement]]] = {}
        self._inner: dict[tuple[str, bool], list[tuple[str, Agreement]]] = {}
        for each in known:
            for one, other in ((each.one, each.other), (each.other, each.one)):
                if one and other:
                    self._renamed.setdefault(one, []).append((other, each))
                elif len(one) == 1:
                    self._inner.setdefault((each.around, each.elements), []).append((one[0], each))

    def renamed(self, path: Tags, types: tuple[str, str]) -> Iterator[Tags]:
        """The paths that a path may have instead, from an element of one of these types."""
        return (other for other, agreement in self._renamed.get(path, ()) if agreement.holds(*types))

    def holders(self, tag: str) -> list[str]:
        """What may hold the scalar of an element: of any type, since it must admit all that the scalar may be."""
        return [name for name, _ in self._within(tag, elements=False)]

    def wrappers(self, tag: str, types: tuple[str, str]) -> list[str]:
        """What may hold the elements of an element, where that has one of these types."""
        return [name for name, agreement in self._within(tag, elements=True) if agreement.holds(*types)]

    def leads_on(self, path: Tags) -> bool:
        """Whether something below a path has another name."""
        return any(known[: len(path)] == path and len(known) > len(path) for known in self._renamed)

    def _within(self, tag: str, *, elements: bool) -> tuple[tuple[str, Agreement], ...]:
        """The tags said of the element itself first, then those said of any."""
        return *self._inner.get((tag, elements), ()), *self._inner.get((_ANY, elements), ())


def agreements(mappings: Mappings, catalogue: Catalogue) -> Agreements:
    """Collect what the lines say, for the types in which the definitions claimed use them."""
    lines = said(mappings.files)
    places = _Places(lines)
    for definition in mappings.definitions():
        side = Side(catalogue.schema(definition))
        for event in mappings.bound(definition):
            tags = (event.message, *(step.tag for step in event.each))
            _, *scopes = _types_along(side, side.schema.root.type, tags)
            places.visit(event.items, [each for each in scopes if each is not None], side)
    return Agreements(each for known in lines.values() for _, each in known)


def said(files: Iterable[MappingFile]) -> dict[Place, list[tuple[Tags, Agreement]]]:
    """The agreements of each line that leads both ways, with the tags that lead to the element they begin from."""
    found: dict[Place, list[tuple[Tags, Agreement]]] = {}
    for file in files:
        holders: tuple[Event | Part, ...] = (*file.events, *file.parts)
        for line in (line for holder in holders for line in _fields(holder.items)):
            pairs = list(_pairs(line)) if line.way is Way.BOTH else []
            if pairs:
                found[line.place] = pairs
    return found


@dataclass(slots=True)
class _Places:
    """Notes the types in which lines are used; a part is looked at once a type it is applied to."""

    lines: dict[Place, list[tuple[Tags, Agreement]]]
    seen: set[tuple[int, str]] = field(default_factory=set)

    def visit(self, items: Iterable[BoundItem], scopes: list[str], side: Side) -> None:
        """Look at fields bound in these types, the message's first and that of here last."""
        for item in items:
            match item:
                case BoundField():
                    self._field(item, scopes, side)
                case BoundGroup():
                    self.visit(item.items, scopes, side)
                case BoundSlots():
                    for slot in item.slots:
                        self.visit(slot, scopes, side)
                case _:
                    pass

    def _field(self, item: BoundField, scopes: list[str], side: Side) -> None:
        for source in item.sources:
            for tags, agreement in self.lines.get(item.place, ()):
                *_, last = _types_along(side, scopes[source.path.scope], tags)
                if last is not None:
                    agreement.types.add(_unnumbered(last))
            if source.part is not None:
                self._part(source.part, source.path.type_name, side)

    def _part(self, part: BoundPart, type_name: str, side: Side) -> None:
        if (id(part), type_name) not in self.seen:
            self.seen.add((id(part), type_name))
            self.visit(part.items, [type_name], side)


def _types_along(side: Side, type_name: str | None, tags: Tags) -> Iterator[str | None]:
    """The types on a way, that of its beginning first; None from where it leads on no more."""
    yield type_name
    for tag in tags:
        member = None if type_name is None else side.members(side.type(type_name)).get(tag)
        type_name = None if member is None else member.type
        yield type_name


def _fields(items: Iterable[Item]) -> Iterator[Field]:
    for item in items:
        match item:
            case Field():
                yield item
            case Group():
                yield from _fields(item.items)
            case Slots():
                for slot in item.slots:
                    yield from _fields(slot)
            case _:
                pass


def _pairs(line: Field) -> Iterator[tuple[Tags, Agreement]]:
    for number, one in enumerate(line.sources):
        for other in line.sources[number + 1 :]:
            if one.when is None is other.when and _start(one) == _start(other):
                yield _pair(one.path.steps, other.path.steps, elements=line.converter is not None)


def _start(source: Source) -> tuple[bool, int]:
    return source.path.absolute, source.path.up


def _pair(one: Tags, other: Tags, *, elements: bool) -> tuple[Tags, Agreement]:
    """Two paths without what they share at either end, and what they share at their beginning."""
    shared: Tags = ()
    while one and other and one[0] == other[0]:
        shared, one, other = (*shared, one[0]), one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        elements, one, other = True, one[:-1], other[:-1]
    return shared, Agreement(one, other, shared[-1] if shared else _ANY, elements)


def _unnumbered(name: str) -> str:
    """A type's name without the numbers that its versions and a guideline's copies of it have."""
    return _NUMBERS.sub("", name)
