"""Outcomes of invented messages, for tests that need rows and not content."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from broker.message import identity
from broker.message.envelope import Destination, Direction, Envelope, Outgoing
from broker.message.failure import Failure, FailureCode
from broker.pipeline.outcome import Accepted, Outcome, Rejected

TENANT = "north"
CHANNEL = "core-a"
RECEIVED_AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shape:
    """What an invented message looks like."""

    tenant: str = TENANT
    channel: str = CHANNEL
    publications: int = 2
    body_bytes: int = 200


_DEFAULT = Shape()


def envelope(key: str | None = None, body: bytes | None = None, shape: Shape = _DEFAULT) -> Envelope:
    """Give an envelope; by default one that no other test has."""
    name = f"id:{key or uuid4().hex}"
    content = body if body is not None else (name.encode() * (shape.body_bytes // len(name) + 1))[: shape.body_bytes]
    return Envelope(
        tenant=shape.tenant,
        channel=shape.channel,
        direction=Direction.INBOUND,
        message_id=identity.message_id(shape.tenant, shape.channel, name),
        key=name,
        digest=identity.digest(content),
        received_at=RECEIVED_AT,
        body=content,
        reply_to="iso20022.replies.tests",
        correlation_id="correlation",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )


def accepted(source: Envelope | None = None, shape: Shape = _DEFAULT, subject: str | None = None) -> Accepted:
    """Give an accepted outcome with as many publications as the shape says, all of one subject."""
    source = source or envelope(shape=shape)
    outgoing = tuple(
        Outgoing(
            event_id=identity.event_id(source.message_id, "iso20022.payment.transfer.v1", position),
            destination=Destination.EVENT,
            address=f"{source.tenant}.iso20022.payment.transfer.v1",
            subject=subject or source.message_id.hex,
            event_type="iso20022.payment.transfer.v1",
            content_type="application/cloudevents+json",
            body=source.body,
            correlation_id=source.correlation_id,
            traceparent=source.traceparent,
        )
        for position in range(shape.publications)
    )
    digests = {"received": source.digest, "event": hashlib.sha256(source.body).digest()}
    return Accepted(source, "pacs.008.001.08", "BUSINESS-1", outgoing, digests)


def rejected(source: Envelope | None = None, code: FailureCode = FailureCode.VALIDATE_SCHEMA) -> Rejected:
    """Give a rejected outcome."""
    return Rejected(source or envelope(), Failure(code, "It does not fit."), "pacs.008.001.08", "BUSINESS-1")


def together(*outcomes: Outcome) -> tuple[Outcome, ...]:
    """Give outcomes of both kinds as one batch."""
    return outcomes


def batch(count: int, shape: Shape = _DEFAULT) -> Sequence[Accepted]:
    """Give so many accepted outcomes."""
    return [accepted(shape=shape) for _ in range(count)]
