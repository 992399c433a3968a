"""XML tree → RA JSON, by plans compiled once per definition.

Owns the reading direction. A plan is one closure per complex type over a table from Clark-notation tag to what to do;
a message is read by one loop per element with children and one table look-up per element. Must not know where the tree
came from; it expects one that ``broker.parse`` made: comments and processing instructions gone, CDATA merged.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import orjson
from lxml import etree

from broker.catalogue.model import AmountType, Element, Schema, SimpleType
from broker.transform.ra_json.content import inner_to_text, is_any_content, members

if TYPE_CHECKING:
    from lxml.etree import _Element

    from broker.catalogue.catalogue import Catalogue

CONVENTION = "ISO 20022 TSG: Generation of JSON Schema Draft 2020-12 for ISO 20022:2013 (2025-03-21)"
"""The recommendation this representation follows, pinned by its name and date."""

Read = Callable[["_Element"], object]
_Entry = tuple[str, Read | None, bool]  # member name, reader (None: verbatim text), always an array


class Readable(Protocol):
    """What parsing hands over: the message's element, its definition, and the business header's element if any."""

    @property
    def document(self) -> "_Element":
        """The element in the definition's namespace (``Document``, ``AppHdr``, ``Xchg``)."""

    @property
    def definition(self) -> str:
        """The definition's name in the catalogue."""

    @property
    def header(self) -> "_Element | None":
        """The business header beside the document."""


_plans: dict[int, tuple[Schema, Read]] = {}  # by identity: a schema holds a mapping and cannot be hashed


def to_object(element: "_Element", schema: Schema) -> dict[str, object]:
    """Give ``{"Document": {…}}`` for the root element of a schema-valid tree.

    Scalars are strings in their lexical form: verbatim for text, without the surrounding white space that XML Schema
    collapses for numbers, booleans, dates and times. Repeating elements are lists always, members come in document
    order, an element without content whose type demands none is ``{}``. The first call per schema compiles its plan.
    A tree that is not schema-valid raises KeyError or loses what the schema has no place for: use ``to_loose_object``.
    """
    held = _plans.get(id(schema))
    if held is None:
        held = _plans[id(schema)] = (schema, _Compiler(schema).reader(schema.root.type) or _text)
    return {schema.root.tag: held[1](element)}


def to_json(parsed: Readable, catalogue: "Catalogue", *, valid: bool = True) -> bytes:
    """Give the message as UTF-8 JSON: ``{"AppHdr": …, "Document": …}`` with a header, else ``{"Document": …}``.

    ``valid`` says whether the trees passed their schemas. Raises CatalogueError where the header's definition is not
    in the catalogue. The same tree gives the same bytes.
    """
    convert = to_object if valid else to_loose_object
    message: dict[str, object] = {}
    if parsed.header is not None:
        namespace = etree.QName(parsed.header).namespace or ""
        message |= convert(parsed.header, catalogue.schema(catalogue.by_namespace(namespace) or namespace))
    message |= convert(parsed.document, catalogue.schema(parsed.definition))
    return orjson.dumps(message)


def to_loose_object(element: "_Element", schema: Schema) -> dict[str, object]:
    """Give RA JSON for a tree that is *not* schema-valid, as a lenient channel accepts it: nothing is dropped.

    What the schema knows is converted as it says; an element it does not know keeps its local name and becomes a
    string or an object by whether it has children; whatever occurs more than once becomes an array. Attributes other
    than the schema's own stay behind. The result need not satisfy the JSON Schema and cannot be turned back into XML.
    """
    return {etree.QName(element).localname: _read_loosely(element, schema.root.type, schema)}


class _Compiler:
    """Compiles the readers of one schema; types are shared, so each is compiled once."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._readers: dict[str, Read | None] = {}

    def reader(self, name: str) -> Read | None:
        """Give the reader of a type, None where the element's text is the value as it stands."""
        if name not in self._readers:
            kind = self._schema.types[name]
            if isinstance(kind, SimpleType):
                self._readers[name] = None if kind.base in {"string", "base64Binary"} else _collapsed
            elif isinstance(kind, AmountType):
                self._readers[name] = _amount(kind.attribute)
            elif is_any_content(kind):
                self._readers[name] = inner_to_text
            else:
                table: dict[str, _Entry] = {}
                self._readers[name] = _object(table)  # known before its members are, should a type contain itself
                for member in members(kind):
                    table[f"{{{self._schema.namespace}}}{member.tag}"] = self._entry(member)
        return self._readers[name]

    def _entry(self, member: Element) -> _Entry:
        return member.tag, self.reader(member.type), member.max_occurs != 1


def _object(table: dict[str, _Entry]) -> Read:
    def read(element: "_Element") -> dict[str, object]:
        result: dict[str, object] = {}
        for child in element:
            name, convert, many = table[child.tag]
            value = (child.text or "") if convert is None else convert(child)
            if not many:
                result[name] = value
            elif name in result:
                result[name].append(value)  # type: ignore[attr-defined]  # the line below made it a list
            else:
                result[name] = [value]
        return result

    return read


def _amount(attribute: str) -> Read:
    def read(element: "_Element") -> dict[str, str]:
        return {"amt": (element.text or "").strip(), attribute: element.get(attribute, "")}

    return read


def _text(element: "_Element") -> str:
    return element.text or ""


def _collapsed(element: "_Element") -> str:
    return (element.text or "").strip()


def _read_loosely(element: "_Element", type_name: str | None, schema: Schema) -> object:
    kind = schema.types.get(type_name) if type_name else None
    if isinstance(kind, AmountType):
        return {"amt": "".join(element.itertext()).strip(), kind.attribute: element.get(kind.attribute, "")}
    if kind is not None and is_any_content(kind) and len(element) == 1:
        return inner_to_text(element)
    children = list(element.iterchildren("*"))
    if not children and (kind is None or isinstance(kind, SimpleType) or (element.text or "").strip()):
        return element.text or ""
    known = {} if kind is None or isinstance(kind, SimpleType) else {member.tag: member for member in members(kind)}
    found: dict[str, list[object]] = {}
    for child in children:
        tag = etree.QName(child).localname
        found.setdefault(tag, []).append(_read_loosely(child, known[tag].type if tag in known else None, schema))
    return {
        tag: values if len(values) > 1 or (tag in known and known[tag].max_occurs != 1) else values[0]
        for tag, values in found.items()
    }
