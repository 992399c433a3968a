"""What a mapping makes of a message: one value an event."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beside:
    """RA JSON that travels beside an event's data: of the message without its items, or of the item at ``path``."""

    ra: Mapping[str, object]
    path: str | None = None


@dataclass(frozen=True, slots=True)
class CanonicalEvent:
    """One canonical event of a message.

    ``position`` is 0 for the event of the message as a whole and counts its items from 1. ``subject`` is what order is
    kept by (UETR or end-to-end id); None where the message gives none. ``business_id`` is the message's own reference
    as its sender gave it, the same for all events of a message. ``data`` is shared, not to be changed. ``beside``
    is for those who asked for it.
    """

    event_type: str
    subject: str | None
    position: int
    data: dict[str, object]
    business_id: str | None = None
    beside: Beside | None = None
