"""An event that a microservice refuses, through a whole worker: into the office, back to that service, in the log."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from broker.generate import Generator
from broker.message.failure import FailureCode
from broker.subscriber import Connection, Event, EventRefusedError, Subscriber, SubscriberConfig, Transfer
from tests.support.journey import World
from tests.support.office import dlq
from tests.support.waiting import WAIT_S

_BOOKED = "CREATE TABLE booked (event_id text)"


class Ledger:
    """A service that refuses every transfer until its account is open. Its tables are beside the broker's."""

    def __init__(self, world: World) -> None:
        """Take the events of the world's subscription."""
        self._world = world
        self.open = False

    async def book(self, _: Transfer, event: Event, transaction: Connection) -> None:
        """Book a transfer, or refuse it."""
        if not self.open:
            raise EventRefusedError("the account is not open")
        await transaction.fetch("INSERT INTO booked VALUES ($1)", event.id)

    async def booked(self) -> Counter[str]:
        """How often each event was booked."""
        return Counter(await self._world.rows.column("SELECT event_id FROM booked"))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run for as long as the block lasts."""
        world = self._world
        events = world.node.url if world.node else world.folder / "home" / "queues"
        dsn, config = world.environment["BROKER_DATABASE_URL"], SubscriberConfig(batch=20)
        async with Subscriber(events, dsn, queue=world.subscribed, config=config) as subscriber:
            subscriber.on(Transfer)(self.book)
            task = asyncio.create_task(subscriber.run(signals=()))
            try:
                yield
            finally:
                subscriber.stop()
                await asyncio.wait_for(task, WAIT_S)


async def test_a_refused_event_is_replayed_and_the_log_verifies(world: World) -> None:
    """A worker takes each into the office, an operator has them replayed, each is booked once; all of it is proven."""
    ledger, dsn = Ledger(world), world.environment["BROKER_DATABASE_URL"]
    await world.rows.connection.execute(_BOOKED)
    generator = Generator(world.catalogue, seed=31)
    await world.feed([generator.pacs_008(generator.transfer(3)) for _ in range(4)])
    async with world.worker() as running:
        await running.until(world.is_quiet)
        async with ledger.running():
            await running.until(lambda: _refused(world, 12))
            ledger.open = True
            ran = await dlq(dsn, "replay", "--code", "handler.refused", "--because", "account opened", "--json")
            await running.until(lambda: _booked(ledger, 12))
        again = await dlq(dsn, "replay", "--code", "handler.refused", "--because", "clicked again", "--json")
        await running.until(world.is_quiet)

    assert (ran.results, again.results) == (["publishing"] * 12, [])
    assert set((await ledger.booked()).values()) == {1}
    assert await world.codes() == Counter({FailureCode.HANDLER_REFUSED: 12})
    assert (await world.audited())["dead-lettered"] == 12
    await world.check_ended(accepted=4)


async def _refused(world: World, count: int) -> bool:
    return await world.rows.count("dead_letter") == count


async def _booked(ledger: Ledger, count: int) -> bool:
    return (await ledger.booked()).total() >= count
