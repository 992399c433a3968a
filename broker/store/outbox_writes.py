"""Publications into the outbox, in the transaction of the message that caused them."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from broker.message.envelope import Envelope, Outgoing
from broker.store.pending import PendingRow
from broker.store.statements import load
from broker.store.writing import Writing, columns, storable

LANES: Final = 16
"""Publications are spread over this many lanes; each is published by one relay at a time."""

_SQL = load("outbox_writes")
_COLUMNS: Final = 13


@dataclass(frozen=True, slots=True)
class Caused:
    """One publication, the message it came of, and the key within which it keeps its order."""

    envelope: Envelope
    outgoing: Outgoing
    key: int = field(init=False)

    def __post_init__(self) -> None:
        """Derive the key."""
        key = order_key(self.envelope.tenant, self.outgoing.destination.value, self.outgoing.subject)
        object.__setattr__(self, "key", key)


def order_key(tenant: str, destination: str, subject: str) -> int:
    """Give the key within which publications keep their order: a signed 64-bit hash, the same on every machine."""
    hashed = hashlib.blake2b(f"{tenant}\x1f{destination}\x1f{subject}".encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(hashed.digest(), "big", signed=True)


def lane(key: int) -> int:
    """Give the lane of an order key: 0 to 15."""
    return key % LANES


async def insert(writing: Writing, caused: Sequence[Caused]) -> Iterator[PendingRow]:
    """Append publications in their order, each waiting to be published, in one round trip; none for none.

    Gives them as a relay gets them, made only where somebody looks.
    """
    if not caused:
        return iter(())
    ids = await writing.connection.fetch(
        _SQL["insert"], writing.at, writing.day, writing.codec.name, *rows(writing, caused)
    )
    return pending(writing, sorted(row[0] for row in ids), caused)


def rows(writing: Writing, caused: Sequence[Caused]) -> list[list[Any] | None]:
    """Give the columns of publications, in their order."""
    return columns(_row(writing, each) for each in caused) or [None] * _COLUMNS


def pending(writing: Writing, ids: Sequence[int], caused: Sequence[Caused]) -> Iterator[PendingRow]:
    """Give publications as a relay gets them, each made only where somebody looks; ``ids`` in their order."""
    return map(partial(_pending, writing), ids, caused)


def _row(writing: Writing, each: Caused) -> tuple[object, ...]:
    tenant, outgoing = each.envelope.tenant, each.outgoing
    return (
        lane(each.key),
        each.key,
        tenant,
        each.envelope.message_id,
        outgoing.event_id,
        outgoing.destination.value,
        outgoing.address,
        outgoing.subject,
        outgoing.event_type,
        outgoing.content_type,
        storable(outgoing.correlation_id),
        storable(outgoing.traceparent),
        writing.codec.encode(tenant, outgoing.body),
    )


def _pending(writing: Writing, number: int, each: Caused) -> PendingRow:
    outgoing = each.outgoing
    return PendingRow(
        lane=lane(each.key),
        id=number,
        recorded_on=writing.day,
        tenant=each.envelope.tenant,
        message_id=each.envelope.message_id,
        event_id=outgoing.event_id,
        destination=outgoing.destination.value,
        address=outgoing.address,
        subject=outgoing.subject,
        event_type=outgoing.event_type,
        content_type=outgoing.content_type,
        correlation_id=storable(outgoing.correlation_id),
        traceparent=storable(outgoing.traceparent),
        attempts=0,
        recorded_at=writing.at,
        body=outgoing.body,
    )
