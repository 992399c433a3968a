"""RabbitMQ at its worst: alarms, cut and silent lines, restarts, deleted queues. Nothing confirmed is lost."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import aio_pika
import pytest

from broker.errors import TransportUnavailableError
from broker.transport.amqp import AmqpConfig, AmqpTransport
from broker.transport.amqp.connection import Line
from broker.transport.seam import Consumer, Publication, PublishResult, Topology
from broker.transport.topology import SAFETY_NET, UNROUTED, QueueLimits, Subscription, inbound, topology
from tests.support.rabbitmq import RabbitMQ
from tests.support.tcp_proxy import TcpProxy
from tests.support.transports import drain, events, ids, queue, spec
from tests.support.waiting import WAIT_S

CONFIRMED, UNROUTABLE, UNKNOWN = PublishResult.CONFIRMED, PublishResult.UNROUTABLE, PublishResult.UNKNOWN


@pytest.fixture
async def stack() -> AsyncIterator[contextlib.AsyncExitStack]:
    """End what the test opened."""
    async with contextlib.AsyncExitStack() as stack:
        yield stack


async def connect(port: int, stack: contextlib.AsyncExitStack) -> AmqpTransport:
    """Open a transport, closed with the stack."""
    config = AmqpConfig(
        f"amqp://guest:guest@127.0.0.1:{port}/",
        confirm_timeout_s=20,
        request_timeout_s=WAIT_S,
        close_timeout_s=1,
        max_body_bytes=1_000_000,
    )
    transport = AmqpTransport(config)
    stack.push_async_callback(transport.close)
    await transport.open()
    return transport


@pytest.fixture
async def transport(rabbitmq: RabbitMQ, stack: contextlib.AsyncExitStack) -> AmqpTransport:
    """Give a transport straight to the node."""
    return await connect(rabbitmq.port, stack)


def to(name: str, count: int, size: int = 0) -> list[Publication]:
    """Make publications numbered from nought, by event id and body."""
    return [Publication("", name, str(n), str(n).encode().ljust(size)) for n in range(count)]


@contextlib.contextmanager
def impatient(transport: AmqpTransport) -> Iterator[None]:
    """Let publishes wait but a moment for their confirms, for as long as none come."""
    publisher = transport._publisher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publisher, "_config", replace(publisher._config, confirm_timeout_s=0.2))
        yield


async def until_confirmed(transport: AmqpTransport, publications: list[Publication]) -> None:
    """Publish until all is confirmed, as the relay does; fails when it takes too long."""
    async with asyncio.timeout(WAIT_S):
        while True:
            with contextlib.suppress(TransportUnavailableError):
                if set(await transport.publish(publications)) == {CONFIRMED}:
                    return


async def until_ended(consumer: Consumer) -> None:
    """Take batches until the consumer says that it has ended; fails when it does not."""

    async def take_all() -> None:
        while True:
            await consumer.batch(100, WAIT_S)

    with pytest.raises(TransportUnavailableError):
        await asyncio.wait_for(take_all(), WAIT_S)


async def test_memory_alarm(rabbitmq: RabbitMQ, stack: contextlib.AsyncExitStack) -> None:
    """Under an alarm publishes are unknown, that is said, consuming goes on; afterwards nothing is missing."""
    transport = await connect(rabbitmq.port, stack)
    name = await queue(transport)
    all_of_them = {str(n) for n in range(20)}
    assert set(await transport.publish(to(name, 20))) == {CONFIRMED}
    alarm = rabbitmq.memory_alarm()
    await asyncio.to_thread(alarm.__enter__)
    try:
        with impatient(transport):
            async with asyncio.timeout(WAIT_S):
                while transport.blocked() is None:
                    await transport.publish(to(name, 20))  # the alarm takes a moment to reach the connections
            second = await transport.publish(to(name, 20))
        during = [delivery.headers["ce-id"] for delivery in await drain(transport, name, all_of_them)]
    finally:
        await asyncio.to_thread(alarm.__exit__, None, None, None)
    assert set(second) == {UNKNOWN}
    assert during[:20] == [str(n) for n in range(20)]
    await until_confirmed(transport, to(name, 20))
    assert transport.blocked() is None
    assert ids(await drain(transport, name, all_of_them)) == all_of_them


@pytest.mark.parametrize("how", ["cut", "stall", "refuse"])
async def test_a_lost_line_leaves_nothing_open(rabbitmq: RabbitMQ, how: str) -> None:
    """A connection that is lost, silent or never made is marked closed: collected in a thread, it starts nothing."""
    made: list[aio_pika.Connection] = []
    with pytest.MonkeyPatch.context() as patch:
        usual = aio_pika.Connection.__init__

        def noted(self: aio_pika.Connection, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  the library's own
            usual(self, *args, **kwargs)
            made.append(self)

        patch.setattr(aio_pika.Connection, "__init__", noted)
        async with TcpProxy(rabbitmq.port).running() as proxy:
            url = f"amqp://guest:guest@127.0.0.1:{proxy.port}/"
            config = AmqpConfig(url, connect_timeout_s=WAIT_S, close_timeout_s=0.2, heartbeat_s=2)
            line = Line(config, "publish")
            await line.open()
            if how == "cut":
                proxy.cut()
                async with asyncio.timeout(WAIT_S):
                    while len(made) == 1:
                        await line.open()
                        await asyncio.sleep(0)
            elif how == "stall":
                proxy.stall()
                line.drop()
            else:
                line.drop()
                proxy.stall()
                patch.setattr(line, "_config", replace(config, connect_timeout_s=0.2))
                with pytest.raises(TransportUnavailableError):
                    await line.open()
            await line.close()
            proxy.flow()
    assert [each.is_closed for each in made] == [True] * (1 if how == "stall" else 2)


async def test_cut_while_publishing(rabbitmq: RabbitMQ, stack: contextlib.AsyncExitStack) -> None:
    """A line cut in mid-stream leaves outcomes unknown, never wrong: all that was confirmed is there."""
    proxy = await stack.enter_async_context(TcpProxy(rabbitmq.port).running())
    transport = await connect(proxy.port, stack)
    name = await queue(transport)
    cuts = 0
    confirmed: set[str] = set()
    for attempt in range(10):
        publications = [Publication("", name, f"{attempt}-{n}", b"x" * 2_000) for n in range(500)]
        proxy.cut_after(5_000 + 100_000 * attempt)
        try:
            results = await transport.publish(publications)
        except TransportUnavailableError:
            continue  # cut before anything was sent
        assert set(results) <= {CONFIRMED, UNKNOWN}
        cuts += UNKNOWN in results
        confirmed |= {one.event_id for one, result in zip(publications, results, strict=True) if result is CONFIRMED}
    assert cuts
    await until_confirmed(transport, to(name, 1))
    assert confirmed <= ids(await drain(await connect(rabbitmq.port, stack), name, confirmed))


async def test_silent_line(rabbitmq: RabbitMQ, stack: contextlib.AsyncExitStack) -> None:
    """On a half-open line a publish is unknown in time, and the next one opens a new line instead of waiting again."""
    proxy = await stack.enter_async_context(TcpProxy(rabbitmq.port).running())
    transport = await connect(proxy.port, stack)
    name = await queue(transport)
    assert await transport.publish(to(name, 1)) == [CONFIRMED]
    seen = proxy.taken
    proxy.stall()
    with impatient(transport):
        assert await transport.publish(to(name, 50)) == [UNKNOWN] * 50
    proxy.flow()
    assert await transport.publish(to(name, 50)) == [CONFIRMED] * 50
    assert proxy.taken == seen + 1


async def test_consumer_learns_of_a_cut(rabbitmq: RabbitMQ, stack: contextlib.AsyncExitStack) -> None:
    """A consumer whose line was cut ends; a new one on the same transport gets what was unsettled."""
    proxy = await stack.enter_async_context(TcpProxy(rabbitmq.port).running())
    transport = await connect(proxy.port, stack)
    name = await queue(transport)
    await transport.publish(to(name, 5))
    consumer = await transport.consumer([name], 10)
    held = await consumer.batch(1, WAIT_S)
    proxy.cut()
    await until_ended(consumer)
    with pytest.raises(TransportUnavailableError):
        await consumer.ack(held)
    with pytest.raises(TransportUnavailableError):
        await consumer.resume()
    await consumer.close()
    assert len(await drain(transport, name, {str(n) for n in range(5)})) == 5


async def test_node_killed(rabbitmq: RabbitMQ, stack: contextlib.AsyncExitStack) -> None:
    """A node killed in mid-stream: all that was confirmed is there after it came back, and all goes on by itself."""
    transport = await connect(rabbitmq.port, stack)
    name = await queue(transport)
    await asyncio.to_thread(rabbitmq.write_down_queues)
    publications = to(name, 3_000, size=2_000)
    consumer = await transport.consumer([name], 10)
    publishing = asyncio.create_task(transport.publish(publications))
    await consumer.batch(1, WAIT_S)
    rabbitmq.kill()  # in no thread: while the loop stands still, no more than the window admits is on its way
    results = await publishing
    await until_ended(consumer)
    with pytest.raises(TransportUnavailableError):
        await transport.publish(publications[:1])
    with pytest.raises(TransportUnavailableError):
        await transport.depth(name)
    await asyncio.to_thread(rabbitmq.start)
    assert UNKNOWN in results
    confirmed = {one.event_id for one, result in zip(publications, results, strict=True) if result is CONFIRMED}
    await until_confirmed(transport, publications[:1])
    assert confirmed <= ids(await drain(transport, name, confirmed))


async def test_queue_deleted_and_made_again(transport: AmqpTransport, rabbitmq: RabbitMQ) -> None:
    """A deleted queue ends its consumer and is unroutable; made again, both go on."""
    name = await queue(transport)
    consumer = await transport.consumer([name], 10)
    async with await aio_pika.connect(rabbitmq.url) as connection:
        await (await connection.channel()).queue_delete(name)
    await until_ended(consumer)
    await consumer.close()
    assert await transport.publish(to(name, 2)) == [UNROUTABLE, UNROUTABLE]
    await transport.declare(Topology((), (spec(name),)))
    assert await transport.publish(to(name, 2)) == [CONFIRMED, CONFIRMED]
    assert len(await drain(transport, name, {"0", "1"})) == 2


async def test_a_queue_that_does_not_answer_is_not_removed(
    rabbitmq: RabbitMQ, stack: contextlib.AsyncExitStack
) -> None:
    """RabbitMQ counts nothing in a queue whose leader does not answer; what is in it is not lost for that."""
    transport = await connect(rabbitmq.port, stack)
    name = await queue(transport)
    assert await transport.publish(to(name, 1)) == [CONFIRMED]
    silence = rabbitmq.silent_queue(name)
    await asyncio.to_thread(silence.__enter__)
    removing = asyncio.create_task(transport.remove(name))
    counted = await transport.depth(name)
    await asyncio.to_thread(silence.__exit__, None, None, None)
    assert counted == 0
    assert not await removing
    assert ids(await drain(transport, name, {"0"})) == {"0"}


async def test_exchange_deleted(transport: AmqpTransport, rabbitmq: RabbitMQ) -> None:
    """A deleted exchange makes its own publications unknown, then unroutable, and touches no other's."""
    exchange, name = f"events.{uuid4().hex}", f"q.{uuid4().hex}"
    await transport.declare(Topology((events(exchange),), (spec(name, bindings=((exchange, "#"),)),)))
    both = [Publication(exchange, "a", "1", b"1"), Publication("", name, "2", b"2")]
    assert await transport.publish(both) == [CONFIRMED, CONFIRMED]
    async with await aio_pika.connect(rabbitmq.url) as connection:
        await (await (await connection.channel()).get_exchange(exchange, ensure=False)).delete()
    assert await transport.publish(both) == [UNKNOWN, CONFIRMED]
    assert await transport.publish(both) == [UNROUTABLE, CONFIRMED]


