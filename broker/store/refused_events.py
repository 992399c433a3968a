"""Events that subscribers refused: recorded as dead letters, and put back into the one queue they were refused from.

A refused event says of itself only what its headers say, and a service may write those. Only what can be found here is
believed: an event is ours where its message is known to this store under its tenant. Any other is recorded, so that
somebody looks, under the tenant ``unknown``, and cannot be replayed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from broker.audit.kinds import Kind
from broker.message import identity
from broker.message.envelope import Destination, Direction, Envelope, Outgoing
from broker.message.failure import Failure
from broker.store import audit_writes, outbox_writes
from broker.store.audit_writes import AuditEntry
from broker.store.codec import Codec
from broker.store.database import Connection, Database
from broker.store.outbox_writes import Caused
from broker.store.statements import load
from broker.store.writing import Clock, Writing, columns, storable, utc_now

UNKNOWN: Final = "unknown"
"""Tenant and channel of an event that is none of ours."""

_SQL = load("refused_events")


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """What came back, as its headers say. ``queue`` is the one it was refused from, ``event_id`` any text.

    ``message`` is the broker's id of its message with the tenant; ``replay_of`` the dead letter as whose replay it had
    come; ``received_at`` an aware instant.
    """

    queue: str
    event_id: str
    failure: Failure
    received_at: datetime
    message: tuple[UUID, str] | None = None
    replay_of: UUID | None = None
    event_type: str | None = None
    content_type: str | None = None
    correlation_id: str | None = None
    traceparent: str | None = None
    body: bytes = field(default=b"", repr=False)


class RefusedEvents:
    """Records refused events, on a held connection."""

    def __init__(self, database: Database, codec: Codec, *, now: Clock = utc_now) -> None:
        """Connect on first use."""
        self._session = database.session()
        self._codec = codec
        self._now = now

    async def record(self, events: Sequence[RefusedEvent]) -> int:
        """Record events as parked dead letters, in one transaction; give how many are new.

        One that came twice is recorded once; one that was refused again after its replay is a child of the dead letter
        that was replayed. Audited as dead-lettered. They may be acknowledged then. Raises StoreUnavailableError.
        """
        async with self._session.transaction() as connection:
            writing = Writing(connection, self._codec, self._now())
            messages = await _messages(connection, events)
            earlier = await _earlier(connection, events)
            rows = [_row(writing, each, messages.get(each.message), earlier) for each in events]
            ordered: list[tuple[Any, ...]] = sorted(rows, key=lambda row: str(row[0]))
            by = columns(ordered)
            new = {row[0] for row in await connection.fetch(_SQL["insert"], writing.at, self._codec.name, *by)}
            first = {row[0]: row for row in reversed(rows) if row[0] in new}
            await audit_writes.append(writing, [_entry(row) for row in first.values()])
        return len(new)

    async def close(self) -> None:
        """Close the connection. Idempotent."""
        await self._session.close()


async def publish_again(writing: Writing, tenant: str | None, ids: Sequence[UUID]) -> None:
    """Let the events of held dead letters go again, each to the queue it was refused from alone, under its own id."""
    if not ids:
        return
    caused = [_caused(writing, row) for row in await writing.connection.fetch(_SQL["bodies"], tenant, list(ids))]
    await outbox_writes.insert(writing, caused)


async def _messages(connection: Connection, events: Sequence[RefusedEvent]) -> dict[object, Any]:
    said = {each.message for each in events if each.message is not None}
    if not said:
        return {}
    rows = await connection.fetch(_SQL["messages"], *columns(sorted(said)))
    return {(row["message_id"], row["tenant"]): row for row in rows}


async def _earlier(connection: Connection, events: Sequence[RefusedEvent]) -> set[UUID]:
    said = {(each.replay_of, each.message[1]) for each in events if each.replay_of and each.message}
    if not said:
        return set()
    return {row[0] for row in await connection.fetch(_SQL["earlier"], *columns(sorted(said)))}


def _row(
    writing: Writing, event: RefusedEvent, message: Mapping[str, Any] | None, earlier: set[UUID]
) -> tuple[Any, ...]:
    digest = identity.digest(event.body)
    parent = event.replay_of if event.replay_of in earlier else None
    origin = parent or identity.refusal_id(event.queue, event.event_id)
    tenant = UNKNOWN if message is None else message["tenant"]
    own = _uuid(event.event_id) if message is not None and event.event_type and event.content_type else None
    return (
        identity.dead_letter_id(origin, digest),
        tenant,
        origin if message is None else message["message_id"],
        parent,
        UNKNOWN if message is None else message["channel"],
        Direction.INBOUND.value if message is None else message["direction"],
        event.failure.code.value,
        storable(event.failure.text),
        message and message["definition"],
        message and message["business_id"],
        storable(event.correlation_id),
        storable(event.traceparent),
        storable(event.queue),
        own,
        storable(event.event_type) if own else None,
        storable(event.content_type) if own else None,
        digest,
        writing.codec.encode(tenant, event.body),
        event.received_at if message is None else message["received_at"],
    )


def _entry(row: tuple[Any, ...]) -> AuditEntry:
    facts = {"dead_letter": str(row[0]), "code": row[6], "refused_by": row[12]}
    if row[13] is not None:
        facts |= {"event_id": str(row[13]), "event_type": row[14]}
    return AuditEntry(Kind.DEAD_LETTERED, row[1], row[2], facts, {"refused": row[16]})


def _caused(writing: Writing, row: Any) -> Caused:  # noqa: ANN401 - an asyncpg record
    body = writing.codec.decode(row["tenant"], row["codec"], row["body"])
    envelope = Envelope(
        tenant=row["tenant"],
        channel=row["channel"],
        direction=Direction(row["direction"]),
        message_id=row["message_id"],
        key="",  # an event has none
        digest=row["digest"],
        received_at=row["received_at"],
        body=b"",
    )
    outgoing = Outgoing(
        event_id=row["event_id"],
        destination=Destination.QUEUE,
        address=row["refused_by"],
        subject=str(row["id"]),
        event_type=row["event_type"],
        content_type=row["content_type"],
        body=body,
        correlation_id=row["correlation_id"],
        traceparent=row["traceparent"],
    )
    return Caused(envelope, outgoing)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
