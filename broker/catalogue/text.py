"""A type as text, and back.

Owns the text form of one type; knows neither files nor definitions. A scalar is one line, facets and all::

    Max35Text                string   length 1..35
    IBAN2007Identifier       string   pattern [A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}
    ChargeBearerType1Code    string   codes CRED DEBT SHAR SLEV
    ActiveCurrencyAndAmount  amount   ActiveCurrencyAndAmount_SimpleType Ccy ActiveCurrencyCode

A complex type is a block: a line with its name (and ``choice`` where exactly one element occurs), then one line an
element with its cardinality, tag and type; ``<choice>`` groups the deeper lines below it, ``<any>`` is any element::

    PaymentIdentification7
      0..1  InstrId          Max35Text
      1     EndToEndId       Max35Text

White space inside a value is written as a character reference (``&#32;``), ``&`` as ``&amp;``, nothing as ``&none;``.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from broker.catalogue.model import (
    AmountType,
    AnyContent,
    ChoiceGroup,
    ChoiceType,
    Element,
    Particle,
    SequenceType,
    SimpleType,
    Type,
)
from broker.errors import CatalogueError

BASES: Final = frozenset(
    {"string", "decimal", "boolean", "date", "dateTime", "time", "gYear", "gYearMonth", "base64Binary"}
)
"""The XML Schema bases a scalar may have: those the standard uses, and no other."""

_CHOICE: Final = "<choice>"
_ANY: Final = "<any>"
_REFERENCE: Final = re.compile(r"&(?:#(\d+)|(amp)|(none));")


def is_scalar(text: str) -> bool:
    """Tell a scalar's line from a complex type's block."""
    return "\n" not in text


def write_type(declared: Type, key: str) -> str:
    """Give the text of a type under ``key`` (its name, with a suffix where it is a variant), without a final newline.

    The same type always gives the same text.
    """
    match declared:
        case SimpleType():
            return f"{key:<54}  {' '.join((f'{declared.base:<12}', *_facets(declared))).rstrip()}"
        case AmountType():
            return f"{key:<54}  {'amount':<12} {declared.value} {declared.attribute} {declared.currency}"
        case SequenceType():
            return "\n".join((key, *_particle_lines(declared.particles, "  ")))
        case ChoiceType():
            return "\n".join((f"{key} choice", *_particle_lines(declared.elements, "  ")))


def read_type(text: str, name: str) -> Type:
    """Read what ``write_type`` wrote, as the type called ``name``. Raises CatalogueError naming the type."""
    try:
        if is_scalar(text):
            return _scalar(name, text.split()[1:])
        head, _, body = text.partition("\n")
        particles = tuple(_particles(iter(body.split("\n"))))
        if not head.endswith(" choice"):
            return SequenceType(name, particles)
        return ChoiceType(name, tuple(each for each in particles if isinstance(each, Element)))
    except (ValueError, IndexError, StopIteration) as problem:
        raise CatalogueError(f"type {name} of the catalogue cannot be read: {problem}") from problem


def _facets(declared: SimpleType) -> Iterator[str]:
    lengths = declared.min_length, declared.max_length
    if lengths != (None, None):
        yield f"length {_bound(lengths[0])}..{_bound(lengths[1])}"
    if declared.total_digits is not None:
        yield f"total {declared.total_digits}"
    if declared.fraction_digits is not None:
        yield f"fraction {declared.fraction_digits}"
    if declared.min_inclusive is not None:
        yield f"min {_escape(declared.min_inclusive)}"
    if declared.max_inclusive is not None:
        yield f"max {_escape(declared.max_inclusive)}"
    for pattern in declared.patterns:
        yield f"pattern {_escape(pattern)}"
    if declared.enumeration:
        yield " ".join(("codes", *map(_escape, declared.enumeration)))


def _scalar(name: str, words: list[str]) -> SimpleType | AmountType:
    base, rest = words[0], iter(words[1:])
    if base == "amount":
        value, attribute, currency = rest
        return AmountType(name, value, currency, attribute)
    if base not in BASES:
        raise ValueError(f"{base} is no base a scalar may have")
    numbers: dict[str, int | None] = {}
    bounds: dict[str, str] = {}
    patterns: list[str] = []
    codes: tuple[str, ...] = ()
    for facet in rest:
        if facet == "codes":
            codes = tuple(_unescape(each) for each in rest)
        elif facet == "pattern":
            patterns.append(_unescape(next(rest)))
        elif facet == "length":
            low, _, high = next(rest).partition("..")
            numbers["min_length"], numbers["max_length"] = (int(each) if each else None for each in (low, high))
        elif facet in {"min", "max"}:
            bounds[facet] = _unescape(next(rest))
        elif facet in {"total", "fraction"}:
            numbers[f"{facet}_digits"] = int(next(rest))
        else:
            raise ValueError(f"{facet} is no facet")
    return SimpleType(
        name,
        base,
        tuple(patterns),
        codes,
        min_inclusive=bounds.get("min"),
        max_inclusive=bounds.get("max"),
        **numbers,
    )


def _particle_lines(particles: Iterable[Particle], indent: str) -> Iterator[str]:
    for particle in particles:
        occurs = f"{indent}{write_occurs(particle.min_occurs, particle.max_occurs):<4}  "
        match particle:
            case Element():
                yield f"{occurs}{particle.tag:<15}  {particle.type}"
            case AnyContent():
                yield f"{occurs}{_ANY}  {particle.namespace} {particle.process}"
            case ChoiceGroup():
                yield f"{occurs}{_CHOICE}"
                yield from _particle_lines(particle.elements, f"{indent}  ")


def _particles(lines: Iterator[str]) -> Iterator[Particle]:
    group: tuple[int, int | None] | None = None
    alternatives: list[Element] = []
    for line in lines:
        occurs, first, *others = line.split()
        low, high = read_occurs(occurs)
        deeper = line.startswith("    ")
        if group is not None and not deeper:
            yield ChoiceGroup(tuple(alternatives), *group)
            group, alternatives = None, []
        if first == _CHOICE:
            group = low, high
        elif first == _ANY:
            yield AnyContent(others[0], others[1], low, high)
        elif deeper:
            alternatives.append(Element(first, others[0], low, high))
        else:
            yield Element(first, others[0], low, high)
    if group is not None:
        yield ChoiceGroup(tuple(alternatives), *group)


def write_occurs(low: int, high: int | None) -> str:
    """Give a cardinality as text: ``1``, ``0..1``, ``1..*``."""
    if low == high:
        return str(low)
    return f"{low}..{'*' if high is None else high}"


def read_occurs(text: str) -> tuple[int, int | None]:
    """Read what ``write_occurs`` wrote. Raises ValueError."""
    low, dots, high = text.partition("..")
    if not dots:
        return int(low), int(low)
    return int(low), None if high == "*" else int(high)


def _bound(number: int | None) -> str:
    return "" if number is None else str(number)


def _escape(value: str) -> str:
    if not value:
        return "&none;"
    return re.sub(r"\s", lambda found: f"&#{ord(found[0])};", value.replace("&", "&amp;"))


def _unescape(text: str) -> str:
    if "&" not in text:
        return text
    return _REFERENCE.sub(lambda found: chr(int(found[1])) if found[1] else "&" if found[2] else "", text)