async def test_too_large_is_refused_alone(transport: AmqpTransport) -> None:
    """A body over the limit, or an id AMQP cannot carry, is refused and its neighbours go through."""
    name = await queue(transport)
    batch = [
        *to(name, 1),
        Publication("", name, "e", b"x" * 1_000_001),
        Publication("", name, "e", b"", correlation_id="i" * 256),
    ]
    assert await transport.publish([*batch, *to(name, 1)]) == [
        CONFIRMED,
        PublishResult.REFUSED,
        PublishResult.REFUSED,
        CONFIRMED,
    ]


async def test_counters_of_senders_are_ignored(transport: AmqpTransport, rabbitmq: RabbitMQ) -> None:
    """What a sender claims of earlier deliveries and deaths is no fact."""
    name = await queue(transport)
    claims = {"x-delivery-count": 99, "x-death": [{"count": 99}], "x-first-death-queue": "q", "other": "kept"}
    async with await aio_pika.connect(rabbitmq.url) as connection:
        message = aio_pika.Message(b"x", headers=claims)  # type: ignore[arg-type]  # a table in a list is one in AMQP
        await (await connection.channel()).default_exchange.publish(message, name)
    [delivery] = await (await transport.consumer([name], 1)).batch(1, WAIT_S)
    assert (delivery.delivery_count, delivery.redelivered, dict(delivery.headers)) == (0, False, {"other": "kept"})


