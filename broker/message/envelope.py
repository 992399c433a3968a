"""What arrives and what leaves, in the transport's terms but free of any transport.

An envelope is one delivery as ingest hands it to the pipeline; an outgoing is one publication as the pipeline hands it
to the store and the relay to a transport. Bodies are bytes and are never shown in a ``repr``. What is made for every
publication is a tuple: a frozen class takes three times as long to make.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Direction(StrEnum):
    """Which way a message goes: XML from a core (inbound) or a JSON command to a core (outbound)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One received message: who it belongs to, where it came in, its bytes and the transport's facts about it.

    ``message_id`` and ``key`` are derived (``broker.message.identity``); ``digest`` is the SHA-256 of ``body``.
    ``received_at`` is an aware UTC instant. ``traceparent`` is the W3C trace context or None.
    """

    tenant: str
    channel: str
    direction: Direction
    message_id: UUID
    key: str
    digest: bytes
    received_at: datetime
    body: bytes = field(repr=False)
    reply_to: str | None = None
    correlation_id: str | None = None
    traceparent: str | None = None


class Destination(StrEnum):
    """Where an outgoing goes: the exchange of events, a core's outbound queue, a sender's reply queue, or one queue.

    An event that somebody wants with the message's RA JSON goes out once more so, to an exchange of its own. One queue
    is for an event that a subscriber refused: it goes again to that subscriber alone.
    """

    EVENT = "event"
    EVENT_WITH_RA_JSON = "event-with-ra-json"
    CORE = "core"
    REPLY = "reply"
    QUEUE = "queue"


class Outgoing(NamedTuple):
    """One publication, decided in the pipeline and committed with the message it came of.

    ``address`` is the routing key ``<tenant>.<event type>`` of an event, the channel of a core, else a queue.
    ``subject`` is the key within which order is kept (UETR or end-to-end id, else the message id; of an event that is
    replayed to one queue the id of its dead letter).
    """

    event_id: UUID
    destination: Destination
    address: str
    subject: str
    event_type: str
    content_type: str
    body: bytes
    correlation_id: str | None = None
    traceparent: str | None = None

    def __repr__(self) -> str:
        """Name it by its event."""
        return f"Outgoing(event_id={self.event_id}, event_type={self.event_type})"
