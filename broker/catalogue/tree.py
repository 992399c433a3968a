"""A definition as a tree of lines, for a person to read.

Owns the lines; a type met inside itself is named and not opened again.
"""

from collections.abc import Iterator

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
)
from broker.catalogue.text import write_occurs, write_type


def write_tree(schema: Schema, depth: int | None = None) -> Iterator[str]:
    """Give the tree line by line: cardinality, tag, type; a scalar's facets behind it; ``|`` marks an alternative.

    ``depth`` limits how many levels below the root are opened; None opens all.
    """
    yield f"{schema.definition}  {schema.namespace}"
    yield from _element(schema, schema.root, _Place("", "", (), depth))


class _Place:
    """Where a line stands: indentation, mark, the types above, how many levels may still be opened."""

    __slots__ = ("above", "indent", "left", "mark")

    def __init__(self, indent: str, mark: str, above: tuple[str, ...], left: int | None) -> None:
        self.indent = indent
        self.mark = mark
        self.above = above
        self.left = left

    def below(self, name: str, mark: str = "") -> "_Place":
        """The place of what stands inside a type."""
        left = None if self.left is None else self.left - 1
        return _Place(f"{self.indent}  ", mark, (*self.above, name), left)


def _element(schema: Schema, element: Element, place: _Place) -> Iterator[str]:
    declared = schema.types[element.type]
    occurs = f"[{write_occurs(element.min_occurs, element.max_occurs)}]"
    head = f"{place.indent}{place.mark}{element.tag} {occurs}"
    match declared:
        case SimpleType():
            yield f"{head} {' '.join(write_type(declared, declared.name).split())}"
        case AmountType():
            value = " ".join(write_type(schema.types[declared.value], "").split())
            currency = " ".join(write_type(schema.types[declared.currency], "").split())
            yield f"{head} {element.type} {value}, {declared.attribute}: {currency}"
        case _ if element.type in place.above:
            yield f"{head} {element.type} (as above)"
        case SequenceType() | ChoiceType():
            yield f"{head} {element.type}"
            if place.left != 0:
                yield from _inside(schema, declared, place)


def _inside(schema: Schema, declared: SequenceType | ChoiceType, place: _Place) -> Iterator[str]:
    if isinstance(declared, ChoiceType):
        yield from _particles(schema, declared.elements, place.below(declared.name, "| "))
    else:
        yield from _particles(schema, declared.particles, place.below(declared.name))


def _particles(schema: Schema, particles: tuple[Particle, ...], place: _Place) -> Iterator[str]:
    for particle in particles:
        match particle:
            case Element():
                yield from _element(schema, particle, place)
            case ChoiceGroup(elements, low, high):
                yield f"{place.indent}one of [{write_occurs(low, high)}]"
                inner = _Place(f"{place.indent}  ", "| ", place.above, place.left)
                yield from _particles(schema, elements, inner)
            case AnyContent(namespace, process, low, high):
                yield f"{place.indent}any element [{write_occurs(low, high)}] {namespace} {process}"
