"""The life of a message, of a dead letter and of a publication: each one table of transitions.

The store's CHECK constraints repeat these states and the diagrams in ``docs/lifecycle.md`` are generated from here;
``tests/tree`` compares all three.
"""

from enum import StrEnum


class MessageState(StrEnum):
    """Where a received message stands. ``dead`` means: it has a dead letter that explains why."""

    ACCEPTED = "accepted"
    DEAD = "dead"
    DISCARDED = "discarded"


class DeadLetterState(StrEnum):
    """Where a dead letter stands. ``waiting`` has an automatic retry due; ``parked`` waits for a person."""

    WAITING = "waiting"
    PARKED = "parked"
    REQUESTED = "requested"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


class PublicationState(StrEnum):
    """Where a publication stands. ``confirmed`` means the transport took responsibility for it."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    PARKED = "parked"


Transitions = dict[tuple[str | None, str], str]
"""(from, by) → to; from None is the beginning."""

MESSAGE: Transitions = {
    (None, "accept"): MessageState.ACCEPTED,
    (None, "reject"): MessageState.DEAD,
    (MessageState.DEAD, "replay"): MessageState.ACCEPTED,
    (MessageState.DEAD, "discard"): MessageState.DISCARDED,
}

DEAD_LETTER: Transitions = {
    (None, "retry later"): DeadLetterState.WAITING,
    (None, "park"): DeadLetterState.PARKED,
    (DeadLetterState.WAITING, "retry succeeded"): DeadLetterState.REPLAYED,
    (DeadLetterState.WAITING, "retry failed"): DeadLetterState.WAITING,
    (DeadLetterState.WAITING, "retries exhausted"): DeadLetterState.PARKED,
    (DeadLetterState.WAITING, "operator replays"): DeadLetterState.REQUESTED,
    (DeadLetterState.WAITING, "operator discards"): DeadLetterState.DISCARDED,
    (DeadLetterState.PARKED, "operator replays"): DeadLetterState.REQUESTED,
    (DeadLetterState.PARKED, "operator discards"): DeadLetterState.DISCARDED,
    (DeadLetterState.REQUESTED, "replay succeeded"): DeadLetterState.REPLAYED,
    (DeadLetterState.REQUESTED, "replay failed again"): DeadLetterState.REPLAYED,
}
"""A replay that fails again ends the dead letter and opens a child of it, so that each is replayed at most once."""

PUBLICATION: Transitions = {
    (None, "commit"): PublicationState.PENDING,
    (PublicationState.PENDING, "confirm"): PublicationState.CONFIRMED,
    (PublicationState.PENDING, "give up"): PublicationState.PARKED,
    (PublicationState.PARKED, "operator replays"): PublicationState.PENDING,
}
