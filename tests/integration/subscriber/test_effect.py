"""Each event takes effect once: in one transaction with its id, whatever comes again."""

import asyncio
import dataclasses
import os
import signal
from decimal import Decimal

import pytest

from broker.errors import ConfigurationError
from broker.subscriber import Connection, Event, Subscriber, Transfer
from broker.transport.topology import EVENTS
from tests.support.postgres import Postgres
from tests.support.postgres_proxy import TransactionPooler, before
from tests.support.subscribing import QUICK, TRANSFER, Service, book, routing_key, status, transfer
from tests.support.waiting import WAIT_S, until


async def test_events_take_effect_in_their_order(service: Service) -> None:
    """Every event of the queue has its effect, one after another, and nothing waits or is refused."""
    events = [transfer(n, amount=f"{n}.25") for n in range(30)]
    await service.put(*events)
    await service.take_all(service.booking(), events[-1])
    rows = await service.rows.connection.fetch("SELECT event_id, amount FROM effect ORDER BY ctid")
    assert [tuple(row) for row in rows] == [(each.id, Decimal(f"{n}.25")) for n, each in enumerate(events)]
    assert await service.waiting() == 0


async def test_an_event_that_comes_again_has_no_effect(service: Service) -> None:
    """The same event, published three times before and once after a restart, takes effect once."""
    event, last, very_last = transfer(1), transfer(2), transfer(3)
    await service.put(event, event, event, last)
    await service.take_all(service.booking(), last)
    await service.put(event, very_last)
    await service.take_all(service.booking(), very_last)
    assert await service.effects() == {event.id: 1, last.id: 1, very_last.id: 1}
    assert await service.waiting() == 0


async def test_a_handler_gets_data_frame_and_transaction(service: Service) -> None:
    """The handler sees the canonical model, where the event comes from, and the inbox row in its own transaction."""
    event, seen = transfer(7, tenant="bank-b"), []
    subscriber = service.subscriber()

    @subscriber.on(TRANSFER)
    async def look(data: Transfer, frame: Event, transaction: Connection) -> None:
        ids = await transaction.fetch("SELECT event_id FROM iso20022_subscriber.inbox")
        seen.append((data, frame, [row["event_id"] for row in ids]))
        await transaction.fetch("INSERT INTO effect VALUES ($1, 0)", frame.id)

    await service.put(event)
    await service.take_all(subscriber, event)
    ((data, frame, ids),) = seen
    assert (data.settlement_amount.currency, data.settlement_amount.amount) == ("EUR", "12.50")
    assert (frame.id, frame.source, frame.subject, frame.type) == (event.id, "/bank-b/core", "E7", TRANSFER)
    assert (frame.origin.definition, frame.origin.position) == ("pacs.008.001.08", 1)
    assert ids == [event.id]


async def test_an_event_comes_through_the_exchange(service: Service) -> None:
    """What the relay publishes under tenant and type reaches the service whose queue is bound to them."""
    tenant = service.queue[-8:]
    event = transfer(1, tenant="bank-a")
    await service.put(event, exchange=EVENTS, key=routing_key(event, tenant))
    await service.take_all(service.booking(), event)
    assert await service.effects() == {event.id: 1}


async def test_two_subscriptions_of_one_service_each_take_an_event(folder_service: Service) -> None:
    """The inbox of one database keeps the queues apart: a second subscription is not a duplicate of the first."""
    event = transfer(1)
    await folder_service.put(event)
    await folder_service.take_all(folder_service.booking(), event)
    await folder_service.rows.connection.execute(
        "UPDATE iso20022_subscriber.inbox SET queue = 'iso20022.events.another'; DELETE FROM effect"
    )
    await folder_service.put(event)
    await folder_service.take_all(folder_service.booking(), event)
    assert await folder_service.effects() == {event.id: 1}
    assert await folder_service.rows.value("SELECT count(*) FROM iso20022_subscriber.inbox") == 2


async def test_several_processes_share_a_queue(service: Service) -> None:
    """Two subscribers on one queue, started at once on an empty database, book each event once between them."""
    events = [transfer(n) for n in range(40)]
    async with service.running(service.booking()), service.running(service.booking()):
        await service.put(*events, *events[:10])
        await service.until_effects(events)
    assert await service.effects() == dict.fromkeys((each.id for each in events), 1)


