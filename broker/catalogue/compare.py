"""Two definitions, what sets them apart, in words.

Owns the comparison of what definitions admit: root, namespace, order, cardinality, choices, types, facets, attributes.
The names of types constrain nothing, so a type that is merely called otherwise is no difference. A pair of types is
compared once, at the shortest path that leads to it; a difference says how many elements lead there.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from broker.catalogue.change import Change, Kind, of_bounds
from broker.catalogue.compare_scalar import scalar_changes
from broker.catalogue.model import (
    AmountType,
    AnyContent,
    ChoiceGroup,
    ChoiceType,
    Element,
    Particle,
    Schema,
    SequenceType,
    SimpleType,
    Type,
)
from broker.catalogue.text import write_occurs

_FORMS: Final[dict[type, str]] = {
    SimpleType: "text",
    AmountType: "text with an attribute",
    SequenceType: "a sequence of elements",
    ChoiceType: "a choice of elements",
}
_MANDATORY: Final = "the mandatory"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: what kind, at which path of tags (``/Document/…``), at how many elements, in words."""

    kind: Kind
    path: str
    places: int
    text: str

    def as_dict(self) -> dict[str, str | int]:
        """The form in which a difference is printed as JSON."""
        return {"kind": self.kind.value, "path": self.path, "places": self.places, "text": self.text}


@dataclass(slots=True)
class _Pair:
    """Two types to compare: where they were met first, and how many elements lead to them."""

    old: str
    new: str
    path: str
    places: int = 1


def differences(old: Schema, new: Schema) -> tuple[Difference, ...]:
    """Give what sets ``new`` apart from ``old``, from the root downwards; nothing where they admit the same."""
    found = [Difference(change.kind, "/", 1, change.text) for change in _heads(old, new)]
    waiting = deque([_Pair(old.root.type, new.root.type, f"/{new.root.tag}")])
    met = {(old.root.type, new.root.type): waiting[0]}
    compared: list[tuple[_Pair, Change, str]] = []
    while waiting:
        pair = waiting.popleft()
        before, after = old.types[pair.old], new.types[pair.new]
        compared.extend((pair, change, tag) for tag, change in _changes(before, after))
        for tag, old_name, new_name in _shared(before, after):
            known = met.get((old_name, new_name))
            if known is None:
                met[old_name, new_name] = known = _Pair(old_name, new_name, _below(pair.path, tag))
                waiting.append(known)
            else:
                known.places += 1
    found.extend(
        Difference(change.kind, _below(pair.path, tag), pair.places, change.text) for pair, change, tag in compared
    )
    return tuple(found)


def beyond(base: Schema, guideline: Schema) -> tuple[Difference, ...]:
    """Give where a usage guideline does not narrow what it is based on: what it adds or widens, or requires to lack.

    A change of a pattern or of order is not among them: which messages it admits cannot be told from it.
    """
    return tuple(
        each
        for each in differences(base, guideline)
        if each.kind in {Kind.ADDED, Kind.WIDENED} or (each.kind is Kind.REMOVED and each.text.startswith(_MANDATORY))
    )


def _heads(old: Schema, new: Schema) -> Iterator[Change]:
    if old.namespace != new.namespace:
        yield Change(Kind.CHANGED, f"namespace {old.namespace}, now {new.namespace}")
    if old.root.tag != new.root.tag:
        yield Change(Kind.CHANGED, f"root {old.root.tag}, now {new.root.tag}")


def _changes(old: Type, new: Type) -> Iterator[tuple[str, Change]]:
    """What sets two types apart themselves, each with the tag it concerns, or none."""
    match old, new:
        case SimpleType(), SimpleType():
            renamed = "" if old.name == new.name else f"{old.name}, now {new.name}: "
            yield from (("", Change(each.kind, f"{renamed}{each.text}")) for each in scalar_changes(old, new))
        case AmountType(), AmountType():
            if old.attribute != new.attribute:
                yield "", Change(Kind.CHANGED, f"attribute {old.attribute}, now {new.attribute}")
        case (SequenceType() | ChoiceType(), SequenceType() | ChoiceType()):
            if type(old) is not type(new):
                yield "", Change(Kind.CHANGED, f"{_FORMS[type(old)]}, now {_FORMS[type(new)]}")
            yield from _member_changes(_members(old), _members(new))
        case _:
            yield "", Change(Kind.CHANGED, f"{_FORMS[type(old)]}, now {_FORMS[type(new)]}")


