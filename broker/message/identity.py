"""Identifiers derived from content, so that a redelivered message gets the identifiers it had the first time.

``message_id`` is a function of tenant, channel and deduplication key; ``event_id`` of the message and the place of the
event in it. Both are RFC 9562 version 8 UUIDs over SHA-256: no clock, no random source, no state.
"""

import hashlib
from uuid import UUID

_SEPARATOR = "\x1f"
_FREE = ~(0xF << 76 | 0x3 << 62)
_VERSION_AND_VARIANT = 0x8 << 76 | 0x2 << 62  # version 8: custom; variant of RFC 9562


def digest(body: bytes) -> bytes:
    """SHA-256 of the received bytes: 32 bytes."""
    return hashlib.sha256(body).digest()


def deduplication_key(transport_message_id: str | None, body_digest: bytes) -> str:
    """The transport's message id where there is one, else the digest of the bytes; the prefix says which."""
    return f"id:{transport_message_id}" if transport_message_id else f"sha256:{body_digest.hex()}"


def message_id(tenant: str, channel: str, key: str) -> UUID:
    """The broker's own identifier of a message: equal for equal tenant, channel and deduplication key."""
    return _derive("message", tenant, channel, key)


def event_id(message: UUID, event_type: str, position: int) -> UUID:
    """The identifier of one outgoing event: the same for every delivery and every replay of the same effect."""
    return _derive("event", message.hex, event_type, str(position))


def dead_letter_id(origin: UUID, body_digest: bytes, way: str = "") -> UUID:
    """The identifier of a dead letter: of the message (or of the dead letter it was replayed from) and the bytes.

    ``way`` tells apart what goes two ways under one id, perhaps as the same bytes.
    """
    return _derive("dead-letter", origin.hex, body_digest.hex(), *([way] if way else ()))


def refusal_id(queue: str, event: str) -> UUID:
    """The identifier of an event in the queue that it was refused from: what its first dead letter comes of."""
    return _derive("refusal", queue, event)


def _derive(*parts: str) -> UUID:
    hashed = hashlib.sha256(_SEPARATOR.join(parts).encode()).digest()
    number = int.from_bytes(hashed[:16], "big")
    return UUID(int=number & _FREE | _VERSION_AND_VARIANT)
