"""Reading the store's tables in a test, past the code under test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import asyncpg

from broker.audit import leaf

_TABLES = (
    "inbox",
    "message",
    "message_body",
    "outbox",
    "outbox_pending",
    "dead_letter",
    "attempt",
    "audit_entry",
    "audit_pending",
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A connection that reads."""

    connection: Any

    @classmethod
    @asynccontextmanager
    async def on(cls, dsn: str) -> AsyncIterator[Self]:
        """Read one database for as long as the context lasts."""
        connection = await asyncpg.connect(dsn)
        try:
            yield cls(connection)
        finally:
            await connection.close(timeout=60)

    async def one(self, query: str, *arguments: object) -> Any:  # noqa: ANN401 - an asyncpg record
        """Give the one row there is."""
        (row,) = await self.connection.fetch(query, *arguments)
        return row

    async def value(self, query: str, *arguments: object) -> Any:  # noqa: ANN401 - as the query selects
        """Give the one value of the one row."""
        return (await self.one(query, *arguments))[0]

    async def column(self, query: str, *arguments: object) -> list[Any]:
        """Give the first value of each row."""
        return [row[0] for row in await self.connection.fetch(query, *arguments)]

    async def count(self, table: str) -> int:
        """Count the rows of a table."""
        return int(await self.connection.fetchval(f"SELECT count(*) FROM broker.{table}"))

    async def counts(self) -> dict[str, int]:
        """Count the rows of every table that a message touches."""
        return {table: await self.count(table) for table in _TABLES}

    async def audited(self) -> list[tuple[str, UUID]]:
        """Give kind and message of each audit entry, in order."""
        rows = await self.connection.fetch("SELECT kind, message_id FROM broker.audit_entry ORDER BY entry_id")
        return [tuple(row) for row in rows]

    @staticmethod
    def opens(content: bytes, form: str, digest: bytes, salt: bytes) -> bool:
        """Say whether an audit leaf commits to a digest."""
        return leaf.opens(content, form, digest, salt)
