"""The relay on a real outbox and a transport in memory: what is confirmed, tried again, given up, in which order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from broker.errors import StoreUnavailableError, TransportUnavailableError
from broker.message.envelope import Destination
from broker.observability.metrics import Metrics
from broker.observability.traces import Tracing
from broker.outside import policies
from broker.relay.publishing import Relay, RelayConfig, RelayPorts, publication
from broker.store.outbox import PendingRow
from broker.transport.seam import PublishResult
from tests.support.memory_transport import MemoryTransport
from tests.support.outcomes import Shape, accepted
from tests.support.rows import Reader
from tests.support.store import Store

ROW = PendingRow(
    lane=1,
    id=7,
    recorded_on=date(2030, 1, 2),
    tenant="north",
    message_id=UUID(int=1),
    event_id=UUID(int=2),
    destination=Destination.EVENT,
    address="north.iso20022.payment.transfer.v1",
    subject="SUBJECT",
    event_type="iso20022.payment.transfer.v1",
    content_type="application/cloudevents+json",
    correlation_id="correlation",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    attempts=0,
    body=b"{}",
    recorded_at=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
)


@dataclass
class Bench:
    """Relays with their surroundings; ``ahead`` moves their clock, ``shares`` says how many lanes an owner may hold."""

    store: Store
    transport: MemoryTransport = field(default_factory=MemoryTransport)
    points: list[str] = field(default_factory=list)
    ahead: timedelta = timedelta()
    shares: dict[str, int] = field(default_factory=dict)

    def relay(self, owner: str = "one", share: int = 16, batch: int = 10) -> Relay:
        """Make a relay."""
        ports = RelayPorts(
            transport=self.transport,
            outbox=self.store.outbox(),
            policies=policies(),
            share=lambda: self.shares.get(owner, share),
            tracing=Tracing(),
            metrics=Metrics(),
            clock=lambda: datetime.now(UTC) + self.ahead,
            probe=self.points.append,
        )
        return Relay(RelayConfig(owner, batch_messages=batch, lease_s=30), ports)

    async def pending(self) -> list[tuple[int, bool]]:
        """Attempts of each publication that waits, and whether it is due."""
        query = "SELECT attempts, due_at <= now() FROM broker.outbox_pending ORDER BY id"
        return [tuple(row) for row in await self.store.rows.connection.fetch(query)]


@pytest.fixture
async def bench(dsn: str) -> AsyncIterator[Bench]:
    """Give one test a bench."""
    async with AsyncExitStack() as stack:
        yield Bench(Store(dsn, stack, await stack.enter_async_context(Reader.on(dsn))))


async def test_publishes_marks_and_says_when_nothing_is_left(bench: Bench) -> None:
    """Both publications leave in their order and are marked; the next turn finds nothing."""
    outcome = accepted()
    await bench.store.record(outcome)
    relay = bench.relay()
    assert await relay.run_once()
    assert not await relay.run_once()
    assert [each.event_id for each in bench.transport.published] == [str(each.event_id) for each in outcome.outgoing]
    assert await bench.pending() == []
    assert bench.points == ["taken", "confirmed", "marked"]


async def test_an_absent_transport_counts_against_nothing(bench: Bench) -> None:
    """Nothing was sent: the loop hears that the peer is away, no attempt is counted, and all goes out afterwards."""
    await bench.store.record(accepted())
    relay = bench.relay()
    bench.transport.away = True
    with pytest.raises(TransportUnavailableError):
        await relay.run_once()
    assert await bench.pending() == [(0, True), (0, True)]
    bench.transport.away = False
    assert await relay.run_once()
    assert len(bench.transport.published) == 2


@pytest.mark.parametrize("result", [PublishResult.REFUSED, PublishResult.UNROUTABLE])
async def test_what_is_not_taken_waits(bench: Bench, result: PublishResult) -> None:
    """A publication that is refused stays pending, one attempt more, due later."""
    outcome = accepted(shape=Shape(publications=1))
    await bench.store.record(outcome)
    bench.transport.results[str(outcome.outgoing[0].event_id)] = result
    bench.ahead = timedelta(hours=1)  # the next attempt is not due before it is looked at here
    assert await bench.relay().run_once()
    assert await bench.pending() == [(1, False)]
    assert await bench.store.rows.count("dead_letter") == 0


@pytest.mark.parametrize(
    ("result", "code"),
    [(PublishResult.UNROUTABLE, "relay.unroutable"), (PublishResult.REFUSED, "relay.refused")],
)
async def test_what_is_refused_for_good_is_parked(bench: Bench, result: PublishResult, code: str) -> None:
    """When the policy has had enough the publication becomes a dead letter with its code, and the others go on."""
    bad, good = accepted(shape=Shape(publications=1)), accepted(shape=Shape(publications=1))
    await bench.store.record(bad, good)
    await bench.store.rows.connection.execute("UPDATE broker.outbox_pending SET attempts = 10000")
    bench.transport.results[str(bad.outgoing[0].event_id)] = result
    assert await bench.relay().run_once()
    assert await bench.pending() == []
    (letter,) = await bench.store.rows.connection.fetch("SELECT code, state, message_id FROM broker.dead_letter")
    assert tuple(letter) == (code, "parked", bad.envelope.message_id)


async def test_an_unknown_outcome_counts_against_nothing(bench: Bench) -> None:
    """What is known of a batch is settled; the rest is tried again under the same event id, however often."""
    known, unknown = accepted(shape=Shape(publications=1)), accepted(shape=Shape(publications=1))
    await bench.store.record(known, unknown)
    event_id = str(unknown.outgoing[0].event_id)
    bench.transport.results[event_id] = PublishResult.UNKNOWN
    relay = bench.relay()
    for _ in range(3):
        with pytest.raises(TransportUnavailableError):
            await relay.run_once()
    assert await bench.pending() == [(0, True)]
    del bench.transport.results[event_id]
    assert await relay.run_once()
    await relay.settled()
    assert [each.event_id for each in bench.transport.published].count(event_id) == 4
    assert await bench.pending() == []


async def test_a_stopped_relay_gives_its_lanes_back(bench: Bench) -> None:
    """Another relay publishes at once: it need not wait for a lease of half a minute to end."""
    await bench.store.record(accepted())
    first, second = bench.relay("first"), bench.relay("second")
    assert await first.run_once()
    await bench.store.record(accepted())
    assert not await second.run_once()
    await first.stop()
    await first.stop()
    assert await bench.relay("third").run_once()


async def test_one_relay_of_several_leads(bench: Bench) -> None:
    """The first to hold the first lane leads until it stops, and then another does."""
    first, second = bench.relay("first", share=8), bench.relay("second", share=8)
    await first.run_once()
    await second.run_once()
    before = [first.leads, second.leads]

    await first.stop()
    bench.shares["second"], second._leased_at = 16, 0.0
    await second.run_once()

    assert before == [True, False]
    assert [first.leads, second.leads] == [False, True]


def test_an_event_goes_to_the_topic_exchange() -> None:
    """Routing key is the address; the event id, type, tenant, message and trace travel with it."""
    made = publication(ROW)
    assert (made.exchange, made.routing_key) == ("iso20022.events", ROW.address)
    assert (made.event_id, made.body, made.correlation_id) == (str(ROW.event_id), b"{}", "correlation")
    assert made.headers == {
        "ce-type": ROW.event_type,
        "tenant": "north",
        "message-id": str(ROW.message_id),
        "traceparent": ROW.traceparent,
    }


def test_a_message_for_a_core_goes_to_the_channels_queue() -> None:
    """The address of a message to a core is its channel."""
    made = publication(ROW._replace(destination=Destination.CORE, address="core", traceparent=None))
    assert (made.exchange, made.routing_key) == ("", "iso20022.out.core")
    assert "traceparent" not in made.headers


def test_a_reply_goes_to_the_queue_named() -> None:
    """The address of a reply is the sender's own queue."""
    made = publication(ROW._replace(destination=Destination.REPLY, address="iso20022.replies.me"))
    assert (made.exchange, made.routing_key) == ("", "iso20022.replies.me")


