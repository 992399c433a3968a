"""Where header and document are, whatever they are wrapped in.

Senders wrap a message in envelopes of SWIFT, FedNow, Fedwire, Hong Kong's FPS, TCH, their own or none; so nothing here
knows an envelope's name. A *document* is the root element of a definition in its namespace, or that definition's
message root without its ``Document``; a *header* is an ``AppHdr``. Both are looked for from the outside in, and
whatever is neither is a wrapper.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree
from lxml.etree import _Element

from broker.catalogue import Catalogue, Schema
from broker.catalogue.model import ChoiceType, Element, SequenceType
from broker.message.failure import Failure, FailureCode
from broker.parse.unknown import unknown_definition

_DEEPEST_WRAPPER: Final = 8  # Fedwire and FedNow nest three wrappers, the deepest in use
_ISO_20022: Final = ":20022:tech:xsd:"
_DOCUMENT: Final = "Document"
_HEADER: Final = "AppHdr"


@dataclass(frozen=True, slots=True)
class Located:
    """Document and header of one message; ``wrapper`` is the outermost element in Clark notation where there is one."""

    document: _Element
    definition: str
    header: _Element | None = None
    wrapper: str | None = None


def locate(root: _Element, catalogue: Catalogue) -> Located | Failure:
    """Find the one document and its header under ``root``.

    A message root without its ``Document`` is given one, and a header in its wrapper's namespace is moved to that of
    its content: the tree is changed so that each part has the shape its schema describes.
    """
    namespace, name = split(root.tag)
    if name == _DOCUMENT or catalogue.by_namespace(namespace) is not None:
        return _bare(root, catalogue, None, None)
    return _unwrap(root, catalogue)


def split(tag: str) -> tuple[str, str]:
    """A tag in Clark notation as namespace (empty: none) and local name."""
    namespace, _, name = tag.rpartition("}")
    return namespace[1:], name


@dataclass(slots=True)
class _Found:
    headers: list[_Element] = field(default_factory=list)
    documents: list[_Element] = field(default_factory=list)
    strangers: list[_Element] = field(default_factory=list)
    """Elements in a namespace of the standard's form that no definition has: envelopes of the standard, or messages."""


def _unwrap(root: _Element, catalogue: Catalogue) -> Located | Failure:
    found = _search(root, catalogue)
    header = _own_namespace(found.headers[0]) if found.headers else None
    if len(found.documents) > 1 or len(found.headers) > 1:
        counts = f"documents: {len(found.documents)}, headers: {len(found.headers)}"
        text = f"The message holds more than one document or header ({counts}); send one at a time."
        return Failure(FailureCode.IDENTIFY_SEVERAL_DOCUMENTS, text)
    if not found.documents and found.strangers:
        return _bare(found.strangers[0], catalogue, header, root.tag)
    if not found.documents:
        text = "There is a business header but no document." if found.headers else "There is no ISO 20022 document."
        return Failure(FailureCode.IDENTIFY_NO_DOCUMENT, text)
    return _bare(found.documents[0], catalogue, header, root.tag)


def _search(root: _Element, catalogue: Catalogue) -> _Found:
    found = _Found()
    level = [root]
    for _ in range(_DEEPEST_WRAPPER):
        wrappers = []
        for element in (child for wrapper in level for child in wrapper):
            namespace, name = split(element.tag)
            if name == _HEADER:
                found.headers.append(element)
            elif name == _DOCUMENT or catalogue.by_namespace(namespace) is not None:
                found.documents.append(element)
            else:
                wrappers.append(element)
                if _ISO_20022 in namespace:
                    found.strangers.append(element)
        if not wrappers:
            break
        level = wrappers
    return found


def _bare(element: _Element, catalogue: Catalogue, header: _Element | None, wrapper: str | None) -> Located | Failure:
    namespace, name = split(element.tag)
    definition = catalogue.by_namespace(namespace)
    if definition is None:
        return unknown_definition(namespace, _named_by(header), catalogue)
    schema = catalogue.schema(definition)
    if name == schema.root.tag:
        return Located(element, definition, header, wrapper)
    if name in {child.tag for child in _message_roots(schema)}:
        return Located(_with_document(element, schema), definition, header, wrapper)
    text = f"The document is {name} in the namespace of {definition}; expected {schema.root.tag}."
    return Failure(FailureCode.IDENTIFY_NO_DOCUMENT, text)


def _message_roots(schema: Schema) -> Iterator[Element]:
    root = schema.types[schema.root.type]
    if schema.root.tag == _DOCUMENT and isinstance(root, SequenceType | ChoiceType):
        particles = root.particles if isinstance(root, SequenceType) else root.elements
        yield from (particle for particle in particles if isinstance(particle, Element))


def _with_document(message_root: _Element, schema: Schema) -> _Element:
    tag = f"{{{schema.namespace}}}{schema.root.tag}"
    document = etree.Element(tag, nsmap={message_root.prefix: schema.namespace})
    document.sourceline = message_root.sourceline
    message_root.tail = None
    document.append(message_root)
    return document


def _own_namespace(header: _Element) -> _Element:
    """Move a header that stands in its wrapper's namespace (TCH) to that of its content."""
    inside = split(header[0].tag)[0] if len(header) else ""
    if _ISO_20022 in inside and not header.tag.startswith(f"{{{inside}}}"):
        header.tag = f"{{{inside}}}{_HEADER}"
    return header


def _named_by(header: _Element | None) -> str | None:
    if header is None:
        return None
    return next((child.text for child in header if split(child.tag)[1] == "MsgDefIdr"), None)
