"""A model as XSD text, which any validator accepts, and as libxml2's compiled validator, which is made from it.

Owns the spelling of the export; says exactly what the model says and adds nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Final
from xml.sax.saxutils import quoteattr

from lxml import etree

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
from broker.errors import CatalogueError

_XS: Final = "http://www.w3.org/2001/XMLSchema"


def write_xsd(schema: Schema) -> str:
    """Give the XSD of a definition: the global element, then every type by name. Ends with a newline."""
    namespace = quoteattr(schema.namespace)
    lines = [
        f"<xs:schema xmlns={namespace} xmlns:xs={_XS!r}",
        f'           elementFormDefault="qualified" targetNamespace={namespace}>',
        f"  <xs:element name={quoteattr(schema.root.tag)} type={quoteattr(schema.root.type)}/>",
    ]
    for name in sorted(schema.types):
        lines.extend(_type(schema.types[name]))
    lines.append("</xs:schema>\n")
    return "\n".join(lines)


def compile_xsd(schema: Schema) -> etree.XMLSchema:
    """Compile the validator of a definition. Raises CatalogueError where libxml2 finds the schema wrong."""
    try:
        return etree.XMLSchema(etree.fromstring(write_xsd(schema)))
    except etree.XMLSchemaParseError as problem:
        raise CatalogueError(f"{schema.definition} cannot be compiled: {problem}") from problem


def _type(declared: Type) -> Iterator[str]:
    if isinstance(declared, SimpleType):
        yield f'  <xs:simpleType name="{declared.name}">'
        yield f'    <xs:restriction base="xs:{declared.base}">'
        yield from (f"      <xs:{facet} value={quoteattr(str(value))}/>" for facet, value in _facets(declared))
        yield "    </xs:restriction>"
        yield "  </xs:simpleType>"
        return
    yield f'  <xs:complexType name="{declared.name}">'
    match declared:
        case AmountType():
            yield "    <xs:simpleContent>"
            yield f'      <xs:extension base="{declared.value}">'
            yield f'        <xs:attribute name="{declared.attribute}" type="{declared.currency}" use="required"/>'
            yield "      </xs:extension>"
            yield "    </xs:simpleContent>"
        case SequenceType():
            yield "    <xs:sequence>"
            yield from _particles(declared.particles, "      ")
            yield "    </xs:sequence>"
        case ChoiceType():
            yield "    <xs:choice>"
            yield from _particles(declared.elements, "      ")
            yield "    </xs:choice>"
    yield "  </xs:complexType>"


def _facets(declared: SimpleType) -> Iterator[tuple[str, str | int]]:
    single: tuple[tuple[str, str | int | None], ...] = (
        ("minLength", declared.min_length),
        ("maxLength", declared.max_length),
        ("minInclusive", declared.min_inclusive),
        ("maxInclusive", declared.max_inclusive),
        ("totalDigits", declared.total_digits),
        ("fractionDigits", declared.fraction_digits),
    )
    yield from ((facet, value) for facet, value in single if value is not None)
    yield from (("pattern", value) for value in declared.patterns)
    yield from (("enumeration", value) for value in declared.enumeration)


def _particles(particles: Iterable[Particle], indent: str) -> Iterator[str]:
    for particle in particles:
        occurs = _occurs(particle)
        match particle:
            case Element():
                yield f'{indent}<xs:element name="{particle.tag}" type="{particle.type}"{occurs}/>'
            case AnyContent():
                namespace = quoteattr(particle.namespace)
                yield f'{indent}<xs:any namespace={namespace} processContents="{particle.process}"{occurs}/>'
            case ChoiceGroup():
                yield f"{indent}<xs:choice{occurs}>"
                yield from _particles(particle.elements, f"{indent}  ")
                yield f"{indent}</xs:choice>"


def _occurs(particle: Particle) -> str:
    low, high = particle.min_occurs, particle.max_occurs
    least = "" if low == 1 else f' minOccurs="{low}"'
    most = "" if high == 1 else f' maxOccurs="{"unbounded" if high is None else high}"'
    return least + most
