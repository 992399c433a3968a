"""What a subscriber remembers, in its own service's database: which events took effect, and which came back unsettled.

It owns two small tables in the schema ``iso20022_subscriber``, made on first use, and the transaction in which an event
takes effect. It must not know what an event means, nor the transport it came by.

The event's id is remembered in the transaction of its effect: both commit or neither does. Whoever loses the connection
at that commit takes the event again, and the id tells whether it had committed.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from broker.errors import StoreRefusedError
from broker.store.database import Connection, Database
from broker.store.statements import load

_SQL = load("subscriber_inbox")


@dataclass(frozen=True, slots=True)
class EventKey:
    """An event in one queue: two subscriptions of one service, in one database, each take it once."""

    queue: str
    tenant: str
    event_id: str


class SubscriberInbox:
    """The tables and the effects, on a held connection. Not for two events at a time."""

    def __init__(self, database: Database) -> None:
        """Nothing is opened yet."""
        self._session = database.session()

    async def prepare(self) -> None:
        """Make the tables where they are missing; idempotent, safe at several places at once.

        Where they exist no right to create is needed. Raises StoreUnavailableError or ConfigurationError.
        """
        async with self._session.transaction() as connection:
            if await connection.value(_SQL["is_there"]):
                return
            await connection.fetch(_SQL["lock"])
            for statement in ("create_schema", "create_inbox", "create_attempt"):
                await connection.fetch(_SQL[statement])

    @asynccontextmanager
    async def effect(self, key: EventKey, event_type: str) -> AsyncIterator[Connection | None]:
        """Give the open transaction in which the event takes effect; None where it took effect before.

        Commits when the body ends. Rolls back, id and effect together, when it raises. A body that swallowed a refusal
        of the server, or ended the transaction itself, gets StoreRefusedError: nothing of it was kept.
        """
        async with self._session.transaction() as connection:
            place = (key.queue, key.tenant, key.event_id)
            if not await connection.value(_SQL["take"], *place, event_type):
                yield None
                return
            yield connection
            if not await connection.value(_SQL["finish"], *place):
                raise StoreRefusedError("the transaction of the effect was ended before its time")

    @asynccontextmanager
    async def effects(self, events: Sequence[tuple[EventKey, str]]) -> AsyncIterator[tuple[Connection, set[EventKey]]]:
        """Give the open transaction in which events (key and type, of one queue) take effect, as ``effect`` does.

        With it the keys of those that did not take effect before. None of them was ever counted.
        """
        queue = events[0][0].queue
        async with self._session.transaction() as connection:
            columns = [[key.tenant for key, _ in events], [key.event_id for key, _ in events]]
            rows = await connection.fetch(_SQL["take_all"], queue, *columns, [event_type for _, event_type in events])
            taken = {EventKey(queue, row["tenant"], row["event_id"]) for row in rows}
            yield connection, taken
            mine = [[key.tenant for key in taken], [key.event_id for key in taken]]
            if await connection.value(_SQL["finish_all"], queue, *mine) != len(taken):
                raise StoreRefusedError("the transaction of the effects was ended before its time")

    async def count(self, key: EventKey) -> int:
        """Add one to the attempts at an event that came back and give them, committed; 0 where it took effect."""
        async with self._session.transaction() as connection:
            attempts: int | None = await connection.value(_SQL["count"], key.queue, key.tenant, key.event_id)
            return attempts or 0

    async def forget(self, key: EventKey) -> None:
        """Forget the attempts at an event. Idempotent."""
        async with self._session.transaction() as connection:
            await connection.fetch(_SQL["forget"], key.queue, key.tenant, key.event_id)

    async def close(self) -> None:
        """Close the connection; a later use opens another. Idempotent."""
        await self._session.close()
