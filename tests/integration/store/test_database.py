"""Connections, their errors and their loss, on a real PostgreSQL."""

import asyncio
from uuid import uuid4

import pytest

from broker.errors import ConfigurationError, StoreRefusedError, StoreUnavailableError
from broker.store.codec import PlainCodec
from broker.store.database import Database, check_durability
from broker.store.outbox import Outbox
from broker.store.outbox_writes import LANES
from broker.store.recorder import Recorder, Verdict
from tests.support import postgres_proxy
from tests.support.outcomes import Shape, accepted, batch
from tests.support.postgres import Postgres
from tests.support.postgres_proxy import CommitCutter, Cut, TransactionPooler
from tests.support.store import Store


@pytest.mark.parametrize(
    ("cut", "written"),
    [pytest.param(Cut.BEFORE_COMMIT, 0, id="before"), pytest.param(Cut.AFTER_COMMIT, 10, id="after")],
)
async def test_a_connection_lost_during_commit_is_read_again(
    store: Store, postgres: Postgres, cut: Cut, written: int
) -> None:
    """Whether the COMMIT arrived or not: the batch given again under its id is recorded once, and told as NEW."""
    fault = CommitCutter(postgres.socket)
    outcomes, batch_id = batch(10), uuid4()
    async with postgres_proxy.before(fault, store.dsn) as dsn:
        recorder = Recorder(Database(dsn), PlainCodec(), store.policy)
        await recorder.record(uuid4(), batch(1))
        fault.armed = cut

        with pytest.raises(StoreUnavailableError):
            await recorder.record(batch_id, outcomes)
        there = await store.rows.value("SELECT count(*) FROM broker.inbox WHERE batch_id = $1", batch_id)
        verdicts = await recorder.record(batch_id, outcomes)

        await recorder.close()
    assert fault.fired == 1
    assert there == written
    assert verdicts == [Verdict.NEW] * 10
    counts = await store.rows.counts()
    assert (counts["message"], counts["outbox"], counts["outbox_pending"], counts["audit_entry"]) == (11, 22, 22, 11)


async def test_a_settling_lost_during_commit_confirms_once(store: Store, postgres: Postgres) -> None:
    """What was confirmed by a COMMIT whose answer was lost is not taken again, and audited once."""
    await store.record(*batch(5))
    fault = CommitCutter(postgres.socket)
    async with postgres_proxy.before(fault, store.dsn) as dsn:
        outbox = Outbox(Database(dsn), PlainCodec())
        lanes = await outbox.lease("a", LANES, 60)
        rows = await outbox.take(lanes, 100)
        fault.armed = Cut.AFTER_COMMIT

        with pytest.raises(StoreUnavailableError):
            await outbox.settle(lanes, rows)
        again = await outbox.take(lanes, 100)
        await outbox.close()

    assert fault.fired == 1
    assert again == []
    assert [kind for kind, _ in await store.rows.audited()].count("confirmed") == 5


async def test_a_settling_that_never_committed_gives_everything_again(store: Store, postgres: Postgres) -> None:
    """Where the COMMIT never arrived, what was taken still waits and is taken again under the same event ids."""
    await store.record(*batch(5))
    fault = CommitCutter(postgres.socket)
    async with postgres_proxy.before(fault, store.dsn) as dsn:
        outbox = Outbox(Database(dsn), PlainCodec())
        lanes = await outbox.lease("a", LANES, 60)
        rows = await outbox.take(lanes, 100)
        fault.armed = Cut.BEFORE_COMMIT

        with pytest.raises(StoreUnavailableError):
            await outbox.settle(lanes, rows)
        again = await outbox.take(lanes, 100)
        settled = await outbox.settle(lanes, again)
        await outbox.close()

    assert fault.fired == 1
    assert [row.event_id for row in again] == [row.event_id for row in rows]
    assert settled == 10


async def test_a_pooler_in_transaction_mode_works(store: Store, postgres: Postgres) -> None:
    """With the statement cache off, recorders and relays share two server connections transaction by transaction."""
    pooler = TransactionPooler(postgres.socket)
    async with postgres_proxy.before(pooler, store.dsn) as dsn:
        database = Database(dsn, statement_cache=False)
        recorders = [Recorder(database, PlainCodec(), store.policy) for _ in range(4)]
        outbox = Outbox(database, PlainCodec())
        lanes = await outbox.lease("a", LANES, 60)

        async def write(recorder: Recorder) -> None:
            for _ in range(5):
                await recorder.record(uuid4(), batch(10, Shape(publications=1)))

        await asyncio.gather(*map(write, recorders))
        taken = 0
        while rows := await outbox.take(lanes, 30):
            taken += await outbox.settle(lanes, rows)
        await asyncio.gather(outbox.close(), *(each.close() for each in recorders))

    assert taken == 200
    assert pooler.handed_over > 30


async def test_a_pooler_needs_the_cache_off(store: Store, postgres: Postgres) -> None:
    """With the cache on, a prepared statement is looked for on the wrong server: the setting is what makes it work."""
    pooler = TransactionPooler(postgres.socket)
    async with postgres_proxy.before(pooler, store.dsn) as dsn:
        session = Database(dsn).session()

        async def several() -> None:
            for _ in range(3):
                async with session.transaction() as connection:
                    await connection.value("SELECT 1 + $1::int", 1)

        with pytest.raises((StoreUnavailableError, ConfigurationError)):
            await several()
        await session.close()


