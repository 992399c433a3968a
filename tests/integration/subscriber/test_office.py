"""A refused event's whole way: from the subscriber into the dead-letter office, and back to that subscriber alone."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from broker.audit.kinds import Kind
from broker.errors import StoreUnavailableError
from broker.ingest.refusals import Refusals, RefusalsConfig
from broker.message.envelope import Destination, Outgoing
from broker.message.failure import FailureCode
from broker.observability.metrics import Metrics
from broker.observability.traces import Tracing
from broker.outside import policies
from broker.relay.publishing import Relay, RelayConfig, RelayPorts
from broker.store.database import Database
from broker.store.dead_letters import Decision
from broker.store.refused_events import RefusedEvent, RefusedEvents
from broker.subscriber import Connection, Event, EventRefusedError, Subscriber, Transfer
from broker.transport.seam import Publication
from broker.transport.topology import EVENTS, REFUSED, QueueLimits, Subscription, topology
from tests.support.office import Ran, dlq
from tests.support.outcomes import Shape, accepted, envelope
from tests.support.rows import Reader
from tests.support.store import CODEC, Store
from tests.support.subscribing import TRANSFER, Made, Service, book, transfer
from tests.support.transports import expect_depth
from tests.support.waiting import WAIT_S, until


class _Counting(RefusedEvents):
    """Counts what it recorded of each queue, whatever came twice included."""

    def __init__(self, database: Database) -> None:
        """Count from nought."""
        super().__init__(database, CODEC)
        self.recorded: Counter[str] = Counter()

    async def record(self, events: Sequence[RefusedEvent]) -> int:
        """Record, and count what the database has."""
        new = await super().record(events)
        self.recorded.update(each.queue for each in events)
        return new


@dataclass
class Round:
    """One service and the broker around it: what relays, what takes refused events in, and the office."""

    service: Service
    store: Store
    other: str
    relay: Relay
    refusals: Refusals
    events: _Counting

    async def publish(self, *events: Made) -> None:
        """Let the broker publish events of one message to every subscription of the service's tenant."""
        source = envelope(shape=Shape(tenant="bank-a", channel="core"))
        outgoing = tuple(self._outgoing(each) for each in events)
        await self.store.record(replace(accepted(source), outgoing=outgoing))
        await self.relay_all()

    async def relay_all(self) -> None:
        """Publish whatever waits."""
        while await self.relay.run_once():
            pass

    async def take_in(self, handed: int = 1) -> None:
        """Record as many refused events of the service as were handed over."""
        recorded = self.events.recorded
        wanted = recorded[self.service.queue] + handed
        await self.refusals.start()
        async with asyncio.timeout(WAIT_S):
            while recorded[self.service.queue] < wanted:
                await self.refusals.run_once()
        await self.refusals.stop()

    async def letters(self) -> list[dict[str, Any]]:
        """What the office lists of the subscription, the oldest first, whatever became of it."""
        states = [word for state in ("parked", "replayed", "discarded") for word in ("--state", state)]
        ran = await self.dlq("list", "--subscription", self.service.queue, "--json", *states)
        return ran.objects

    async def dlq(self, *words: str) -> Ran:
        """Run the office's program."""
        return await dlq(self.store.dsn, *words)

    def refusing(self, why: str | None = None) -> Subscriber:
        """Give a subscriber that refuses each transfer with a reason, or books it where there is none."""
        subscriber = self.service.subscriber()

        @subscriber.on(TRANSFER)
        async def handle(data: Transfer, event: Event, transaction: Connection) -> None:
            if why is not None:
                raise EventRefusedError(why)
            await book(data, event, transaction)

        return subscriber

    async def run_until_refused(self, subscriber: Subscriber) -> None:
        """Run a subscriber until it has refused what waits."""

        async def empty() -> bool:
            return await self.service.waiting() == 0 and await self.service.transport.depth(REFUSED) > 0

        async with self.service.running(subscriber):
            await until(empty)

    def _outgoing(self, event: Made) -> Outgoing:
        return Outgoing(
            event_id=UUID(event.id),
            destination=Destination.EVENT,
            address=f"{self.service.queue[-8:]}.{event.type}",
            subject=event.id,
            event_type=event.type,
            content_type="application/cloudevents+json",
            body=event.body,
        )


@pytest.fixture
async def around(service: Service, dsn: str) -> AsyncIterator[Round]:
    """A service on each transport with a broker around it, and a second subscription to the same events."""
    async with contextlib.AsyncExitStack() as stack:
        store = Store(dsn, stack, await stack.enter_async_context(Reader.on(dsn)))
        other = f"{service.queue}-other"
        await service.transport.declare(topology([], [Subscription(other, (f"{service.queue[-8:]}.#",))]))
        ports = RelayPorts(
            transport=service.transport,
            outbox=store.outbox(),
            policies=policies(),
            share=lambda: 16,
            tracing=Tracing(),
            metrics=Metrics(),
            clock=lambda: datetime.now(UTC),
            probe=lambda _: None,
        )
        events = _Counting(store.database)
        stack.push_async_callback(events.close)
        refusals = Refusals(RefusalsConfig(50, 0.2), service.transport, events)
        relay = Relay(RelayConfig("test", batch_messages=50, lease_s=30), ports)
        yield Round(service, store, other, relay, refusals, events)
        await refusals.stop()
        await service.transport.unbind(other, [(EVENTS, f"{service.queue[-8:]}.#")])


