"""Recording what the pipeline said of a batch: everything a message causes, in one transaction.

Inbox row, message, bytes, publications, dead letter and audit entries commit together or not at all. The transport may
be acknowledged after ``record`` has returned and never before. Knows nothing of transports and decides nothing about
content; how a failure is retried is told by a callable.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from broker.audit.kinds import Kind
from broker.message import identity
from broker.message.envelope import Envelope
from broker.message.failure import Failure, FailureCode
from broker.message.lifecycle import MessageState
from broker.pipeline.outcome import Accepted, Outcome, Rejected
from broker.store import at_once, audit_writes, dead_letter_writes, message_writes, outbox_writes, partitions
from broker.store.audit_writes import AuditEntry
from broker.store.codec import Codec
from broker.store.database import Database
from broker.store.dead_letter_writes import NewDeadLetter, RetryAt
from broker.store.fresh import Fresh
from broker.store.message_writes import Known, MessageRow
from broker.store.outbox_writes import Caused
from broker.store.pending import PendingRow
from broker.store.writing import Clock, Writing, utc_now


class Verdict(StrEnum):
    """What the store made of one delivery. Each may be acknowledged."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class _Conflict:
    """A message of its own made of other bytes under a known key, and the message that had the key first."""

    rejected: Rejected
    first: UUID


@dataclass(slots=True)
class _Plan:
    """What is going to be written of a batch."""

    verdicts: list[Verdict]
    new: list[Outcome] = field(default_factory=list)
    conflicts: list["_Conflict"] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)
    """Audit entries of what is not new: duplicates, and conflicts."""


class Recorder:
    """Records batches, one at a time, on a held connection."""

    def __init__(
        self, database: Database, codec: Codec, retry_at: RetryAt, now: Clock = utc_now, fresh: Fresh | None = None
    ) -> None:
        """``retry_at`` decides whether a rejected message waits for an automatic retry or is parked.

        ``fresh`` is told what was committed, for the relay of this process.
        """
        self._session = database.session()
        self._codec = codec
        self._retry_at = retry_at
        self._now = now
        self._fresh = fresh
        self._prepared: set[date] = set()

    async def record(self, batch_id: UUID, outcomes: Sequence[Outcome]) -> list[Verdict]:
        """Record a batch in one transaction; one verdict for each outcome, in their order.

        - NEW: recorded now, or by an earlier call with this ``batch_id`` whose outcome had remained unknown.
        - DUPLICATE: the same message with the same bytes is there already; audited, nothing else changes.
        - CONFLICT: the same key with other bytes. It is recorded as a message of its own, dead from the beginning, with
          a dead letter ``receive.conflict``; what was there is not touched.

        Raises StoreUnavailableError, after which the caller repeats with the same ``batch_id``, and StoreRefusedError:
        nothing was recorded, the caller splits the batch. Of one rejected as ``store.refused`` only what surely can be
        stored is recorded.
        """
        if not outcomes:
            return []
        at = self._now()
        await self._prepare(at.date())
        if await self._all_new(at, batch_id, outcomes):
            return [Verdict.NEW] * len(outcomes)
        async with self._session.transaction() as connection:
            verdicts, appended = await self._write(Writing(connection, self._codec, at), batch_id, outcomes)
        self._keep(appended)
        return verdicts

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()

    def _keep(self, appended: Iterator[PendingRow]) -> None:
        if self._fresh is not None:
            self._fresh.keep(appended)

    async def _all_new(self, at: datetime, batch_id: UUID, outcomes: Sequence[Outcome]) -> bool:
        """Record a batch of accepted messages in one statement; say whether every one was new.

        One that was there already had no effect. It is told of by the transaction that follows, which finds the others
        recorded under ``batch_id``.
        """
        if len({each.envelope.message_id for each in outcomes if isinstance(each, Accepted)}) < len(outcomes):
            return False
        caused = [Caused(each.envelope, outgoing) for each in outcomes for outgoing in each.outgoing]
        async with self._session.autocommit() as connection:
            writing = Writing(connection, self._codec, at)
            rows = [_message(each) for each in outcomes]
            new, appended = await at_once.record(writing, batch_id, rows, caused, [_entry(each) for each in outcomes])
        self._keep(appended)
        return len(new) == len(outcomes)

    async def _prepare(self, day: date) -> None:
        if day not in self._prepared:
            async with self._session.transaction() as connection:
                await partitions.ensure(connection, day)
            self._prepared = {day}

    async def _write(
        self, writing: Writing, batch_id: UUID, outcomes: Sequence[Outcome]
    ) -> tuple[list[Verdict], Iterator[PendingRow]]:
        firsts: dict[UUID, Outcome] = {}
        for outcome in outcomes:
            firsts.setdefault(outcome.envelope.message_id, outcome)
        new, _ = await at_once.record(writing, batch_id, map(_message, firsts.values()))
        old = await message_writes.known(writing, [each.envelope for key, each in firsts.items() if key not in new])
        held = old | {key: Known(firsts[key].envelope.digest, batch_id) for key in new}
        plan = _plan(outcomes, held, new, batch_id)
        conflicts = await self._new_conflicts(writing, batch_id, plan)
        return plan.verdicts, await self._write_new(writing, plan, conflicts)

    async def _new_conflicts(self, writing: Writing, batch_id: UUID, plan: _Plan) -> list[Rejected]:
        by_id = {each.rejected.envelope.message_id: each for each in plan.conflicts}
        if not by_id:
            return []
        new, _ = await at_once.record(writing, batch_id, [_message(each.rejected) for each in by_id.values()])
        others = [each.rejected.envelope for key, each in by_id.items() if key not in new]
        old = await message_writes.known(writing, others)
        plan.entries += [_conflict_entry(each) for key, each in by_id.items() if key in new]
        # One that came again: a duplicate of a conflict.
        again = (by_id[key] for key, each in old.items() if each.batch_id != batch_id)
        plan.entries += [_duplicate(each.rejected.envelope) for each in again]
        return [each.rejected for key, each in by_id.items() if key in new]

    async def _write_new(self, writing: Writing, plan: _Plan, conflicts: Sequence[Rejected]) -> Iterator[PendingRow]:
        caused = [Caused(each.envelope, outgoing) for each in plan.new for outgoing in each.outgoing]
        appended = await outbox_writes.insert(writing, caused)
        dead = (each for each in [*plan.new, *conflicts] if isinstance(each, Rejected))
        letters = [self._letter(each, writing.at) for each in dead]
        await dead_letter_writes.insert(writing, letters)
        await audit_writes.append(writing, [*map(_entry, plan.new), *plan.entries])
        return appended

    def _letter(self, outcome: Rejected, at: datetime) -> NewDeadLetter:
        envelope = outcome.envelope
        bare = _refused(outcome)
        return NewDeadLetter(
            id=identity.dead_letter_id(envelope.message_id, envelope.digest),
            envelope=envelope,
            failure=dataclasses.replace(outcome.failure, findings=()) if bare else outcome.failure,
            due_at=self._retry_at(outcome.failure.code, 0, at),
            definition=None if bare else outcome.definition,
            business_id=None if bare else outcome.business_id,
        )