async def test_safety_net(transport: AmqpTransport) -> None:
    """What could not be settled in as many deliveries as the limit says is in the safety net, with where it was."""
    channel = uuid4().hex
    await transport.declare(topology([channel], limits=QueueLimits(delivery_limit=2)))
    await transport.publish(to(inbound(channel), 1))
    consumer = await transport.consumer([inbound(channel)], 1)
    for _ in range(3):
        await consumer.requeue(await consumer.batch(1, WAIT_S))
    [saved] = await (await transport.consumer([SAFETY_NET], 1)).batch(1, WAIT_S)
    assert (saved.headers["ce-id"], saved.routing_key) == ("0", inbound(channel))


async def test_the_topology_as_a_whole(transport: AmqpTransport) -> None:
    """The whole table can be declared, twice, and routes an event to its subscription and the rest to the unrouted."""
    channel = uuid4().hex
    whole = topology([channel], [Subscription(f"fraud.{channel}", (f"{channel}.#",))])
    await transport.declare(whole)
    await transport.declare(whole)
    sent = [
        Publication("iso20022.events", f"{tenant}.iso20022.payment.v1", f"{tenant}-{channel}", b"{}")
        for tenant in (channel, "other")
    ]
    taken, unrouted = (each.event_id for each in sent)
    assert await transport.publish(sent) == [CONFIRMED, CONFIRMED]
    assert ids(await drain(transport, f"fraud.{channel}", {taken})) == {taken}
    assert taken not in ids(await drain(transport, UNROUTED, {unrouted}))


