"""One trial of a dead letter, inside one transaction: taken, run by the caller, settled.

What an accepted trial causes is written exactly as for a message that is accepted at once, and with the same ids.
"""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from broker.audit.kinds import Kind
from broker.message import identity
from broker.message.envelope import Direction, Envelope
from broker.message.failure import Failure, FailureCode
from broker.message.lifecycle import DeadLetterState, MessageState
from broker.pipeline.outcome import Accepted, Outcome, Rejected
from broker.store import audit_writes, dead_letter_writes, message_writes, outbox_writes
from broker.store.audit_writes import AuditEntry
from broker.store.dead_letter_writes import NewDeadLetter, RetryAt
from broker.store.message_writes import MessageRow
from broker.store.outbox_writes import Caused
from broker.store.statements import load
from broker.store.writing import Writing, findings_json

_SQL = load("dead_letters")
_ATTEMPTS = load("attempts")


@dataclass(frozen=True, slots=True)
class Trial:
    """A dead letter that is held and tried. ``row`` is what the statement ``take`` gives."""

    writing: Writing
    row: Any
    envelope: Envelope

    @classmethod
    async def take(cls, writing: Writing, tenant: str, dead_letter_id: UUID) -> Self | None:
        """Hold a dead letter; None where it is not to be tried any more, or somebody else holds it."""
        rows = await writing.connection.fetch(_SQL["take"], tenant, dead_letter_id)
        if not rows:
            return None
        row = rows[0]
        body = writing.codec.decode(row["tenant"], row["codec"], row["body"])
        envelope = Envelope(
            tenant=row["tenant"],
            channel=row["channel"],
            direction=Direction(row["direction"]),
            message_id=row["message_id"],
            key=row["key"],
            digest=identity.digest(body),
            received_at=row["received_at"],
            body=body,
            reply_to=row["reply_to"],
            correlation_id=row["correlation_id"],
            traceparent=row["traceparent"],
        )
        return cls(writing, row, envelope)

    async def settle(self, outcome: Outcome, retry_at: RetryAt) -> bool:
        """Record what came of the trial; False where the message was no longer dead, so that nothing took effect."""
        writing = self.writing
        await writing.connection.fetch(_ATTEMPTS["forget"], self.row["id"], self.row["tenant"])
        if isinstance(outcome, Accepted):
            return await self._accepted(outcome)
        if self.row["state"] == DeadLetterState.REQUESTED:
            await self._rejected_replay(outcome, retry_at)
        else:
            await self._rejected_retry(outcome, retry_at)
        return True

    async def _accepted(self, outcome: Accepted) -> bool:
        writing, envelope = self.writing, outcome.envelope
        message = MessageRow(envelope, MessageState.ACCEPTED, outcome.definition, outcome.business_id, outcome.findings)
        effect = await message_writes.resolve(writing, message)
        entries = [self._entry(Kind.REPLAYED, {"effect": "accepted" if effect else "none"})]
        if effect:
            await outbox_writes.insert(writing, [Caused(envelope, each) for each in outcome.outgoing])
            facts: dict[str, str | int] = {"definition": outcome.definition, "publications": len(outcome.outgoing)}
            if outcome.findings:
                facts["findings"] = len(outcome.findings)
            entries.append(self._entry(Kind.ACCEPTED, facts, {"received": envelope.digest, **outcome.digests}))
        await self._end()
        await audit_writes.append(writing, entries)
        return effect

    async def _rejected_replay(self, outcome: Rejected, retry_at: RetryAt) -> None:
        """End the dead letter and open a child of it, which holds the bytes that were tried."""
        parent: UUID = self.row["id"]
        child = NewDeadLetter(
            id=identity.dead_letter_id(parent, self.envelope.digest),
            envelope=self.envelope,
            failure=outcome.failure,
            due_at=retry_at(outcome.failure.code, 0, self.writing.at),
            definition=outcome.definition,
            business_id=outcome.business_id,
            parent_id=parent,
        )
        await dead_letter_writes.insert(self.writing, [child])
        await self._end()
        code = outcome.failure.code.value
        entries = [
            self._entry(Kind.REPLAYED, {"effect": "rejected"}),
            self._entry(Kind.REJECTED, {"code": code, "child": str(child.id)}, {"received": self.envelope.digest}),
        ]
        await audit_writes.append(self.writing, entries)

    async def _rejected_retry(self, outcome: Rejected, retry_at: RetryAt) -> None:
        attempts: int = self.row["attempts"] + 1
        due_at = retry_at(outcome.failure.code, attempts, self.writing.at)
        failure = outcome.failure
        findings = findings_json(failure.findings)
        ids = self.row["tenant"], self.row["id"]
        await self.writing.connection.fetch(
            _SQL["failed_again"], *ids, failure.code.value, failure.text, findings, due_at
        )
        facts = {"code": failure.code.value, "attempts": attempts}
        await audit_writes.append(self.writing, [self._entry(Kind.REJECTED, facts, {"received": self.envelope.digest})])

    async def _end(self) -> None:
        ids = self.row["tenant"], self.row["id"]
        await self.writing.connection.fetch(_SQL["replayed"], *ids, self.writing.at)

    def _entry(
        self, kind: Kind, facts: dict[str, str | int], commitments: dict[str, bytes] | None = None
    ) -> AuditEntry:
        facts = {"dead_letter": str(self.row["id"]), **facts}
        if kind is Kind.REPLAYED:
            facts["by"] = self.row["decided_by"] or "automatic retry"
        return AuditEntry(kind, self.row["tenant"], self.row["message_id"], facts, commitments or {})


def poisoned(envelope: Envelope) -> Outcome:
    """The outcome of a dead letter at which several processes ended. Its bytes are not looked at."""
    text = "Several attempts at this message ended without a result: it may end the process that takes it."
    return Rejected(envelope, Failure(FailureCode.RECEIVE_POISON, text))


def refused(envelope: Envelope) -> Outcome:
    """The outcome of a dead letter whose outcome the database refuses."""
    return Rejected(envelope, Failure(FailureCode.STORE_REFUSED, "The database refused what was made of this message."))
