"""What the store and the audit log are told of a message: its business id and the digests of its forms."""

import hashlib
from collections.abc import Mapping, Sequence

import orjson

from broker.message.envelope import Envelope, Outgoing


def business_id(ra: Mapping[str, object]) -> str | None:
    """The header's business message id, else the message's own (``GrpHdr/MsgId``, ``Assgnmt/Id``); None: silent."""
    header = ra.get("AppHdr")
    if isinstance(header, Mapping) and isinstance(header.get("BizMsgIdr"), str):
        return str(header["BizMsgIdr"])
    document = ra.get("Document")
    message = next(iter(document.values()), None) if isinstance(document, Mapping) else None
    for group, tag in (("GrpHdr", "MsgId"), ("Assgnmt", "Id"), ("MsgHdr", "MsgId"), ("MsgId", "Id")):
        held = message.get(group) if isinstance(message, Mapping) else None
        if isinstance(held, Mapping) and isinstance(held.get(tag), str):
            return str(held[tag])
    return None


def digests(envelope: Envelope, ra: Mapping[str, object], outgoing: Sequence[Outgoing]) -> dict[str, bytes]:
    """What the audit log binds together: the received bytes, RA JSON in RFC 8785 form, what was made of them."""
    # Tags are ASCII and scalars strings, so sorted keys in UTF-8 are RFC 8785's own order and form.
    canonical = orjson.dumps(ra, option=orjson.OPT_SORT_KEYS)
    by_destination: dict[str, hashlib._Hash] = {}
    for each in outgoing:
        by_destination.setdefault(each.destination.value, hashlib.sha256()).update(each.body)
    return {
        "received": envelope.digest,
        "ra-json": hashlib.sha256(canonical).digest(),
        **{destination: hashed.digest() for destination, hashed in by_destination.items()},
    }
