"""New dead letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from broker.message.envelope import Envelope
from broker.message.failure import Failure, FailureCode
from broker.message.lifecycle import DeadLetterState
from broker.store.statements import load
from broker.store.writing import Writing, columns, findings_json, storable

RetryAt = Callable[[FailureCode, int, datetime], datetime | None]
"""(code, automatic retries already made, now) → when to retry by itself, or None: a person decides."""

_SQL = load("dead_letter_writes")


@dataclass(frozen=True, slots=True)
class Publication:
    """The publication that was given up: the outbox row, and its body."""

    outbox_on: date
    outbox_id: int


@dataclass(frozen=True, slots=True)
class NewDeadLetter:
    """A dead letter to write. ``envelope`` has the bytes; ``due_at`` None parks it."""

    id: UUID
    envelope: Envelope
    failure: Failure
    due_at: datetime | None
    definition: str | None = None
    business_id: str | None = None
    parent_id: UUID | None = None
    publication: Publication | None = None

    @property
    def state(self) -> DeadLetterState:
        """Waiting with a retry due, else parked."""
        return DeadLetterState.PARKED if self.due_at is None else DeadLetterState.WAITING


async def insert(writing: Writing, letters: Sequence[NewDeadLetter]) -> None:
    """Write dead letters in one round trip; none for none."""
    if letters:
        rows = (_row(writing, each) for each in letters)
        await writing.connection.fetch(_SQL["insert"], writing.at, writing.codec.name, *columns(rows))


def _row(writing: Writing, letter: NewDeadLetter) -> tuple[object, ...]:
    envelope, publication = letter.envelope, letter.publication
    return (
        letter.id,
        envelope.tenant,
        envelope.message_id,
        letter.parent_id,
        envelope.channel,
        envelope.direction.value,
        letter.failure.code.value,
        letter.failure.text,
        findings_json(letter.failure.findings),
        letter.definition,
        letter.business_id,
        letter.state.value,
        letter.due_at,
        storable(envelope.correlation_id),
        storable(envelope.reply_to),
        storable(envelope.traceparent),
        publication and publication.outbox_id,
        publication and publication.outbox_on,
        envelope.digest,
        writing.codec.encode(envelope.tenant, envelope.body),
        envelope.received_at,
    )
