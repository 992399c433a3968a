"""Peers that go away, a message that kills, an outbound side that stands still: intake waits, and nothing is lost."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from io import StringIO
from time import monotonic

import orjson
import pytest

from broker.generate import Generator, Sample
from broker.message.failure import FailureCode
from tests.support.journey import Running, World
from tests.support.postgres import Postgres
from tests.support.processes import Child, worker
from tests.support.rows import Reader
from tests.support.waiting import until
from tests.support.worker import POISON

MESSAGES = 150
OUTBOX_HIGH, OUTBOX_LOW = 100, 50
AWAY_TURNS = 6
"""How many times intake looks in vain before the database comes back: some seconds."""
STOPPED_S = {True: 60.0, False: 5.0}
"""How long nothing leaves: on RabbitMQ a minute, on folders, where the same code waits, less."""


async def test_rabbitmq_restarts_in_mid_stream(with_rabbitmq: World, log: StringIO) -> None:
    """Consumers and publishers find the node again by themselves; what was prefetched comes again and counts once."""
    world = with_rabbitmq
    assert world.node is not None
    messages = list(Generator(world.catalogue, seed=21).mixed(MESSAGES, bad=10))
    await world.feed(messages[:100])
    async with world.worker() as running:
        await running.until(lambda: _recorded(world, 20))
        await asyncio.to_thread(world.node.restart)
        await running.until(lambda: _says(log, '"event":"loop.unavailable","level":"warning","loop":"intake"', 1))
        await world.feed(messages[100:])
        await running.until(world.is_quiet)
    await world.check_books()


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_postgresql_restarts_in_mid_stream(
    fragile: World, other_postgres: Postgres, log: StringIO, how: str
) -> None:
    """While it is away intake holds its batch, takes nothing, and keeps its consumer; then it goes on by itself."""
    world = fragile
    messages = list(Generator(world.catalogue, seed=22).mixed(MESSAGES, bad=10))
    await world.feed(messages[:100])
    async with world.worker() as running:
        await running.until(lambda: _recorded(world, 20))
        consumer = _consumer(running)
        async with _away(world, other_postgres, how):
            # What was fed before may all be recorded, and intake asks the database for nothing while none comes.
            await world.feed(messages[100:120])
            await running.until(lambda: _says(log, '"event":"intake.paused"', 1))
            await running.until(lambda: _says(log, '"level":"warning","loop":"intake"', AWAY_TURNS))
            await world.feed(messages[120:])
            await running.until(lambda: _waiting(world, len(messages) - 120))
        await running.until(world.is_quiet)
        assert _consumer(running) is consumer
    assert '"event":"intake.resumed"' in log.getvalue()
    await world.check_books()
    assert (await world.audited())["duplicate"] == 0


async def test_a_message_that_kills_is_parked_alone(world: World) -> None:
    """It is counted before it is touched again and parked unread; its neighbours go through."""
    good = list(Generator(world.catalogue, seed=23).mixed(30, bad=0))
    killer = replace(good[10], body=good[10].body.replace(b"</MsgId>", POISON + b"</MsgId>", 1))
    poison = Sample("poison", killer.definition, killer.body, FailureCode.RECEIVE_POISON)
    await world.feed([*good[:10], poison, *good[11:]])
    attempts = {"BROKER_INGEST__ATTEMPTS": "1"}
    for _ in range(2):  # at the first delivery, and at the one attempt allowed
        async with world.child(worker("poison"), **attempts) as child:
            await child.ended(-signal.SIGKILL)
    async with world.child(worker("poison"), **attempts) as child:
        await child.ready()
        await until(world.is_quiet)
        child.tell(signal.SIGTERM)
        await child.ended(0)
    await world.check_books()


async def test_intake_stops_while_nothing_leaves(world: World) -> None:
    """A full queue refuses events: intake stops over the watermark, memory stays flat, all goes on when it empties."""
    world.environment |= {
        "BROKER_BACKPRESSURE__OUTBOX_HIGH": str(OUTBOX_HIGH),
        "BROKER_BACKPRESSURE__OUTBOX_LOW": str(OUTBOX_LOW),
        "BROKER_BACKPRESSURE__INTERVAL_MS": "20",
    }
    await _shorten_the_subscription(world, 50)
    await world.feed(Generator(world.catalogue, seed=24).mixed(2 * MESSAGES, bad=0))
    async with world.child(worker()) as child:
        await child.logged('"event":"intake.paused"')
        # The queue is full by the first refusal: from then on nothing leaves, and a stop is for good.
        await until(lambda: _refused(world, times=1))
        began = monotonic()
        await until(lambda: _for_good(world, child))
        await until(lambda: _refused(world, times=3))
        stopped_at, memory_mb = await world.rows.count("inbox"), child.anonymous_mb()
        await until(lambda: _passed(began + STOPPED_S[world.node is not None]), within_s=2 * STOPPED_S[True])
        await until(lambda: _refused(world, times=4))
        assert await world.rows.count("inbox") == stopped_at < len(world.fed)
        assert child.anonymous_mb() - memory_mb < 10
        subscriber = asyncio.create_task(world.subscribe())
        await child.logged('"event":"intake.resumed"')
        await until(world.is_quiet)
        await until(lambda: _all_came(world))  # one that is cancelled amid an acknowledgement forgets what it took
        subscriber.cancel()
        await asyncio.gather(subscriber, return_exceptions=True)
        child.tell(signal.SIGTERM)
        await child.ended(0)
    await world.check_books()


@contextlib.asynccontextmanager
async def _away(world: World, server: Postgres, how: str) -> AsyncIterator[None]:
    """PostgreSQL is stopped, or ended as by a crash, for as long as the block lasts."""
    await asyncio.to_thread(server.stop if how == "stop" else server.kill)
    with pytest.raises((FileNotFoundError, ConnectionError)):
        await world.stack.enter_async_context(Reader.on(world.environment["BROKER_DATABASE_URL"]))
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)
    world.rows = await world.stack.enter_async_context(Reader.on(world.environment["BROKER_DATABASE_URL"]))


async def _shorten_the_subscription(world: World, length: int) -> None:
    """Let the subscription's queue take so few events: by the setting, on a shared RabbitMQ by a policy."""
    if world.node is None:
        world.environment["BROKER_QUEUES__OUT_MAX_MESSAGES"] = str(length)
    else:
        pattern, limit = f"^{world.subscribed}$", f'{{"max-length":{length}}}'
        policy = "set_policy", "--apply-to", "queues", world.name, pattern, limit
        await asyncio.to_thread(world.node.ctl, *policy)


