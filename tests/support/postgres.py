"""A private PostgreSQL for the tests: in a temporary folder, on a Unix socket, stopped at the end.

It owns the server it starts and nothing else. A template database is migrated once; each test gets a clone of it.
"""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from broker.store import embedded
from broker.store.migrate import migrate

_TEMPLATE = "template_migrated"


class Postgres:
    """One server. ``start``, ``stop``, ``kill`` block."""

    def __init__(self, folder: Path) -> None:
        """Prepare a server in a folder; nothing runs yet."""
        self._folder = folder
        self._server: embedded.Embedded | None = None

    @property
    def dsn(self) -> str:
        """The DSN of the maintenance database."""
        assert self._server is not None
        return self._server.dsn

    @property
    def socket(self) -> Path:
        """The Unix socket the server listens on."""
        assert self._server is not None
        path = self._server.server.get_postmaster_info().socket_path
        assert path is not None
        return Path(path)

    @property
    def pid(self) -> int:
        """The server's first process; all others are below it."""
        assert self._server is not None
        process = self._server.server.get_postmaster_info().process
        assert process is not None
        return int(process.pid)

    @property
    def version(self) -> str:
        """The version of the server: ``18.4``."""
        assert self._server is not None
        text = subprocess.check_output([self._server.server.bin_path / "postgres", "--version"], text=True)
        return text.split()[-1]

    def start(self) -> None:
        """Start the server, or start it again with the same data."""
        self._server = embedded.start(self._folder)

    def stop(self) -> None:
        """Stop the server in good order; data stays. Idempotent."""
        if self._server is not None:
            self._server.server.stop()

    def kill(self) -> None:
        """End the server as a crash would: no checkpoint, recovery at the next start."""
        assert self._server is not None
        process = self._server.server.get_postmaster_info().process
        assert process is not None
        process.send_signal(signal.SIGQUIT)
        process.wait(30)

    def discard(self) -> None:
        """Stop the server and remove its data."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def dsn_of(self, database: str) -> str:
        """The DSN of one of its databases."""
        return self.dsn.replace("/postgres?", f"/{database}?")

    async def make_template(self) -> None:
        """Make the database that ``clone`` clones: migrated, empty."""
        await self._command(f"CREATE DATABASE {_TEMPLATE}")
        await migrate(self.dsn_of(_TEMPLATE))

    async def empty(self) -> str:
        """Create a database without any schema and give its DSN."""
        name = f"t_{uuid4().hex}"
        await self._command(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.dsn_of(name)

    async def clone(self) -> str:
        """Create a migrated database and give its DSN."""
        name = f"t_{uuid4().hex}"
        await self._command(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self.dsn_of(name)

    async def drop(self, dsn: str) -> None:
        """Drop a database that ``clone`` or ``empty`` gave, ending whoever still uses it."""
        name = urlsplit(dsn).path.removeprefix("/")
        with contextlib.suppress(OSError, asyncpg.PostgresError):  # a test may have ended the server
            await self._command(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def _command(self, text: str) -> None:
        connection: Any = await asyncpg.connect(self.dsn)
        try:
            await connection.execute(text)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run one server for the whole session, with its template."""
    server = Postgres(Path(tempfile.mkdtemp(prefix="broker-pg-")))
    server.start()
    try:
        asyncio.run(server.make_template())
        yield server
    finally:
        server.discard()


@pytest.fixture
async def dsn(postgres: Postgres) -> AsyncIterator[str]:
    """Give one test a migrated database of its own."""
    clone = await postgres.clone()
    yield clone
    await postgres.drop(clone)
