"""A publication that waits, as a relay gets it."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID


class PendingRow(NamedTuple):
    """One publication that waits, with everything a transport needs. ``attempts`` counts those already made.

    A tuple, since it is made for every publication and a frozen class takes three times as long; no ``repr`` shows what
    is in it.
    """

    lane: int
    id: int
    recorded_on: date
    tenant: str
    message_id: UUID
    event_id: UUID
    destination: str
    address: str
    subject: str
    event_type: str
    content_type: str
    correlation_id: str | None
    traceparent: str | None
    attempts: int
    recorded_at: datetime
    body: bytes

    def __repr__(self) -> str:
        """Name it by its ids alone."""
        return f"PendingRow(id={self.id}, event_id={self.event_id})"
