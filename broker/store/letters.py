"""A dead letter as an operator sees it, and how one asks for several of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from broker.message.lifecycle import DeadLetterState

OPEN = (DeadLetterState.WAITING, DeadLetterState.PARKED)
"""The states in which an operator may decide."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Everything known of a dead letter but its bytes.

    ``findings`` are as ``Finding.as_dict`` gives them. ``attempts`` counts automatic retries. ``outbox_id`` is set
    where a publication was given up, ``refused_by`` where a subscriber refused an event out of the queue of that name;
    the message itself is accepted then. ``event_id`` is None for what was refused and is no event of ours.
    """

    id: UUID
    tenant: str
    message_id: UUID
    parent_id: UUID | None
    channel: str
    direction: str
    code: str
    reason: str
    findings: tuple[Mapping[str, str | int], ...]
    definition: str | None
    business_id: str | None = field(repr=False)
    state: DeadLetterState
    attempts: int
    due_at: datetime | None
    correlation_id: str | None
    reply_to: str | None
    outbox_id: int | None
    digest: bytes
    stored_bytes: int
    edited: bool
    received_at: datetime
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_because: str | None
    resolved_at: datetime | None
    refused_by: str | None = None
    event_id: UUID | None = None
    event_type: str | None = None

    @property
    def replayable(self) -> bool:
        """Whether there is something to try again: what is no event of ours and was refused is not."""
        return self.refused_by is None or self.event_id is not None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which dead letters; what is None does not matter. ``created_before`` is exclusive, the other inclusive.

    ``refused_by`` is the queue of a subscription.
    """

    states: tuple[DeadLetterState, ...] | None = None
    channel: str | None = None
    code: str | None = None
    definition: str | None = None
    message_id: UUID | None = None
    created_before: datetime | None = None
    created_since: datetime | None = None
    refused_by: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended; the next one begins after it."""

    created_at: datetime
    id: UUID

    @classmethod
    def after(cls, letter: DeadLetter) -> "Cursor":
        """Give the place of a dead letter in a list."""
        return cls(letter.created_at, letter.id)


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides, and why. The reason is kept with the dead letter and only committed to in the audit log."""

    by: str
    because: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision: the ids it took effect on, and the others with the state they are in (None: unknown)."""

    done: tuple[UUID, ...]
    others: Mapping[UUID, DeadLetterState | None]


def letter(row: Any) -> DeadLetter:  # noqa: ANN401 - an asyncpg record
    """Make a dead letter of a row."""
    values = dict(row)
    values["findings"] = tuple(orjson.loads(values["findings"]))
    values["state"] = DeadLetterState(values["state"])
    return DeadLetter(**values)