def _consumer(running: Running) -> object:
    return running.worker.loops["intake"].step._consumer  # type: ignore[attr-defined]  # the step is an Intake


async def _recorded(world: World, least: int) -> bool:
    return await world.rows.count("inbox") >= least


async def _waiting(world: World, least: int) -> bool:
    return await (await world.carrier()).depth(world.inbound) >= least


async def _stopped(world: World) -> bool:
    """Whether the worker says that its intake is stopped by the outbox."""
    return bool(await world.rows.value("SELECT bool_or(status->'paused_by' ? 'outbox') FROM broker.worker"))


async def _for_good(world: World, child: Child) -> bool:
    """Whether intake is stopped, with no batch in hand, by more than would let it go on."""
    if await world.rows.count("outbox_pending") < OUTBOX_LOW or not await _stopped(world):
        return False
    log = child.log.read_text()
    return log.count('"event":"intake.paused"') > log.count('"event":"intake.resumed"')


async def _all_came(world: World) -> bool:
    """Whether the subscriber has acknowledged every event there is."""
    came = {orjson.loads(each.body)["id"] for each in world.delivered}
    made = await world.rows.value("SELECT count(*) FROM broker.outbox WHERE destination = 'event'")
    return bool(len(came) == made)


async def _refused(world: World, times: int) -> bool:
    return bool(await world.rows.value("SELECT max(attempts) >= $1 FROM broker.outbox_pending", times))


async def _passed(instant: float) -> bool:
    return monotonic() >= instant


async def _says(log: StringIO, text: str, times: int) -> bool:
    return log.getvalue().count(text) >= times
