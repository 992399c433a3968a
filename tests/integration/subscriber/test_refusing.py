"""What a service cannot take: tried again, then handed to the office whole, with the reason and without its content."""

import asyncio
import contextlib
import dataclasses
from collections.abc import Iterator
from io import StringIO

import orjson
import pytest

from broker.errors import ConfigurationError
from broker.message.failure import FailureCode
from broker.subscriber import Connection, Event, EventRefusedError, SubscriberConfig, Transfer
from tests.support.log_lines import collected
from tests.support.subscribing import NAME, QUICK, TRANSFER, Service, book, status, transfer
from tests.support.waiting import until


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Collect what the kit logs."""
    with collected("debug") as stream:
        yield stream


async def test_a_handler_that_fails_for_a_while_is_tried_again(service: Service) -> None:
    """Two tries leave nothing behind, the third commits; the event behind it takes effect after it."""
    events = [transfer(1), transfer(2)]
    subscriber, tries = service.subscriber(), []

    @subscriber.on(TRANSFER)
    async def at_third(data: Transfer, event: Event, transaction: Connection) -> None:
        await book(data, event, transaction)
        tries.append(event.id)
        if len(tries) < 3:
            raise RuntimeError(NAME)

    await service.put(*events)
    await service.take_all(subscriber, events[1])
    assert tries == [events[0].id] * 3 + [events[1].id]
    assert await service.effects() == {events[0].id: 1, events[1].id: 1}


async def test_a_handler_that_fails_each_time_refuses_the_event(service: Service, log: StringIO) -> None:
    """After its last try the event is in the refused queue as it came, and those behind it go on."""
    bad, last = transfer(1), transfer(2)
    subscriber = service.subscriber()

    @subscriber.on(TRANSFER)
    async def not_this(data: Transfer, event: Event, transaction: Connection) -> None:
        await book(data, event, transaction)
        if event.id == bad.id:
            raise ValueError(data.debtor.name)

    await service.put(bad, last)
    await service.take_all(subscriber, last)
    (refused,) = await service.refused(1)
    assert refused.body == bad.body
    assert refused.headers == {
        "ce-id": bad.id,
        "ce-type": TRANSFER,
        "refused-by": service.queue,
        "refused-reason": FailureCode.HANDLER_FAILED,
        "refused-detail": "the handler raised ValueError each time",
        "refused-exception": "ValueError",
        "refused-attempts": "3",
    }
    assert await service.effects() == {last.id: 1}
    assert await service.remembered() == {last.id}
    assert NAME not in log.getvalue()
    lines = [orjson.loads(line) for line in log.getvalue().splitlines()]
    assert [(each["event"], each["event_id"]) for each in lines] == [
        ("event.retried", bad.id),
        ("event.retried", bad.id),
        ("event", bad.id),
        ("event", last.id),
    ]
    assert [each["outcome"] for each in lines[2:]] == ["refused", "done"]


async def test_a_refused_event_takes_effect_when_it_is_put_back(folder_service: Service) -> None:
    """Nothing of the refusal stays: the same event, put back when the handler is mended, takes effect."""
    event = transfer(1)
    subscriber = folder_service.subscriber()
    subscriber.on(TRANSFER)(_refuse)
    await folder_service.put(event)
    async with folder_service.running(subscriber):
        (refused,) = await folder_service.refused(1)
    await folder_service.put_bytes(refused.body, refused.headers["ce-id"])
    await folder_service.take_all(folder_service.booking(), event)
    assert await folder_service.effects() == {event.id: 1}


async def test_a_handler_refuses_at_once(folder_service: Service) -> None:
    """EventRefusedError is not tried again, and its text is the detail."""
    subscriber = folder_service.subscriber()
    subscriber.on(TRANSFER)(_refuse)
    await folder_service.put(transfer(1))
    async with folder_service.running(subscriber):
        (refused,) = await folder_service.refused(1)
    assert refused.headers["refused-reason"] == FailureCode.HANDLER_REFUSED
    assert refused.headers["refused-detail"] == "the books are closed"
    assert refused.headers["refused-attempts"] == "1"


async def test_what_is_no_event_is_refused(service: Service) -> None:
    """Bytes that are no event, and data that does not fit its model, are refused with the place, not the value."""
    broken = transfer(1, amount=NAME)
    last = transfer(2)
    await service.put_bytes(b'{"specversion": "1.0"', "not-json")
    await service.put(broken, last)
    await service.take_all(service.booking(), last)
    first, second = await service.refused(2)
    assert (first.headers["ce-id"], first.headers["refused-reason"]) == ("not-json", FailureCode.EVENT_MALFORMED)
    assert first.body == b'{"specversion": "1.0"'
    assert (second.headers["ce-id"], second.headers["refused-reason"]) == (broken.id, FailureCode.EVENT_DATA)
    assert "settlement_amount.amount (string_pattern_mismatch)" in second.headers["refused-detail"]
    assert NAME not in str([first.headers, second.headers])


async def test_an_unknown_type_is_refused_where_that_is_chosen(folder_service: Service) -> None:
    """A service that must take everything says so, and what it has no handler for goes to the office."""
    unknown, last = status(1), transfer(2)
    await folder_service.put(unknown, last)
    await folder_service.take_all(folder_service.booking(dataclasses.replace(QUICK, unknown="refuse")), last)
    (refused,) = await folder_service.refused(1)
    assert (refused.headers["ce-id"], refused.headers["refused-reason"]) == (unknown.id, FailureCode.EVENT_UNKNOWN_TYPE)


async def test_a_member_of_a_later_version_is_ignored(folder_service: Service) -> None:
    """A type may grow by members this program does not know: it takes the event all the same."""
    event = transfer(1, invented_later={"x": 1}, debtor={"name": NAME, "also_later": True})
    await folder_service.put(event)
    await folder_service.take_all(folder_service.booking(), event)
    assert await folder_service.effects() == {event.id: 1}


async def test_a_handler_that_swallows_a_refusal_of_the_database_has_no_effect(folder_service: Service) -> None:
    """PostgreSQL turns the commit of a failed transaction into a rollback without a word: the kit notices."""
    subscriber = folder_service.subscriber()

    @subscriber.on(TRANSFER)
    async def swallow(data: Transfer, event: Event, transaction: Connection) -> None:
        await book(data, event, transaction)
        try:
            await transaction.fetch("SELECT 1 / 0")
        except Exception as error:  # noqa: BLE001 - what is tested
            assert error  # noqa: PT017 - as above

    await folder_service.put(transfer(1))
    async with folder_service.running(subscriber):
        (refused,) = await folder_service.refused(1)
    assert refused.headers["refused-exception"] == "StoreRefusedError"
    assert await folder_service.effects() == {}
    assert await folder_service.remembered() == set()


async def test_a_handler_that_ends_the_transaction_is_found_out(folder_service: Service) -> None:
    """A handler's own ROLLBACK undoes effect and inbox row: the event is not acknowledged as done."""
    subscriber = folder_service.subscriber()

    @subscriber.on(TRANSFER)
    async def roll_back(data: Transfer, event: Event, transaction: Connection) -> None:
        await book(data, event, transaction)
        await transaction.script("ROLLBACK; BEGIN")

    await folder_service.put(transfer(1))
    async with folder_service.running(subscriber):
        (refused,) = await folder_service.refused(1)
    assert refused.headers["refused-exception"] == "StoreRefusedError"
    assert await folder_service.effects() == {}