async def test_a_refused_event_is_a_dead_letter_with_its_reason(around: Round) -> None:
    """The office says which subscription refused which event of which message, and why, in the service's words."""
    event = transfer(1)
    await around.publish(event)
    await around.run_until_refused(around.refusing("the account is not open yet"))
    await around.take_in()

    (letter,) = await around.letters()
    shown = await around.dlq("show", letter["id"])

    assert (letter["code"], letter["state"], letter["tenant"]) == (FailureCode.HANDLER_REFUSED, "parked", "bank-a")
    assert (letter["refused_by"], letter["event_id"], letter["event_type"]) == (
        around.service.queue,
        event.id,
        TRANSFER,
    )
    assert (letter["definition"], letter["business_id"]) == ("pacs.008.001.08", "BUSINESS-1")
    assert "the account is not open yet" in letter["reason"]
    assert all(each in shown.out for each in (around.service.queue, event.id, "handler.refused"))
    assert await around.store.rows.column("SELECT state FROM broker.message") == ["accepted"]


async def test_a_replay_goes_to_that_subscription_alone(around: Round) -> None:
    """The event comes again under its own id, takes effect once, and the other subscription sees nothing of it."""
    event = transfer(1)
    await around.publish(event)
    await around.run_until_refused(around.refusing("not yet"))
    await around.take_in()
    await expect_depth(around.service.transport, around.other, 1)
    (letter,) = await around.letters()

    ran = await around.dlq("replay", letter["id"], "--because", "account opened", "--json")
    again = await around.dlq("replay", letter["id"], "--because", "clicked twice", "--json")
    await around.relay_all()
    await around.service.take_all(around.refusing(None), event)

    assert (ran.results, again.results) == (["publishing"], ["already"])
    assert await around.service.effects() == {event.id: 1}
    await expect_depth(around.service.transport, around.other, 1)
    assert [each["state"] for each in await around.letters()] == ["replayed"]


async def test_what_is_refused_again_is_a_child_of_what_was_replayed(around: Round) -> None:
    """Each refusal has a dead letter of its own, and their lineage is told."""
    event = transfer(1)
    await around.publish(event)
    for _ in range(2):
        await around.run_until_refused(around.refusing("not yet"))
        await around.take_in()
        last = (await around.letters())[-1]
        await around.dlq("replay", last["id"], "--because", "try again")
        await around.relay_all()
    await around.run_until_refused(around.refusing("never"))
    await around.take_in()

    letters = await around.letters()
    assert [each["state"] for each in letters] == ["replayed", "replayed", "parked"]
    assert [each["parent_id"] for each in letters] == [None, letters[0]["id"], letters[1]["id"]]
    shown = await around.dlq("show", letters[0]["id"], "--json")
    assert shown.objects[0]["lineage"] == [each["id"] for each in letters]


async def test_an_event_handed_over_twice_is_one_dead_letter(around: Round) -> None:
    """A service that was killed in between hands an event over again: nothing is added, even after a replay."""
    event = transfer(1)
    await around.publish(event)
    await around.run_until_refused(around.refusing("not yet"))
    (refused,) = await around.service.refused(1)
    handed = Publication("", REFUSED, event.id, refused.body, str(refused.content_type), headers=refused.headers)
    await around.service.transport.publish([handed, handed])
    await around.take_in(2)
    (letter,) = await around.letters()
    await around.dlq("replay", letter["id"], "--because", "account opened")
    await around.service.transport.publish([handed])
    await around.take_in()

    assert [each["state"] for each in await around.letters()] == ["replayed"]


async def test_what_is_no_event_of_ours_is_shown_and_goes_nowhere(around: Round) -> None:
    """Bytes of somebody else's are recorded under nobody's tenant; a replay is refused, to discard them is not."""
    await around.service.put_bytes(b"no event", "broken")
    await around.run_until_refused(around.refusing("never reached"))
    await around.take_in()
    (letter,) = await around.letters()

    replay = await around.dlq("replay", letter["id"], "--because", "try", "--json")
    by_filter = await around.dlq("replay", "--subscription", around.service.queue, "--because", "all", "--json")
    discard = await around.dlq("discard", letter["id"], "--because", "not ours", "--json")

    assert (letter["code"], letter["tenant"], letter["event_id"]) == (FailureCode.EVENT_MALFORMED, "unknown", None)
    assert (replay.code, replay.results, by_filter.results) == (1, ["forbidden"], ["forbidden"])
    assert discard.results == ["discarded"]
    assert await around.store.rows.count("outbox_pending") == 0


