"""Everything of the store on one database, for tests."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from broker.message.failure import FailureCode
from broker.pipeline.outcome import Accepted, Outcome
from broker.store import outbox_writes
from broker.store.codec import PlainCodec
from broker.store.database import Connection, Database
from broker.store.dead_letters import DeadLetters
from broker.store.fresh import Fresh
from broker.store.outbox import Outbox, Pace
from broker.store.outbox_writes import Caused
from broker.store.partitions import Partitions
from broker.store.recorder import Recorder
from broker.store.writing import Writing, utc_now
from tests.support.rows import Reader

CODEC = PlainCodec()


@dataclass
class RetryPolicy:
    """A policy a test can turn: codes in ``retried`` are retried so often, always due at once."""

    retried: dict[FailureCode, int] = field(default_factory=dict)

    def __call__(self, code: FailureCode, attempts: int, now: datetime) -> datetime | None:
        """Give an instant just passed, or None."""
        return now - timedelta(seconds=1) if attempts < self.retried.get(code, 0) else None


@dataclass
class Store:
    """Everything of the store on one database, closed at the end of the test."""

    dsn: str
    stack: AsyncExitStack
    rows: Reader
    policy: RetryPolicy = field(default_factory=RetryPolicy)

    @property
    def database(self) -> Database:
        """Where the database is."""
        return Database(self.dsn)

    def recorder(self, fresh: Fresh | None = None) -> Recorder:
        """Give one more recorder; ``fresh`` is told what it commits."""
        made = Recorder(self.database, CODEC, self.policy, fresh=fresh)
        self.stack.push_async_callback(made.close)
        return made

    def outbox(self, pace: Pace | None = None, fresh: Fresh | None = None) -> Outbox:
        """Give one more relay's side of the outbox."""
        made = Outbox(self.database, CODEC, pace, fresh=fresh)
        self.stack.push_async_callback(made.close)
        return made

    def dead_letters(self, tenant: str | None = None) -> DeadLetters:
        """Give one more operator's or worker's dead letters."""
        made = DeadLetters(self.database, CODEC, self.policy, tenant)
        self.stack.push_async_callback(made.close)
        return made

    async def record(self, *outcomes: Outcome) -> UUID:
        """Record outcomes as one batch."""
        batch_id = uuid4()
        recorder = Recorder(self.database, CODEC, self.policy)
        await recorder.record(batch_id, outcomes)
        await recorder.close()
        return batch_id

    async def prepare(self) -> None:
        """Make today's partitions."""
        partitions = Partitions(self.database)
        await partitions.prepare()
        await partitions.close()

    async def end_others(self) -> None:
        """End every other connection to the database, and wait until they are gone."""
        await self.rows.connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    async def connection(self) -> Any:  # noqa: ANN401 - asyncpg publishes no types
        """Give a connection of the test's own."""
        made: Any = await asyncpg.connect(self.dsn)
        self.stack.push_async_callback(made.close)
        return made


async def append(connection: Any, *outcomes: Accepted) -> None:  # noqa: ANN401 - asyncpg publishes no types
    """Append publications alone, in the transaction that is open: their ids are drawn now. Prepare the day before."""
    writing = Writing(Connection(connection), CODEC, utc_now())
    caused = [Caused(each.envelope, outgoing) for each in outcomes for outgoing in each.outgoing]
    await outbox_writes.insert(writing, caused)
