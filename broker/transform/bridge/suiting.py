"""Whether a type of one version admits, as it stands, everything that a type of another does.

Then a value is copied whole, without a walk. Owns that question and the view of a type as members by tag; a pair of
types is compared once.
"""

from dataclasses import dataclass

from broker.catalogue.change import Kind
from broker.catalogue.compare_scalar import scalar_changes
from broker.catalogue.model import AmountType, ChoiceGroup, ChoiceType, Element, Schema, SequenceType, SimpleType, Type
from broker.transform.ra_json.content import any_content, members

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two definitions."""

    schema: Schema

    def type(self, name: str) -> Type:
        """Give a type by its name."""
        return self.schema.types[name]

    def members(self, kind: Type) -> dict[str, Element]:
        """The elements a type may contain, by tag in schema order; none for scalars, amounts and foreign content."""
        if isinstance(kind, ChoiceType | SequenceType) and any_content(kind) is None:
            return {member.tag: member for member in members(kind)}
        return {}


@dataclass(frozen=True, slots=True)
class Demand:
    """What a complex type demands: tags that must be there, and groups of which exactly (or at most) one may be."""

    mandatory: frozenset[str]
    choices: tuple[tuple[frozenset[str], bool], ...]

    @classmethod
    def of(cls, kind: Type) -> "Demand":
        """Read it off a type."""
        groups = (ChoiceGroup(kind.elements),) if isinstance(kind, ChoiceType) else getattr(kind, "particles", ())
        return cls(
            frozenset(each.tag for each in groups if isinstance(each, Element) and each.min_occurs > 0),
            tuple(
                (
                    frozenset(element.tag for element in each.elements),
                    each.min_occurs > 0 and all(element.min_occurs for element in each.elements),
                )
                for each in groups
                if isinstance(each, ChoiceGroup)
            ),
        )

    def lacking(self, node: object) -> bool:
        """Whether an object lacks what must be there, or has several of what excludes each other."""
        assert isinstance(node, dict)
        if not self.mandatory <= node.keys():
            return True
        for tags, one_must_be in self.choices:
            there = len(tags & node.keys())
            if there > 1 or (one_must_be and not there):
                return True
        return False

    def met_by(self, other: "Demand") -> bool:
        """Whether whatever meets another demand meets this one, of the members this one knows."""
        if not self.mandatory <= other.mandatory:
            return False
        return all(
            any(tags >= known and (must or not one_must_be) for known, must in other.choices)
            for tags, one_must_be in self.choices
        )


class Suiting:
    """The comparison of one pair of definitions."""

    def __init__(self, source: Side, target: Side) -> None:
        """Nothing is compared yet."""
        self._source = source
        self._target = target
        self._suits: set[Pair] = set()
        self._fails: set[Pair] = set()

    def suits(self, source: str, target: str) -> bool:
        """Whether every value of the source's type is one of the target's as it stands."""
        tried: set[Pair] = set()
        found = self._holds(source, target, tried)
        if found:
            self._suits |= tried  # a type inside itself was taken to suit, and nothing spoke against it
        return found

    def _holds(self, source: str, target: str, tried: set[Pair]) -> bool:
        pair = source, target
        if pair in self._suits or pair in tried:
            return True
        if pair in self._fails:
            return False
        tried.add(pair)
        if not self._compare(self._source.type(source), self._target.type(target), tried):
            self._fails.add(pair)
            return False
        return True

    def _compare(self, old: Type, new: Type, tried: set[Pair]) -> bool:
        match old, new:
            case SimpleType(), SimpleType():
                return old is new or all(each.kind is Kind.WIDENED for each in scalar_changes(old, new))
            case AmountType(), AmountType():
                return (
                    old.attribute == new.attribute
                    and self._holds(old.value, new.value, tried)
                    and self._holds(old.currency, new.currency, tried)
                )
            case (SequenceType() | ChoiceType(), SequenceType() | ChoiceType()):
                return self._complex(old, new, tried)
            case _:
                return False

    def _complex(self, old: Type, new: Type, tried: set[Pair]) -> bool:
        inner, wanted = any_content(old), any_content(new)
        if inner is not None or wanted is not None:
            return inner is not None and wanted is not None and wanted.namespace in {inner.namespace, "##any"}
        known = self._target.members(new)
        for tag, member in self._source.members(old).items():
            other = known.get(tag)
            if other is None or not occurs_within(member, other) or not self._holds(member.type, other.type, tried):
                return False
        return Demand.of(new).met_by(Demand.of(old))


def occurs_within(member: Element, other: Element) -> bool:
    """Whether a member occurs within another's bounds and in the same form, single or list."""
    if (member.max_occurs == 1) is not (other.max_occurs == 1) or member.min_occurs < other.min_occurs > 1:
        return False
    return other.max_occurs is None or (member.max_occurs is not None and member.max_occurs <= other.max_occurs)