@dataclass(frozen=True, slots=True)
class _Member:
    """An element or an ``xs:any`` of a complex type, and the choice within a sequence it belongs to."""

    element: Element | AnyContent
    group: frozenset[str] = frozenset()
    group_occurs: tuple[int, int | None] = (1, 1)
    only_one: bool = False


def _members(declared: SequenceType | ChoiceType) -> dict[str, _Member]:
    """The members of a complex type by tag, in order; an ``xs:any`` is called ``*``."""
    particles: Iterable[Particle]
    only_one = isinstance(declared, ChoiceType)
    particles = declared.elements if isinstance(declared, ChoiceType) else declared.particles
    members: dict[str, _Member] = {}
    for particle in particles:
        match particle:
            case Element():
                members[particle.tag] = _Member(particle, only_one=only_one)
            case AnyContent():
                members["*"] = _Member(particle)
            case ChoiceGroup(elements, low, high):
                tags = frozenset(element.tag for element in elements)
                members |= {element.tag: _Member(element, tags, (low, high)) for element in elements}
    return members


def _member_changes(old: dict[str, _Member], new: dict[str, _Member]) -> Iterator[tuple[str, Change]]:
    for tag, member in old.items():
        if tag not in new:
            yield tag, Change(Kind.REMOVED, f"{_role(member)} element is no longer there")
    for tag, member in new.items():
        if tag not in old:
            yield tag, Change(Kind.ADDED, f"{_role(member)} element is new")
        else:
            yield from ((tag, change) for change in _one_member(old[tag], member, old, new))
    before, after = [tag for tag in old if tag in new], [tag for tag in new if tag in old]
    if before != after and not all(member.only_one for member in new.values()):
        yield "", Change(Kind.CHANGED, f"order {' '.join(before)}, now {' '.join(after)}")


def _one_member(
    old: _Member, new: _Member, olds: dict[str, _Member], news: dict[str, _Member]
) -> Iterator[Change]:  # fmt: skip
    before, after = _occurs(old.element), _occurs(new.element)
    if before != after:
        yield of_bounds("occurs", before, after, (write_occurs(*before), write_occurs(*after)))
    if old.group_occurs != new.group_occurs:
        before, after = old.group_occurs, new.group_occurs
        yield of_bounds("its choice occurs", before, after, (write_occurs(*before), write_occurs(*after)))
    kept = old.group & news.keys(), new.group & olds.keys()
    if bool(old.group) != bool(new.group) or kept[0] != kept[1]:
        yield Change(Kind.CHANGED, f"{_company(old.group)}, now {_company(new.group)}")
    match old.element, new.element:
        case AnyContent(), AnyContent():
            was, now = (f"{each.namespace} {each.process}" for each in (old.element, new.element))
            if was != now:
                yield Change(Kind.CHANGED, f"any element of {was}, now of {now}")


def _shared(old: Type, new: Type) -> Iterator[tuple[str, str, str]]:
    """The tags both types have, with the names of their types: where the comparison goes on."""
    match old, new:
        case AmountType(), AmountType():
            yield "", old.value, new.value
            yield f"@{new.attribute}", old.currency, new.currency
        case (SequenceType() | ChoiceType(), SequenceType() | ChoiceType()):
            news = _members(new)
            for tag, member in _members(old).items():
                before, after = member.element, news[tag].element if tag in news else None
                if isinstance(before, Element) and isinstance(after, Element):
                    yield tag, before.type, after.type


def _below(path: str, tag: str) -> str:
    return f"{path}/{tag}" if tag else path


def _occurs(particle: Element | AnyContent) -> tuple[int, int | None]:
    return particle.min_occurs, particle.max_occurs


def _role(member: _Member) -> str:
    if member.only_one or member.group:
        return "the alternative"
    return "the optional" if member.element.min_occurs == 0 else _MANDATORY


def _company(group: frozenset[str]) -> str:
    return f"one of {' '.join(sorted(group))}" if group else "in no choice"
