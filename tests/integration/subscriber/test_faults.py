"""Servers that go away, lines that are cut, processes that die: each event still takes effect once."""

import asyncio
import dataclasses
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from broker.message.failure import FailureCode
from broker.subscriber import Connection, Event, SubscriberConfig, Transfer
from tests.support.postgres import Postgres
from tests.support.postgres_proxy import CommitCutter, Cut, before
from tests.support.processes import Child, child
from tests.support.rabbitmq import RabbitMQ
from tests.support.rows import Reader
from tests.support.subscribing import EFFECTS, QUICK, TRANSFER, Made, Service, book, transfer
from tests.support.tcp_proxy import TcpProxy
from tests.support.tree import ROOT
from tests.support.waiting import until

STEADY = dataclasses.replace(QUICK, returns=50)


@asynccontextmanager
async def ledger(
    service: Service, folder: Path, point: str = "never", at: int = 1, *, batch: int = 1
) -> AsyncIterator[Child]:
    """Run the example ledger in a process of its own, which dies at a point."""
    environment = {
        **os.environ,
        "LEDGER_EVENTS": str(service.events),
        "LEDGER_DATABASE": service.dsn,
        "LEDGER_QUEUE": service.queue,
        "LEDGER_BATCH": str(batch),
    }
    module = ("tests.support.doomed_ledger", point, str(at))
    async with child(module, environment, folder / "ledger.log") as started:
        yield started


async def booked(service: Service) -> list[str]:
    """Give the event of each entry of the ledger, in the order of booking."""
    return await service.rows.column("SELECT event_id FROM ledger_entry ORDER BY entry_id")


async def until_booked(service: Service, *events: Made) -> None:
    """Wait until the ledger has booked every one of these."""
    wanted = {each.id for each in events}

    async def there() -> bool:
        return wanted <= set(await booked(service))

    await until(there)


@pytest.mark.parametrize(
    ("point", "at", "batch"),
    [
        *((point, 4, 1) for point in ("handled", "committed", "acknowledged")),
        *(("handled", 4, 50), ("committed", 1, 50), ("acknowledged", 1, 50)),
    ],
)
async def test_a_killed_service_books_once(service: Service, tmp_path: Path, point: str, at: int, batch: int) -> None:
    """The process dies before commit, before acknowledgement, and after; the next one goes on where it stopped."""
    await service.rows.connection.execute((ROOT / "examples" / "ledger.sql").read_text())
    events = [transfer(n) for n in range(13)]
    await service.put(*events[:-1])
    async with ledger(service, tmp_path, point, at, batch=batch) as doomed:
        await doomed.ended(-signal.SIGKILL)
    await service.put(events[-1])
    async with ledger(service, tmp_path, batch=batch) as next_one:
        await until_booked(service, *events)  # what came back may come after what was put last
        next_one.tell(signal.SIGTERM)
        await next_one.ended(0)
    assert sorted(await booked(service)) == sorted(each.id for each in events)
    assert await service.waiting() == 0


async def test_an_event_that_kills_its_service_is_refused_alone(service: Service, tmp_path: Path) -> None:
    """An event that ends the process each time it is begun is refused after its returns; its neighbours are booked."""
    await service.rows.connection.execute((ROOT / "examples" / "ledger.sql").read_text())
    events = [transfer(n) for n in range(4)]
    await service.put(*events)
    async with ledger(service, tmp_path, "handled") as first:
        await first.ended(-signal.SIGKILL)
    for _ in range(SubscriberConfig().returns):
        # From now on it dies when its begin was counted: no handler is ever reached again.
        async with ledger(service, tmp_path, "counted") as doomed:
            await doomed.ended(-signal.SIGKILL)
    async with ledger(service, tmp_path):
        await until_booked(service, events[-1])
    (refused,) = await service.refused(1)
    assert (refused.headers["ce-id"], refused.headers["refused-reason"]) == (events[0].id, FailureCode.EVENT_POISON)
    assert await booked(service) == [each.id for each in events[1:]]


async def test_a_service_killed_after_refusing_forgets_nothing(service: Service, tmp_path: Path) -> None:
    """The event was handed over and not yet acknowledged: it is handed over again, under the same id."""
    await service.rows.connection.execute((ROOT / "examples" / "ledger.sql").read_text())
    last = transfer(2)
    await service.put_bytes(b"no event", "broken")
    await service.put(last)
    async with ledger(service, tmp_path, "handed-over") as doomed:
        await doomed.ended(-signal.SIGKILL)
    async with ledger(service, tmp_path):
        await until_booked(service, last)
    refused = await service.refused(2)
    assert [each.headers["ce-id"] for each in refused] == ["broken", "broken"]


