"""A TCP proxy with faults: connections can be cut, or left open and silent, as networks do.

It owns its listener and the connections through it; the server behind it notices what a real network would show it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class TcpProxy:
    """Forwards to a port of this machine. ``taken`` counts the connections it has seen."""

    def __init__(self, target_port: int) -> None:
        """Name the port behind it."""
        self._target_port = target_port
        self._pumps: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._until_cut: int | None = None
        self.port = 0
        self.taken = 0

    def cut(self) -> None:
        """Reset every connection, on both sides."""
        for writer in self._writers:
            writer.transport.abort()

    def cut_after(self, size: int) -> None:
        """Cut when so many more bytes have come from clients; none after them arrives."""
        self._until_cut = size

    def stall(self) -> None:
        """Let nothing through any more while connections stay open: a half-open line."""
        self._flowing.clear()

    def flow(self) -> None:
        """Let everything through again, what was held up included."""
        self._flowing.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["TcpProxy"]:
        """Listen for as long as the block runs."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            for pump in self._pumps:
                pump.cancel()
            await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken += 1
        self._writers.add(writer)
        try:
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(behind_writer)
        for source, sink, upward in ((reader, behind_writer, True), (behind_reader, writer, False)):
            pump = asyncio.create_task(self._pump(source, sink, upward=upward))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, upward: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                await self._flowing.wait()
                if upward and self._until_cut is not None:
                    data = data[: self._until_cut]
                    self._until_cut -= len(data)
                sink.write(data)
                if self._until_cut == 0:
                    self._until_cut = None
                    self.cut()
                    break
                await sink.drain()
        sink.transport.abort()
        self._writers.discard(sink)
