"""Dead letters: looked at, decided about, tried again. Each is replayed at most once.

Whoever decides or tries holds the row, and the state says what is still possible: of two operators who ask for the same
replay one is told that it is requested already. What is tried again commits with the end of its dead letter. Every
decision, every trial and every look at the bytes is audited in its own transaction.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from broker.audit.kinds import Kind
from broker.errors import StoreRefusedError
from broker.message import identity
from broker.message.envelope import Envelope
from broker.message.lifecycle import DeadLetterState
from broker.pipeline.outcome import Outcome
from broker.store import audit_writes, outbox_writes, partitions, refused_events
from broker.store.attempts import Attempts
from broker.store.audit_writes import AuditEntry
from broker.store.codec import Codec
from broker.store.database import Database
from broker.store.dead_letter_writes import RetryAt
from broker.store.letters import OPEN, Cursor, DeadLetter, Decided, Decision, Filter, letter
from broker.store.redriving import Trial, poisoned, refused
from broker.store.statements import load
from broker.store.writing import Clock, Writing, columns, utc_now

__all__ = ["Cursor", "DeadLetter", "DeadLetters", "Decided", "Decision", "Filter"]

_SQL = load("dead_letters")
_CLAIM_S = 60.0
_MAX_ATTEMPTS = 3


class DeadLetters:
    """The dead letters of one tenant, or of all."""

    def __init__(
        self, database: Database, codec: Codec, retry_at: RetryAt, tenant: str | None = None, *, now: Clock = utc_now
    ) -> None:
        """``retry_at`` decides about automatic retries. Nothing of another tenant is seen or touched."""
        self._session = database.session()
        self._attempts = Attempts(database)
        self._codec = codec
        self._retry_at = retry_at
        self._tenant = tenant
        self._now = now

    async def page(self, which: Filter, limit: int = 100, after: Cursor | None = None) -> list[DeadLetter]:
        """Give a page of dead letters, the oldest first; the next page is the one after the last of this one."""
        place = (after.created_at, after.id) if after else (None, None)
        async with self._session.transaction() as connection:
            rows = await connection.fetch(
                _SQL["page"],
                self._tenant,
                [state.value for state in which.states] if which.states else None,
                *_rest(which),
                *place,
                limit,
            )
        return [letter(row) for row in rows]

    async def get(self, dead_letter_id: UUID) -> DeadLetter | None:
        """Give one dead letter, or None where there is none."""
        return next((each for each in await self.lineage(dead_letter_id) if each.id == dead_letter_id), None)

    async def lineage(self, dead_letter_id: UUID) -> list[DeadLetter]:
        """Give a dead letter with what it was replayed from and what its replays became, the oldest first."""
        async with self._session.transaction() as connection:
            return [letter(row) for row in await connection.fetch(_SQL["lineage"], self._tenant, dead_letter_id)]

    async def view(self, dead_letter_id: UUID, by: str) -> bytes | None:
        """Give the received bytes to an operator, or None where there is no such dead letter. Audited as viewed."""
        async with self._session.transaction() as connection:
            rows = await connection.fetch(_SQL["body"], self._tenant, dead_letter_id)
            if not rows:
                return None
            row = rows[0]
            entry = _entry(
                Kind.VIEWED, row, {"dead_letter": str(dead_letter_id), "by": by}, {"received": row["digest"]}
            )
            await audit_writes.append(Writing(connection, self._codec, self._now()), [entry])
            return self._codec.decode(row["tenant"], row["codec"], row["body"])

    async def frozen(self, which: Filter) -> list[UUID]:
        """Give the ids of every dead letter that fits now, by default the open ones: a set that no later one joins."""
        states = [state.value for state in which.states or OPEN]
        async with self._session.transaction() as connection:
            rows = await connection.fetch(_SQL["frozen"], self._tenant, states, *_rest(which))
        return [row[0] for row in rows]

    async def request_replay(self, ids: Sequence[UUID], decision: Decision, body: bytes | None = None) -> Decided:
        """Ask for the replay of dead letters, in one transaction; ``redrive`` carries it out.

        Takes effect on those waiting or parked; idempotent. A parked publication waits again at once, a refused event
        to go to the queue it was refused from alone, and its dead letter is replayed; what is no event of ours stays
        parked. ``body``: other bytes for the replay of one message; the received ones stay. Raises ValueError for a
        body with several ids, with a publication or with an event.
        """
        if body is not None and len(ids) != 1:
            raise ValueError("other bytes can be given for one dead letter only")
        at = self._now()
        async with self._session.transaction() as connection:
            await partitions.ensure(connection, at.date())
        async with self._session.transaction() as connection:
            writing = Writing(connection, self._codec, at)
            rows = await connection.fetch(_SQL["lock"], self._tenant, list(ids))
            mine = [row for row in rows if DeadLetterState(row["state"]) in OPEN and _replayable(row)]
            if body is not None and any(row["outbox_id"] is not None or row["refused_by"] for row in mine):
                raise ValueError("a publication or an event is replayed as it is; its bytes cannot be changed")
            instead: tuple[str | None, bytes | None] = (None, None)
            if body is not None and mine:
                instead = self._codec.name, self._codec.encode(mine[0]["tenant"], body)
            done = [row["id"] for row in mine]
            await connection.fetch(_SQL["request"], self._tenant, done, decision.by, decision.because, at, *instead)
            extra = {} if body is None else {"edited": identity.digest(body)}
            await audit_writes.append(writing, [_decided(Kind.REPLAY_REQUESTED, row, decision, extra) for row in mine])
            events = [row for row in mine if row["refused_by"] is not None]
            await refused_events.publish_again(writing, self._tenant, [row["id"] for row in events])
            await self._replayed(writing, events, decision)
            await self._publish_again(writing, [row for row in mine if row["outbox_id"] is not None], decision)
        return _outcome(ids, rows, done)

    async def discard(self, ids: Sequence[UUID], decision: Decision) -> Decided:
        """Give dead letters up for good, with their messages, in one transaction. Idempotent.

        Takes effect on those waiting or parked.
        """
        at = self._now()
        async with self._session.transaction() as connection:
            writing = Writing(connection, self._codec, at)
            rows = await connection.fetch(_SQL["lock"], self._tenant, list(ids))
            mine = [row for row in rows if DeadLetterState(row["state"]) in OPEN]
            done = [row["id"] for row in mine]
            await connection.fetch(_SQL["discard"], self._tenant, done, decision.by, decision.because, at)
            dead = [row["message_id"] for row in mine if row["outbox_id"] is None and row["refused_by"] is None]
            await connection.fetch(_SQL["discard_messages"], self._tenant, dead)
            await audit_writes.append(writing, [_decided(Kind.DISCARDED, row, decision, {}) for row in mine])
        return _outcome(ids, rows, done)

    async def redrive(self, run: Callable[[Envelope], Outcome], limit: int) -> list[Outcome]:
        """Try again up to ``limit`` dead letters: those whose retry is due, and those an operator wants replayed.

        Each in a transaction of its own, with the row held: ``run`` gives the outcome of its envelope, which is
        recorded together with the end of the dead letter. One at which several processes died is parked as poison,
        unread. Give the outcomes recorded. Several workers may redrive at once. Raises StoreUnavailableError; what was
        tried then is tried again later, unless the dead letter's state says that it was recorded.
        """
        async with self._session.transaction() as connection:
            await partitions.ensure(connection, self._now().date())
            candidates = await connection.fetch(_SQL["candidates"], self._tenant, limit)
        tried = [await self._redrive_one(row["tenant"], row["id"], run) for row in candidates]
        return [outcome for outcome in tried if outcome is not None]

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()
        await self._attempts.close()

    async def _redrive_one(
        self, tenant: str, dead_letter_id: UUID, run: Callable[[Envelope], Outcome]
    ) -> Outcome | None:
        attempts = await self._attempts.claim(tenant, dead_letter_id, _CLAIM_S)
        if attempts is None:
            return None
        chosen = run if attempts <= _MAX_ATTEMPTS else poisoned
        try:
            return await self._try(tenant, dead_letter_id, chosen)
        except StoreRefusedError:
            return await self._try(tenant, dead_letter_id, refused)

    async def _try(self, tenant: str, dead_letter_id: UUID, run: Callable[[Envelope], Outcome]) -> Outcome | None:
        at = self._now()
        async with self._session.transaction() as connection:
            writing = Writing(connection, self._codec, at)
            trial = await Trial.take(writing, tenant, dead_letter_id)
            if trial is None:
                return None
            outcome = run(trial.envelope)
            return outcome if await trial.settle(outcome, self._retry_at) else None

    async def _publish_again(self, writing: Writing, rows: Sequence[Any], decision: Decision) -> None:
        if not rows:
            return
        where = columns((row["outbox_on"], row["outbox_id"]) for row in rows)
        # Retention keeps the publications of open dead letters.
        found = await writing.connection.fetch(_SQL["publications"], self._tenant, *where)
        if len(found) != len(rows):
            raise StoreRefusedError("a publication that was given up is not there any more")
        again: list[tuple[object, ...]] = []
        for row in found:
            key = outbox_writes.order_key(row["tenant"], row["destination"], row["subject"])
            again.append((row["tenant"], outbox_writes.lane(key), row["id"], row["recorded_on"], key))
        await writing.connection.fetch(_SQL["wait_again"], *columns(again))
        await self._replayed(writing, rows, decision)

    async def _replayed(self, writing: Writing, rows: Sequence[Any], decision: Decision) -> None:
        """End dead letters whose publications wait again."""
        ids = [row["id"] for row in rows]
        await writing.connection.fetch(_SQL["replayed_publications"], self._tenant, ids, writing.at)
        facts = [{"dead_letter": str(row["id"]), "by": decision.by} for row in rows]
        entries = [_entry(Kind.REPLAYED, row, each, {}) for row, each in zip(rows, facts, strict=True)]
        await audit_writes.append(writing, entries)


def _rest(which: Filter) -> tuple[object, ...]:
    return (
        which.channel,
        which.code,
        which.definition,
        which.message_id,
        which.created_before,
        which.created_since,
        which.refused_by,
    )


def _replayable(row: Any) -> bool:  # noqa: ANN401 - an asyncpg record
    return row["refused_by"] is None or row["event_id"] is not None


def _outcome(ids: Sequence[UUID], rows: Sequence[Any], done: Sequence[UUID]) -> Decided:
    states = {row["id"]: DeadLetterState(row["state"]) for row in rows}
    taken = set(done)
    return Decided(
        tuple(each for each in dict.fromkeys(ids) if each in taken),
        {each: states.get(each) for each in ids if each not in taken},
    )


def _decided(kind: Kind, row: Any, decision: Decision, extra: dict[str, bytes]) -> AuditEntry:  # noqa: ANN401 - an asyncpg record
    facts = {"dead_letter": str(row["id"]), "by": decision.by}
    if row["refused_by"] is not None:
        facts["refused_by"] = row["refused_by"]
    return _entry(kind, row, facts, {"because": identity.digest(decision.because.encode()), **extra})


def _entry(kind: Kind, row: Any, facts: dict[str, str], commitments: dict[str, bytes]) -> AuditEntry:  # noqa: ANN401 - as above
    return AuditEntry(kind, row["tenant"], row["message_id"], {**facts}, commitments)
