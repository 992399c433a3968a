"""A peer that speaks AMQP 0-9-1 as a test tells it to: what it confirms, returns and refuses, when and in which order.

RabbitMQ decides for itself whether it confirms one by one or several at once, late or never; this one is told. It
greets, opens channels, takes publishes, and answers none of them by itself.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from pamqp import commands, frame, header
from pamqp.body import ContentBody
from pamqp.heartbeat import Heartbeat

_FRAME_MAX = 4096
_CAPABILITIES: dict[str, Any] = {"publisher_confirms": True, "basic.nack": True, "connection.blocked": True}


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
    """The peer of one connection at a time."""

    port: int = 0
    published: list[Published] = field(default_factory=list)
    _tags: dict[int, int] = field(default_factory=dict)
    _writer: asyncio.StreamWriter | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def arrived(self, count: int) -> list[Published]:
        """Wait until so many publishes have arrived since the beginning."""
        async with asyncio.timeout(10):
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
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readexactly(8)
            properties: dict[str, Any] = {"capabilities": _CAPABILITIES}
            self._send(0, commands.Connection.Start(server_properties=properties, mechanisms="PLAIN", locales="en_US"))
            while True:
                await self._answer(reader)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> None:
        channel, got = await _read(reader)
        match got:
            case commands.Connection.StartOk():
                self._send(0, commands.Connection.Tune(channel_max=100, frame_max=_FRAME_MAX, heartbeat=0))
            case commands.Connection.Open():
                self._send(0, commands.Connection.OpenOk())
            case commands.Connection.Close():
                self._send(0, commands.Connection.CloseOk())
            case commands.Channel.Open():
                self._tags[channel] = 0
                self._send(channel, commands.Channel.OpenOk())
            case commands.Channel.Close():
                self._send(channel, commands.Channel.CloseOk())
            case commands.Confirm.Select():
                self._send(channel, commands.Confirm.SelectOk())
            case commands.Exchange.Declare():
                self._send(channel, commands.Exchange.DeclareOk())
            case commands.Basic.Publish():
                await self._take(channel, got, reader)

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
