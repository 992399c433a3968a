"""What most batches need, in one statement each that may be a transaction of its own: one round trip, one commit.

Owns no decision. A batch of which something is there already, or of which something failed, is finished by the
transactions of ``recorder`` and ``settling``, which find what was written here and write the rest.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from broker.store import audit_writes, message_writes, outbox_writes
from broker.store.audit_writes import AuditEntry
from broker.store.message_writes import MessageRow
from broker.store.outbox_writes import Caused
from broker.store.pending import PendingRow
from broker.store.statements import load
from broker.store.writing import Writing, columns

_SQL = load("at_once")


async def record(
    writing: Writing,
    batch_id: UUID,
    messages: Iterable[MessageRow],
    caused: Sequence[Caused] = (),
    told: Sequence[AuditEntry] = (),
) -> tuple[set[UUID], Iterator[PendingRow]]:
    """Record messages that the inbox does not hold yet, at least one, with their bytes, publications and audit entries.

    Give the ids of those that are new, and their publications as a relay gets them. Publications and entries keep their
    order; those of a message that is there already are left out, and each entry tells of one of the messages. Waits for
    a transaction that is writing one of the same ids.
    """
    found = await writing.connection.fetch(
        _SQL["record"],
        batch_id,
        writing.at,
        writing.day,
        writing.codec.name,
        *message_writes.rows(writing, messages),
        *outbox_writes.rows(writing, caused),
        *audit_writes.rows(writing, told),
    )
    new = set(found[0]["messages"])
    written = [each for each in caused if each.envelope.message_id in new]
    return new, outbox_writes.pending(writing, found[0]["publications"], written)


async def confirm(
    writing: Writing, lanes: Mapping[int, int], groups: Sequence[tuple[AuditEntry, Sequence[PendingRow]]]
) -> set[int]:
    """Publications are done, at least one, each group with the entry that tells of it; give the ids that still waited.

    Of lanes (lane → epoch) that are not all the caller's any more nothing changes.
    """
    mine = {row.lane: lanes.get(row.lane) for _, rows in groups for row in rows}  # None is no lane's epoch
    done = columns((row.lane, row.id, row.tenant, place) for place, (_, rows) in enumerate(groups, 1) for row in rows)
    told = audit_writes.rows(writing, [entry for entry, _ in groups])
    gone = await writing.connection.fetch(_SQL["confirm"], list(mine), list(mine.values()), *done, *told)
    return {row["id"] for row in gone}
