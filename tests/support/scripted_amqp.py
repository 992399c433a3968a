"""A peer that speaks AMQP 0-9-1 as a test tells it to: what it confirms, returns and refuses, when and in which order.

RabbitMQ decides for itself whether it confirms one by one or several at once, late or never; this one is told. It
greets, opens channels, counts queues, takes publishes, and answers none of them by itself.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from pamqp import commands, frame, header
from pamqp.base import Frame
from pamqp.body import ContentBody
from pamqp.heartbeat import Heartbeat

from tests.support.waiting import WAIT_S

_FRAME_MAX = 4096
_CAPABILITIES: dict[str, Any] = {"publisher_confirms": True, "basic.nack": True, "connection.blocked": True}

_REPLIES: dict[type, Frame] = {
    commands.Connection.StartOk: commands.Connection.Tune(channel_max=100, frame_max=_FRAME_MAX, heartbeat=0),
    commands.Connection.Open: commands.Connection.OpenOk(),
    commands.Connection.Close: commands.Connection.CloseOk(),
    commands.Channel.Open: commands.Channel.OpenOk(),
    commands.Channel.Close: commands.Channel.CloseOk(),
    commands.Confirm.Select: commands.Confirm.SelectOk(),
    commands.Exchange.Declare: commands.Exchange.DeclareOk(),
}


@dataclass(frozen=True)
class Published:
    """One publish as it arrived; ``tag`` is what a confirm names it by."""

    channel: int
    tag: int
    method: commands.Basic.Publish
    header: header.ContentHeader
    body: bytes


@dataclass
class ScriptedPeer:
    """The peer of one connection at a time. ``opened_at`` is when it opened the last channel, by the loop's clock.

    Every queue holds ``waiting`` messages. From the first method of ``silent_from`` on it answers nothing any more.
    """

    port: int = 0
    waiting: int = 0
    opened_at: float = 0.0
    silent_from: tuple[type, ...] = ()
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    published: list[Published] = field(default_factory=list)
    _tags: dict[int, int] = field(default_factory=dict)
    _writer: asyncio.StreamWriter | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def arrived(self, count: int) -> list[Published]:
        """Wait until so many publishes have arrived since the beginning."""
        async with asyncio.timeout(WAIT_S):
            while len(self.published) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.published

    def ack(self, tag: int, *, channel: int, multiple: bool = False) -> None:
        """Confirm one publish, or all up to this one."""
        self._send(channel, commands.Basic.Ack(delivery_tag=tag, multiple=multiple))

    def nack(self, tag: int, *, channel: int, multiple: bool = False) -> None:
        """Refuse one publish, or all up to this one."""
        self._send(channel, commands.Basic.Nack(delivery_tag=tag, multiple=multiple))

    def give_back(self, published: Published) -> None:
        """Return a publish that nothing takes; RabbitMQ confirms it after that."""
        method = published.method
        returned = commands.Basic.Return(312, "NO_ROUTE", method.exchange, method.routing_key)
        self._send(published.channel, returned, published.header, ContentBody(published.body))

    def close_channel(self, channel: int) -> None:
        """Close a channel for a reason of its own."""
        self._send(channel, commands.Channel.Close(406, "PRECONDITION_FAILED", 60, 40))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak with one client until it goes."""
        self._writer, self._tags = writer, {}
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readexactly(8)
            properties: dict[str, Any] = {"capabilities": _CAPABILITIES}
            self._send(0, commands.Connection.Start(server_properties=properties, mechanisms="PLAIN", locales="en_US"))
            while True:
                await self._answer(reader)

    async def _answer(self, reader: asyncio.StreamReader) -> None:
        channel, got = await _read(reader)
        if isinstance(got, self.silent_from):
            self.silent.set()
        if self.silent.is_set():
            return
        if isinstance(got, commands.Channel.Open):
            self._tags[channel] = 0
            self.opened_at = asyncio.get_running_loop().time()
        if isinstance(got, commands.Basic.Publish):
            await self._take(channel, got, reader)
        elif isinstance(got, commands.Queue.Declare):
            self._send(channel, commands.Queue.DeclareOk(got.queue, self.waiting, 0))
        elif (reply := _REPLIES.get(type(got))) is not None:
            self._send(channel, reply)

    async def _take(self, channel: int, method: commands.Basic.Publish, reader: asyncio.StreamReader) -> None:
        _, said = await _read(reader)
        assert isinstance(said, header.ContentHeader)
        body = b""
        while len(body) < (said.body_size or 0):
            _, part = await _read(reader)
            assert isinstance(part, ContentBody)
            body += part.value or b""
        self._tags[channel] += 1
        self.published.append(Published(channel, self._tags[channel], method, said, body))
        self._changed.set()

    def _send(self, channel: int, *frames: object) -> None:
        assert self._writer is not None
        for each in frames:
            self._writer.write(frame.marshal(each, channel))  # type: ignore[arg-type]  # any frame there is


async def _read(reader: asyncio.StreamReader) -> tuple[int, object]:
    start = await reader.readexactly(7)
    rest = await reader.readexactly(int.from_bytes(start[3:], "big") + 1)
    _, channel, got = frame.unmarshal(start + rest)
    return (channel, None) if isinstance(got, Heartbeat) else (channel, got)


@contextlib.asynccontextmanager
async def scripted_peer() -> AsyncIterator[ScriptedPeer]:
    """Listen on a free port for as long as the block lasts."""
    peer = ScriptedPeer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