async def test_a_database_that_goes_away_is_waited_for(service: Service, postgres_alone: Postgres) -> None:
    """PostgreSQL stops in the middle and comes back: the subscriber pauses, goes on, books each event once."""
    dsn = await postgres_alone.empty()
    events = [transfer(n) for n in range(20)]
    half, go_on = asyncio.Event(), asyncio.Event()
    subscriber = service.subscriber(STEADY, dsn)
    taken: list[str] = []

    @subscriber.on(TRANSFER)
    async def pause_at_half(data: Transfer, event: Event, transaction: Connection) -> None:
        taken.append(event.id)
        if len(taken) == 10:
            half.set()
            await go_on.wait()
        await book(data, event, transaction)

    own = dataclasses.replace(service, dsn=dsn)
    async with _rows(own, dsn) as there:
        await there.put(*events)
        async with there.running(subscriber):
            await half.wait()
            await asyncio.to_thread(postgres_alone.stop)
            go_on.set()
            await asyncio.to_thread(postgres_alone.start)
            async with _rows(there, dsn) as again:
                await again.until_effects(events)
                assert await again.effects() == dict.fromkeys((each.id for each in events), 1)
    assert taken.count(events[9].id) == 2


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("cut", list(Cut))
async def test_a_connection_lost_at_commit_books_once(
    folder_service: Service, postgres: Postgres, cut: Cut, batch: int
) -> None:
    """Whether the commit took effect cannot be known then; the inbox tells, and the effect is there once."""
    fault = CommitCutter(postgres.socket)
    events = [transfer(n) for n in range(3)]
    async with before(fault, folder_service.dsn) as dsn:
        subscriber = folder_service.subscriber(dataclasses.replace(STEADY, batch=batch), dsn)

        @subscriber.on(TRANSFER)
        async def cut_second(data: Transfer, event: Event, transaction: Connection) -> None:
            await book(data, event, transaction)
            if event.id == events[1].id and not fault.fired:
                fault.armed = cut

        await folder_service.put(*events)
        await folder_service.take_all(subscriber, events[-1])
    assert fault.fired == 1
    assert await folder_service.effects() == dict.fromkeys((each.id for each in events), 1)


async def test_an_event_that_ends_the_database_each_time_is_refused(folder_service: Service) -> None:
    """What ends the connection whenever it is handled counts against the event, and it does not block the queue."""
    bad, last = transfer(1), transfer(2)
    subscriber = folder_service.subscriber()

    @subscriber.on(TRANSFER)
    async def fatal(data: Transfer, event: Event, transaction: Connection) -> None:
        if event.id == bad.id:
            await transaction.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
        await book(data, event, transaction)

    await folder_service.put(bad, last)
    await folder_service.take_all(subscriber, last)
    (refused,) = await folder_service.refused(1)
    assert (refused.headers["ce-id"], refused.headers["refused-reason"]) == (bad.id, FailureCode.EVENT_POISON)
    assert await folder_service.effects() == {last.id: 1}
    assert await folder_service.rows.value("SELECT count(*) FROM iso20022_subscriber.attempt") == 0


async def test_a_cut_line_is_opened_again(amqp_service: Service, rabbitmq: RabbitMQ) -> None:
    """The line to RabbitMQ is reset between commit and acknowledgement; the redelivered event has no second effect."""
    events = [transfer(n) for n in range(10)]
    async with TcpProxy(rabbitmq.port).running() as proxy:
        there = dataclasses.replace(amqp_service, events=f"amqp://guest:guest@127.0.0.1:{proxy.port}/")
        subscriber = there.subscriber(STEADY)
        handled: list[str] = []

        @subscriber.on(TRANSFER)
        async def cut_at_fifth(data: Transfer, event: Event, transaction: Connection) -> None:
            await book(data, event, transaction)
            handled.append(event.id)
            if len(handled) == 5:
                proxy.cut()

        await there.put(*events)
        await there.take_all(subscriber, events[-1])
        assert proxy.taken > 1
    assert await there.effects() == dict.fromkeys((each.id for each in events), 1)
    assert len(handled) == len(events)


@asynccontextmanager
async def _rows(service: Service, dsn: str) -> AsyncIterator[Service]:
    """Read another database, with the service's table in it."""
    async with Reader.on(dsn) as rows:
        await rows.connection.execute(EFFECTS)
        yield dataclasses.replace(service, rows=rows)
