"""A publication that waits, as a relay gets it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PendingRow:
    """One publication that waits, with everything a transport needs. ``attempts`` counts those already made."""

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
    body: bytes = field(repr=False)
