"""Asking for replays, one dead letter at a time, and waiting for what comes of them.

A request is one transaction of the store, so a bulk replay may be interrupted anywhere and given again: what was asked
for stays asked for, and nothing is asked for twice. The rate protects live traffic, with which replays share workers.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from uuid import UUID

from broker.message.lifecycle import DeadLetterState
from broker.pipeline.policy import Role
from broker.store.dead_letters import DeadLetter, Decision
from dlq.office import Office

Pause = Callable[[float], Awaitable[None]]


class Result(StrEnum):
    """What came of one request."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PUBLISHING = "publishing"
    ALREADY = "already"
    DISCARDED = "discarded"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"

    @property
    def good(self) -> bool:
        """Whether what was asked for holds: this dead letter is replayed, or will be."""
        return self in (Result.REQUESTED, Result.ACCEPTED, Result.PUBLISHING, Result.ALREADY)


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants the replay and why, in which role, at most how many a second; ``body`` other bytes for a single one."""

    decision: Decision
    role: Role
    rate: float
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one dead letter; ``child`` is the new one where the replay failed again."""

    id: UUID
    result: Result
    text: str
    child: UUID | None = None


async def replay(
    office: Office, ids: Sequence[UUID], order: Order, pause: Pause = asyncio.sleep
) -> AsyncIterator[Answer]:
    """Ask for the replay of each id in turn, no faster than the rate; one answer each, in their order.

    Raises ValueError as ``DeadLetters.request_replay`` does, and StoreUnavailableError: the answers given so far hold.
    """
    began = monotonic()
    for number, each in enumerate(ids):
        ahead_s = began + number / order.rate - monotonic()
        if ahead_s > 0:
            await pause(ahead_s)
        yield await _request(office, each, order)


async def allowed(office: Office, dead_letter_id: UUID, role: Role) -> Answer | None:
    """Say why a replay would not be asked for, or None: it would."""
    letter = await office.letters.get(dead_letter_id)
    if letter is None:
        return Answer(dead_letter_id, Result.UNKNOWN, "there is no such dead letter")
    if letter.state is DeadLetterState.DISCARDED:
        return Answer(dead_letter_id, Result.DISCARDED, f"was discarded{_by(letter)}")
    if letter.state in (DeadLetterState.REQUESTED, DeadLetterState.REPLAYED):
        what = "is requested already" if letter.state is DeadLetterState.REQUESTED else "was replayed already"
        return Answer(dead_letter_id, Result.ALREADY, f"{what}{_by(letter)}; a dead letter is replayed at most once")
    if not letter.replayable:
        return Answer(
            dead_letter_id, Result.FORBIDDEN, "is no event of this broker, and goes nowhere again; discard it"
        )
    needed = office.policy(letter.code).replay_by
    if not role.covers(needed):
        return Answer(dead_letter_id, Result.FORBIDDEN, f"{letter.code} is replayed by a {needed}: --role {needed}")
    return None


async def outcome(office: Office, answer: Answer, timeout_s: float, pause: Pause = asyncio.sleep) -> Answer:
    """Wait until a requested replay was carried out, and say what came of it.

    Still REQUESTED after ``timeout_s``: no worker took it. An answer that is not REQUESTED is given back as it is.
    """
    deadline = monotonic() + timeout_s
    while answer.result is Result.REQUESTED:
        lineage = await office.letters.lineage(answer.id)
        own = next(each for each in lineage if each.id == answer.id)
        if own.state is DeadLetterState.REPLAYED:
            child = next((each for each in lineage if each.parent_id == answer.id), None)
            if child is None:
                return Answer(answer.id, Result.ACCEPTED, "accepted")
            return Answer(answer.id, Result.REJECTED, f"failed again: {child.code}; its new dead letter", child.id)
        if monotonic() > deadline:
            return Answer(answer.id, Result.REQUESTED, "requested, but no worker has taken it yet: see `broker status`")
        await pause(0.2)
    return answer


async def _request(office: Office, dead_letter_id: UUID, order: Order) -> Answer:
    refusal = await allowed(office, dead_letter_id, order.role)
    if refusal is not None:
        return refusal
    decided = await office.letters.request_replay([dead_letter_id], order.decision, order.body)
    if dead_letter_id not in decided.done:  # another operator was faster
        faster = await allowed(office, dead_letter_id, order.role)
        return faster or Answer(dead_letter_id, Result.UNKNOWN, "changed while it was asked for; ask again")
    letter = await office.letters.get(dead_letter_id)
    if letter is not None and letter.refused_by is not None:
        return Answer(dead_letter_id, Result.PUBLISHING, f"its event goes again to {letter.refused_by} alone")
    if letter is not None and letter.outbox_id is not None:
        return Answer(dead_letter_id, Result.PUBLISHING, "its publication waits to be published again")
    return Answer(dead_letter_id, Result.REQUESTED, "requested; a worker carries it out")


def _by(letter: DeadLetter) -> str:
    if letter.decided_by is None or letter.decided_at is None:
        return " by an automatic retry"
    return f" by {letter.decided_by} at {letter.decided_at:%Y-%m-%d %H:%M:%S} UTC"
