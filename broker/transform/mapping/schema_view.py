"""A definition's type model as paths are resolved against it."""

from collections.abc import Sequence
from dataclasses import dataclass

from broker.catalogue.model import AmountType, ChoiceGroup, ChoiceType, Element, Schema, SequenceType, SimpleType, Type


@dataclass(frozen=True, slots=True)
class Step:
    """One element on the way: its tag, whether it repeats (a list in RA JSON), whether it is always there.

    ``most``: how often it may occur; None: as often as wanted. ``branches``: the tags of the choice that it is one of.
    """

    tag: str
    many: bool
    always: bool
    most: int | None = 1
    branches: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """Where a path led: its steps and the name of the type at its end."""

    steps: tuple[Step, ...]
    type_name: str

    @property
    def many(self) -> bool:
        """Whether the path can lead to several values."""
        return any(step.many for step in self.steps)

    @property
    def always(self) -> bool:
        """Whether a valid message always has a value here."""
        return all(step.always for step in self.steps)


@dataclass(frozen=True, slots=True)
class Lost:
    """Where a path led nowhere: the tag, and those that could have stood there."""

    tag: str
    type_name: str
    known: tuple[str, ...]


class SchemaView:
    """The children of each type by tag, made once a type; and a token that tells equal types of definitions apart."""

    def __init__(self, schema: Schema, tokens: dict[tuple[object, ...], int]) -> None:
        """``tokens`` is shared by all views: equal content gets an equal number whatever the definition."""
        self.definition = schema.definition
        self.root = schema.root.type
        self._types = schema.types
        self._children: dict[str, dict[str, tuple[Step, str]]] = {}
        self._tokens = tokens
        self._token_of: dict[str, int] = {}

    def type(self, name: str) -> Type:
        """Give a type by name."""
        return self._types[name]

    def children(self, type_name: str) -> dict[str, tuple[Step, str]]:
        """Give tag → (step, type name) of a complex type; nothing for scalars, amounts and foreign content."""
        known = self._children.get(type_name)
        if known is None:
            known = self._children[type_name] = _children(self._types[type_name])
        return known

    def resolve(self, type_name: str, steps: Sequence[str]) -> Found | Lost:
        """Walk from a type along tags."""
        walked: list[Step] = []
        for tag in steps:
            children = self.children(type_name)
            if tag not in children:
                return Lost(tag, type_name, tuple(children))
            step, type_name = children[tag]
            walked.append(step)
        return Found(tuple(walked), type_name)

    def token(self, type_name: str) -> int:
        """A number that is the same for types of the same content all the way down, in whatever definition."""
        token = self._token_of.get(type_name)
        if token is None:
            self._token_of[type_name] = -1  # a type inside itself: its name settles it
            content = tuple(self.token(name) for _, name in self.children(type_name).values())
            declared = self._types[type_name]
            token = self._tokens.setdefault((id(declared), content), len(self._tokens))
            self._token_of[type_name] = token
        return token

    def enumeration(self, type_name: str) -> tuple[str, ...]:
        """The closed list of a code type; empty where any code may come."""
        declared = self._types[type_name]
        return declared.enumeration if isinstance(declared, SimpleType) else ()

    def is_amount(self, type_name: str) -> bool:
        """Whether the type is an amount with its currency."""
        return isinstance(self._types[type_name], AmountType)

    def base(self, type_name: str) -> str | None:
        """The XML Schema base of a scalar type; None for others."""
        declared = self._types[type_name]
        return declared.base if isinstance(declared, SimpleType) else None


def _children(declared: Type) -> dict[str, tuple[Step, str]]:
    children: dict[str, tuple[Step, str]] = {}
    if isinstance(declared, ChoiceType):
        children |= _branches(declared.elements)
    elif isinstance(declared, SequenceType):
        for particle in declared.particles:
            if isinstance(particle, Element):
                children[particle.tag] = (_step(particle, always=particle.min_occurs > 0), particle.type)
            elif isinstance(particle, ChoiceGroup):
                children |= _branches(particle.elements, always=particle.min_occurs > 0)
    return children


def _branches(elements: Sequence[Element], *, always: bool = True) -> dict[str, tuple[Step, str]]:
    """Give the elements of a choice; ``always``: one of them is there, unless that may itself be left out."""
    sure = always and all(element.min_occurs > 0 for element in elements)
    tags = frozenset(element.tag for element in elements) if sure else frozenset()
    return {element.tag: (_step(element, always=False, branches=tags), element.type) for element in elements}


def _step(element: Element, *, always: bool, branches: frozenset[str] = frozenset()) -> Step:
    return Step(element.tag, element.max_occurs != 1, always, element.max_occurs, branches)
