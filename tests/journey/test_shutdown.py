"""How `broker run` ends: the first signal finishes the batch, the second leaves at once; a parent keeps its workers.

What is said of the whole is read as `broker status` reads it.
"""

import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import orjson

from broker.generate import Generator
from broker.store import status
from broker.store.database import Database
from broker.store.status import ParentStatus
from tests.support.journey import World
from tests.support.processes import Child
from tests.support.waiting import WAIT_S, until

MESSAGES = 150
BATCH = 20
AT_ONCE = 128 + signal.SIGTERM
RUN = ("broker", "run")


async def test_the_first_signal_finishes_the_batch(world: World) -> None:
    """Told in the middle of a commit: what is in hand is recorded and settled, no more is taken, none comes again."""
    await world.feed(Generator(world.catalogue, seed=31).mixed(MESSAGES, bad=10))
    async with world.child(RUN) as child:
        async with _commits_blocked(world):
            child.tell(signal.SIGTERM)
            await child.logged('"event":"worker.stopping"')
        await child.ended(0)
    # The batch that was being recorded, and the one that was processed meanwhile.
    assert BATCH <= await world.rows.count("inbox") <= 2 * BATCH
    assert '"event":"worker.stopped"' in child.log.read_text()
    await world.settle()
    assert await world.check_books() == 0
    assert (await world.audited())["duplicate"] == 0


async def test_a_stop_in_full_flow_gives_nothing_twice(world: World) -> None:
    """Whatever it was doing, a worker that ends in good order leaves nothing to be recorded or published again."""
    await world.feed(Generator(world.catalogue, seed=32).mixed(MESSAGES, bad=10))
    async with world.child(RUN) as child:
        await until(lambda: _recorded(world, 3 * BATCH))
        child.tell(signal.SIGTERM)
        await child.ended(0)
    await world.settle()
    assert await world.check_books() == 0
    assert (await world.audited())["duplicate"] == 0


async def test_the_second_signal_leaves_at_once(world: World) -> None:
    """Though the batch cannot be finished the process ends, and another worker loses nothing of it."""
    await world.feed(Generator(world.catalogue, seed=33).mixed(MESSAGES, bad=10))
    async with world.child(RUN) as child, _commits_blocked(world):
        child.tell(signal.SIGTERM)
        await child.logged('"event":"worker.stopping"')
        child.tell(signal.SIGTERM)
        await child.ended(AT_ONCE)
    await world.settle()
    await world.check_books()


async def test_a_parent_keeps_its_workers_and_ends_with_them(world: World) -> None:
    """Of two workers one is killed: a third takes its place; SIGTERM to the parent ends them all, and all is done."""
    async with world.child((*RUN, "--workers", "2")) as parent:
        await until(lambda: _alive(world, 2))
        before = _children(parent)
        await world.feed(Generator(world.catalogue, seed=34).mixed(MESSAGES, bad=10))
        _kill(before[0])
        await parent.logged('"event":"worker.died"')
        # The dead one's row counts no more.
        await until(lambda: _kept(world, ParentStatus(workers=2, live=2, restarts=1)))
        after = _children(parent)
        async with world.child(("broker", "status", "--json")) as asked:
            said, _ = await asked.process.communicate()
        await until(world.is_quiet)
        parent.tell(signal.SIGTERM)
        await parent.ended(0)
    (family,) = orjson.loads(said)["parents"].values()
    assert (family["workers"], family["restarts"]) == (2, 1)
    assert len(before) == len(after) == 2
    assert len({*before, *after}) == 3
    assert not any(map(_lives, after))
    await world.check_books()


async def test_workers_of_a_killed_parent_end_in_good_order(world: World) -> None:
    """Nobody would restart them: they finish what they have in hand and leave, and what waits is another worker's."""
    # No lease runs out under a worker that lives: another would publish again what is not marked yet.
    async with world.child((*RUN, "--workers", "2"), BROKER_RELAY__LEASE_S="20") as parent:
        await until(lambda: _kept(world, ParentStatus(workers=2, live=2, restarts=0)))
        children = _children(parent)
        await world.feed(Generator(world.catalogue, seed=35).mixed(MESSAGES, bad=10))
        parent.tell(signal.SIGKILL)
        await parent.ended(-signal.SIGKILL)
        await until(lambda: _alive(world, 0))
    await until(lambda: _ended(children))
    await world.settle()
    assert await world.check_books() == 0
    assert (await world.audited())["duplicate"] == 0


@contextlib.asynccontextmanager
async def _commits_blocked(world: World) -> AsyncIterator[None]:
    """Nobody can record a batch: entered when a worker waits for that, in the middle of its transaction."""
    connection = await asyncpg.connect(world.environment["BROKER_DATABASE_URL"])
    try:
        async with connection.transaction():
            # After the inbox, in which a batch is recorded first, and on no other loop's way.
            await connection.execute("LOCK TABLE broker.message IN ACCESS EXCLUSIVE MODE")
            await until(lambda: _blocked(world))
            yield
    finally:
        await connection.close(timeout=WAIT_S)


async def _blocked(world: World) -> bool:
    query = """SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
               AND wait_event_type = 'Lock' AND query LIKE '%broker.message%')"""
    return bool(await world.rows.value(query))


async def _recorded(world: World, least: int) -> bool:
    return await world.rows.count("inbox") >= least


async def _alive(world: World, workers: int) -> bool:
    return await world.rows.count("worker") == workers


async def _kept(world: World, expected: ParentStatus) -> bool:
    read = await status.read(Database(world.environment["BROKER_DATABASE_URL"]))
    return [*status.parents(read.workers).values()] == [expected]


async def _ended(pids: Sequence[int]) -> bool:
    return not any(map(_lives, pids))


def _children(parent: Child) -> list[int]:
    pid = parent.process.pid
    return sorted(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
