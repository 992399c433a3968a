"""Compiles what becomes of each member of one version in another: copied whole, converted, moved, or lost.

Owns the walk over two type models side by side. A member goes to the member of its name; where there is none that
could take it, to where the agreements say that the same is said; else it is lost by name.
"""

from collections.abc import Callable

from broker.catalogue.model import AmountType, Element, Schema, SimpleType, Type
from broker.transform.bridge import acting
from broker.transform.bridge.acting import Spot
from broker.transform.bridge.agreements import Agreements, Tags
from broker.transform.bridge.suiting import Demand, Side, Suiting, occurs_within
from broker.transform.bridge.walking import Act, Convert
from broker.transform.ra_json.content import any_content
from broker.transform.ra_json.lexical import checker

_Types = tuple[Type, Type]
_Table = dict[str, Act | None]
_Suits = Callable[[str], bool]
_Way = tuple[tuple[str, bool], ...]


def compile_plan(source: Schema, target: Schema, agreements: Agreements) -> Convert:
    """Give what converts the content of the root element; a message element of another name is the same element."""
    return _Compiler(source, target, agreements).root()


class _Compiler:
    """Compiles the conversions of one pair of definitions."""

    def __init__(self, source: Schema, target: Schema, agreements: Agreements) -> None:
        self._old, self._new = Side(source), Side(target)
        self._forth, self._back = Suiting(self._old, self._new), Suiting(self._new, self._old)
        self._agreements = agreements
        self._converts: dict[tuple[str, str, str], Convert | None] = {}

    def root(self) -> Convert:
        old, new = self._old.schema.root, self._new.schema.root
        kinds = self._old.type(old.type), self._new.type(new.type)
        messages, others = (list(side.members(kind).values()) for side, kind in zip(self._sides, kinds, strict=True))
        if len(messages) == len(others) == 1 and messages[0].tag != others[0].tag:
            act = self._put(messages[0], others[0], kinds[1])
            return acting.elements({messages[0].tag: act or acting.no_place})
        return self._convert(old.type, new.type, new.tag) or acting.elements({})

    @property
    def _sides(self) -> tuple[Side, Side]:
        return self._old, self._new

    def _convert(self, old: str, new: str, tag: str) -> Convert | None:
        """Give the conversion of a type as the content of an element; None where nothing of it can be taken."""
        key = old, new, tag
        if key not in self._converts:
            if self._forth.suits(old, new):
                self._converts[key] = acting.whole
            else:
                self._compile(key, (self._old.type(old), self._new.type(new)))
        return self._converts[key]

    def _compile(self, key: tuple[str, str, str], kinds: _Types) -> None:
        old, new, tag = key
        match kinds:
            case SimpleType(), SimpleType() as simple:
                self._converts[key] = acting.scalar(checker(simple))
            case AmountType() as was, AmountType() as amount if was.attribute == amount.attribute:
                checks = checker(self._simple(amount.value)), checker(self._simple(amount.currency))
                self._converts[key] = acting.amount(amount.attribute, checks)
            case (SimpleType() | AmountType(), SimpleType() | AmountType()):
                self._converts[key] = None
            case (SimpleType() | AmountType(), _):
                self._converts[key] = self._held(old, kinds[1], tag)
            case (_, SimpleType() | AmountType()):
                self._converts[key] = self._bare(new, kinds[0], tag)
            case _ if any_content(kinds[0]) or any_content(kinds[1]):
                self._converts[key] = None
            case _:
                table: _Table = {}
                self._converts[key] = acting.elements(table)  # known before its members are, should it contain itself
                self._fill(table, kinds, tag)

    def _simple(self, name: str) -> SimpleType:
        kind = self._new.type(name)
        assert isinstance(kind, SimpleType)
        return kind

    def _held(self, old: str, kind: Type, tag: str) -> Convert | None:
        holder = self._holder(self._new, kind, tag, lambda inner: self._forth.suits(old, inner))
        if holder is None or not Demand.of(kind).mandatory <= {holder.tag}:
            return None  # something is demanded beside it that nobody says
        return acting.held(holder.tag, acting.whole, many=holder.max_occurs != 1)

    def _bare(self, new: str, kind: Type, tag: str) -> Convert | None:
        holder = self._holder(self._old, kind, tag, lambda inner: self._back.suits(new, inner))
        convert = None if holder is None else self._convert(holder.type, new, tag)
        return None if holder is None or convert is None else acting.bare(holder.tag, convert)

    def _holder(self, side: Side, kind: Type, tag: str, suits: _Suits) -> Element | None:
        """The member of a type that may hold a scalar which another version has bare: one question for both ways."""
        known = self._agreements.holders(tag)
        for member in side.members(kind).values():
            if member.tag in known and suits(member.type):
                return member
        return None

    def _fill(self, table: _Table, kinds: _Types, tag: str) -> None:
        old, new = kinds
        olds, news = self._old.members(old), self._new.members(new)
        for name, member in olds.items():
            other = news.get(name)
            if other is not None and occurs_within(member, other) and self._is_whole(member, other):
                table[name] = None
                continue
            act = None if other is None else self._put(member, other, new)
            table[name] = act or self._elsewhere(member, (name,), kinds, tag) or acting.no_place

    def _is_whole(self, member: Element, other: Element) -> bool:
        return self._convert(member.type, other.type, other.tag) is acting.whole

    def _put(self, member: Element, other: Element, around: Type, way: _Way = ()) -> Act | None:
        """Put a member into another of the target, below the elements of ``way``; None where it cannot be taken."""
        convert = self._convert(member.type, other.type, other.tag)
        if convert is None:
            return None
        kind = self._new.type(other.type)
        demand = Demand.of(kind) if self._new.members(kind) and convert is not acting.whole else None
        many = other.max_occurs != 1
        optional = other.tag not in Demand.of(around).mandatory
        act = acting.put(Spot((*way, (other.tag, many)), other.max_occurs, optional, demand), convert)
        if many and member.max_occurs == 1:
            listed = self._listed(self._old.type(member.type), kind, other.tag)
            return act if listed is None else acting.each(listed, act)
        return act

    def _listed(self, old: Type, new: Type, tag: str) -> str | None:
        """The list within an element that another version has as a list of elements."""
        unwrapped = self._unwrapped((old, new), tag)
        return None if unwrapped is None or self._old.members(old)[unwrapped].max_occurs == 1 else unwrapped

    def _elsewhere(self, member: Element, path: Tags, kinds: _Types, tag: str) -> Act | None:
        """Where a member goes that the target does not have by its name; ``path`` leads to it from the object."""
        return (
            self._renamed(member, path, kinds)
            or self._wrapped(member, path, kinds, tag)
            or self._spread(member, path, kinds, tag)
        )

    def _renamed(self, member: Element, path: Tags, kinds: _Types, way: _Way = ()) -> Act | None:
        old, new = kinds
        for other in self._agreements.renamed(path, (old.name, new.name)):
            if self._resolve(self._old, old, other) is None and (found := self._resolve(self._new, new, other)):
                act = self._put(member, found[-1][1], found[-1][0], (*way, *_way(found[:-1])))
                if act is not None:
                    return act
        return None

    def _wrapped(self, member: Element, path: Tags, kinds: _Types, tag: str) -> Act | None:
        """Into an element of the target that holds what the source has bare."""
        old, new = kinds
        for name in self._agreements.wrappers(tag, (old.name, new.name)):
            wrapper = self._new.members(new).get(name)
            if wrapper is None or name in self._old.members(old):
                continue
            kind, way = self._new.type(wrapper.type), _way([(new, wrapper)])
            inside = self._new.members(kind).get(path[0]) if len(path) == 1 else None
            act = None if inside is None else self._put(member, inside, kind, way)
            act = act or self._renamed(member, path, (old, kind), way)
            if act is not None:
                return act
        return None

    def _spread(self, member: Element, path: Tags, kinds: _Types, tag: str) -> Act | None:
        """What stands in the member goes into the object around it, or where it has another name."""
        old, new = kinds
        inner = self._old.type(member.type)
        unwraps = len(path) == 1 and self._unwrapped(kinds, tag) == member.tag
        if not unwraps and not self._agreements.leads_on(path):
            return None
        taken: _Table = {}
        if unwraps:
            self._fill(taken, (inner, new), tag)
        table: _Table = {}
        for name, each in self._old.members(inner).items():
            moved = self._renamed(each, (*path, name), kinds)
            kept = taken.get(name) if unwraps and name not in self._old.members(old) else acting.no_place
            table[name] = moved or kept
        useful = any(act is not acting.no_place for act in table.values())
        return acting.spread(table) if useful else None

    def _unwrapped(self, kinds: _Types, tag: str) -> str | None:
        """The one element of the source that the target has bare: the one that bare content would come back to."""
        old, new = (side.members(kind) for side, kind in zip(self._sides, kinds, strict=True))
        known = self._agreements.wrappers(tag, (kinds[0].name, kinds[1].name))
        return next((name for name in known if name in old and name not in new), None)

    def _resolve(self, side: Side, kind: Type, path: Tags) -> list[tuple[Type, Element]] | None:
        """The elements along a path with the types around them; None where the path leads nowhere."""
        found: list[tuple[Type, Element]] = []
        for tag in path:
            member = side.members(kind).get(tag)
            if member is None:
                return None
            found.append((kind, member))
            kind = side.type(member.type)
        return found


def _way(found: list[tuple[Type, Element]]) -> _Way:
    return tuple((member.tag, member.max_occurs != 1) for _, member in found)