async def test_no_payload_in_logs(
    rabbitmq: RabbitMQ,
    stack: contextlib.AsyncExitStack,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever goes wrong on the way, no body and no password is in a log record, at any level."""
    caplog.set_level(logging.DEBUG)
    transport = await connect(rabbitmq.port, stack)
    for pause_s in (0.0, 0.002, 0.01):
        with contextlib.suppress(TimeoutError):
            batch = [Publication("", "missing", "e", b"MARKED-BODY" * 100) for _ in range(300)]
            await asyncio.wait_for(transport.publish(batch), pause_s)
    name = await queue(transport)
    await transport.publish([Publication("", name, "e", b"MARKED-BODY")])
    await drain(transport, name, {"e"})
    await transport.close()
    assert caplog.records
    assert "MARKED-BODY" not in caplog.text
    assert "guest:guest" not in caplog.text


async def test_wrong_password_is_not_shown() -> None:
    """A server that cannot be reached is named by host and port, never by its URL."""
    transport = AmqpTransport(AmqpConfig("amqp://user:SECRET@127.0.0.1:1/"))
    with pytest.raises(TransportUnavailableError, match=r"127\.0\.0\.1:1 ") as raised:
        await transport.open()
    assert "SECRET" not in str(raised.value) + repr(transport._config)
