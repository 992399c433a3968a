"""The dead-letter office on a test's database: dead letters, and the program run as an operator does."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from typer.testing import CliRunner

from broker.message.envelope import Envelope
from broker.message.failure import Failure, FailureCode
from broker.pipeline.outcome import Outcome
from dlq.cli import app
from tests.support.outcomes import Shape, accepted, envelope, rejected
from tests.support.store import Store

LANES = 16


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the program gave."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def results(self) -> list[str]:
        """What came of each dead letter, in order."""
        return [each["result"] for each in self.objects]


async def dlq(dsn: str, *words: str) -> Ran:
    """Run the program in a thread of its own, as mia, on a wide terminal."""
    environment = {"BROKER_DATABASE_URL": dsn, "LOGNAME": "mia", "COLUMNS": "200", "DLQ_ROLE": None}
    result = await asyncio.to_thread(CliRunner().invoke, app, list(words), env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


async def dead(
    store: Store,
    code: FailureCode = FailureCode.VALIDATE_SCHEMA,
    *,
    channel: str = "core-a",
    tenant: str = "north",
    body: bytes | None = None,
) -> UUID:
    """Record one rejected message and give the id of its dead letter."""
    source = envelope(body=body, shape=Shape(tenant=tenant, channel=channel))
    await store.record(rejected(source, code))
    found = await store.rows.value("SELECT id FROM broker.dead_letter WHERE message_id = $1", source.message_id)
    return UUID(str(found))


async def parked_publication(store: Store) -> UUID:
    """Record one accepted message whose only publication was given up, and give the id of its dead letter."""
    outcome = accepted(shape=Shape(publications=1))
    await store.record(outcome)
    outbox = store.outbox()
    lanes = await outbox.lease("relay", LANES, 60)
    rows = await outbox.take(lanes, 1)
    await outbox.settle(lanes, [], [], [(rows[0], Failure(FailureCode.RELAY_UNROUTABLE, "No queue."))])
    await outbox.release("relay")
    found = await store.rows.value(
        "SELECT id FROM broker.dead_letter WHERE message_id = $1", outcome.envelope.message_id
    )
    return UUID(str(found))


@contextlib.asynccontextmanager
async def worker(store: Store, run: Callable[[Envelope], Outcome]) -> AsyncIterator[None]:
    """Redrive dead letters for as long as the context lasts, as a worker does."""
    letters = store.dead_letters()

    async def loop() -> None:
        while True:
            await letters.redrive(run, 10)
            await asyncio.sleep(0)

    task = asyncio.create_task(loop())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