async def test_the_bytes_of_a_refused_event_are_not_edited(around: Round) -> None:
    """An event is replayed as it is; other bytes are wrong usage, and the dead letter stays as it was."""
    await around.publish(transfer(1))
    await around.run_until_refused(around.refusing("not yet"))
    await around.take_in()
    (letter,) = await around.letters()
    decision = Decision("mia", "other bytes")
    with pytest.raises(ValueError, match="as it is"):
        await around.store.dead_letters().request_replay([UUID(letter["id"])], decision, b"other")

    assert [each["state"] for each in await around.letters()] == ["parked"]


async def test_every_step_is_audited(around: Round) -> None:
    """Refused, asked for, replayed, confirmed: each is an entry that names the event and the queue."""
    event = transfer(1)
    await around.publish(event)
    await around.run_until_refused(around.refusing("not yet"))
    await around.take_in()
    (letter,) = await around.letters()
    await around.dlq("replay", letter["id"], "--because", "account opened")
    await around.relay_all()

    leaves = await around.store.rows.column("SELECT leaf FROM broker.audit_entry ORDER BY entry_id")
    told = [json.loads(each) for each in leaves]
    about = [each for each in told if each["facts"].get("dead_letter") == letter["id"]]
    assert [each["kind"] for each in about] == [Kind.DEAD_LETTERED, Kind.REPLAY_REQUESTED, Kind.REPLAYED]
    assert {each["facts"]["refused_by"] for each in about[:2]} == {around.service.queue}
    assert [(each["kind"], each["facts"]["destination"]) for each in told if "destination" in each["facts"]] == [
        (Kind.CONFIRMED, "event"),
        (Kind.CONFIRMED, "queue"),
    ]


class _Away(RefusedEvents):
    """A store that commits and is lost before it says so, the first time."""

    lost = False

    async def record(self, events: Sequence[RefusedEvent]) -> int:
        """Record, and lose the answer once."""
        new = await super().record(events)
        if not self.lost:
            self.lost = True
            raise StoreUnavailableError("lost at the commit")
        return new


async def test_an_unknown_commit_is_recorded_once(around: Round) -> None:
    """What was not acknowledged comes again after the database is back, and what had been committed is not added to."""
    await around.publish(transfer(1))
    await around.run_until_refused(around.refusing("not yet"))
    away = _Away(around.store.database, CODEC)
    around.store.stack.push_async_callback(away.close)
    step = Refusals(RefusalsConfig(50, WAIT_S), around.service.transport, away)
    await step.start()
    with pytest.raises(StoreUnavailableError):
        await step.run_once()
    await step.start()
    while not await step.run_once():
        pass
    await step.stop()

    assert [each["state"] for each in await around.letters()] == ["parked"]
    assert await around.store.rows.value("SELECT count(*) FROM broker.audit_entry WHERE kind = 'dead-lettered'") == 1
    assert await around.service.transport.depth(REFUSED) == 0


async def test_an_event_that_rabbitmq_gives_up_comes_back_as_well(amqp_service: Service, dsn: str) -> None:
    """After too many deliveries RabbitMQ itself moves the event; the office knows the queue that it fell from."""
    queue = f"{amqp_service.queue}-strict"
    limits = QueueLimits(delivery_limit=1)
    await amqp_service.transport.declare(topology([], [Subscription(queue, ("never.#",))], limits))
    await amqp_service.transport.publish([Publication("", queue, "e-1", b"{}")])
    consumer = await amqp_service.transport.consumer([queue], 1)
    for _ in range(2):
        (delivery,) = await consumer.batch(1, WAIT_S)
        await consumer.requeue([delivery])
    await until(lambda: _fell(amqp_service))
    async with contextlib.AsyncExitStack() as stack:
        store = Store(dsn, stack, await stack.enter_async_context(Reader.on(dsn)))
        events = RefusedEvents(store.database, CODEC)
        stack.push_async_callback(events.close)
        refusals = Refusals(RefusalsConfig(50, 0.2), amqp_service.transport, events)
        await refusals.start()

        async def recorded() -> bool:
            await refusals.run_once()
            return bool(await store.rows.value("SELECT count(*) FROM broker.dead_letter WHERE refused_by = $1", queue))

        await until(recorded)
        await refusals.stop()
        found = await store.rows.connection.fetch(
            "SELECT code, refused_by FROM broker.dead_letter WHERE refused_by = $1", queue
        )
    await consumer.close()

    assert [tuple(each) for each in found] == [(FailureCode.EVENT_DELIVERY_LIMIT, queue)]


async def _fell(service: Service) -> bool:
    return await service.transport.depth(REFUSED) > 0