def _plan(outcomes: Sequence[Outcome], held: dict[UUID, Known], new: set[UUID], batch_id: UUID) -> _Plan:
    plan = _Plan(verdicts=[])
    seen: set[UUID] = set()
    for outcome in outcomes:
        envelope = outcome.envelope
        there = held[envelope.message_id]
        first = envelope.message_id not in seen
        seen.add(envelope.message_id)
        if envelope.digest != there.digest:
            plan.verdicts.append(Verdict.CONFLICT)
            plan.conflicts.append(_conflict(outcome))
        elif first and there.batch_id == batch_id:
            plan.verdicts.append(Verdict.NEW)
            if envelope.message_id in new:
                plan.new.append(outcome)
        else:
            plan.verdicts.append(Verdict.DUPLICATE)
            # Our own batch again, after a commit of unknown outcome: its entries are there.
            if there.batch_id != batch_id or envelope.message_id in new:
                plan.entries.append(_duplicate(envelope))
    return plan


def conflicting(envelope: Envelope) -> tuple[Envelope, Failure]:
    """Give other bytes under a known key as a message of its own, with the failure that says so."""
    # No transport key begins with "conflict:", so this one collides with none.
    key = f"conflict:{envelope.digest.hex()}:{envelope.key}"
    own = identity.message_id(envelope.tenant, envelope.channel, key)
    text = f"The key of message {envelope.message_id} arrived again with other bytes; the first ones stay in effect."
    return dataclasses.replace(envelope, message_id=own, key=key), Failure(FailureCode.RECEIVE_CONFLICT, text)


def _conflict(outcome: Outcome) -> _Conflict:
    envelope, failure = conflicting(outcome.envelope)
    read = not _refused(outcome)
    definition, business_id = (outcome.definition, outcome.business_id) if read else (None, None)
    return _Conflict(Rejected(envelope, failure, definition, business_id), outcome.envelope.message_id)


def _refused(outcome: Outcome) -> bool:
    return isinstance(outcome, Rejected) and outcome.failure.code is FailureCode.STORE_REFUSED


def _message(outcome: Outcome) -> MessageRow:
    if isinstance(outcome, Accepted):
        state, findings = MessageState.ACCEPTED, outcome.findings
        return MessageRow(outcome.envelope, state, outcome.definition, outcome.business_id, findings)
    definition, business_id = (None, None) if _refused(outcome) else (outcome.definition, outcome.business_id)
    return MessageRow(outcome.envelope, MessageState.DEAD, definition, business_id)


def _entry(outcome: Outcome) -> AuditEntry:
    envelope = outcome.envelope
    facts: dict[str, str | int] = {"channel": envelope.channel, "direction": envelope.direction.value}
    facts["publications"] = len(outcome.outgoing)
    if isinstance(outcome, Accepted):
        facts["definition"] = outcome.definition
        if outcome.findings:  # what a lenient channel let by, or what a version could not hold
            facts["findings"] = len(outcome.findings)
        commitments = {"received": envelope.digest, **outcome.digests}
        return AuditEntry(Kind.ACCEPTED, envelope.tenant, envelope.message_id, facts, commitments)
    facts["code"] = outcome.failure.code.value
    return AuditEntry(Kind.REJECTED, envelope.tenant, envelope.message_id, facts, {"received": envelope.digest})


def _conflict_entry(conflict: _Conflict) -> AuditEntry:
    envelope = conflict.rejected.envelope
    facts: dict[str, str | int] = {"channel": envelope.channel, "first": str(conflict.first)}
    return AuditEntry(Kind.CONFLICT, envelope.tenant, envelope.message_id, facts, {"received": envelope.digest})


def _duplicate(envelope: Envelope) -> AuditEntry:
    facts: dict[str, str | int] = {"channel": envelope.channel}
    return AuditEntry(Kind.DUPLICATE, envelope.tenant, envelope.message_id, facts, {"received": envelope.digest})
