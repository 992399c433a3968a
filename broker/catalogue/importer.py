"""An official or a scheme's own XSD becomes a model.

Owns the reading of XSD files; knows nothing of where the catalogue is kept. The feature set is closed: what the model
cannot hold is refused with a CatalogueError that names it, never dropped. Annotations and comments are the only things
left out, for they constrain nothing.

What the standard's own files do not use but says the same as what they use is understood: a restriction of a named
simple type (its facets joined), a sequence in a sequence, ``length``, an element of a built-in type.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree
from lxml.etree import _Element

from broker.catalogue import spelling
from broker.catalogue.folder import references
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
from broker.catalogue.text import BASES
from broker.errors import CatalogueError
from broker.message.definition import NAMESPACE_PREFIX

XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "schema": frozenset({"targetNamespace", "elementFormDefault", "attributeFormDefault", "version", "id"}),
    "element": frozenset({"name", "type", "minOccurs", "maxOccurs", "id"}),
    "any": frozenset({"namespace", "processContents", "minOccurs", "maxOccurs"}),
    "attribute": frozenset({"name", "type", "use"}),
    "sequence": frozenset({"minOccurs", "maxOccurs"}),
    "choice": frozenset({"minOccurs", "maxOccurs"}),
    "complexType": frozenset({"name", "id"}),
    "simpleType": frozenset({"name", "id"}),
    "restriction": frozenset({"base"}),
    "extension": frozenset({"base"}),
}
_NAME: Final = re.compile(r"[A-Za-z$][A-Za-z0-9$._-]*")
_COUNTS: Final = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "totalDigits": "total_digits",
    "fractionDigits": "fraction_digits",
}
_BOUNDS: Final = {"minInclusive": "min_inclusive", "maxInclusive": "max_inclusive"}


@dataclass(frozen=True, slots=True)
class Imported:
    """An XSD read: its model, and the sha256 (hex) of the bytes it was read from."""

    schema: Schema
    sha256: str


def read_xsd(content: bytes, name: str | None = None) -> Imported:
    """Read the bytes of an XSD. Raises CatalogueError naming what cannot be represented.

    ``name`` is the definition's name; without one it is what follows the standard's prefix in the namespace, or the
    last part of a namespace of another form, without ``.xsd``.
    """
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        document = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as problem:
        raise CatalogueError(f"not an XML file: {problem.msg}") from problem
    if document.tag != f"{XS}schema" or document.getroottree().docinfo.doctype:
        raise CatalogueError("not an XSD: the root must be xs:schema, without a DOCTYPE")
    namespace = document.get("targetNamespace", "")
    definition = name or definition_of(namespace)
    schema = _Reader(document, namespace).schema(definition)
    return Imported(schema, hashlib.sha256(content).hexdigest())


def definition_of(namespace: str) -> str:
    """The definition's name a namespace gives, such as ``pain.001.001.03.ch.02``. Raises CatalogueError for none."""
    name = namespace.removeprefix(NAMESPACE_PREFIX).removesuffix(".xsd").rpartition("/")[2].rpartition(":")[2]
    if _NAME.fullmatch(name) is None:
        raise CatalogueError(f"the namespace {namespace!r} names no definition; give a name")
    return name


