"""What every transport owes those who declare and publish, tried on both: RabbitMQ itself and folders."""

import asyncio
import contextlib
from uuid import uuid4

import pytest

from broker.errors import TopologyMismatchError
from broker.transport.seam import ExchangeSpec, Publication, PublishResult, Topology, Transport
from tests.support.transports import Lab, bodies, events, expect_depth, queue, spec, take, to
from tests.support.waiting import WAIT_S

CONFIRMED, UNROUTABLE, REFUSED = PublishResult.CONFIRMED, PublishResult.UNROUTABLE, PublishResult.REFUSED


async def test_one_unroutable(transport: Transport) -> None:
    """A missing queue and a missing exchange are unroutable, and the others of the batch are not touched by them."""
    name = await queue(transport)
    batch = [
        to(name, "1", "same-event"),
        to(f"missing.{uuid4().hex}", "2", "same-event"),
        Publication(f"missing.{uuid4().hex}", "key", "same-event", b"3"),
        to(name, "4", "same-event"),
        to("../../escape", "5"),
        to("k" * 300, "6"),
    ]
    assert await transport.publish(batch) == [CONFIRMED, UNROUTABLE, UNROUTABLE, CONFIRMED, UNROUTABLE, UNROUTABLE]
    assert bodies(await take(await transport.consumer([name], 10), 2)) == ["1", "4"]


async def test_nothing_to_publish(transport: Transport) -> None:
    """An empty batch has no results."""
    assert await transport.publish([]) == []


async def test_full_queue_refuses(transport: Transport) -> None:
    """A full queue refuses, takes again when there is room, and keeps what it confirmed."""
    name = await queue(transport, max_length=5)
    results = [(await transport.publish([to(name, str(n))]))[0] for n in range(20)]
    assert results[:5] == [CONFIRMED] * 5
    assert REFUSED in results
    assert set(results) <= {CONFIRMED, REFUSED}
    kept = [str(n) for n, result in enumerate(results) if result is CONFIRMED]
    consumer = await transport.consumer([name], 100)
    taken = await take(consumer, len(kept))
    assert bodies(taken) == kept
    await consumer.ack(taken)
    await consumer.close()
    assert await transport.publish([to(name, "again")]) == [CONFIRMED]


async def test_cancelled_publish(transport: Transport) -> None:
    """After publishes were cancelled on their way, each of the next 1,000 results is that of its own publication."""
    name, missing = await queue(transport), f"missing.{uuid4().hex}"
    for turns in (0, 1, 5, 20):
        large = [to(name, b"x" * 50_000) for _ in range(200)]
        sending = asyncio.create_task(transport.publish(large))
        for _ in range(turns):
            await asyncio.sleep(0)
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending
    results = await transport.publish([to(name if n % 10 else missing, str(n)) for n in range(1_000)])
    assert results == [CONFIRMED if n % 10 else UNROUTABLE for n in range(1_000)]
    seen: list[str] = []
    consumer = await transport.consumer([name], 500)
    while not seen or seen[-1] != "999":
        batch = await consumer.batch(500, WAIT_S)
        assert batch
        await consumer.ack(batch)
        seen += [text for text in bodies(batch) if not text.startswith("x")]
    assert seen == [str(n) for n in range(1_000) if n % 10]


async def test_publishes_at_once(transport: Transport) -> None:
    """Several publishes at the same time keep their results apart."""
    name, missing = await queue(transport), f"missing.{uuid4().hex}"
    batches = [[to(name if (n + m) % 3 else missing, "x") for n in range(100)] for m in range(5)]
    results = await asyncio.gather(*(transport.publish(batch) for batch in batches))
    assert results == [
        [CONFIRMED if publication.routing_key == name else UNROUTABLE for publication in batch] for batch in batches
    ]


async def test_big_and_empty_bodies(transport: Transport) -> None:
    """Bodies of nothing, of one frame and a byte, and of several megabytes arrive as they were."""
    name = await queue(transport)
    sent = [b"", bytes(range(256)), b"\x00" * 131_073, bytes(range(256)) * 8_192, b"x" * 5_000_000]
    assert await transport.publish([to(name, body) for body in sent]) == [CONFIRMED] * len(sent)
    taken = await take(await transport.consumer([name], 10), len(sent))
    assert [delivery.body for delivery in taken] == sent


