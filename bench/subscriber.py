"""The subscriber kit: events with effect a second, one a transaction and several, alternating in one run.

``python -m bench.subscriber`` starts a RabbitMQ and a PostgreSQL of its own (fsync on). The handler makes one INSERT an
event. Prints medians, and the ratio to one transaction an event.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import asyncpg
from rich.console import Console

from broker.observability import logs
from broker.subscriber import Connection, Event, Subscriber, SubscriberConfig, Transfer
from broker.transport.amqp import AmqpConfig, AmqpTransport
from broker.transport.seam import Publication
from broker.transport.topology import Subscription, subscribed, topology
from tests.support.postgres import Postgres
from tests.support.rabbitmq import private_rabbitmq
from tests.support.subscribing import transfer

_ROUNDS = 3
_EVENTS = {1: 1_000, 10: 3_000, 100: 5_000}
"""Events in one transaction → events taken in one round."""


async def main() -> None:
    """Measure and print."""
    logs.configure("error")
    postgres = Postgres(Path(tempfile.mkdtemp(prefix="bench-pg-")))
    postgres.start()
    try:
        dsn = await postgres.empty()
        rows = await asyncpg.connect(dsn)
        await rows.execute("CREATE TABLE effect (event_id text NOT NULL, amount text NOT NULL)")
        await rows.close()
        rates: dict[int, list[float]] = {batch: [] for batch in _EVENTS}
        with private_rabbitmq() as node:
            for number in range(_ROUNDS * len(_EVENTS)):
                batch = list(_EVENTS)[number % len(_EVENTS)]
                rates[batch].append(await _rate(node.url, dsn, batch, number))
    finally:
        postgres.discard()
    for batch, each in rates.items():
        rate = statistics.median(each)
        Console().print(f"{batch:>4} a transaction: {rate:>6.0f}/s, {rate / statistics.median(rates[1]):.1f} times")


async def _rate(url: str, dsn: str, batch: int, number: int) -> float:
    """Events a second, from the first one's handler to the last one's."""
    queue, count = subscribed(f"bench-{number}"), _EVENTS[batch]
    carrier = AmqpTransport(AmqpConfig(url))
    await carrier.open()
    await carrier.declare(topology([], [Subscription(queue, ("none",))]))
    events = [transfer(number * 1_000_000 + each) for each in range(count)]
    await carrier.publish([Publication("", queue, each.id, each.body) for each in events])
    times: list[float] = []
    finished = asyncio.Event()
    config = SubscriberConfig(batch=batch, prefetch=max(20, 2 * batch))
    async with Subscriber(url, dsn, queue=queue, config=config) as subscriber:

        @subscriber.on(Transfer)
        async def book(data: Transfer, event: Event, transaction: Connection) -> None:
            money = data.settlement_amount
            await transaction.fetch("INSERT INTO effect VALUES ($1, $2)", event.id, money.amount)
            times.append(time.perf_counter())
            if len(times) == count:
                finished.set()

        task = asyncio.create_task(subscriber.run(signals=()))
        await finished.wait()
        subscriber.stop()
        await task
    await carrier.remove(queue)
    await carrier.close()
    return (count - 1) / (times[-1] - times[0])


if __name__ == "__main__":
    asyncio.run(main())
