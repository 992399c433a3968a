"""Rows of the inbox and of messages: what came in, once, and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from broker.message.envelope import Envelope
from broker.message.finding import Finding
from broker.message.lifecycle import MessageState
from broker.store.statements import load
from broker.store.writing import Writing, columns, findings_json, storable

_SQL = load("message_writes")


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as it is recorded first."""

    envelope: Envelope
    state: MessageState
    definition: str | None
    business_id: str | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the inbox already holds of a message: its digest, and the batch in which it was recorded."""

    digest: bytes
    batch_id: UUID


def rows(writing: Writing, messages: Iterable[MessageRow]) -> list[list[Any] | None]:
    """Give the columns of messages, at least one, in the order of their ids: unsorted, overlapping batches deadlock."""
    ordered = sorted(messages, key=lambda each: each.envelope.message_id.int)
    return columns(_row(writing, each) for each in ordered)


async def note(writing: Writing, batch_id: UUID, envelope: Envelope) -> bool:
    """Take note of one message in the inbox; say whether it was not there before.

    Waits for a transaction that is writing the same id.
    """
    return bool(await writing.connection.fetch(_SQL["note"], batch_id, *_inbox_row(envelope)))


async def known(writing: Writing, envelopes: Sequence[Envelope]) -> dict[UUID, Known]:
    """Read what the inbox holds of these messages, by id; none for none."""
    if not envelopes:
        return {}
    found = await writing.connection.fetch(
        _SQL["known"], [each.message_id for each in envelopes], [each.tenant for each in envelopes]
    )
    return {row["message_id"]: Known(row["digest"], row["batch_id"]) for row in found}


async def resolve(writing: Writing, message: MessageRow) -> bool:
    """Move a message that is dead on to the state given; say whether it was dead."""
    changed = await writing.connection.fetch(
        _SQL["resolve"],
        message.envelope.message_id,
        message.envelope.tenant,
        message.state.value,
        message.definition,
        message.business_id,
        findings_json(message.findings) if message.findings else None,
    )
    return bool(changed)


def _inbox_row(envelope: Envelope) -> tuple[object, ...]:
    return (
        envelope.message_id,
        envelope.tenant,
        envelope.channel,
        storable(envelope.key),
        envelope.digest,
        envelope.received_at,
    )


def _row(writing: Writing, message: MessageRow) -> tuple[object, ...]:
    envelope = message.envelope
    return (
        *_inbox_row(envelope),
        envelope.direction.value,
        message.state.value,
        message.definition,
        message.business_id,
        findings_json(message.findings) if message.findings else None,
        storable(envelope.correlation_id),
        storable(envelope.reply_to),
        storable(envelope.traceparent),
        writing.codec.encode(envelope.tenant, envelope.body),
    )
