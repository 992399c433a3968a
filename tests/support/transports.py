"""Both transports as the conformance suite sees them: ours, a foreign sender beside it, and a way to lose a consumer.

A ``Lab`` owns everything it makes and ends it at the end of the test.
"""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import aio_pika
import orjson

from broker.transport.amqp import AmqpConfig, AmqpTransport
from broker.transport.directory import DirectoryConfig, DirectoryTransport
from broker.transport.seam import Consumer, Delivery, ExchangeSpec, Publication, QueueSpec, Topology, Transport
from tests.support.rabbitmq import RabbitMQ
from tests.support.tcp_proxy import TcpProxy
from tests.support.waiting import WAIT_S, until

_ON_ITS_WAY_S = 0.3


@dataclass(frozen=True, slots=True)
class Foreign:
    """A message as somebody else's client puts it into a queue."""

    body: bytes
    message_id: str | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Lab(Protocol):
    """One kind of transport, ready to be tried."""

    async def transport(self) -> Transport:
        """Open another instance of the transport, closed at the end of the test."""

    async def put(self, queue: str, message: Foreign) -> None:
        """Put a message into a queue as a foreign sender does."""

    async def doomed(self, queue: str) -> tuple[Consumer, Callable[[], Awaitable[None]]]:
        """Make a consumer of one queue and a way to lose it as a crash or a cut line would."""


async def queue(transport: Transport, *, max_length: int | None = None) -> str:
    """Declare a queue of a name of its own."""
    name = f"conformance.{uuid4().hex}"
    await transport.declare(Topology((), (spec(name, max_length=max_length),)))
    return name


def spec(name: str, *, max_length: int | None = None, bindings: tuple[tuple[str, str], ...] = ()) -> QueueSpec:
    """Describe a queue as our topology has them: replicated, refusing when full."""
    arguments: dict[str, str | int] = {"x-queue-type": "quorum", "x-overflow": "reject-publish"}
    if max_length is not None:
        arguments["x-max-length"] = max_length
    return QueueSpec(name, arguments, bindings)


def events(name: str, alternate: str | None = None) -> ExchangeSpec:
    """Describe a topic exchange."""
    return ExchangeSpec(name, "topic", alternate)


class AmqpLab:
    """RabbitMQ on the session's node."""

    def __init__(self, node: RabbitMQ, stack: contextlib.AsyncExitStack) -> None:
        """Use a node that runs; what is made is put on the stack."""
        self._node = node
        self._stack = stack

    async def transport(self, port: int | None = None) -> AmqpTransport:
        """Open a transport, through the proxy at ``port`` where one is given."""
        url = f"amqp://guest:guest@127.0.0.1:{port or self._node.port}/"
        transport = AmqpTransport(AmqpConfig(url, confirm_timeout_s=WAIT_S))
        self._stack.push_async_callback(transport.close)
        await transport.open()
        return transport

    async def put(self, queue: str, message: Foreign) -> None:
        """Publish with aio-pika's own means."""
        connection = await aio_pika.connect(self._node.url)
        async with connection:
            headers: dict[str, Any] = dict(message.headers)
            ready = aio_pika.Message(
                message.body,
                headers=headers,
                message_id=message.message_id,
                correlation_id=message.correlation_id,
                reply_to=message.reply_to,
                content_type=message.content_type,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await (await connection.channel()).default_exchange.publish(ready, queue)

    async def doomed(self, queue: str) -> tuple[Consumer, Callable[[], Awaitable[None]]]:
        """Consume through a proxy that can cut the line."""
        proxy = await self._stack.enter_async_context(TcpProxy(self._node.port).running())
        consumer = await (await self.transport(proxy.port)).consumer([queue], 100)

        async def lose() -> None:
            proxy.cut()

        return consumer, lose


class DirectoryLab:
    """Folders under one root."""

    def __init__(self, root: Path, stack: contextlib.AsyncExitStack) -> None:
        """Use a root that may not exist yet; what is made is put on the stack."""
        self._root = root
        self._stack = stack
        self._put_at = 0

    async def transport(self) -> DirectoryTransport:
        """Open a transport on the root, as another process would."""
        transport = DirectoryTransport(DirectoryConfig(self._root, poll_interval_s=0.01))
        self._stack.push_async_callback(transport.close)
        await transport.open()
        return transport

    async def put(self, queue: str, message: Foreign) -> None:
        """Drop files as a core does: the headers, then the message, each by rename."""
        name = uuid4().hex
        described = {
            "message_id": message.message_id,
            "correlation_id": message.correlation_id,
            "reply_to": message.reply_to,
            "content_type": message.content_type,
            "headers": dict(message.headers),
        }
        for suffix, content in ((".headers.json", orjson.dumps(described)), ("", message.body)):
            temporary = self._root / queue / f"{name}{suffix}.tmp"
            temporary.write_bytes(content)
            # The clock for files may not tell two puts apart, and order is by it.
            self._put_at = max(temporary.stat().st_mtime_ns, self._put_at + 1)
            os.utime(temporary, ns=(self._put_at, self._put_at))
            temporary.rename(self._root / queue / f"{name}{suffix}")

    async def doomed(self, queue: str) -> tuple[Consumer, Callable[[], Awaitable[None]]]:
        """Consume, and lose the locks alone: that is what a dead process leaves behind."""
        consumer = await (await self.transport()).consumer([queue], 100)

        async def lose() -> None:
            for source in consumer._sources:
                assert source.claims._lock is not None
                os.close(source.claims._lock)
                source.claims._lock = None

        return consumer, lose


def to(name: str, body: bytes | str, event_id: str = "") -> Publication:
    """Address a message to a queue directly."""
    return Publication("", name, event_id or uuid4().hex, body if isinstance(body, bytes) else body.encode())


async def take(consumer: Consumer, count: int) -> list[Delivery]:
    """Take exactly ``count`` deliveries; fails when they do not come."""
    taken: list[Delivery] = []
    while len(taken) < count:
        batch = await consumer.batch(count - len(taken), WAIT_S)
        assert batch, f"{len(taken)} of {count} came"
        taken += batch
    return taken


async def drain(transport: Transport, queue: str, wanted: Iterable[str] = (), least: int = 0) -> list[Delivery]:
    """Take and settle what a queue holds: every wanted event, by id, so many at least, and what comes right behind."""
    consumer = await transport.consumer([queue], 1000)
    taken: list[Delivery] = []
    missing = set(wanted)
    async with asyncio.timeout(WAIT_S):
        # What is on its way is counted no more and has not arrived: the end is a look in vain.
        while (batch := await consumer.batch(1000, _ON_ITS_WAY_S)) or missing or len(taken) < least:
            await consumer.ack(batch)
            taken += batch
            missing -= ids(batch)
    await consumer.close()
    return taken


def ids(deliveries: Iterable[Delivery]) -> set[str]:
    """The ids of the events that came."""
    return {each.headers.get("ce-id", "") for each in deliveries}


async def expect_depth(transport: Transport, queue: str, count: int) -> None:
    """Look until so many messages wait: RabbitMQ counts nought where a quorum queue's leader takes 250 ms to answer."""

    async def is_so() -> bool:
        return await transport.depth(queue) == count

    await until(is_so)


def bodies(deliveries: list[Delivery]) -> list[str]:
    """Read deliveries as text."""
    return [delivery.body.decode() for delivery in deliveries]
