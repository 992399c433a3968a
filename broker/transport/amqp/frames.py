"""A publish as AMQP 0-9-1 frames, ready for the socket: method, content header, body.

Owns the encoding of what the broker publishes and of nothing else: text headers, five properties. The client library
encodes any property of any type and takes many times as long. Raises ValueError for what AMQP cannot say.
"""

import struct
from collections.abc import Mapping
from functools import lru_cache

from broker.transport.seam import Publication

_METHOD, _HEADER, _BODY = 1, 2, 3
_END = b"\xce"
_BASIC_PUBLISH = struct.pack(">HHH", 60, 40, 0)  # class, method, and a field that is reserved
_MANDATORY = b"\x01"
# Properties in their order, a bit each: content type (15), headers (13), delivery mode (12), correlation id (10),
# message id (7). AMQP 0-9-1, 4.2.6.1.
_CONTENT_TYPE, _HEADERS, _DELIVERY_MODE, _CORRELATION_ID, _MESSAGE_ID = 1 << 15, 1 << 13, 1 << 12, 1 << 10, 1 << 7
_PERSISTENT = b"\x02"
_SHORT_MAX = 255
_frame = struct.Struct(">BHI").pack
_content = struct.Struct(">HHQH").pack
_long = struct.Struct(">I").pack


def publish_frames(
    channel: int, body_max: int, publication: Publication, headers: Mapping[str, str], key: str
) -> bytes:
    """Encode one publish, mandatory and persistent; ``key`` becomes its AMQP message id.

    ``body_max`` is the most bytes of a body in one frame: what was negotiated for a frame, less its eight.
    """
    method = _BASIC_PUBLISH + _known(publication.exchange) + _known(publication.routing_key) + _MANDATORY
    flags = _CONTENT_TYPE | _HEADERS | _DELIVERY_MODE | _MESSAGE_ID
    properties = _known(publication.content_type) + _table(headers) + _PERSISTENT
    if publication.correlation_id is not None:
        flags |= _CORRELATION_ID
        properties += _short(publication.correlation_id)
    body = publication.body
    header = _content(60, 0, len(body), flags) + properties + _short(key)
    parts = [
        _frame(_METHOD, channel, len(method)), method, _END,
        _frame(_HEADER, channel, len(header)), header, _END,
    ]  # fmt: skip
    for start in range(0, len(body), body_max):
        part = body[start : start + body_max]
        parts += (_frame(_BODY, channel, len(part)), part, _END)
    return b"".join(parts)


def _short(text: str) -> bytes:
    encoded = text.encode()
    if len(encoded) > _SHORT_MAX:
        raise ValueError("a name, an id or a key has over 255 bytes")
    return bytes((len(encoded),)) + encoded


@lru_cache(maxsize=1024)
def _known(text: str) -> bytes:
    """What is said again and again: names of exchanges and headers, media types, routing keys."""
    return _short(text)


def _table(headers: Mapping[str, str]) -> bytes:
    fields = b"".join(
        [_known(name) + b"S" + _long(len(text := value.encode())) + text for name, value in headers.items()]
    )
    return _long(len(fields)) + fields
