"""Subscriptions asked for by command: which tenants' events of which types go into which microservice's queue.

Those of the settings are not here. What is declared on a transport, and when, is not known here either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from broker.audit.kinds import Kind
from broker.store import audit_writes
from broker.store.audit_writes import AuditEntry
from broker.store.codec import Codec
from broker.store.database import Database
from broker.store.statements import load
from broker.store.writing import Clock, Writing, utc_now

EVERYBODY: Final = "*"
"""The tenant of a subscription to the events of every tenant."""

_SQL = load("subscriptions")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The events of one tenant (``*``: of every one) that go into one queue. ``event_types`` may hold ``*`` and ``#``.

    ``ra_json``: with the RA JSON beside the canonical data.
    """

    name: str
    tenant: str
    event_types: tuple[str, ...]
    ra_json: bool = False

    @property
    def patterns(self) -> tuple[str, ...]:
        """The routing patterns ``<tenant>.<event type>``."""
        return tuple(f"{self.tenant}.{each}" for each in self.event_types)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is wanted, with who asked for it and when."""

    wanted: Wanted
    added_by: str
    added_at: datetime


class Subscriptions:
    """The subscriptions of one tenant and of all together, or with None of everybody."""

    def __init__(self, database: Database, codec: Codec, tenant: str | None = None, *, now: Clock = utc_now) -> None:
        """Connect on first use."""
        self._session = database.session()
        self._codec = codec
        self._tenant = tenant
        self._now = now

    async def all(self) -> list[Subscription]:
        """Give every subscription, by name and then by tenant."""
        async with self._session.transaction() as connection:
            return [_subscription(row) for row in await connection.fetch(_SQL["all"], self._tenant)]

    async def put(self, wanted: Sequence[Wanted], by: str) -> list[Wanted]:
        """Add subscriptions of one name, or let them be as given from now on; give what the name had before.

        In one transaction, audited as changed settings. Idempotent: what is as given already is left alone.
        """
        at = self._now()
        async with self._session.transaction() as connection:
            await connection.fetch(_SQL["hold"])
            before = [_subscription(row).wanted for row in await connection.fetch(_SQL["named"], wanted[0].name)]
            changed = [each for each in wanted if each not in before]
            for each in changed:
                what = each.tenant, each.name, list(each.event_types), each.ra_json
                await connection.fetch(_SQL["put"], *what, by, at)
            entries = [_entry(each, "added", by) for each in changed]
            await audit_writes.append(Writing(connection, self._codec, at), entries)
        return before

    async def remove(self, name: str, tenants: Sequence[str] | None, by: str) -> list[Wanted]:
        """Remove a name's subscriptions, or those of these tenants, and give them.

        In one transaction, audited as changed settings. Idempotent.
        """
        at = self._now()
        async with self._session.transaction() as connection:
            await connection.fetch(_SQL["hold"])
            before = [_subscription(row).wanted for row in await connection.fetch(_SQL["named"], name)]
            gone = [each for each in before if tenants is None or each.tenant in tenants]
            await connection.fetch(_SQL["remove"], [each.tenant for each in gone], name)
            entries = [_entry(each, "removed", by) for each in gone]
            await audit_writes.append(Writing(connection, self._codec, at), entries)
        return gone

    async def close(self) -> None:
        """Close the connection. Idempotent."""
        await self._session.close()


def _subscription(row: Any) -> Subscription:  # noqa: ANN401 - an asyncpg record
    wanted = Wanted(row["name"], row["tenant"], tuple(row["event_types"]), row["ra_json"])
    return Subscription(wanted, row["added_by"], row["added_at"])


def _entry(wanted: Wanted, change: str, by: str) -> AuditEntry:
    facts: dict[str, str | int] = {
        "subscription": wanted.name,
        "change": change,
        "event_types": " ".join(wanted.event_types),
        "ra_json": int(wanted.ra_json),
        "by": by,
    }
    return AuditEntry(Kind.SETTING_CHANGED, wanted.tenant, None, facts)
