"""What a complex type contains, as RA JSON sees it: its members, or one inner element of another language.

Owns the treatment of ``xs:any`` (``SplmtryData/Envlp``, ``Sgntr``): the inner element travels as one string, its
exclusive canonical form (Exclusive XML Canonicalization 1.0, without comments), and comes back from it. Must not know
any message.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from lxml import etree

from broker.catalogue.model import AmountType, AnyContent, ChoiceGroup, ChoiceType, Element, SequenceType, Type
from broker.errors import CatalogueError

if TYPE_CHECKING:
    from lxml.etree import _Element


def members(kind: Type) -> Iterator[Element]:
    """Give the elements a complex type may contain, in schema order, those of choices within a sequence included.

    Raises CatalogueError for content that RA JSON has no form for: ``xs:any`` beside elements, a repeated choice.
    """
    if isinstance(kind, ChoiceType):
        yield from kind.elements
    elif isinstance(kind, SequenceType):
        for particle in kind.particles:
            if isinstance(particle, Element):
                yield particle
            elif isinstance(particle, ChoiceGroup) and particle.max_occurs == 1:
                yield from particle.elements
            else:
                raise CatalogueError(f"RA JSON has no form for a {type(particle).__name__} as type {kind.name} has it")


def is_any_content(kind: Type) -> bool:
    """Tell whether the type's content is one element of another language."""
    return any_content(kind) is not None


def any_content(kind: Type) -> AnyContent | None:
    """Give the ``xs:any`` that is a type's whole content, None where it is made of members."""
    if isinstance(kind, SequenceType) and len(kind.particles) == 1:
        only = kind.particles[0]
        if isinstance(only, AnyContent) and only.max_occurs == 1:
            return only
    return None


def amount_members(kind: AmountType) -> tuple[str, str]:
    """Give the member names of an amount: the value's and the attribute's."""
    return "amt", kind.attribute


def inner_to_text(element: "_Element") -> str:
    """Give the one child of ``element`` as its exclusive canonical form; ``""`` where there is none."""
    for child in element.iterchildren("*"):
        return _canonical(child)
    return ""


def text_to_inner(text: str) -> "tuple[str, str] | None":
    """Read the string of an ``xs:any``: give XML that stands in any context, and the inner element's namespace.

    None where the string is not one well-formed element, or has a document type or an entity declaration. What comes
    back is canonical, so nothing but that element can reach the output; a default namespace around it is undone.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        element = etree.fromstring(text, hardened_parser())
    except (etree.XMLSyntaxError, ValueError):  # ValueError: a character or an encoding declaration lxml does not take
        return None
    canonical = _canonical(element)
    if None not in element.nsmap:
        name = f"{element.prefix}:" if element.prefix else ""
        end = 1 + len(name) + len(etree.QName(element).localname)
        canonical = f'{canonical[:end]} xmlns=""{canonical[end:]}'
    return canonical, etree.QName(element).namespace or ""


def hardened_parser() -> etree.XMLParser:
    """Make a parser that loads nothing, expands nothing and drops comments and processing instructions."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _canonical(element: "_Element") -> str:
    try:
        octets = etree.tostring(element, method="c14n", exclusive=True, with_comments=False, with_tail=False)
    except etree.C14NError:  # libxml2 refuses relative namespace names; version 2.0 writes the same form and does not
        alone = etree.fromstring(etree.tostring(element, with_tail=False), hardened_parser())
        return cast("str", etree.canonicalize(alone))
    return cast("bytes", octets).decode()
