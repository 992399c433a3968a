"""A proxy before PostgreSQL that makes faults: a connection lost around COMMIT, and a pooler in transaction mode.

It speaks just enough of the protocol (version 3) to see where messages and transactions end. Each fault counts how
often it fired, so that a test can assert that it did.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

_SOCKET = ".s.PGSQL.5432"
_READY, _IDLE = b"Z", b"I"
_QUERY, _PARSE, _BIND, _SYNC = b"Q", b"P", b"B", b"S"
_ANSWERED = (_QUERY, _SYNC)


@dataclass(frozen=True)
class _Message:
    kind: bytes
    content: bytes

    @property
    def raw(self) -> bytes:
        return self.kind + (len(self.content) + 4).to_bytes(4, "big") + self.content


class _End:
    """One end of a connection, read message by message."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, socket: Path) -> "_End":
        return cls(*await asyncio.open_unix_connection(socket))

    async def startup(self) -> bytes:
        size = await self._reader.readexactly(4)
        return size + await self._reader.readexactly(int.from_bytes(size, "big") - 4)

    async def message(self) -> _Message | None:
        try:
            kind = await self._reader.readexactly(1)
            size = int.from_bytes(await self._reader.readexactly(4), "big")
            return _Message(kind, await self._reader.readexactly(size - 4))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def until_ready(self) -> bytes:
        read = b""
        while message := await self.message():
            read += message.raw
            if message.kind == _READY:
                return read
        raise ConnectionError

    def write(self, content: bytes) -> None:
        self._writer.write(content)

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


class Cut(Enum):
    """Where the connection is lost: the commit never arrives, or it takes effect and the answer never arrives."""

    BEFORE_COMMIT = auto()
    AFTER_COMMIT = auto()


@dataclass
class CommitCutter:
    """Passes everything on, except that it cuts the next connection that commits, once it is armed.

    A commit is a COMMIT, or a statement that the store runs as a transaction of its own (``sql/at_once.sql``).
    """

    server: Path
    armed: Cut | None = None
    fired: int = 0

    async def serve(self, client: _End) -> None:
        """Serve one client until either side is gone."""
        server = await _End.to(self.server)
        backward = asyncio.create_task(self._backward(server, client))
        commits: set[bytes] = set()
        inside = False  # a transaction
        try:
            server.write(await client.startup())
            while message := await client.message():
                if message.kind == _PARSE:
                    name, statement, _ = message.content.split(b"\0", 2)
                    if statement.startswith(b"-- at_once."):
                        commits.add(name)
                if message.kind == _QUERY:
                    inside = message.content.startswith(b"BEGIN")
                if self.armed and _commits(message, () if inside else commits):
                    await self._cut(client, server, message, backward)
                    return
                server.write(message.raw)
        finally:
            backward.cancel()
            await asyncio.gather(backward, return_exceptions=True)
            await server.close()

    async def close(self) -> None:
        """Nothing is held beyond the clients."""

    async def _cut(self, client: _End, server: _End, first: _Message, backward: asyncio.Task[None]) -> None:
        cut, self.armed = self.armed, None
        self.fired += 1
        backward.cancel()
        await asyncio.gather(backward, return_exceptions=True)
        if cut is Cut.AFTER_COMMIT:
            message: _Message | None = first
            while message is not None:
                server.write(message.raw)
                message = None if message.kind in _ANSWERED else await client.message()
            await server.until_ready()

    async def _backward(self, server: _End, client: _End) -> None:
        while message := await server.message():
            client.write(message.raw)
        await client.close()


def _commits(message: _Message, statements: Collection[bytes]) -> bool:
    """Whether a message from the client begins a commit: the text COMMIT, or one of the statements with its values."""
    if message.kind == _BIND:
        return message.content.split(b"\0", 2)[1] in statements
    return message.kind == _QUERY and message.content.startswith(b"COMMIT")


@dataclass
class TransactionPooler:
    """Gives each transaction another of its few server connections, as a pooler in transaction mode does."""

    server: Path
    size: int = 2
    handed_over: int = 0
    _servers: list[_End] = field(default_factory=list)
    _idle: list[_End] = field(default_factory=list)
    _greeting: bytes = b""
    _free: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, client: _End) -> None:
        """Serve one client until it is gone."""
        startup = await client.startup()
        async with self._free:
            while len(self._servers) < self.size:
                server = await _End.to(self.server)
                self._servers.append(server)
                server.write(startup)
                self._greeting = await server.until_ready()
                self._idle.append(server)
        client.write(self._greeting)
        while (message := await client.message()) and message.kind != b"X":
            await self._transaction(client, message)

    async def close(self) -> None:
        """End the server connections."""
        for server in self._servers:
            await server.close()

    async def _transaction(self, client: _End, first: _Message) -> None:
        """Hold one server connection from this message until the server is idle again."""
        async with self._free:
            await self._free.wait_for(lambda: bool(self._idle))
            server = self._idle.pop(0)  # the one that was idle longest: not the same twice in a row
        self.handed_over += 1
        backward = asyncio.create_task(self._backward(server, client))
        message: _Message | None = first
        while message is not None:
            server.write(message.raw)
            if message.kind in _ANSWERED:
                # The answer says whether a transaction is open; nothing more comes from the client before it has it.
                if await backward == _IDLE:
                    break
                backward = asyncio.create_task(self._backward(server, client))
            message = await client.message()
        backward.cancel()
        await asyncio.gather(backward, return_exceptions=True)
        async with self._free:
            self._idle.append(server)
            self._free.notify()

    async def _backward(self, server: _End, client: _End) -> bytes:
        while message := await server.message():
            client.write(message.raw)
            if message.kind == _READY:
                return message.content
        raise ConnectionError


@asynccontextmanager
async def before(fault: CommitCutter | TransactionPooler, dsn: str) -> AsyncIterator[str]:
    """Put a fault before a server on a Unix socket, and give the DSN that leads through it."""
    serving: set[asyncio.Task[None]] = set()

    async def serve(end: _End) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await fault.serve(end)
        finally:
            await end.close()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.create_task(serve(_End(reader, writer))))

    with tempfile.TemporaryDirectory(prefix="broker-proxy-") as folder:
        server = await asyncio.start_unix_server(connected, Path(folder) / _SOCKET)
        try:
            yield f"{dsn.partition('host=')[0]}host={folder}"
        finally:
            server.close()
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)
            await fault.close()
