"""The type model: what a message definition says, as frozen values.

The model carries facts only: order, cardinality, types, facets, the one XML attribute ``Ccy``, root and namespace.
Everything that knows a definition (XSD text, compiled validator, RA JSON plans, JSON Schema, generators) is derived
from it. The feature set is closed, because the standard's is (``maxInclusive`` is what schemes add): whatever is not
here cannot be represented and an import refuses it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

UNBOUNDED: None = None


@dataclass(frozen=True, slots=True)
class SimpleType:
    """A scalar: an XML Schema base (``string``, ``decimal``, ``dateTime`` …) narrowed by facets, in lexical form."""

    name: str
    base: str
    patterns: tuple[str, ...] = ()
    enumeration: tuple[str, ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    total_digits: int | None = None
    fraction_digits: int | None = None
    min_inclusive: str | None = None
    max_inclusive: str | None = None


@dataclass(frozen=True, slots=True)
class AmountType:
    """Text of a simple type with one required attribute: ``value`` and ``currency`` name simple types."""

    name: str
    value: str
    currency: str
    attribute: str = "Ccy"


@dataclass(frozen=True, slots=True)
class Element:
    """A child element: its tag, the name of its type, and how often it occurs (``max_occurs`` None: unbounded)."""

    tag: str
    type: str
    min_occurs: int = 1
    max_occurs: int | None = 1


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """A choice inside a sequence: exactly one of its elements."""

    elements: tuple[Element, ...]
    min_occurs: int = 1
    max_occurs: int | None = 1


@dataclass(frozen=True, slots=True)
class AnyContent:
    """An ``xs:any``: one element of any namespace or of the one named; ``process`` is ``lax`` or ``skip``."""

    namespace: str
    process: str
    min_occurs: int = 1
    max_occurs: int | None = 1


Particle = Element | ChoiceGroup | AnyContent


@dataclass(frozen=True, slots=True)
class SequenceType:
    """A complex type whose particles follow each other in this order."""

    name: str
    particles: tuple[Particle, ...]


@dataclass(frozen=True, slots=True)
class ChoiceType:
    """A complex type of which exactly one element occurs."""

    name: str
    elements: tuple[Element, ...]


Type = SimpleType | AmountType | SequenceType | ChoiceType


@dataclass(frozen=True, slots=True)
class Schema:
    """One message definition whole: ``root`` is the global element (``Document``, ``AppHdr``) and its type's name.

    ``definition`` is the identifier as text (a dialect's may not have the standard's form). ``types`` maps each name
    to its type, root's included; names are unique within a definition.
    """

    definition: str
    namespace: str
    root: Element
    types: Mapping[str, Type]