async def test_an_unknown_type_is_acknowledged_without_effect(service: Service) -> None:
    """An event that no handler takes goes by, and is not remembered: a handler of later can still take it."""
    ignored, last = status(1), transfer(2)
    await service.put(ignored, last)
    await service.take_all(service.booking(), last)
    assert await service.remembered() == {last.id}
    assert await service.waiting() == 0


async def test_stop_finishes_the_event_in_hand(service: Service) -> None:
    """A stop while a handler works lets it commit and acknowledges; the rest goes back to the queue, unharmed."""
    events = [transfer(n) for n in range(5)]
    subscriber = service.subscriber()
    begun, go_on = asyncio.Event(), asyncio.Event()

    @subscriber.on(TRANSFER)
    async def slowly(_: Transfer, event: Event, transaction: Connection) -> None:
        begun.set()
        await go_on.wait()
        await transaction.fetch("INSERT INTO effect VALUES ($1, 0)", event.id)

    await service.put(*events)
    async with service.running(subscriber) as task:
        await begun.wait()
        subscriber.stop()
        assert not task.done()
        go_on.set()
    assert await service.effects() == {events[0].id: 1}
    await service.take_all(service.booking(), events[-1])
    assert await service.effects() == dict.fromkeys((each.id for each in events), 1)


async def test_the_first_signal_stops_and_the_second_is_left_to_the_system(folder_service: Service) -> None:
    """A signal ends the run after the event in hand; from then on the same signal does what it does by default."""
    subscriber = folder_service.subscriber()
    begun, go_on = asyncio.Event(), asyncio.Event()

    @subscriber.on(TRANSFER)
    async def slowly(data: Transfer, event: Event, transaction: Connection) -> None:
        begun.set()
        await go_on.wait()
        await book(data, event, transaction)

    event = transfer(1)
    await folder_service.put(event)
    async with subscriber:
        task = asyncio.create_task(subscriber.run(signals=(signal.SIGUSR1,)))
        await begun.wait()
        os.kill(os.getpid(), signal.SIGUSR1)
        await until(_is_default)
        assert not task.done()
        go_on.set()
        await asyncio.wait_for(task, WAIT_S)
    assert await folder_service.effects() == {event.id: 1}
    assert await folder_service.waiting() == 0


async def test_no_right_to_create_is_needed_where_the_tables_are(folder_service: Service) -> None:
    """A service whose administrator made the tables needs no more than to read and write them."""
    role, events = f"role_{folder_service.queue[-8:]}", [transfer(1), transfer(2)]
    await folder_service.put(events[0])
    await folder_service.take_all(folder_service.booking(), events[0])
    await folder_service.rows.connection.execute(
        f"CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA iso20022_subscriber TO {role};"
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA iso20022_subscriber TO {role};"
        f"GRANT INSERT ON effect TO {role}"
    )
    await folder_service.put(*events)
    dsn = folder_service.dsn.replace("postgres:@", f"{role}@", 1)
    await folder_service.take_all(folder_service.booking(dsn=dsn), events[1])
    await folder_service.rows.connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
    assert await folder_service.effects() == {each.id: 1 for each in events}


async def test_a_pooler_in_transaction_mode_may_stand_between(folder_service: Service, postgres: Postgres) -> None:
    """Effect and inbox row share a transaction, and so a connection, though the next one gets another."""
    pooler = TransactionPooler(postgres.socket)
    events = [transfer(n) for n in range(5)]
    await folder_service.put(*events)
    async with before(pooler, folder_service.dsn) as dsn:
        config = dataclasses.replace(QUICK, statement_cache=False)
        await folder_service.take_all(folder_service.booking(config, dsn), events[-1])
    assert pooler.handed_over > len(events)
    assert await folder_service.effects() == dict.fromkeys((each.id for each in events), 1)


async def test_a_queue_that_was_never_declared_is_said(service: Service) -> None:
    """Without its queue a subscriber ends with an error that names it, instead of waiting for nothing."""
    subscriber = Subscriber(service.events, service.dsn, queue="iso20022.events.nobody", config=QUICK)
    subscriber.on(TRANSFER)(book)
    with pytest.raises(ConfigurationError, match=r"iso20022\.events\.nobody"):
        async with subscriber:
            await subscriber.run(signals=())


async def test_a_subscriber_without_handlers_does_not_run(folder_service: Service) -> None:
    """It would acknowledge everything without effect: that is never meant."""
    with pytest.raises(ConfigurationError, match="no handler"):
        async with folder_service.subscriber() as subscriber:
            await subscriber.run(signals=())


async def _is_default() -> bool:
    return signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL
