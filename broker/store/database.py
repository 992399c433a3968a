"""Connections to PostgreSQL, and its errors in our words.

A loop holds one connection (a ``Session``) and works in transactions. What one statement does needs none around it,
except behind a pooler in transaction mode, where a statement outside a transaction would fall apart. Knows nothing of
messages or tables.

Errors
- ``StoreUnavailableError``: the server is away, ended the connection, or asked to try again (deadlock, lock timeout).
  If it comes out of a transaction's end, or of a statement that is one, the outcome is *unknown*: read it again, never
  assume it.
- ``StoreRefusedError``: the data of a statement cannot be stored. The transaction was rolled back.
- ``ConfigurationError``: wrong DSN, credentials or rights, or a schema that was not migrated.
- None of them carries or chains the server's own text: its details quote values.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from broker.errors import ConfigurationError, StoreRefusedError, StoreUnavailableError

_DURABLE = {"fsync": "on", "full_page_writes": "on"}
_DURABLE_COMMIT = ("on", "remote_write", "remote_apply", "local")

# SQLSTATE classes and codes (PostgreSQL manual, appendix A), the first that fits decides.
_AWAY = ("08", "40", "53", "57", "58", "25006", "55P03", "XX")
_REFUSED = ("22", "23", "25P02", "54")  # 25P02: goes on in a transaction whose refusal was swallowed
_MISCONFIGURED = ("28", "3D", "3F", "42")


@dataclass(frozen=True, slots=True)
class Database:
    """Where PostgreSQL is and how to speak to it.

    ``statement_cache`` False: no statement is prepared on the server beyond its transaction (PgBouncer in transaction
    mode).
    """

    dsn: str = field(repr=False)
    statement_cache: bool = True
    connect_timeout_s: float = 10.0
    command_timeout_s: float = 30.0
    application: str = "broker"

    async def connect(self) -> "Connection":
        """Open one connection. Raises StoreUnavailableError or ConfigurationError."""
        settings = {"application_name": self.application}
        if self.statement_cache:
            # A worker that is paused inside a transaction must not hold its locks for good. A pooler takes no settings
            # of this kind and has a limit of its own (idle_transaction_timeout).
            settings["idle_in_transaction_session_timeout"] = f"{2 * self.command_timeout_s * 1000:.0f}"
        with _our_errors():
            raw = await asyncpg.connect(
                self.dsn,
                timeout=self.connect_timeout_s,
                command_timeout=self.command_timeout_s,
                statement_cache_size=200 if self.statement_cache else 0,
                server_settings=settings,
            )
        return Connection(raw)

    def session(self) -> "Session":
        """Give a session: a held connection, opened when first used."""
        return Session(self)


class Connection:
    """One connection inside or outside a transaction. Not for two tasks at a time."""

    def __init__(self, raw: Any) -> None:  # noqa: ANN401 - asyncpg publishes no types
        """Wrap an asyncpg connection."""
        self._raw = raw

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return bool(self._raw.is_closed())

    async def fetch(self, statement: str, *arguments: object) -> list[Any]:
        """Run one statement in one round trip and give its rows (asyncpg records: by name or position)."""
        with _our_errors():
            rows: list[Any] = await self._raw.fetch(statement, *arguments)
            return rows

    async def value(self, statement: str, *arguments: object) -> Any:  # noqa: ANN401 - as the statement selects
        """Run one statement and give the first column of its first row, or None."""
        with _our_errors():
            return await self._raw.fetchval(statement, *arguments)

    async def script(self, text: str) -> None:
        """Run a text of several statements without arguments."""
        with _our_errors():
            await self._raw.execute(text)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Open a transaction (read committed); commit at the end, roll back when the body raises."""
        transaction = self._raw.transaction(isolation="read_committed")
        with _our_errors():
            await transaction.start()
        try:
            yield
        except BaseException:
            # The connection may be gone or in the middle of a reply: what went wrong first is what counts.
            if not self._raw.is_closed():
                with _our_errors():
                    await transaction.rollback()
            raise
        with _our_errors():
            await transaction.commit()

    async def close(self) -> None:
        """Say goodbye to the server. Idempotent."""
        try:
            await self._raw.close(timeout=5)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            self._raw.terminate()

    def terminate(self) -> None:
        """Drop the connection at once. Idempotent."""
        self._raw.terminate()


class Session:
    """One held connection, opened when first used and again after it broke. Several tasks take turns."""

    def __init__(self, database: Database) -> None:
        """Nothing is opened yet."""
        self._database = database
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Work in one transaction.

        Raises as the module says. After StoreUnavailableError or a cancellation the connection is dropped, and the next
        use opens another.
        """
        async with self._held() as connection, connection.transaction():
            yield connection

    def autocommit(self) -> AbstractAsyncContextManager[Connection]:
        """Give each statement a transaction of its own: one round trip each, and no lock that outlives it.

        Behind a pooler it is one transaction for all of them. Raises as above.
        """
        return self._held() if self._database.statement_cache else self.transaction()

    async def close(self) -> None:
        """Close the connection; a later use opens another. Idempotent."""
        async with self._turn:
            if self._connection is not None:
                await self._connection.close()
                self._connection = None

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[Connection]:
        async with self._turn:
            connection = await self._open()
            try:
                yield connection
            except (StoreUnavailableError, asyncio.CancelledError):
                connection.terminate()
                raise

    async def _open(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = await self._database.connect()
        return self._connection


async def check_durability(database: Database) -> None:
    """Refuse a server that may forget what it committed. Raises ConfigurationError naming the setting."""
    connection = await database.connect()
    try:
        async with connection.transaction():
            for name, needed in _DURABLE.items():
                if await connection.value("SELECT current_setting($1)", name) != needed:
                    raise ConfigurationError(f"PostgreSQL runs with {name} off; set it to {needed}")
            if await connection.value("SELECT current_setting('synchronous_commit')") not in _DURABLE_COMMIT:
                raise ConfigurationError("PostgreSQL runs with synchronous_commit off; set it to on")
    finally:
        await connection.close()


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _translated(error) from None
    except (OSError, TimeoutError) as error:
        raise StoreUnavailableError(f"PostgreSQL does not answer ({type(error).__name__})") from None
    except asyncpg.ClientConfigurationError as error:
        raise ConfigurationError(f"BROKER_DATABASE_URL cannot be used ({type(error).__name__})") from None
    except UnicodeEncodeError:
        raise StoreRefusedError("a text that is not Unicode cannot be stored") from None
    except asyncpg.InternalClientError as error:
        raise StoreUnavailableError(f"the connection to PostgreSQL broke ({type(error).__name__})") from None
    except asyncpg.InterfaceError as error:
        if isinstance(error, ValueError):  # an argument that cannot be encoded: a DataError of the client's own
            raise StoreRefusedError(f"a value cannot be stored ({type(error).__name__})") from None
        raise StoreUnavailableError(f"the connection to PostgreSQL is closed ({type(error).__name__})") from None


def _translated(error: asyncpg.PostgresError) -> Exception:
    code = str(error.sqlstate or "XX000")
    where = " ".join(str(part) for part in (error.table_name, error.column_name, error.constraint_name) if part)
    text = f"SQLSTATE {code} ({type(error).__name__}){' at ' + where if where else ''}"
    if code.startswith(_REFUSED):
        return StoreRefusedError(text)
    if code.startswith(_MISCONFIGURED):
        return ConfigurationError(f"{text}: check BROKER_DATABASE_URL and its rights, and run `broker migrate`")
    if code.startswith(_AWAY):
        return StoreUnavailableError(text)
    return StoreUnavailableError(text)
