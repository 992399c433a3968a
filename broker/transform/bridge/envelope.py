"""The header and wrapper a message came in, around its new version.

Owns what changes in them: wherever the version is named (``MsgDefIdr`` of the header, a wrapper's own fields) the new
one is, and a signature goes. Everything else stays as the sender wrote it.
"""

import copy
from typing import TYPE_CHECKING, Final

from lxml import etree

from broker.transform.ra_json.content import hardened_parser

if TYPE_CHECKING:
    from lxml.etree import _Element

    from broker.transform.ra_json import Readable

SIGNATURE_RULE: Final = "bridge.signature"
"""Rule of the loss of a signature."""


def is_signed(header: "_Element | None") -> bool:
    """Whether a business header carries a signature (head.001, ``Sgntr``)."""
    return header is not None and header.find("{*}Sgntr") is not None


def in_its_envelope(parsed: "Readable", document: bytes, target: str) -> bytes:
    """Put the new document where the old one stood. A bare one is given back as it is; ``parsed`` is not changed."""
    place = _place(parsed)
    if place is None:
        return document
    root, old, header = place
    written = etree.fromstring(document, hardened_parser())
    if old is None:  # the sender's wrapper holds the message without its Document, and reading gave it one
        assert header is not None
        written = written[0]
        header.addnext(written)
    else:
        written.tail = old.tail
        holder = old.getparent()
        assert holder is not None
        holder.replace(old, written)
    _name(root, header, written, (parsed.definition, target))
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _place(parsed: "Readable") -> "tuple[_Element, _Element | None, _Element | None] | None":
    """A copy of everything around the document, the document in it, and the header; None for a bare document."""
    document, header = parsed.document, parsed.header
    inside = document.getparent() is not None
    if not inside and header is None:
        return None
    root = (document if inside or header is None else header).getroottree().getroot()
    made = copy.deepcopy(root)
    old = _at(made, _way(root, document)) if inside else None
    return made, old, None if header is None else _at(made, _way(root, header))


def _way(root: "_Element", element: "_Element") -> list[int]:
    """The child numbers that lead from the root to an element."""
    way: list[int] = []
    while element is not root:
        above = element.getparent()
        assert above is not None
        way.append(above.index(element))
        element = above
    return way[::-1]


def _at(root: "_Element", way: list[int]) -> "_Element":
    for number in way:
        root = root[number]
    return root


def _name(root: "_Element", header: "_Element | None", document: "_Element", names: tuple[str, str]) -> None:
    """Name the new version; a related message's header (``Rltd``) is of another message and stays."""
    if header is not None:
        signature = header.find("{*}Sgntr")
        if signature is not None:
            header.remove(signature)
        said = header.find("{*}MsgDefIdr")
        if said is not None:
            said.text = names[1]
    level = [root]
    while level:
        inner = [child for element in level for child in element if child is not header and child is not document]
        for each in inner:
            if not len(each) and (each.text or "").strip() == names[0]:
                each.text = names[1]
        level = inner
