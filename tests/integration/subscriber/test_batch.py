"""Several events in one transaction: as fast as that, and as if each had been taken alone."""

import dataclasses

from broker.message.failure import FailureCode
from broker.subscriber import Connection, Event, EventRefusedError, Transfer
from tests.support.subscribing import QUICK, TRANSFER, Service, book, status, transfer

TOGETHER = dataclasses.replace(QUICK, batch=50)


async def test_events_share_a_transaction_and_keep_their_order(service: Service) -> None:
    """Forty events take few transactions, in the order of the queue; each is remembered, and nothing waits."""
    events = [transfer(n) for n in range(40)]
    await service.put(*events)
    await service.take_all(service.booking(TOGETHER), events[-1])

    rows = await service.rows.connection.fetch("SELECT event_id, xmin::text AS made FROM effect ORDER BY ctid")
    assert [row["event_id"] for row in rows] == [each.id for each in events]
    assert len({row["made"] for row in rows}) < 20
    assert await service.remembered() == {each.id for each in events}
    assert await service.waiting() == 0


async def test_what_comes_again_has_no_effect_in_a_batch(service: Service) -> None:
    """An event twice in one batch, one of an earlier batch, and one that no handler takes leave one effect each."""
    events = [transfer(n) for n in range(4)]
    await service.put(events[0], events[1])
    await service.take_all(service.booking(TOGETHER), events[1])

    await service.put(events[1], events[2], status(9), events[2], events[3])
    await service.take_all(service.booking(TOGETHER), events[3])

    assert await service.effects() == dict.fromkeys((each.id for each in events), 1)
    assert await service.waiting() == 0


async def test_one_that_fails_is_refused_alone(service: Service) -> None:
    """Nothing of the batch is kept; taken one by one its neighbours take effect, in order, and it is refused."""
    events = [transfer(n) for n in range(6)]
    subscriber = service.subscriber(TOGETHER)

    @subscriber.on(TRANSFER)
    async def not_the_third(data: Transfer, event: Event, transaction: Connection) -> None:
        await book(data, event, transaction)
        if event.id == events[2].id:
            raise EventRefusedError("no account")

    await service.put(*events)
    await service.take_all(subscriber, events[-1])

    (refused,) = await service.refused(1)
    good = [each.id for each in events if each is not events[2]]
    assert (refused.headers["ce-id"], refused.headers["refused-reason"]) == (events[2].id, FailureCode.HANDLER_REFUSED)
    assert await service.rows.column("SELECT event_id FROM effect ORDER BY ctid") == good
    assert await service.remembered() == set(good)


async def test_a_swallowed_error_is_found_out_in_a_batch(folder_service: Service) -> None:
    """PostgreSQL would turn the commit of the whole batch into a rollback: the one that did it is refused."""
    events = [transfer(n) for n in range(4)]
    subscriber = folder_service.subscriber(TOGETHER)

    @subscriber.on(TRANSFER)
    async def swallow(data: Transfer, event: Event, transaction: Connection) -> None:
        if event.id == events[1].id:
            try:
                await transaction.fetch("SELECT 1 / 0")
            except Exception:  # noqa: BLE001  what is tested
                return
        await book(data, event, transaction)

    await folder_service.put(*events)
    await folder_service.take_all(subscriber, events[-1])

    (refused,) = await folder_service.refused(1)
    assert (refused.headers["ce-id"], refused.headers["refused-reason"]) == (events[1].id, FailureCode.HANDLER_FAILED)
    assert await folder_service.effects() == {each.id: 1 for each in events if each is not events[1]}


async def test_what_cannot_be_read_does_not_hold_up_a_batch(service: Service) -> None:
    """Foreign bytes among events are refused, and the events take effect."""
    events = [transfer(n) for n in range(3)]
    await service.put(events[0])
    await service.put_bytes(b"no event", "broken")
    await service.put(*events[1:])
    await service.take_all(service.booking(TOGETHER), events[-1])

    (refused,) = await service.refused(1)
    assert refused.headers["refused-reason"] == FailureCode.EVENT_MALFORMED
    assert await service.effects() == dict.fromkeys((each.id for each in events), 1)
