"""A log to test on: entries written by hand, sequenced and signed as a worker does, and connections to tamper with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from broker.audit.anchor import AnchorFile
from broker.audit.keys import KeyFolder
from broker.audit.leaf import SALT_BYTES, entry
from broker.audit.publisher import Keys, Publisher
from broker.audit.sequencer import Sequencer
from broker.audit.verdict import Verdict
from broker.audit.verifier import Trust, verify
from broker.store.codec import PlainCodec
from broker.store.database import Database, Session
from broker.store.ledger import Ledger

LOG = "broker.example/audit"
TENANT = "north"
AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


class AuditLog:
    """One database's log with its keys, and the writers, sequencer, publisher and verifier of it."""

    def __init__(self, dsn: str, folder: Path) -> None:
        """Take a migrated database and a folder for keys; nothing is opened yet."""
        self.dsn = dsn
        self.keys = KeyFolder(folder)
        self.ledger = Ledger(Session(Database(dsn)), PlainCodec())

    def sequencer(self, batch: int = 1000) -> Sequencer:
        """Give a sequencer on a connection of its own."""
        return Sequencer(Ledger(Session(Database(self.dsn)), PlainCodec()), batch)

    def publisher(self, anchor: Path | None = None) -> Publisher:
        """Give a publisher with the keys that the folder has now; it makes the first one."""
        self.keys.ensure()
        keys = Keys(self.keys.signers(), self.keys.public_keys())
        return Publisher(self.ledger, LOG, keys, lambda: AT, None if anchor is None else AnchorFile(anchor))

    async def write(self, count: int, tenant: str = TENANT, message: UUID | None = None) -> None:
        """Write so many entries in one transaction, as pending."""
        async with self.database() as connection:
            await write(connection, count, tenant, message)

    async def sequence(self) -> None:
        """Sequence all that is pending."""
        sequencer = self.sequencer()
        try:
            while await sequencer.run_once():
                pass
        finally:
            await sequencer.stop()

    async def sign(self, anchor: Path | None = None) -> None:
        """Start a publisher and sign every head once."""
        publisher = self.publisher(anchor)
        await publisher.start()
        await publisher.run_once()

    async def grow(self, count: int, tenant: str = TENANT) -> None:
        """Write, sequence and sign so many entries."""
        await self.write(count, tenant)
        await self.sequence()
        await self.sign()

    async def verify(self, elsewhere: Path | None = None) -> Verdict:
        """Verify the first tenant's log with the folder's public keys."""
        return (await verify(self.ledger, Trust(LOG, self.keys.public_keys(), elsewhere), TENANT))[0]

    async def tamper(self, *statements: str) -> None:
        """Change rows by hand, as one who may write every table and switches the foreign keys off."""
        async with self.database() as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement)

    async def value(self, statement: str, *arguments: object) -> Any:  # noqa: ANN401 - as the statement selects
        """Read one value."""
        async with self.database() as connection:
            return await connection.fetchval(statement, *arguments)

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Any]:
        """Open a plain connection."""
        connection: Any = await asyncpg.connect(self.dsn)
        try:
            yield connection
        finally:
            await connection.close()


async def write(connection: Any, count: int, tenant: str = TENANT, message: UUID | None = None) -> None:  # noqa: ANN401 - asyncpg publishes no types
    """Write entries with their pending rows, in one transaction."""
    messages = [message or uuid4() for _ in range(count)]
    salt = bytes(SALT_BYTES)
    leaves = [
        entry("accepted", tenant, AT, each, {"place": place}, {"received": each.bytes * 2}, salt)
        for place, each in enumerate(messages)
    ]
    async with connection.transaction():
        await connection.execute(
            """
            WITH entry AS (
                INSERT INTO broker.audit_entry (tenant, kind, message_id, leaf, salt)
                SELECT $1, 'accepted', * , $4 FROM unnest($2::uuid[], $3::bytea[])
                RETURNING entry_id
            )
            INSERT INTO broker.audit_pending (entry_id, tenant) SELECT entry_id, $1 FROM entry
            """,
            tenant,
            messages,
            leaves,
            salt,
        )


async def write_from_many(log: AuditLog, writers: int, transactions: int, entries: int) -> None:
    """Write from so many connections at once, each so many transactions of so many entries."""

    async def writer() -> None:
        async with log.database() as connection:
            for _ in range(transactions):
                await write(connection, entries)

    await asyncio.gather(*(writer() for _ in range(writers)))
