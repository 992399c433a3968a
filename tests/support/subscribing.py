"""A microservice for tests of the subscriber kit: its queue, its database, its effects, and what it refused.

What it tells is read past the code under test: from the tables with a connection of its own, from the queues with a
transport of its own.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import orjson

from broker.subscriber import Connection, Event, Subscriber, SubscriberConfig, Transfer
from broker.transform.events import CONTENT_TYPE, Origin, cloud_event
from broker.transform.mapping import CanonicalEvent
from broker.transport.seam import Delivery, Publication, PublishResult, Transport
from broker.transport.topology import REFUSED
from tests.support.rows import Reader
from tests.support.waiting import WAIT_S, until

TRANSFER = "iso20022.payment.transfer.v1"
STATUS = "iso20022.payment.status.v1"
NAME = "Marisa Krombacher"
"""The debtor of every transfer here: it must never be told."""
QUICK = SubscriberConfig(attempts=3, returns=2, first_wait_s=0.001, longest_wait_s=0.005)
EFFECTS = "CREATE TABLE IF NOT EXISTS effect (event_id text NOT NULL, amount numeric NOT NULL)"


@dataclass(frozen=True, slots=True)
class Made:
    """An event as the broker publishes it."""

    id: str
    type: str
    body: bytes = field(repr=False)


def transfer(number: int, tenant: str = "bank-a", amount: str = "12.50", **more: object) -> Made:
    """Make the event of a transfer; equal arguments give the same event. ``more`` goes into its data."""
    data = {
        "message": {"id": f"M{number}"},
        "references": {"end_to_end_id": f"E{number}"},
        "settlement_amount": {"currency": "EUR", "amount": amount},
        "charge_bearer": "shared",
        "debtor": {"name": NAME},
        "debtor_agent": {"bic": "ZNLTDEB0XXX"},
        "creditor_agent": {"bic": "ZNLTDEB0XXX"},
        "creditor": {"name": "Orla Fenwick"},
        **more,
    }
    return made(TRANSFER, f"E{number}", data, tenant)


def status(number: int, tenant: str = "bank-a") -> Made:
    """Make the event of a status report about a transfer."""
    return made(STATUS, f"E{number}", {"message": {"id": f"S{number}"}, "outcome": "settled"}, tenant)


def made(event_type: str, subject: str, data: dict[str, object], tenant: str) -> Made:
    """Make any event."""
    message = uuid5(NAMESPACE_URL, f"{tenant}/{subject}")
    origin = Origin(tenant, "core", message, "pacs.008.001.08", datetime(2026, 3, 2, tzinfo=UTC), bytes(32))
    body = cloud_event(CanonicalEvent(event_type, subject, 1, data), origin)
    return Made(orjson.loads(body)["id"], event_type, body)


@dataclass
class Service:
    """One service. ``events`` is the address it is told, ``transport`` the test's own way to the same queues."""

    events: str | Path
    dsn: str
    queue: str
    transport: Transport
    rows: Reader

    async def put(self, *events: Made, exchange: str = "", key: str | None = None) -> None:
        """Publish events into the service's queue, as the relay does."""
        ready = [
            Publication(exchange, key or self.queue, each.id, each.body, CONTENT_TYPE, headers={"ce-type": each.type})
            for each in events
        ]
        assert set(await self.transport.publish(ready)) <= {PublishResult.CONFIRMED}

    async def put_bytes(self, body: bytes, event_id: str = "none") -> None:
        """Publish something else into the service's queue."""
        (result,) = await self.transport.publish([Publication("", self.queue, event_id, body)])
        assert result is PublishResult.CONFIRMED

    async def effects(self) -> Counter[str]:
        """How often each event took effect."""
        return Counter(await self.rows.column("SELECT event_id FROM effect"))

    async def remembered(self) -> set[str]:
        """Which events the inbox holds."""
        return set(await self.rows.column("SELECT event_id FROM iso20022_subscriber.inbox"))

    async def waiting(self) -> int:
        """How many events wait in the queue."""
        return await self.transport.depth(self.queue)

    async def refused(self, count: int) -> list[Delivery]:
        """Take so many refused events of this service; all others there are taken away."""
        consumer = await self.transport.consumer([REFUSED], 100)
        found: list[Delivery] = []
        try:
            async with asyncio.timeout(WAIT_S):
                while len(found) < count:
                    some = await consumer.batch(100, 0.1)
                    await consumer.ack(some)
                    found += [each for each in some if each.headers.get("refused-by") == self.queue]
        finally:
            await consumer.close()
        return found

    def subscriber(self, config: SubscriberConfig = QUICK, dsn: str | None = None) -> Subscriber:
        """Give a subscriber on the queue, with quick retries and no handler yet."""
        return Subscriber(self.events, dsn or self.dsn, queue=self.queue, config=config)

    def booking(self, config: SubscriberConfig = QUICK, dsn: str | None = None) -> Subscriber:
        """Give a subscriber that notes each transfer."""
        subscriber = self.subscriber(config, dsn)
        subscriber.on(TRANSFER)(book)
        return subscriber

    @contextlib.asynccontextmanager
    async def running(self, subscriber: Subscriber) -> AsyncIterator["asyncio.Task[None]"]:
        """Run a subscriber for as long as the block lasts; it ends in good order."""
        async with subscriber:
            task = asyncio.create_task(subscriber.run(signals=()))
            try:
                yield task
            finally:
                subscriber.stop()
                await asyncio.wait_for(task, WAIT_S)

    async def until_effects(self, events: Sequence[Made]) -> None:
        """Wait until every one of these took effect."""
        wanted = {each.id for each in events}

        async def there() -> bool:
            return wanted <= (await self.effects()).keys()

        await until(there)

    async def take_all(self, subscriber: Subscriber, last: Made) -> None:
        """Run a subscriber until the event put last took effect; then nothing waits before it."""
        async with self.running(subscriber):
            await self.until_effects([last])


async def book(transfer: Transfer, event: Event, transaction: Connection) -> None:
    """Note a transfer."""
    await transaction.fetch("INSERT INTO effect VALUES ($1, $2)", event.id, transfer.settlement_amount.amount)


def routing_key(event: Made, tenant: str) -> str:
    """The key under which the relay publishes an event."""
    return f"{tenant}.{event.type}"