async def test_a_session_opens_another_connection_after_a_loss(store: Store) -> None:
    """A connection the server ended is told once as unavailable at most, and the next use works."""
    session = store.database.session()
    async with session.transaction() as connection:
        await connection.value("SELECT 1")

    async def lose() -> None:
        async with session.transaction() as connection:
            await store.end_others()
            await connection.value("SELECT 1")

    with pytest.raises(StoreUnavailableError):
        await lose()

    async with session.transaction() as connection:
        assert await connection.value("SELECT 2") == 2
    await session.close()


async def test_a_cancelled_transaction_leaves_nothing_behind(store: Store) -> None:
    """A task cancelled in a statement drops its connection: nothing is written, no lock stays, the session works on."""
    session = store.database.session()
    entered = asyncio.Event()

    async def work() -> None:
        async with session.transaction() as connection:
            await connection.fetch("UPDATE broker.relay_lane SET owner = 'x'")
            entered.set()
            await connection.fetch("SELECT pg_sleep(60)")

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with session.transaction() as connection:
        rows = await connection.fetch("SELECT owner FROM broker.relay_lane FOR UPDATE NOWAIT")
        assert {row[0] for row in rows} == {None}
    await session.close()


async def test_a_statement_beyond_its_time_is_unavailable(store: Store) -> None:
    """A statement that takes longer than allowed is given up as unavailable."""
    session = Database(store.dsn, command_timeout_s=0.05).session()

    with pytest.raises(StoreUnavailableError):
        async with session.transaction() as connection:
            await connection.fetch("SELECT pg_sleep(60)")

    await session.close()


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT 1 / 0", StoreRefusedError),
        ("INSERT INTO broker.relay_lane (lane) VALUES (99)", StoreRefusedError),
        ("INSERT INTO broker.relay_lane (lane) VALUES (1)", StoreRefusedError),
        ("SELECT * FROM broker.nothing", ConfigurationError),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$", StoreUnavailableError),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53200'; END $$", StoreUnavailableError),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '25006'; END $$", StoreUnavailableError),
    ],
)
async def test_errors_are_told_by_kind(store: Store, statement: str, error: type[Exception]) -> None:
    """What the server says becomes refused data, an absent store or a wrong configuration, by its SQLSTATE."""
    session = store.database.session()

    with pytest.raises(error):
        async with session.transaction() as connection:
            await connection.fetch(statement)

    await session.close()


async def test_a_refusal_leaves_the_session_usable(store: Store) -> None:
    """After refused data the transaction is rolled back and the connection goes on."""
    session = store.database.session()

    async def refuse() -> None:
        async with session.transaction() as connection:
            await connection.fetch("UPDATE broker.relay_lane SET owner = 'x'")
            await connection.fetch("SELECT $1::int", "not a number")

    with pytest.raises(StoreRefusedError):
        await refuse()

    async with session.transaction() as connection:
        assert await connection.value("SELECT count(owner) FROM broker.relay_lane") == 0
    await session.close()


@pytest.mark.parametrize(
    ("dsn", "error"),
    [
        ("postgresql:///nothing?host=/nowhere", StoreUnavailableError),
        ("postgresql://127.0.0.1:1/nothing", StoreUnavailableError),
        ("http://example", ConfigurationError),
    ],
)
async def test_a_server_that_is_not_there(dsn: str, error: type[Exception]) -> None:
    """No server is unavailable; a DSN that is none is a wrong configuration. Neither text holds the DSN."""
    with pytest.raises(error) as caught:
        await Database(dsn).connect()

    assert "nothing" not in str(caught.value)


async def test_an_unknown_database_is_a_wrong_configuration(store: Store) -> None:
    """A database that does not exist is the operator's to mend."""
    with pytest.raises(ConfigurationError):
        await Database(store.dsn.replace("/t_", "/no_")).connect()


async def test_the_store_forgets_nothing(store: Store) -> None:
    """The embedded server is durable, and one that is not is refused."""
    await check_durability(store.database)
    await store.rows.connection.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$"
    )

    with pytest.raises(ConfigurationError, match="synchronous_commit"):
        await check_durability(store.database)


async def test_a_server_that_crashed_has_what_was_committed(postgres_alone: Postgres) -> None:
    """After a crash everything that was recorded is there, and the session finds the server again."""
    await postgres_alone.make_template()
    dsn = await postgres_alone.clone()
    recorder = Recorder(Database(dsn), PlainCodec(), lambda *_: None)
    outcome = accepted()
    await recorder.record(uuid4(), [outcome])

    await asyncio.to_thread(postgres_alone.kill)
    with pytest.raises(StoreUnavailableError):
        await recorder.record(uuid4(), batch(1))
    await asyncio.to_thread(postgres_alone.start)

    assert await recorder.record(uuid4(), [outcome]) == [Verdict.DUPLICATE]
    await recorder.close()