class _Reader:
    """Reads one document. Global declarations are found by name first, so that order does not matter."""

    def __init__(self, document: _Element, namespace: str) -> None:
        self._namespace = namespace
        self._document = document
        self._where = "xs:schema"
        self._declared: dict[str, _Element] = {}
        self._roots: list[_Element] = []
        self._added: dict[str, Type] = {}

    def schema(self, definition: str) -> Schema:
        self._check_attributes(self._document)
        if self._document.get("elementFormDefault") != "qualified":
            raise self._refused("elementFormDefault other than qualified")
        for node in self._children(self._document, "element", "complexType", "simpleType"):
            if _kind(node) == "element":
                self._roots.append(node)
            elif self._declared.setdefault(node.get("name", ""), node) is not node:
                raise self._refused(f"two types named {node.get('name')}")
        if len(self._roots) != 1:
            raise self._refused(f"{len(self._roots)} global elements where one is needed")
        root = self._element(self._roots[0])
        if (root.min_occurs, root.max_occurs) != (1, 1):
            raise self._refused("a cardinality on the global element")
        types = {name: self._type(name) for name in self._declared} | self._added
        return Schema(definition, self._namespace, root, _reached(root.type, types))

    def _type(self, name: str) -> Type:
        node, self._where = self._declared[name], f"type {name}"
        self._check_attributes(node)
        if _kind(node) == "simpleType":
            return self._simple(name)
        (content,) = self._only(node, "sequence", "choice", "simpleContent")
        if _kind(content) == "simpleContent":
            return self._amount(name, content)
        if _kind(content) == "choice":
            group = self._choice(content)
            if (group.min_occurs, group.max_occurs) == (1, 1):
                return ChoiceType(name, group.elements)
            return SequenceType(name, (group,))
        return spelling.complex_type(name, self._particles(content))

    def _particles(self, content: _Element) -> tuple[Particle, ...]:
        """The particles of a sequence. One that has no form in JSON is refused: the message could not be given back."""
        particles = tuple(self._sequence(content))
        tags: list[str] = []
        for particle in particles:
            if isinstance(particle, AnyContent) and (len(particles), particle.max_occurs) != (1, 1):
                raise self._refused("an xs:any that is not alone")
            if isinstance(particle, ChoiceGroup):
                tags.extend(element.tag for element in particle.elements)
            elif isinstance(particle, Element):
                tags.append(particle.tag)
        if len(set(tags)) != len(tags):
            raise self._refused(f"{max(tags, key=tags.count)} in two places")
        return particles

    def _simple(self, name: str, narrower: tuple[str, ...] = ()) -> SimpleType:
        if name in narrower:
            raise self._refused("a restriction of itself")
        self._where = f"type {name}"
        (restriction,) = self._only(self._declared[name], "restriction")
        self._check_attributes(restriction)
        base = self._reference(restriction, "base")
        own = self._facets(name, restriction)
        if base.startswith("xs:"):
            return replace(own, base=self._base(base))
        if base not in self._declared or _kind(self._declared[base]) != "simpleType":
            raise self._refused(f"a restriction of {base}, which is not a simple type of this file")
        return self._narrowed(self._simple(base, (*narrower, name)), own)

    def _narrowed(self, wider: SimpleType, own: SimpleType) -> SimpleType:
        """Join the facets of a type and of the one it restricts: both hold."""
        self._where = f"type {own.name}"
        if wider.patterns and own.patterns:
            raise self._refused(f"a pattern beside the pattern of {wider.name}")
        changed = {
            each: getattr(own, each)
            for each in (
                "patterns", "enumeration", "min_length", "max_length", "total_digits", "fraction_digits",
                "min_inclusive", "max_inclusive",
            )
            if getattr(own, each) not in (None, ())
        }  # fmt: skip
        return replace(wider, name=own.name, **changed)

    def _facets(self, name: str, restriction: _Element) -> SimpleType:
        counts: dict[str, int | None] = {}
        patterns: set[str] = set()
        codes: set[str] = set()
        bounds: dict[str, str] = {}
        for facet in self._children(restriction):
            kind, value = _kind(facet), facet.get("value", "")
            if set(facet.attrib) - {"value", "id"}:
                raise self._refused(f"a fixed facet {kind}")
            if kind in _COUNTS:
                counts[_COUNTS[kind]] = int(value)
            elif kind == "length":
                counts["min_length"] = counts["max_length"] = int(value)
            elif kind == "pattern":
                patterns.add(spelling.pattern(value))
            elif kind == "enumeration":
                codes.add(value)
            elif kind in _BOUNDS:
                bounds[_BOUNDS[kind]] = value
            else:
                raise self._refused(f"the facet {kind}")
        return SimpleType(
            name,
            "",
            tuple(sorted(patterns)),
            tuple(sorted(codes)),
            min_inclusive=bounds.get("min_inclusive"),
            max_inclusive=bounds.get("max_inclusive"),
            **counts,
        )

    def _amount(self, name: str, content: _Element) -> AmountType:
        (extension,) = self._only(content, "extension")
        (attribute,) = self._only(extension, "attribute")
        self._check_attributes(extension)
        self._check_attributes(attribute)
        if attribute.get("use") != "required":
            raise self._refused(f"the attribute {attribute.get('name')}, which is not required")
        value, currency = self._scalar(extension, "base"), self._scalar(attribute, "type")
        return AmountType(name, value, currency, attribute.get("name", ""))

    def _scalar(self, node: _Element, attribute: str) -> str:
        name = self._type_name(node, attribute)
        if name not in self._added and _kind(self._declared[name]) != "simpleType":
            raise self._refused(f"{name} where a simple type is needed")
        return name

    def _sequence(self, node: _Element) -> Iterator[Particle]:
        self._check_attributes(node)
        if self._occurs(node) != (1, 1):
            raise self._refused("a sequence with a cardinality")
        for child in self._children(node, "element", "choice", "any", "sequence"):
            kind = _kind(child)
            if kind == "element":
                yield self._element(child)
            elif kind == "choice":
                yield self._choice(child)
            elif kind == "any":
                yield self._any(child)
            else:
                yield from self._sequence(child)

    def _choice(self, node: _Element) -> ChoiceGroup:
        self._check_attributes(node)
        elements = tuple(self._element(child) for child in self._children(node, "element"))
        low, high = self._occurs(node)
        if high != 1 or len({element.tag for element in elements}) != len(elements):
            raise self._refused("a choice that repeats, or names an element twice,")
        return ChoiceGroup(elements, low, high)

    def _any(self, node: _Element) -> AnyContent:
        self._check_attributes(node)
        namespace, process = node.get("namespace", "##any"), node.get("processContents", "strict")
        if process == "strict" or " " in namespace or (namespace.startswith("##") and namespace != "##any"):
            raise self._refused(f"xs:any of {namespace}, {process}")
        return AnyContent(namespace, process, *self._occurs(node))

    def _element(self, node: _Element) -> Element:
        self._check_attributes(node)
        self._only(node)
        return Element(node.get("name", ""), self._type_name(node, "type"), *self._occurs(node))

    def _type_name(self, node: _Element, attribute: str) -> str:
        """The name of a type of this file; a built-in one is given a name of its own."""
        name = self._reference(node, attribute)
        if name.startswith("xs:"):
            base = self._base(name)
            name = f"XML{base[0].upper()}{base[1:]}"
            if self._declared.get(name) is not None:
                raise self._refused(f"a type of its own named {name}")
            self._added[name] = SimpleType(name, base)
        elif name not in self._declared:
            raise self._refused(f"{name}, which is not a type of this file")
        return name

    def _reference(self, node: _Element, attribute: str) -> str:
        """What an attribute refers to: ``xs:string``, or the name of a type of this file."""
        text = node.get(attribute)
        if text is None:
            raise self._refused(f"{_kind(node)} {node.get('name', '')} without {attribute}")
        prefix, _, local = text.rpartition(":")
        namespace = node.nsmap.get(prefix or None)
        if f"{{{namespace}}}" == XS:
            return f"xs:{local}"
        if namespace != self._namespace:
            raise self._refused(f"{text}, which is of another namespace")
        return str(local)

    def _base(self, name: str) -> str:
        base = name.removeprefix("xs:")
        if base not in BASES:
            raise self._refused(f"the base {name}")
        return base

    def _occurs(self, node: _Element) -> tuple[int, int | None]:
        high = node.get("maxOccurs", "1")
        return int(node.get("minOccurs", "1")), None if high == "unbounded" else int(high)

    def _only(self, node: _Element, *kinds: str) -> list[_Element]:
        """The one child of one of these kinds; with no kinds, that there is none."""
        found = list(self._children(node, *kinds))
        if len(found) != bool(kinds):
            raise self._refused(f"{_kind(node)} with {len(found)} parts inside")
        return found

    def _children(self, node: _Element, *kinds: str) -> Iterator[_Element]:
        for child in node.iterchildren(etree.Element):
            if kinds and _kind(child) not in (*kinds, "annotation"):
                raise self._refused(f"{_kind(child)} inside {_kind(node)}")
            if _kind(child) != "annotation":
                yield child

    def _check_attributes(self, node: _Element) -> None:
        foreign = {name for name in node.attrib if name.startswith("{")}  # notes of a tool, without a meaning here
        unknown = sorted(set(node.attrib) - foreign - _ATTRIBUTES[_kind(node)])
        if unknown:
            raise self._refused(f"{_kind(node)} with {', '.join(unknown)}")

    def _refused(self, what: str) -> CatalogueError:
        return CatalogueError(f"{self._namespace}: {self._where}: {what} cannot be represented")


def _kind(node: _Element) -> str:
    """The local name of an XSD element; another namespace's keeps its braces and is refused wherever it stands."""
    return str(node.tag).removeprefix(XS)


def _reached(root: str, types: Mapping[str, Type]) -> dict[str, Type]:
    """The types in use, by name in order: a declaration nothing refers to says nothing."""
    reached: dict[str, Type] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = types[name]
            waiting.extend(references(types[name]))
    return dict(sorted(reached.items()))
