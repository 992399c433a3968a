"""What the store costs, counted in statements and commits: as many for a batch of five hundred as for one."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import pytest

from broker.store.fresh import Fresh
from broker.store.outbox_writes import LANES
from tests.support.outcomes import accepted, rejected, together
from tests.support.store import Store

T = TypeVar("T")

SIZES = (1, 10, 500)
RECORDING = 1  # messages, outbox and audit entries of a batch in which all are accepted and new
RECORDING_WITH_FAILURES = 6  # BEGIN; messages, outbox, dead letters, audit entries; COMMIT
TAKING = 1  # what is due; it locks nothing and changes nothing
READING = 1  # what this process did not record itself
SETTLING = 1  # fence, remove and audit entries, where all were confirmed


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect every statement that any connection made from now on sends."""
    said: list[str] = []
    connect = asyncpg.connect

    async def listened_to(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as asyncpg's own
        connection = await connect(*arguments, **named)
        connection.add_query_logger(lambda record: said.append(record.query))
        return connection

    monkeypatch.setattr(asyncpg, "connect", listened_to)
    return said


async def sent(statements: list[str], work: Awaitable[T]) -> tuple[int, T]:
    """Count the statements of a piece of work."""
    await asyncio.sleep(0)  # the driver tells of a statement in the next turn of the loop
    before = len(statements)
    made = await work
    await asyncio.sleep(0)
    return len(statements) - before, made


@pytest.mark.parametrize("size", SIZES)
async def test_a_batch_is_recorded_in_as_many_statements_as_one_message(
    store: Store, statements: list[str], size: int
) -> None:
    """Accepted messages with all they cause take one statement; with rejected ones among them, few in a transaction."""
    recorder = store.recorder()
    await recorder.record(uuid4(), [accepted(), rejected()])  # makes the day's partitions
    await recorder.record(uuid4(), [accepted()])  # the driver looks types up once a connection

    good = [accepted() for _ in range(size)]
    usual, _ = await sent(statements, recorder.record(uuid4(), good))
    other, _ = await sent(
        statements, recorder.record(uuid4(), together(*(accepted() for _ in range(size)), rejected()))
    )

    assert (usual, other) == (RECORDING, RECORDING_WITH_FAILURES)


@pytest.mark.parametrize("size", SIZES)
async def test_publications_leave_in_as_many_statements_as_one(store: Store, statements: list[str], size: int) -> None:
    """Taking is one look, confirming one transaction, whatever the number of publications."""
    outbox = store.outbox()
    lanes = await outbox.lease("a", LANES, 60)
    await store.record(accepted())
    await outbox.settle(lanes, await outbox.take(lanes, 2))  # the driver looks types up once a connection
    await store.record(*(accepted() for _ in range(size)))

    taking, rows = await sent(statements, outbox.take(lanes, 2 * size))
    settling, _ = await sent(statements, outbox.settle(lanes, rows))

    assert (len(rows), taking, settling) == (2 * size, TAKING + READING, SETTLING)


async def test_what_a_process_recorded_itself_is_not_read_back(store: Store, statements: list[str]) -> None:
    """A relay whose own worker recorded a publication only asks whether it is due."""
    fresh = Fresh(1_000_000)
    outbox, recorder = store.outbox(fresh=fresh), store.recorder(fresh)
    lanes = await outbox.lease("a", LANES, 60)
    await outbox.take(lanes, 1)
    await recorder.record(uuid4(), [accepted() for _ in range(10)])

    taking, rows = await sent(statements, outbox.take(lanes, 100))

    assert (len(rows), taking) == (20, TAKING)


@pytest.mark.parametrize("size", SIZES)
async def test_a_batch_is_one_commit_and_its_confirms_another(store: Store, size: int) -> None:
    """Every row of a batch names the same transaction, and every row of confirming its publications one other."""
    await store.record(*(accepted() for _ in range(size)), rejected())
    recorded = await _transactions(store, "inbox", "message", "message_body", "outbox", "dead_letter", "audit_entry")
    outbox = store.outbox()
    lanes = await outbox.lease("a", LANES, 60)

    await outbox.settle(lanes, await outbox.take(lanes, 2 * size))

    assert len(recorded) == 1
    assert len(await _transactions(store, "audit_entry") - recorded) == 1


async def _transactions(store: Store, *tables: str) -> set[str]:
    """Name the transactions that wrote the rows that there are now."""
    each = " UNION ".join(f"SELECT xmin::text FROM broker.{table}" for table in tables)
    return set(await store.rows.column(each))
