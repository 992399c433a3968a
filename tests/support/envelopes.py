"""Envelopes around given bytes."""

from datetime import UTC, datetime

from broker.message import identity
from broker.message.envelope import Direction, Envelope

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def envelope(body: bytes, direction: Direction, channel: str = "strict", reply_to: str | None = None) -> Envelope:
    """Give an envelope as ingest makes it, of one tenant, at one instant."""
    digest = identity.digest(body)
    key = identity.deduplication_key(None, digest)
    return Envelope(
        tenant="north",
        channel=channel,
        direction=direction,
        message_id=identity.message_id("north", channel, key),
        key=key,
        digest=digest,
        received_at=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
        body=body,
        reply_to=reply_to,
        correlation_id="correlation",
        traceparent=TRACE,
    )