async def test_a_savepoint_of_a_handler_is_its_own(folder_service: Service) -> None:
    """A handler may let a part fail inside a transaction of its own and go on with the rest."""
    event = transfer(1)
    subscriber = folder_service.subscriber()

    @subscriber.on(TRANSFER)
    async def in_parts(data: Transfer, event: Event, transaction: Connection) -> None:
        with contextlib.suppress(ZeroDivisionError):
            async with transaction.transaction():
                await transaction.fetch("INSERT INTO effect VALUES ('lost', 0)")
                raise ZeroDivisionError
        await book(data, event, transaction)

    await folder_service.put(event)
    await folder_service.take_all(subscriber, event)
    assert await folder_service.effects() == {event.id: 1}


async def test_a_handler_that_does_not_end_is_cancelled(folder_service: Service) -> None:
    """A handler has its time; beyond it nothing of it is kept, and after its tries the event is refused."""
    subscriber = folder_service.subscriber(SubscriberConfig(attempts=2, first_wait_s=0.001, handler_timeout_s=0.05))

    @subscriber.on(TRANSFER)
    async def for_ever(data: Transfer, event: Event, transaction: Connection) -> None:
        await book(data, event, transaction)
        await transaction.fetch("SELECT pg_sleep(600)")

    await folder_service.put(transfer(1))
    async with folder_service.running(subscriber):
        (refused,) = await folder_service.refused(1)
    assert refused.headers["refused-exception"] == "TimeoutError"
    assert await folder_service.effects() == {}


async def test_a_missing_table_ends_the_run(folder_service: Service) -> None:
    """A service that is not set up right says so; its events wait instead of being refused one by one."""
    event = transfer(1)
    await folder_service.put(event)
    await folder_service.rows.connection.execute("DROP TABLE effect")
    with pytest.raises(ConfigurationError, match="42P01"):
        async with folder_service.booking() as subscriber:
            await subscriber.run(signals=())
    assert await folder_service.waiting() == 1


async def test_a_stop_does_not_wait_for_another_try(service: Service) -> None:
    """While a failed event waits for its next try the stop comes first, and the event goes back to its queue."""
    subscriber = service.subscriber(SubscriberConfig(first_wait_s=600, longest_wait_s=600))
    failed = asyncio.Event()

    @subscriber.on(TRANSFER)
    async def fail(_: Transfer, __: Event, ___: Connection) -> None:
        failed.set()
        raise RuntimeError

    event = transfer(1)
    await service.put(event)
    async with service.running(subscriber):
        await failed.wait()
    await service.take_all(service.booking(), event)
    assert await service.effects() == {event.id: 1}


async def test_a_full_refused_queue_loses_nothing(folder_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the refused queue takes nothing the event stays in hand, its handler untouched; later it is handed over."""
    subscriber, tries = folder_service.subscriber(), []

    @subscriber.on(TRANSFER)
    async def fail(_: Transfer, event: Event, __: Connection) -> None:
        tries.append(event.id)
        raise RuntimeError

    event, asked = transfer(1), []

    def no_room(*_: object) -> int:
        asked.append(1)
        return 0

    await folder_service.put(event)
    monkeypatch.setattr("broker.transport.directory.declared.Declared.max_length", no_room)
    async with folder_service.running(subscriber):

        async def refused_twice() -> bool:
            return len(asked) > 1

        await until(refused_twice)
        monkeypatch.undo()
        (refused,) = await folder_service.refused(1)
    assert refused.headers["ce-id"] == event.id
    assert len(tries) == QUICK.attempts
    assert await folder_service.waiting() == 0


async def _refuse(_: Transfer, __: Event, ___: Connection) -> None:
    raise EventRefusedError("the books are closed")
