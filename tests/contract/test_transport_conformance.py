"""What every transport owes those who consume, tried on both: RabbitMQ itself and folders."""

import asyncio
import contextlib
from uuid import uuid4

import pytest

from broker.errors import ConfigurationError, SettledTwiceError, TransportUnavailableError
from broker.transport.seam import Consumer, Delivery, Transport
from tests.support.transports import Foreign, Lab, bodies, expect_depth, queue, take, to
from tests.support.waiting import WAIT_S


async def test_order(transport: Transport) -> None:
    """Deliveries come in the order of publication."""
    name = await queue(transport)
    await transport.publish([to(name, str(n)) for n in range(250)])
    consumer = await transport.consumer([name], 100)
    seen: list[str] = []
    while len(seen) < 250:
        batch = await consumer.batch(40, WAIT_S)
        await consumer.ack(batch)
        seen += bodies(batch)
    assert seen == [str(n) for n in range(250)]


async def test_acknowledged_is_gone(transport: Transport) -> None:
    """What was acknowledged is not delivered again, whether in one frame or out of order."""
    name = await queue(transport)
    await transport.publish([to(name, str(n)) for n in range(10)])
    consumer = await transport.consumer([name], 10)
    taken = await take(consumer, 10)
    await consumer.ack([taken[7], taken[1], taken[2]])
    await consumer.ack([taken[0], taken[9]])
    await consumer.close()
    left = await take(await transport.consumer([name], 10), 5)
    assert sorted(bodies(left)) == ["3", "4", "5", "6", "8"]


async def test_first_delivery(transport: Transport) -> None:
    """A first delivery is not marked as redelivered."""
    name = await queue(transport)
    await transport.publish([to(name, "x")])
    [first] = await take(await transport.consumer([name], 1), 1)
    assert (first.queue, first.redelivered, first.delivery_count) == (name, False, 0)


async def test_requeue(transport: Transport) -> None:
    """What is requeued comes again, marked and counted, and the rest stays settled."""
    name = await queue(transport)
    await transport.publish([to(name, str(n)) for n in range(4)])
    consumer = await transport.consumer([name], 10)
    taken = await take(consumer, 4)
    await consumer.requeue([taken[1], taken[2]])
    await consumer.ack([taken[0], taken[3]])
    again = await take(consumer, 2)
    assert sorted(bodies(again)) == ["1", "2"]
    assert all(delivery.redelivered and delivery.delivery_count == 1 for delivery in again)


async def test_closed_without_ack(transport: Transport) -> None:
    """What a closed consumer held unsettled is delivered again, marked."""
    name = await queue(transport)
    await transport.publish([to(name, str(n)) for n in range(5)])
    consumer = await transport.consumer([name], 10)
    await consumer.ack((await take(consumer, 3))[:1])
    await consumer.close()
    again = await take(await transport.consumer([name], 10), 4)
    assert sorted(bodies(again)) == ["1", "2", "3", "4"]
    assert {delivery.body: delivery.redelivered for delivery in again}[b"1"]


async def test_lost_without_ack(lab: Lab, transport: Transport) -> None:
    """What a lost consumer held unsettled is delivered to another, marked, as often as it takes."""
    name = await queue(transport)
    await transport.publish([to(name, "x")])
    for earlier in range(3):
        consumer, lose = await lab.doomed(name)
        [delivery] = await take(consumer, 1)
        assert (delivery.redelivered, delivery.delivery_count) == (earlier > 0, earlier)
        await lose()
    [last] = await take(await transport.consumer([name], 1), 1)
    assert (last.redelivered, last.delivery_count) == (True, 3)


async def test_closed_consumer_says_so(transport: Transport) -> None:
    """A consumer that was closed neither gives nor settles anything."""
    name = await queue(transport)
    await transport.publish([to(name, "x")])
    consumer = await transport.consumer([name], 1)
    taken = await take(consumer, 1)
    await consumer.close()
    with pytest.raises(TransportUnavailableError):
        await consumer.batch(1, 0)
    with pytest.raises(TransportUnavailableError):
        await consumer.ack(taken)


async def test_settled_twice(transport: Transport) -> None:
    """Settling a delivery a second time, or at another consumer, is an error and settles nothing."""
    name = await queue(transport)
    await transport.publish([to(name, "x"), to(name, "y")])
    consumer, other = await transport.consumer([name], 2), await transport.consumer([name], 2)
    first, second = await take(consumer, 2)
    await consumer.ack([first])
    for deliveries in ([first], [second, first], [second, second]):
        with pytest.raises(SettledTwiceError):
            await consumer.ack(deliveries)
    with pytest.raises(SettledTwiceError):
        await other.requeue([second])
    await consumer.requeue([second])


async def test_pause_and_resume(transport: Transport) -> None:
    """A paused consumer takes nothing more, keeps what it holds, and goes on when resumed. Twice is once."""
    name = await queue(transport)
    await transport.publish([to(name, "held")])
    consumer = await transport.consumer([name], 10)
    held = await take(consumer, 1)
    await consumer.pause()
    await consumer.pause()
    await transport.publish([to(name, "later")])
    assert await consumer.batch(10, 0.3) == []
    await expect_depth(transport, name, 1)
    await consumer.ack(held)
    await consumer.resume()
    await consumer.resume()
    assert bodies(await take(consumer, 1)) == ["later"]


