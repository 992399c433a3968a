"""The business application header's facts: head.001.001.01 to .04 in one model.

The four shapes differ in what surrounds them; the names of these facts are the same in all. Values are taken as they
stand, without white space around them; whether they may stand is for the header's own schema.
"""

from collections.abc import Iterable
from typing import Final

from lxml.etree import _Element

from broker.message.header import BusinessHeader

# BICFI before the clearing member id before what else identifies; an organisation by its BIC before its other ids.
_INSTITUTION: Final = (("BICFI",), ("BIC",), ("ClrSysMmbId", "MmbId"), ("LEI",), ("Othr", "Id"), ("PrtryId", "Id"))
_ORGANISATION: Final = (("AnyBIC",), ("BICOrBEI",), ("LEI",), ("Othr", "Id"))


def read_header(header: _Element, definition: str) -> BusinessHeader:
    """Read the header's facts; ``header`` is an ``AppHdr`` in its own namespace.

    ``business_message_id`` and ``message_definition`` are empty where the header does not say them, which its schema
    forbids.
    """
    namespace = header.tag.rpartition("}")[0] + "}"
    parts = _children(header, namespace)
    return BusinessHeader(
        definition=definition,
        business_message_id=_text(parts.get("BizMsgIdr")) or "",
        message_definition=_text(parts.get("MsgDefIdr")) or "",
        sender=_party(parts.get("Fr"), namespace),
        receiver=_party(parts.get("To"), namespace),
        business_service=_text(parts.get("BizSvc")),
        created=_text(parts.get("CreDt")),
        copy_duplicate=_text(parts.get("CpyDplct")),
        possible_duplicate=_text(parts.get("PssblDplct")),
        priority=_text(parts.get("Prty")),
    )


def _party(party: _Element | None, namespace: str) -> str | None:
    institution = _under(party, ("FIId", "FinInstnId"), namespace)
    if institution is not None:
        return _first(institution, _INSTITUTION, namespace)
    return _first(_under(party, ("OrgId", "Id", "OrgId"), namespace), _ORGANISATION, namespace)


def _first(element: _Element | None, paths: tuple[tuple[str, ...], ...], namespace: str) -> str | None:
    parts = {} if element is None else _children(element, namespace)
    for first, *others in paths:
        text = _text(_under(parts.get(first), others, namespace))
        if text is not None:
            return text
    return None


def _under(element: _Element | None, path: Iterable[str], namespace: str) -> _Element | None:
    for name in path:
        element = None if element is None else _children(element, namespace).get(name)
    return element


def _children(element: _Element, namespace: str) -> dict[str, _Element]:
    return {child.tag.removeprefix(namespace): child for child in element}


def _text(element: _Element | None) -> str | None:
    text = None if element is None else element.text
    return (text.strip() or None) if text else None