async def test_what_was_taken_while_marking_failed_is_taken_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that is published while the database loses the marks of the one before it is settled in the end."""
    await bench.store.record(*(accepted() for _ in range(2)))
    relay = bench.relay(batch=2)
    settle, lost = relay._ports.outbox.settle, iter([True])

    async def losing(*given: Any) -> int:  # noqa: ANN401 - as the outbox takes it
        if next(lost, False):
            relay._ports.outbox.forget()
            raise StoreUnavailableError("away")
        return await settle(*given)

    monkeypatch.setattr(relay._ports.outbox, "settle", losing)
    assert await relay.run_once()
    with pytest.raises(StoreUnavailableError):
        await relay.run_once()
    while await relay.run_once():
        pass

    assert await bench.pending() == []


async def test_lanes_change_hands_when_all_is_marked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that gives lanes up while it marks leaves nothing in them that it has published."""
    await bench.store.record(*(accepted() for _ in range(2)))
    first, second = bench.relay("first", batch=4), bench.relay("second", batch=4)
    settle, may_mark = first._ports.outbox.settle, asyncio.Event()

    async def late(*given: Any) -> int:  # noqa: ANN401 - as the outbox takes it
        await may_mark.wait()
        return await settle(*given)

    monkeypatch.setattr(first._ports.outbox, "settle", late)
    assert await first.run_once()
    bench.shares["first"], first._leased_at = 0, 0.0  # a renewal is due, and another worker has come
    turn = asyncio.create_task(first.run_once())
    for _ in range(5):
        second._leased_at = 0.0
        await second.run_once()
    may_mark.set()
    await turn
    second._leased_at = 0.0
    assert not await second.run_once()
    assert second._lanes
    assert len(bench.transport.published) == 4