async def test_batch_limit(transport: Transport) -> None:
    """A batch holds no more than was asked for."""
    name = await queue(transport)
    await transport.publish([to(name, str(n)) for n in range(10)])
    consumer = await transport.consumer([name], 10)
    first = await consumer.batch(3, WAIT_S)
    assert 1 <= len(first) <= 3
    await take(consumer, 10 - len(first))


async def test_prefetch(transport: Transport) -> None:
    """No more than the prefetch is out unsettled."""
    name = await queue(transport)
    await transport.publish([to(name, str(n)) for n in range(10)])
    consumer = await transport.consumer([name], 4)
    held = await take(consumer, 4)
    assert await consumer.batch(10, 0.2) == []
    await consumer.ack(held[:2])
    assert bodies(await take(consumer, 2)) == ["4", "5"]


async def test_batch_waits(transport: Transport) -> None:
    """An empty queue gives an empty batch in time, and a message that comes ends the wait."""
    name = await queue(transport)
    consumer = await transport.consumer([name], 10)
    assert await consumer.batch(10, 0.05) == []
    waiting = asyncio.create_task(consumer.batch(10, WAIT_S))
    await transport.publish([to(name, "x")])
    assert bodies(await waiting) == ["x"]


async def test_cancelled_batch(transport: Transport) -> None:
    """A batch that was cancelled while it waited has lost nothing."""
    name = await queue(transport)
    consumer = await transport.consumer([name], 100)
    for _ in range(5):
        waiting = asyncio.create_task(consumer.batch(100, WAIT_S))
        await transport.publish([to(name, "x")])
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await consumer.ack(await waiting)
            continue
        await consumer.ack(await take(consumer, 1))
    assert await transport.depth(name) == 0


async def test_several_queues(transport: Transport) -> None:
    """One consumer takes from several queues, says which, and settles them together."""
    names = [await queue(transport) for _ in range(3)]
    await transport.publish([to(name, f"{name} {n}") for n in range(5) for name in names])
    consumer = await transport.consumer(names, 30)
    taken = await take(consumer, 15)
    assert all(delivery.body.decode().startswith(delivery.queue) for delivery in taken)
    assert len({delivery.body for delivery in taken}) == 15
    await consumer.ack(taken)
    await consumer.close()
    assert [await transport.depth(name) for name in names] == [0, 0, 0]


async def test_competing_consumers(lab: Lab, transport: Transport) -> None:
    """Two consumers of one queue, in two transports, share its messages: each message goes to one of them."""
    name = await queue(transport)
    consumers = [await transport.consumer([name], 10), await (await lab.transport()).consumer([name], 10)]
    await transport.publish([to(name, str(n)) for n in range(200)])
    firsts = [await take(consumer, 1) for consumer in consumers]  # a share for each, however quick the other is
    seen = [text for first in firsts for text in bodies(first)]

    async def work(consumer: Consumer, first: list[Delivery]) -> None:
        await consumer.ack(first)
        while len(seen) < 200:
            batch = await consumer.batch(7, 0.1)
            await consumer.ack(batch)
            seen.extend(bodies(batch))

    await asyncio.wait_for(asyncio.gather(*map(work, consumers, firsts)), WAIT_S)
    assert sorted(seen, key=int) == [str(n) for n in range(200)]


async def test_foreign_sender(lab: Lab, transport: Transport) -> None:
    """What a foreign sender says of its message arrives: ids, reply queue, content type, headers."""
    name = await queue(transport)
    headers = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "country": "Österreich"}
    await lab.put(name, Foreign(b"<a/>", "m-1", "c-1", "answers", "application/xml", headers))
    await lab.put(name, Foreign(b"<b/>"))
    full, bare = await take(await transport.consumer([name], 10), 2)
    assert (full.message_id, full.correlation_id, full.reply_to) == ("m-1", "c-1", "answers")
    assert (full.content_type, dict(full.headers), full.body) == ("application/xml", headers, b"<a/>")
    assert (bare.body, bare.correlation_id, bare.reply_to, dict(bare.headers)) == (b"<b/>", None, None, {})


async def test_depth(transport: Transport) -> None:
    """The depth counts what waits, not what is out."""
    name = await queue(transport)
    assert await transport.depth(name) == 0
    await transport.publish([to(name, "x")] * 3)
    await expect_depth(transport, name, 3)
    consumer = await transport.consumer([name], 2)
    await take(consumer, 2)
    await expect_depth(transport, name, 1)


async def test_missing_queue(transport: Transport) -> None:
    """A queue that does not exist can be neither consumed nor counted, and the transport stays usable."""
    missing = f"missing.{uuid4().hex}"
    with pytest.raises(ConfigurationError):
        await transport.consumer([missing], 1)
    with pytest.raises(ConfigurationError):
        await transport.depth(missing)
    assert await transport.depth(await queue(transport)) == 0


async def test_close_twice(transport: Transport) -> None:
    """Closing a consumer or a transport a second time does nothing; a closed one is unavailable."""
    name = await queue(transport)
    consumer = await transport.consumer([name], 1)
    await consumer.close()
    await consumer.close()
    await transport.close()
    await transport.close()
    with pytest.raises(TransportUnavailableError):
        await transport.publish([to(name, "x")])


async def test_transport_closed_with_unsettled(lab: Lab, transport: Transport) -> None:
    """Closing the transport gives back what its consumers held."""
    name = await queue(transport)
    await transport.publish([to(name, "x")])
    other = await lab.transport()
    await take(await other.consumer([name], 1), 1)
    await other.close()
    [again] = await take(await transport.consumer([name], 1), 1)
    assert again.redelivered
