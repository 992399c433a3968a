"""One line to RabbitMQ: a connection that is opened when needed and opened again after it was lost.

It owns the life of a connection and the translation of the client library's errors. It must not know what travels on
it. Whoever uses a line asks for a channel at each beginning; nothing is restored unseen, so nothing is assumed.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.abc import AbstractConnection as Wire
from aiormq.exceptions import AMQPError, ChannelClosed
from yarl import URL

from broker.errors import TransportUnavailableError
from broker.transport.amqp.decoding import tolerate_foreign_properties

_T = TypeVar("_T")

# ChannelInvalidStateError and "connection closed" of aiormq are RuntimeErrors.
LOST = (AMQPError, OSError, TimeoutError, RuntimeError)


@dataclass(frozen=True, slots=True)
class AmqpConfig:
    """How to reach RabbitMQ and how much may be under way. Only ``url`` has no default; it may hold a password."""

    url: str = field(repr=False)
    name: str = "iso20022-broker"
    connect_timeout_s: float = 10.0
    request_timeout_s: float = 10.0
    confirm_timeout_s: float = 30.0
    close_timeout_s: float = 5.0
    heartbeat_s: int = 15
    in_flight: int = 1_000
    in_flight_bytes: int = 16_777_216
    max_body_bytes: int = 16_777_216  # RabbitMQ 4 closes the channel on a larger one; 3.x takes 128 MiB


async def asked(request: Awaitable[_T], doing: str, timeout_s: float) -> _T:
    """Await a request to RabbitMQ; its loss in any form is TransportUnavailableError, named by what was being done.

    A channel error (404, 403, 405, 406) is left to the caller, who knows what it means.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await request
    except asyncio.CancelledError as lost:
        if is_cancelled():
            raise
        raise TransportUnavailableError(f"RabbitMQ ended the connection while {doing}") from lost
    except LOST as lost:
        if is_channel_error(lost):
            raise
        raise TransportUnavailableError(f"RabbitMQ was lost while {doing}: {type(lost).__name__}") from None


async def close(channel: AbstractChannel, timeout_s: float) -> None:
    """Close a channel: RabbitMQ gives back what is unsettled on it. Idempotent."""
    # One that is lost meanwhile is gone either way, and what it held goes back.
    with contextlib.suppress(TransportUnavailableError, ChannelClosed):
        await asked(channel.close(), "closing a channel", timeout_s)


def is_cancelled() -> bool:
    """Whether a CancelledError is meant for this task: aiormq also ends with it what waits on a dead connection."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def is_channel_error(error: BaseException) -> bool:
    """Whether RabbitMQ answered with a refusal that closed the channel, and not the connection."""
    return isinstance(error, aio_pika.exceptions.ChannelClosed) and type(error) is not aio_pika.exceptions.ChannelClosed


class Line:
    """One connection with a purpose (``publish`` or ``consume``), which shows in RabbitMQ's list of connections."""

    def __init__(self, config: AmqpConfig, purpose: str) -> None:
        """Keep the configuration; nothing is opened yet."""
        self._config = config
        self._purpose = purpose
        self._connection: AbstractConnection | None = None
        self._opening = asyncio.Lock()
        self._abandoned: set[asyncio.Task[None]] = set()
        self._closed = False

    async def open(self) -> AbstractConnection:
        """Give the open connection, made anew where it was lost. Raises TransportUnavailableError."""
        async with self._opening:
            if self._closed:
                raise TransportUnavailableError("the transport was closed")
            if self._connection is None or self._wire() is None:
                self.drop()
                self._connection = await self._connect()
            return self._connection

    async def channel(self, *, confirms: bool) -> AbstractChannel:
        """Open a channel; with ``confirms``, publishes are confirmed and unroutable ones raised."""
        connection = await self.open()
        channel = connection.channel(publisher_confirms=confirms, on_return_raises=confirms)
        await asked(channel.initialize(), "opening a channel", self._config.request_timeout_s)
        return channel

    @contextlib.asynccontextmanager
    async def passing(self) -> AsyncIterator[AbstractChannel]:
        """Open a channel for a few requests and close it after them."""
        channel = await self.channel(confirms=False)
        try:
            yield channel
        finally:
            await close(channel, self._config.request_timeout_s)

    def held_back(self) -> bool:
        """Whether RabbitMQ sent ``connection.blocked`` (a memory or disk alarm) and not yet the end of it."""
        wire = self._wire()
        if wire is None:
            return False
        waiting = wire.ready()  # the library's only public sight of it: done at its first step, or blocked
        try:
            waiting.send(None)
        except StopIteration:
            return False
        finally:
            waiting.close()
        return True

    async def released(self) -> None:
        """Wait until RabbitMQ takes publishes again; at once where it does."""
        if wire := self._wire():
            await wire.ready()

    def drop(self) -> None:
        """Give up a connection that no longer answers; the next use opens another. Closing it goes on behind."""
        if self._connection is not None:
            task = asyncio.create_task(self._end(self._connection))
            self._abandoned.add(task)
            task.add_done_callback(self._abandoned.discard)
            self._connection = None

    async def close(self) -> None:
        """Close the connection. Idempotent."""
        self._closed = True
        async with self._opening:
            self.drop()
            if self._abandoned:
                await asyncio.wait(self._abandoned)

    def _wire(self) -> Wire | None:
        """The library's connection, None unless it is open."""
        if self._connection is None or self._connection.transport is None:
            return None
        wire: Wire = self._connection.transport.connection
        return wire if wire.is_opened else None

    async def _connect(self) -> AbstractConnection:
        _keep_payloads_out_of_logs()
        tolerate_foreign_properties()
        url = URL(self._config.url)
        if "heartbeat" not in url.query:
            url = url.update_query(heartbeat=str(self._config.heartbeat_s))
        properties: dict[str, Any] = {"connection_name": f"{self._config.name} {self._purpose}"}
        where = f"{url.host}:{url.port or ''}".rstrip(":")
        connection = aio_pika.Connection(url, client_properties=properties)
        try:
            async with asyncio.timeout(self._config.connect_timeout_s):
                await connection.connect()
        except LOST as failed:
            # The text of the library's error may hold the URL with its password: only its kind is told.
            raise TransportUnavailableError(f"RabbitMQ at {where} cannot be reached: {type(failed).__name__}") from None
        finally:
            if connection.transport is None:
                await connection.close()
        return connection

    async def _end(self, connection: AbstractConnection) -> None:
        """Close it, and mark it closed where that takes too long.

        A connection that is not marked closes itself when it is collected, in whatever thread that happens.
        """
        with contextlib.suppress(*LOST, asyncio.CancelledError):
            async with asyncio.timeout(self._config.close_timeout_s):
                await connection.close()
        await connection.close()


def _keep_payloads_out_of_logs() -> None:
    """Let no body into a log: aiormq writes frames at DEBUG and late returns at ERROR."""
    for name in ("aiormq.connection", "aiormq.channel", "aio_pika.exchange"):
        logger = logging.getLogger(name)
        if _without_payload not in logger.filters:
            logger.addFilter(_without_payload)


def _without_payload(record: logging.LogRecord) -> bool:
    if record.levelno <= logging.DEBUG:
        return False
    if isinstance(record.args, tuple):
        record.args = tuple(one if isinstance(one, (str, int, float)) else type(one).__name__ for one in record.args)
    record.exc_info = None
    return True
