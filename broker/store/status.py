"""What `broker status` says, and the heartbeats of workers. Reads only, apart from the heartbeat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from broker.store.database import Database
from broker.store.statements import load

_SQL = load("status")
_LIVE_S = 10.0
_FORGOTTEN_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """One worker process; ``status`` is what it says of itself. It is ``live`` if it spoke lately."""

    worker_id: str
    started_at: datetime
    seen_at: datetime
    live: bool
    status: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """One lane of the outbox: whose it is and whether the lease still runs."""

    lane: int
    owner: str | None
    epoch: int
    leased: bool


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the whole. Depths in rows, ages in seconds, rates over the last minute a second."""

    outbox_depth: int
    outbox_oldest_s: float | None
    audit_waiting: int
    dead_letters: Mapping[str, int]
    messages_per_s: float
    publications_per_s: float
    lanes: tuple[LaneStatus, ...]
    workers: tuple[WorkerStatus, ...]


async def read(database: Database, tenant: str | None = None) -> Status:
    """Read the state, in one transaction. ``tenant`` None counts all of them; lanes and workers serve every tenant."""
    connection = await database.connect()
    try:
        async with connection.transaction():
            (counts,) = await connection.fetch(_SQL["counts"], tenant)
            letters = await connection.fetch(_SQL["open_letters"], tenant)
            lanes = await connection.fetch(_SQL["lanes"])
            workers = await connection.fetch(_SQL["workers"], _LIVE_S)
    finally:
        await connection.close()
    return Status(
        outbox_depth=counts["outbox_depth"],
        outbox_oldest_s=counts["outbox_oldest_s"],
        audit_waiting=counts["audit_waiting"],
        dead_letters={row["state"]: row["letters"] for row in letters},
        messages_per_s=counts["messages"] / 60,
        publications_per_s=counts["publications"] / 60,
        lanes=tuple(LaneStatus(*row) for row in lanes),
        workers=tuple(
            WorkerStatus(row["worker_id"], row["started_at"], row["seen_at"], row["live"], orjson.loads(row["status"]))
            for row in workers
        ),
    )


@dataclass(frozen=True, slots=True)
class ParentStatus:
    """The parent of some workers: how many it is to keep, how many live, how many died and were started again."""

    workers: int
    live: int
    restarts: int


def parents(workers: Sequence[WorkerStatus]) -> dict[str, ParentStatus]:
    """What the workers that live say of their parents, by the parent's name; one that runs alone has none."""
    families: dict[str, list[Mapping[str, Any]]] = {}
    for each in workers:
        if each.live and "parent" in each.status:
            families.setdefault(str(each.status["parent"]), []).append(each.status)
    return {
        name: ParentStatus(family[0]["workers"], len(family), max(each["restarts"] for each in family))
        for name, family in families.items()
    }


class Workers:
    """Where one worker says that it lives."""

    def __init__(
        self, database: Database, worker_id: str, started_at: datetime, about: Mapping[str, object] | None = None
    ) -> None:
        """Nothing is said yet. ``about`` (JSON values) is said with every status."""
        self._session = database.session()
        self._worker_id = worker_id
        self._started_at = started_at
        self._about = dict(about or {})

    async def beat(self, status: Mapping[str, object]) -> int:
        """Say that this worker lives, with ``status`` (JSON values), and give how many live. Forget those long gone."""
        async with self._session.transaction() as connection:
            text = orjson.dumps({**self._about, **status}).decode()
            await connection.fetch(_SQL["beat"], self._worker_id, self._started_at, text)
            await connection.fetch(_SQL["forget"], _FORGOTTEN_S)
            return int(await connection.value(_SQL["live"], _LIVE_S))

    async def leave(self) -> None:
        """Say that this worker ends, so that the others take its share at once. Idempotent."""
        async with self._session.transaction() as connection:
            await connection.fetch(_SQL["leave"], self._worker_id)

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()
