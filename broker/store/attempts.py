"""Counts of what came back unsettled. Each count is committed before its message is touched again.

So a message that kills the process that takes it is found by its count, however little of the process remains.
"""

from uuid import UUID

from broker.store.database import Database
from broker.store.statements import load

_SQL = load("attempts")


class Attempts:
    """The counters, on a held connection."""

    def __init__(self, database: Database) -> None:
        """Nothing is opened yet."""
        self._session = database.session()

    async def count(self, tenant: str, message_id: UUID) -> int:
        """Add one to the count of a message and give the new count, committed."""
        async with self._session.transaction() as connection:
            return int(await connection.value(_SQL["count"], message_id, tenant))

    async def claim(self, tenant: str, dead_letter_id: UUID, claim_s: float) -> int | None:
        """Count an attempt at a dead letter, committed; None where another began one less than ``claim_s`` ago."""
        async with self._session.transaction() as connection:
            attempts: int | None = await connection.value(_SQL["claim"], dead_letter_id, tenant, claim_s)
            return attempts

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()