async def test_own_publication(transport: Transport) -> None:
    """A publication carries its event id in a header and a message id of its own for each attempt."""
    name = await queue(transport)
    publication = Publication("", name, "event-1", b"{}", "application/json", "c-1", {"traceparent": "t"})
    await transport.publish([publication, publication])
    first, second = await take(await transport.consumer([name], 10), 2)
    assert dict(first.headers) == {"ce-id": "event-1", "traceparent": "t"}
    assert (first.correlation_id, first.content_type) == ("c-1", "application/json")
    assert first.message_id
    assert first.message_id != second.message_id


async def test_declare_twice(lab: Lab, transport: Transport) -> None:
    """Declaring what exists changes nothing, whoever declares it."""
    exchange, name = f"events.{uuid4().hex}", f"conformance.{uuid4().hex}"
    topology = Topology((events(exchange),), (spec(name, max_length=10, bindings=((exchange, "a.#"),)),))
    await transport.declare(topology)
    await transport.publish([Publication(exchange, "a.b", "e", b"x")])
    await transport.declare(topology)
    await (await lab.transport()).declare(topology)
    await expect_depth(transport, name, 1)


async def test_declare_other_length(lab: Lab, transport: Transport) -> None:
    """A queue that exists with another argument is an error that names it, both values and what to do."""
    name = await queue(transport, max_length=10)
    with pytest.raises(TopologyMismatchError, match=r"(?s)x-max-length.*10.*20.*Delete it.*empty") as raised:
        await (await lab.transport()).declare(Topology((), (spec(name, max_length=20),)))
    assert name in str(raised.value)
    await transport.declare(Topology((), (spec(name, max_length=10),)))


async def test_declare_other_exchange(transport: Transport) -> None:
    """An exchange that exists with another type or alternate is an error that names it."""
    exchange = f"events.{uuid4().hex}"
    await transport.declare(Topology((events(exchange),), ()))
    with pytest.raises(TopologyMismatchError, match=r"type.*topic.*fanout"):
        await transport.declare(Topology((ExchangeSpec(exchange, "fanout"),), ()))
    with pytest.raises(TopologyMismatchError, match="alternate-exchange"):
        await transport.declare(Topology((events(exchange, "elsewhere"),), ()))


async def test_topic_and_alternate(transport: Transport) -> None:
    """A topic exchange copies to each queue whose pattern takes the key; what none takes goes to the alternate."""
    one, two, rest = (f"conformance.{uuid4().hex}" for _ in range(3))
    exchange, alternate = f"events.{uuid4().hex}", f"unrouted.{uuid4().hex}"
    await transport.declare(
        Topology(
            (ExchangeSpec(alternate, "fanout"), events(exchange, alternate)),
            (
                spec(one, bindings=((exchange, "bank-a.#"), (exchange, "*.payment.v1"))),
                spec(two, bindings=((exchange, "*.payment.*"),)),
                spec(rest, bindings=((alternate, ""),)),
            ),
        ),
    )
    keys = ["bank-a.payment.v1", "bank-b.payment.v1", "bank-a", "bank-b.status.v1", "payment", "bank-b.payment.v2"]
    results = await transport.publish([Publication(exchange, key, key, key.encode()) for key in keys])
    assert results == [CONFIRMED] * 6
    expected = {
        one: ["bank-a.payment.v1", "bank-b.payment.v1", "bank-a"],
        two: ["bank-a.payment.v1", "bank-b.payment.v1", "bank-b.payment.v2"],
        rest: ["bank-b.status.v1", "payment"],
    }
    for name, wanted in expected.items():
        await expect_depth(transport, name, len(wanted))
        assert bodies(await take(await transport.consumer([name], 10), len(wanted))) == wanted


async def test_no_binding_and_no_alternate(transport: Transport) -> None:
    """What no binding takes, where there is no alternate, is unroutable."""
    exchange = f"events.{uuid4().hex}"
    await transport.declare(Topology((events(exchange),), ()))
    assert await transport.publish([Publication(exchange, "a.b", "e", b"x")]) == [UNROUTABLE]


async def test_nothing_holds_back(transport: Transport) -> None:
    """A healthy peer holds nobody back."""
    await transport.publish([to(await queue(transport), "x")])
    assert transport.blocked() is None
