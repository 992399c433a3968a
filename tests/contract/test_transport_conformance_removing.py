"""What every transport owes those who take a queue away again, tried on both."""

from uuid import uuid4

from broker.transport.seam import Publication, PublishResult, Topology, Transport
from tests.support.transports import Lab, bodies, events, queue, spec, take, to
from tests.support.waiting import until


async def test_what_is_unbound_gets_nothing_more(transport: Transport) -> None:
    """After one of two bindings is taken away the other still works, and what came before stays in the queue."""
    exchange, name = f"conformance.{uuid4().hex}", f"conformance.{uuid4().hex}"
    bound = spec(name, bindings=((exchange, "a.#"), (exchange, "b.#")))
    await transport.declare(Topology((events(exchange),), (bound,)))
    ready = [_keyed(exchange, key) for key in ("a.1", "b.1")]
    assert await transport.publish(ready) == [PublishResult.CONFIRMED] * 2

    await transport.unbind(name, [(exchange, "a.#"), (exchange, "never.there")])
    await transport.unbind(name, [(exchange, "a.#")])
    again = [_keyed(exchange, key) for key in ("a.2", "b.2")]

    assert await transport.publish(again) == [PublishResult.UNROUTABLE, PublishResult.CONFIRMED]
    assert sorted(bodies(await take(await transport.consumer([name], 10), 3))) == ["a.1", "b.1", "b.2"]


async def test_a_queue_in_use_is_not_removed(transport: Transport) -> None:
    """A queue with a message, or with a consumer, stays; empty and alone it goes, and going twice is once."""
    name = await queue(transport)
    await transport.publish([to(name, "x")])
    with_message = await transport.remove(name)
    consumer = await transport.consumer([name], 1)
    await consumer.ack(await take(consumer, 1))
    with_consumer = await transport.remove(name)
    await consumer.close()

    assert (with_message, with_consumer) == (False, False)
    await until(lambda: transport.remove(name))  # RabbitMQ counts a consumer out a moment after it has ended
    assert await transport.remove(name)
    assert await transport.publish([to(name, "y")]) == [PublishResult.UNROUTABLE]


async def test_a_removed_queue_can_be_declared_again(lab: Lab, transport: Transport) -> None:
    """It begins empty, unbound, and with other arguments if wanted; another instance sees it, too."""
    exchange, name = f"conformance.{uuid4().hex}", f"conformance.{uuid4().hex}"
    await transport.declare(Topology((events(exchange),), (spec(name, bindings=((exchange, "#"),)),)))
    await transport.remove(name)
    other = await lab.transport()

    await other.declare(Topology((), (spec(name, max_length=5),)))

    assert await other.publish([_keyed(exchange, "a"), to(name, "direct")]) == [
        PublishResult.UNROUTABLE,
        PublishResult.CONFIRMED,
    ]
    assert bodies(await take(await transport.consumer([name], 10), 1)) == ["direct"]


def _keyed(exchange: str, key: str) -> Publication:
    """A message under a routing key, which is its text as well."""
    return Publication(exchange, key, uuid4().hex, key.encode())
