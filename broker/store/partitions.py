"""The days: partitions of bodies and of the outbox, made before they are needed and dropped after retention."""

from datetime import date, timedelta

from broker.store.database import Connection, Database
from broker.store.statements import load
from broker.store.writing import Clock, utc_now

_SQL = load("partitions")
_ATTEMPTS = load("attempts")
_BULK = load("bulk_writes")


async def ensure(connection: Connection, day: date) -> None:
    """Make the partitions of a day exist; call it in a transaction. Idempotent, safe from several programs at once."""
    await connection.fetch(_SQL["ensure"], day)


class Partitions:
    """Keeps the days in order; run it now and then, from any number of workers."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        """``now`` says which day is today."""
        self._session = database.session()
        self._now = now

    async def prepare(self) -> None:
        """Make today's and tomorrow's partitions exist."""
        today = self._now().date()
        async with self._session.transaction() as connection:
            await ensure(connection, today)
            await ensure(connection, today + timedelta(days=1))

    async def drop_expired(self, body_days: int, outbox_days: int) -> list[str]:
        """Drop the partitions of days before today minus so many days, and name those dropped.

        An outbox day with something unconfirmed, or with a parked publication still open, stays; so does one that
        somebody is using at this moment. The next run tries again. Counters of attempts that nothing touched for
        ``body_days`` go as well, and so do the bytes of bulk messages.
        """
        today = self._now().date()
        dropped: list[str] = []
        for parent, days in (("message_body", body_days), ("outbox", outbox_days)):
            async with self._session.transaction() as connection:
                expired = await connection.fetch(_SQL["expired"], parent, today - timedelta(days=days))
            for name, day in expired:
                async with self._session.transaction() as connection:
                    if await connection.value(_SQL["drop"], parent, day):
                        dropped.append(name)
        async with self._session.transaction() as connection:
            await connection.fetch(_ATTEMPTS["forget_old"], self._now() - timedelta(days=body_days))
            await connection.fetch(_BULK["drop_parts"], today - timedelta(days=body_days))
        return dropped

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()
