"""What becomes of publications that were taken: confirmed, postponed, or parked as dead letters.

Each function changes only rows that still wait, and appends the audit entries of what it changed. Fencing comes before;
see ``outbox``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from broker.audit.kinds import Kind
from broker.message import identity
from broker.message.envelope import Destination, Direction, Envelope
from broker.message.failure import Failure
from broker.store import audit_writes, dead_letter_writes
from broker.store.audit_writes import AuditEntry
from broker.store.database import Connection
from broker.store.dead_letter_writes import NewDeadLetter, Publication
from broker.store.pending import PendingRow
from broker.store.statements import load
from broker.store.writing import Writing, columns

_SQL = load("outbox")


async def confirm(writing: Writing, rows: Sequence[PendingRow]) -> int:
    """Publications are done; give how many still waited."""
    gone = await _remove(writing.connection, rows)
    together = left_together([row for row in rows if row.id in gone])
    await audit_writes.append(writing, [entry for entry, _ in together])
    return len(gone)


def left_together(rows: Sequence[PendingRow]) -> list[tuple[AuditEntry, Sequence[PendingRow]]]:
    """Give one entry for what left together: of one message, one way, at the same attempt; it binds the bodies."""
    together: dict[tuple[UUID, str, int], list[PendingRow]] = {}
    for row in rows:
        together.setdefault((row.message_id, row.destination, row.attempts), []).append(row)
    return [(_left(*way, group), group) for way, group in together.items()]


async def postpone(connection: Connection, rows: Sequence[tuple[PendingRow, datetime]]) -> int:
    """Publications are due again later, one attempt more; give how many still waited."""
    if not rows:
        return 0
    by = columns((row.lane, row.id, row.tenant, due_at) for row, due_at in rows)
    return len(await connection.fetch(_SQL["postpone"], *by))


async def park(writing: Writing, rows: Sequence[tuple[PendingRow, Failure]]) -> int:
    """Publications are given up: each becomes a parked dead letter. Give how many still waited.

    One that was parked before gets a child of its latest dead letter.
    """
    gone = await _remove(writing.connection, [row for row, _ in rows])
    parked = [each for each in rows if each[0].id in gone]
    if not parked:
        return 0
    ids = [row.message_id for row, _ in parked], [row.tenant for row, _ in parked]
    facts = {each["message_id"]: each for each in await writing.connection.fetch(_SQL["message_facts"], *ids)}
    where = columns((row.recorded_on, row.id, row.tenant) for row, _ in parked)
    parents = {each[0]: each[1] for each in await writing.connection.fetch(_SQL["earlier_letters"], *where)}
    letters = [_letter(row, failure, facts[row.message_id], parents.get(row.id)) for row, failure in parked]
    await dead_letter_writes.insert(writing, letters)
    entries = [
        _given_up(row, code=failure.code.value, dead_letter=str(letter.id))
        for (row, failure), letter in zip(parked, letters, strict=True)
    ]
    await audit_writes.append(writing, entries)
    return len(gone)


async def _remove(connection: Connection, rows: Sequence[PendingRow]) -> set[int]:
    if not rows:
        return set()
    by = columns((row.lane, row.id, row.tenant) for row in rows)
    return {each[0] for each in await connection.fetch(_SQL["remove"], *by)}


def _left(message_id: UUID, destination: str, attempts: int, rows: Sequence[PendingRow]) -> AuditEntry:
    facts: dict[str, str | int] = {
        "publications": len(rows),
        "event_ids": " ".join([str(row.event_id) for row in rows]),
        "event_types": " ".join(dict.fromkeys([row.event_type for row in rows])),
        "destination": destination,
        "attempts": attempts + 1,
    }
    digest = identity.digest(b"".join([row.body for row in rows]))
    return AuditEntry(Kind.CONFIRMED, rows[0].tenant, message_id, facts, {"published": digest})


def _given_up(row: PendingRow, **more: str) -> AuditEntry:
    facts: dict[str, str | int] = {
        "event_id": str(row.event_id),
        "event_type": row.event_type,
        "destination": row.destination,
        "attempts": row.attempts + 1,
        **more,
    }
    return AuditEntry(Kind.DEAD_LETTERED, row.tenant, row.message_id, facts, {"published": identity.digest(row.body)})


def _letter(row: PendingRow, failure: Failure, message: Any, parent_id: UUID | None) -> NewDeadLetter:  # noqa: ANN401 - an asyncpg record
    digest = identity.digest(row.body)
    envelope = Envelope(
        tenant=row.tenant,
        channel=message["channel"],
        direction=Direction(message["direction"]),
        message_id=row.message_id,
        key="",  # a publication has none
        digest=digest,
        received_at=message["received_at"],
        body=row.body,
        reply_to=message["reply_to"],
        correlation_id=row.correlation_id,
        traceparent=row.traceparent,
    )
    return NewDeadLetter(
        id=identity.dead_letter_id(
            parent_id or row.event_id,
            digest,
            row.destination if row.destination == Destination.EVENT_WITH_RA_JSON else "",
        ),
        envelope=envelope,
        failure=failure,
        due_at=None,
        definition=message["definition"],
        business_id=message["business_id"],
        parent_id=parent_id,
        publication=Publication(row.recorded_on, row.id),
    )
