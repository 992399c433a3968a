"""Migrations, constraints and partitions on a real PostgreSQL."""

import asyncio
import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from broker.errors import ConfigurationError
from broker.message.envelope import Destination, Direction
from broker.message.lifecycle import DeadLetterState, MessageState
from broker.store.attempts import Attempts
from broker.store.codec import PlainCodec
from broker.store.migrate import migrate, migrations
from broker.store.outbox_writes import LANES
from broker.store.partitions import Partitions
from broker.store.recorder import Recorder
from tests.support.outcomes import batch, rejected
from tests.support.postgres import Postgres
from tests.support.rows import Reader
from tests.support.store import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with one migration."""
    (tmp_path / "0001_one.sql").write_text("CREATE TABLE one (id int)")
    return tmp_path


async def test_migrating_is_idempotent(postgres: Postgres) -> None:
    """The first run applies every file, the second none, and the book holds their checksums."""
    dsn = await postgres.empty()
    expected = [f"{each.version:04d}_{each.name}" for each in migrations()]

    assert await migrate(dsn) == expected
    assert await migrate(dsn) == []
    async with Reader.on(dsn) as rows:
        kept = await rows.column("SELECT sha256 FROM public.broker_migration ORDER BY version")
    assert kept == [hashlib.sha256(each.text.encode()).hexdigest() for each in migrations()]
    await postgres.drop(dsn)


async def test_several_programs_that_migrate_at_once_apply_once(postgres: Postgres) -> None:
    """One applies while the others wait; none fails."""
    dsn = await postgres.empty()

    applied = await asyncio.gather(*(migrate(dsn) for _ in range(6)))

    assert sorted(map(len, applied)) == [0, 0, 0, 0, 0, len(migrations())]
    await postgres.drop(dsn)


async def test_a_later_file_is_applied_alone(postgres: Postgres, folder: Path) -> None:
    """Forward: what is new is applied after what was."""
    dsn = await postgres.empty()
    await migrate(dsn, folder)
    (folder / "0002_two.sql").write_text("ALTER TABLE one ADD more text; CREATE INDEX one_more ON one (more)")

    assert await migrate(dsn, folder) == ["0002_two"]
    await postgres.drop(dsn)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("0001_one.sql", "CREATE TABLE one (id bigint)", "0001 was changed"),
        ("0003_late.sql", "SELECT 1", "0003 comes before"),
        ("0005_five.sql", None, "0005, which this program does not know"),
        ("6_six.sql", "SELECT 1", "is not a migration"),
        ("0001_again.sql", "SELECT 1", "same number"),
    ],
)
async def test_what_goes_back_is_refused(
    postgres: Postgres, folder: Path, name: str, text: str | None, told: str
) -> None:
    """A changed, missing, misnamed, doubled or late file is refused before anything is applied."""
    (folder / "0005_five.sql").write_text("CREATE TABLE five (id int)")
    dsn = await postgres.empty()
    await migrate(dsn, folder)
    (folder / "0006_six.sql").write_text("CREATE TABLE six (id int)")
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text)

    with pytest.raises(ConfigurationError, match=told):
        await migrate(dsn, folder)

    async with Reader.on(dsn) as rows:
        assert await rows.value("SELECT to_regclass('six')") is None
    await postgres.drop(dsn)


async def test_a_migration_that_fails_leaves_nothing(postgres: Postgres, folder: Path) -> None:
    """All of a run is one transaction: after a failure in the second file the first is not there either."""
    dsn = await postgres.empty()
    (folder / "0002_two.sql").write_text("CREATE TABLE two (id int); SELECT nothing")

    with pytest.raises(ConfigurationError):
        await migrate(dsn, folder)

    async with Reader.on(dsn) as rows:
        assert await rows.value("SELECT to_regclass('one')") is None
    await postgres.drop(dsn)


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("message", "state", {each.value for each in MessageState}),
        ("message", "direction", {each.value for each in Direction}),
        ("dead_letter", "state", {each.value for each in DeadLetterState}),
        ("dead_letter", "direction", {each.value for each in Direction}),
        ("outbox", "destination", {each.value for each in Destination}),
    ],
)
async def test_the_constraints_repeat_the_vocabulary(store: Store, table: str, column: str, values: set[str]) -> None:
    """The values that a CHECK allows are those of the enumeration, no more and no fewer."""
    definitions = await store.rows.column(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = $1::regclass",
        f"broker.{table}",
    )

    (allowed,) = [each for each in definitions if each.startswith(f"CHECK (({column} = ANY (ARRAY[")]
    assert set(re.findall(r"'([a-z-]+)'::text", allowed)) == values


async def test_every_table_and_statement_carries_the_tenant(store: Store) -> None:
    """Each table has the tenant, except those that hold nothing of any."""
    without = await store.rows.column(
        "SELECT relname::text FROM pg_class c WHERE relnamespace = 'broker'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition AND NOT EXISTS (SELECT FROM pg_attribute a"
        " WHERE a.attrelid = c.oid AND a.attname = 'tenant') ORDER BY 1"
    )

    assert without == ["relay_lane", "worker"]


async def test_a_lane_and_its_order_key_agree(store: Store) -> None:
    """The database refuses a pending row in another lane than its order key's."""
    connection = store.rows.connection
    insert = "INSERT INTO broker.outbox_pending (lane, id, recorded_on, tenant, order_key) VALUES ($1, $2, $3, 't', $4)"
    for key in (-(2**63), -1, 0, 1, 2**63 - 1):
        await connection.execute(insert, key % LANES, abs(key) // 2, date(2030, 1, 1), key)

    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(insert, 3, 99, date(2030, 1, 1), 4)


async def test_days_are_prepared_and_dropped_after_retention(store: Store) -> None:
    """Old days go, today and tomorrow stay; a second run finds nothing to do."""
    old = datetime(2030, 1, 1, tzinfo=UTC)
    recorder = Recorder(store.database, PlainCodec(), store.policy, now=lambda: old)
    await recorder.record(uuid4(), batch(2))
    await recorder.close()
    await store.rows.connection.execute("DELETE FROM broker.outbox_pending")
    partitions = Partitions(store.database, now=lambda: old + timedelta(days=30))

    await partitions.prepare()
    kept = await partitions.drop_expired(30, 30)
    dropped = await partitions.drop_expired(29, 29)
    again = await partitions.drop_expired(29, 29)

    await partitions.close()
    assert (kept, dropped, again) == ([], ["message_body_20300101", "outbox_20300101"], [])
    assert await store.rows.count("message") == 2
    assert await store.rows.value("SELECT to_regclass('broker.outbox_20300131') IS NOT NULL")


async def test_days_are_found_whatever_the_planner_chooses(store: Store) -> None:
    """Among the names of all tables, whose ends are no days, too: a plan that reads those first finds the same."""
    name = await store.rows.value("SELECT current_database()")
    await store.rows.connection.execute(f"ALTER DATABASE {name} SET enable_nestloop = off")
    partitions = Partitions(store.database, now=lambda: datetime(2030, 1, 1, tzinfo=UTC))
    await partitions.prepare()
    await partitions.close()
    later = Partitions(store.database, now=lambda: datetime(2030, 1, 3, tzinfo=UTC))

    dropped = await later.drop_expired(1, 1)

    await later.close()
    assert dropped == ["message_body_20300101", "outbox_20300101"]


async def test_a_day_with_something_unconfirmed_is_kept(store: Store) -> None:
    """A day whose publication still waits, or lies open with an operator, is not dropped."""
    old = datetime(2030, 1, 1, tzinfo=UTC)
    recorder = Recorder(store.database, PlainCodec(), store.policy, now=lambda: old)
    await recorder.record(uuid4(), batch(1))
    await recorder.close()
    partitions = Partitions(store.database, now=lambda: old + timedelta(days=300))

    waiting = await partitions.drop_expired(1000, 1)
    await store.rows.connection.execute("DELETE FROM broker.outbox_pending")
    await store.record(rejected())
    await store.rows.connection.execute(
        "UPDATE broker.dead_letter SET outbox_on = '2030-01-01', outbox_id = (SELECT min(id) FROM broker.outbox)"
    )
    open_letter = await partitions.drop_expired(1000, 1)
    await store.rows.connection.execute("UPDATE broker.dead_letter SET state = 'replayed', resolved_at = now()")
    free = await partitions.drop_expired(1000, 1)

    await partitions.close()
    assert ["outbox_20300101" in each for each in (waiting, open_letter, free)] == [False, False, True]


async def test_a_day_that_somebody_reads_is_left_for_the_next_run(store: Store) -> None:
    """Dropping gives up when the table is in use, and holds nobody up."""
    old = datetime(2030, 1, 1, tzinfo=UTC)
    recorder = Recorder(store.database, PlainCodec(), store.policy, now=lambda: old)
    await recorder.record(uuid4(), batch(1))
    await recorder.close()
    reading = await store.connection()
    held = reading.transaction()
    await held.start()
    await reading.fetch("SELECT count(*) FROM broker.message_body")
    partitions = Partitions(store.database, now=lambda: old + timedelta(days=300))

    while_read = await partitions.drop_expired(1, 1000)
    await held.rollback()
    afterwards = await partitions.drop_expired(1, 1000)

    await partitions.close()
    assert (while_read, afterwards) == ([], ["message_body_20300101"])


async def test_old_counters_of_attempts_are_forgotten(store: Store) -> None:
    """A counter that nothing touched for as long as bodies are kept goes; a fresh one stays."""
    attempts = Attempts(store.database)
    old, fresh = uuid4(), uuid4()
    await attempts.count("north", old)
    await attempts.count("north", fresh)
    await attempts.close()
    await store.rows.connection.execute("UPDATE broker.attempt SET last_at = '2020-01-01' WHERE id = $1", old)
    partitions = Partitions(store.database)

    await partitions.drop_expired(30, 30)

    await partitions.close()
    assert await store.rows.column("SELECT id FROM broker.attempt") == [fresh]
