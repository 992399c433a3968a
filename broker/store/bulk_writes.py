"""Recording a bulk message: everything it causes in one transaction, written slice by slice as it is made.

The same rules as for a batch (``recorder``): inbox row, message, bytes, publications, dead letters and audit entry
commit together or not at all. What is different is that nothing is held: publications and bytes come as streams. Bytes
are stored in parts, and the audit entry binds their digest.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from broker.audit.kinds import Kind
from broker.message import identity
from broker.message.envelope import Envelope
from broker.message.failure import Failure
from broker.message.finding import Finding
from broker.message.lifecycle import MessageState
from broker.pipeline.bulk import Effects, Portion
from broker.pipeline.outcome import Rejected
from broker.store import at_once, audit_writes, dead_letter_writes, message_writes, outbox_writes, partitions
from broker.store.audit_writes import AuditEntry
from broker.store.codec import Codec
from broker.store.database import Database
from broker.store.dead_letter_writes import NewDeadLetter, RetryAt
from broker.store.message_writes import MessageRow
from broker.store.outbox_writes import Caused
from broker.store.recorder import Verdict, conflicting
from broker.store.statements import load
from broker.store.writing import Clock, Writing, findings_json, storable, utc_now

if TYPE_CHECKING:
    from datetime import date

_SQL = load("bulk_writes")


@dataclass(frozen=True, slots=True)
class Streamed:
    """An accepted bulk message: ``effects`` tells of it, ``portions`` are what it causes, ``parts`` its bytes."""

    effects: Effects
    portions: AsyncIterator[Portion]
    parts: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Turned:
    """A rejected bulk message with its bytes. ``envelope`` has none."""

    envelope: Envelope
    failure: Failure
    parts: AsyncIterator[bytes]
    definition: str | None = None
    business_id: str | None = None


class BulkRecorder:
    """Records bulk messages, one at a time, on a held connection."""

    def __init__(self, database: Database, codec: Codec, retry_at: RetryAt, now: Clock = utc_now) -> None:
        """``retry_at`` decides whether a rejected message waits for an automatic retry or is parked."""
        self._session = database.session()
        self._codec = codec
        self._retry_at = retry_at
        self._now = now
        self._prepared: set[date] = set()

    async def record(self, batch_id: UUID, message: Streamed | Turned) -> Verdict:
        """Record a message in one transaction; the verdict is that of ``Recorder.record``.

        A rejected message whose bytes are handed in again and are good now takes effect, once: its dead letter ends.
        Raises what the streams raise, StoreUnavailableError (repeat with the same ``batch_id`` and fresh streams) and
        StoreRefusedError; nothing was recorded then.
        """
        at = self._now()
        if at.date() not in self._prepared:
            async with self._session.transaction() as connection:
                await partitions.ensure(connection, at.date())
            self._prepared = {at.date()}
        async with self._session.transaction() as connection:
            writing = Writing(connection, self._codec, at)
            envelope = message.effects.envelope if isinstance(message, Streamed) else message.envelope
            known = await _known(writing, batch_id, envelope)
            if known is Verdict.NEW:
                return await self._write(writing, batch_id, message)
            if known is Verdict.CONFLICT:
                own, failure = conflicting(envelope)
                if await _known(writing, batch_id, own) is Verdict.NEW:
                    await self._reject(writing, Turned(own, failure, message.parts), Kind.CONFLICT)
            elif known is Verdict.DUPLICATE:
                if isinstance(message, Streamed) and await self._again(writing, batch_id, message):
                    return Verdict.NEW
                await audit_writes.append(writing, [_entry(Kind.DUPLICATE, envelope, {})])
            return known or Verdict.NEW

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()

    async def _write(self, writing: Writing, batch_id: UUID, message: Streamed | Turned) -> Verdict:
        if isinstance(message, Turned):
            await self._reject(writing, message, Kind.REJECTED)
            return Verdict.NEW
        effects = message.effects
        row = MessageRow(
            effects.envelope, MessageState.ACCEPTED, effects.definition, effects.business_id, effects.findings
        )
        await _insert_message(writing, row)
        await _insert_parts(writing, effects.envelope, message.parts)
        await self._take_effect(writing, batch_id, message)
        return Verdict.NEW

    async def _again(self, writing: Writing, batch_id: UUID, message: Streamed) -> bool:
        """A message that was dead and is good now; False where it was not dead."""
        effects, envelope = message.effects, message.effects.envelope
        row = MessageRow(envelope, MessageState.ACCEPTED, effects.definition, effects.business_id, effects.findings)
        if not await message_writes.resolve(writing, row):
            return False
        ended = await writing.connection.fetch(
            _SQL["handed_in_again"], envelope.message_id, envelope.tenant, writing.at
        )
        facts = [{"dead_letter": str(each[0]), "by": "sender", "effect": "accepted"} for each in ended]
        await audit_writes.append(writing, [_entry(Kind.REPLAYED, envelope, each, {}) for each in facts])
        await self._take_effect(writing, batch_id, message)
        return True

    async def _take_effect(self, writing: Writing, batch_id: UUID, message: Streamed) -> None:
        effects = message.effects
        async for portion in message.portions:
            await outbox_writes.insert(writing, [Caused(effects.envelope, each) for each in portion.outgoing])
            await self._park(writing, batch_id, effects.envelope, portion.parked)
        facts = {"definition": effects.definition, "publications": effects.publications, **effects.facts}
        await audit_writes.append(writing, [_entry(Kind.ACCEPTED, effects.envelope, facts, effects.digests)])

    async def _park(self, writing: Writing, batch_id: UUID, whole: Envelope, parked: Sequence[Rejected]) -> None:
        """Bad transactions, each a message of its own that is dead from the beginning."""
        if not parked:
            return
        rows = [MessageRow(each.envelope, MessageState.DEAD, each.definition, each.business_id) for each in parked]
        new, _ = await at_once.record(writing, batch_id, rows)
        written = [each for each in parked if each.envelope.message_id in new]
        await dead_letter_writes.insert(writing, [self._letter(each, writing) for each in written])
        entries = [
            _entry(
                Kind.REJECTED,
                each.envelope,
                {"code": each.failure.code.value, "of": str(whole.message_id), "publications": 0},
            )
            for each in written
        ]
        await audit_writes.append(writing, entries)

    async def _reject(self, writing: Writing, turned: Turned, kind: Kind) -> None:
        row = MessageRow(turned.envelope, MessageState.DEAD, turned.definition, turned.business_id)
        await _insert_message(writing, row)
        await _insert_parts(writing, turned.envelope, turned.parts)
        rejected = Rejected(turned.envelope, turned.failure, turned.definition, turned.business_id)
        await dead_letter_writes.insert(writing, [self._letter(rejected, writing)])
        facts: dict[str, str | int] = {"code": turned.failure.code.value, "publications": 0}
        await audit_writes.append(writing, [_entry(kind, turned.envelope, facts)])

    def _letter(self, rejected: Rejected, writing: Writing) -> NewDeadLetter:
        envelope = rejected.envelope
        return NewDeadLetter(
            id=identity.dead_letter_id(envelope.message_id, envelope.digest),
            envelope=envelope,
            failure=rejected.failure,
            due_at=self._retry_at(rejected.failure.code, 0, writing.at) if envelope.body else None,
            definition=rejected.definition,
            business_id=rejected.business_id,
        )


async def _known(writing: Writing, batch_id: UUID, envelope: Envelope) -> Verdict | None:
    """Take note of a message: NEW, DUPLICATE or CONFLICT; None where an earlier try of this batch had committed."""
    if await message_writes.note(writing, batch_id, envelope):
        return Verdict.NEW
    known = (await message_writes.known(writing, [envelope]))[envelope.message_id]
    if known.digest != envelope.digest:
        return Verdict.CONFLICT
    return None if known.batch_id == batch_id else Verdict.DUPLICATE


async def _insert_message(writing: Writing, row: MessageRow) -> None:
    envelope = row.envelope
    await writing.connection.fetch(
        _SQL["insert_message"],
        envelope.message_id,
        envelope.tenant,
        envelope.channel,
        envelope.direction.value,
        row.state.value,
        row.definition,
        row.business_id,
        _findings(row.findings),
        storable(envelope.correlation_id),
        storable(envelope.reply_to),
        storable(envelope.traceparent),
        envelope.received_at,
        writing.at,
    )


async def _insert_parts(writing: Writing, envelope: Envelope, parts: AsyncIterator[bytes]) -> None:
    number = 0
    async for part in parts:
        ids = envelope.message_id, number, writing.day, envelope.tenant
        body = writing.codec.encode(envelope.tenant, part)
        await writing.connection.fetch(_SQL["insert_part"], *ids, writing.codec.name, body)
        number += 1


def _findings(findings: tuple[Finding, ...]) -> str | None:
    return findings_json(findings) if findings else None


def _entry(
    kind: Kind,
    envelope: Envelope,
    facts: dict[str, str | int] | dict[str, str],
    digests: dict[str, bytes] | None = None,
) -> AuditEntry:
    about: dict[str, str | int] = {"channel": envelope.channel, "direction": envelope.direction.value, **facts}
    commitments = {"received": envelope.digest, **(digests or {})}
    return AuditEntry(kind, envelope.tenant, envelope.message_id, about, commitments)
