"""Out of the outbox: what a relay leases, takes, and settles.

Theory of operation
- A publication waits as long as its row in ``outbox_pending`` is there. Ids are drawn before commits, so a lower id may
  appear after a higher one was taken: nothing is ever found by "id above the last one seen" alone.
- Each lane remembers two floors. ``take`` starts above what was taken up to ``lag_s`` ago, so that the index entries of
  settled rows, which a long snapshot keeps from being cleaned, are not walked again each time; a late committer within
  ``lag_s`` is above that floor. Every ``rescan_s`` a lane is read from its beginning, for those later still.
- A lane belongs to one owner at a time, by lease. Its epoch grows with each change of owner, and ``settle`` changes
  rows of lanes with the caller's epoch only: an owner that was paused is fenced.
- Within an order key publications are taken in id order, and one that was tried and failed holds back those after it.

One task may take while another settles what was taken before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from time import monotonic
from typing import Any

from broker.message.failure import Failure
from broker.store import at_once, settling
from broker.store.codec import Codec
from broker.store.database import Connection, Database
from broker.store.fresh import Fresh
from broker.store.pending import PendingRow
from broker.store.statements import load
from broker.store.writing import Clock, Writing, columns, utc_now

__all__ = ["Outbox", "Pace", "PendingRow"]

_SQL = load("outbox")


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a lane's floor lags behind what was taken, and how often a lane is read from its beginning."""

    lag_s: float = 2.0
    rescan_s: float = 5.0


@dataclass(slots=True)
class _Lane:
    epoch: int
    scanned_at: float
    marked_at: float
    floor: int = 0
    mark: int = 0
    highest: int = 0
    looks: set[float] = field(default_factory=set)
    """When something below the floor becomes due: the lane is read from its beginning then."""


class Outbox:
    """The relay's side of the outbox."""

    def __init__(
        self,
        database: Database,
        codec: Codec,
        pace: Pace | None = None,
        now: Clock = utc_now,
        fresh: Fresh | None = None,
    ) -> None:
        """``now`` dates audit entries; leases and due times go by the server's clock.

        ``fresh`` holds what this process recorded itself, so that it is not read back.
        """
        self._session = database.session()
        self._marks = database.session()
        self._gauges = database.session()
        self._codec = codec
        self._pace = pace or Pace()
        self._now = now
        self._fresh = fresh or Fresh(0)
        self._monotonic: Callable[[], float] = monotonic
        self._lanes: dict[int, _Lane] = {}
        self._in_flight: set[int] = set()

    async def lease(self, owner: str, share: int, lease_s: float) -> dict[int, int]:
        """Renew the owner's lanes, take free or expired ones up to ``share``, give up the surplus.

        Give the epoch of each lane held now. Call it well within ``lease_s``.
        """
        async with self._session.transaction() as connection:
            mine = [row[0] for row in await connection.fetch(_SQL["lock_mine"], owner)]
            free = await connection.fetch(_SQL["lock_free"], owner, max(0, share - len(mine)))
            held = [*mine, *(row[0] for row in free)]
            rows = await connection.fetch(_SQL["lease"], owner, share, lease_s, held)
        lanes = {row["lane"]: row["epoch"] for row in rows}
        self._fresh.hold(lanes.keys())
        return lanes

    async def release(self, owner: str) -> None:
        """Give up every lane of an owner, so that others need not wait for its lease to run out. Idempotent."""
        await self.lease(owner, 0, 0.0)

    async def take(self, lanes: Mapping[int, int], limit: int) -> list[PendingRow]:
        """Give up to ``limit`` publications that are due in these lanes (lane → epoch).

        In id order within a lane and so within an order key. What was taken and not settled is not given again, until
        ``forget``.
        """
        if not lanes or limit < 1:
            return []
        floors = self._floors(lanes)
        async with self._session.autocommit() as connection:
            due = await connection.fetch(
                _SQL["take"], list(floors), list(floors.values()), limit, list(self._in_flight)
            )
            taken = await self._read(connection, due)
        for each in taken:
            self._in_flight.add(each.id)
            if lane := self._lanes.get(each.lane):  # none where settling failed meanwhile, and all was forgotten
                lane.highest = max(lane.highest, each.id)
        return taken

    async def settle(
        self,
        lanes: Mapping[int, int],
        confirmed: Sequence[PendingRow],
        retry: Sequence[tuple[PendingRow, datetime]] = (),
        parked: Sequence[tuple[PendingRow, Failure]] = (),
    ) -> int:
        """Record what became of publications, in one transaction; give how many rows that were.

        Where all were confirmed and all their lanes are held that is one statement.

        Rows of a lane whose epoch in ``lanes`` is not the current one are left alone: its new owner publishes them.
        Confirmed ones are done; ``retry`` ones are due again at the instant beside them, one attempt more; parked ones
        become dead letters. Audited in the same transaction. After StoreUnavailableError nothing is known; everything
        taken will be taken again.
        """
        at = self._now()
        settled = 0
        waiting = confirmed
        try:
            if not retry and not parked:
                gone = await self._confirm_at_once(lanes, confirmed, at)
                settled, waiting = len(gone), [row for row in confirmed if row.id not in gone]
            if waiting or retry or parked:
                settled += await self._settle(lanes, waiting, retry, parked, at)
        except BaseException:
            self.forget()
            raise
        done = [*confirmed, *(row for row, _ in retry), *(row for row, _ in parked)]
        self._in_flight.difference_update(row.id for row in done)
        self._look_again(done, {row.id: (due_at - at).total_seconds() for row, due_at in retry})
        return settled

    async def _confirm_at_once(self, lanes: Mapping[int, int], rows: Sequence[PendingRow], at: datetime) -> set[int]:
        if not rows:
            return set()
        async with self._marks.autocommit() as connection:
            return await at_once.confirm(Writing(connection, self._codec, at), lanes, settling.left_together(rows))

    async def _settle(
        self,
        lanes: Mapping[int, int],
        confirmed: Sequence[PendingRow],
        retry: Sequence[tuple[PendingRow, datetime]],
        parked: Sequence[tuple[PendingRow, Failure]],
        at: datetime,
    ) -> int:
        async with self._marks.transaction() as connection:
            mine = {row[0] for row in await connection.fetch(_SQL["fence"], list(lanes), list(lanes.values()))}
            writing = Writing(connection, self._codec, at)
            settled = await settling.confirm(writing, [row for row in confirmed if row.lane in mine])
            settled += await settling.postpone(connection, [each for each in retry if each[0].lane in mine])
            return settled + await settling.park(writing, [each for each in parked if each[0].lane in mine])

    def forget(self) -> None:
        """Forget what is in flight, so that whatever still waits is taken again. For a relay that lost its place."""
        self._lanes.clear()
        self._in_flight.clear()

    async def depth(self, up_to: int = 100_000) -> int:
        """Count the publications that wait, up to a bound."""
        async with self._gauges.autocommit() as connection:
            return int(await connection.value(_SQL["depth"], up_to))

    async def close(self) -> None:
        """Close the connections; leases run out by themselves. Idempotent."""
        await self._session.close()
        await self._marks.close()
        await self._gauges.close()

    def _floors(self, lanes: Mapping[int, int]) -> dict[int, int]:
        now = self._monotonic()
        for number in self._lanes.keys() - lanes.keys():
            del self._lanes[number]
        floors: dict[int, int] = {}
        for number, epoch in lanes.items():
            lane = self._lanes.get(number)
            if lane is None or lane.epoch != epoch:
                lane = self._lanes[number] = _Lane(epoch, scanned_at=now, marked_at=now)
            if now - lane.marked_at >= self._pace.lag_s:
                lane.floor, lane.mark, lane.marked_at = lane.mark, lane.highest, now
            floors[number] = lane.floor
            due = {look for look in lane.looks if look <= now}
            if due or now - lane.scanned_at >= self._pace.rescan_s:
                floors[number], lane.scanned_at = 0, now
                lane.looks -= due
        return floors

    def _look_again(self, settled: Sequence[PendingRow], wait_s: Mapping[int, float]) -> None:
        # What was postponed, and what a row that was tried before had held back, may lie below the floor by now.
        now = self._monotonic()
        for row in settled:
            lane = self._lanes.get(row.lane)
            if lane is not None and (row.id in wait_s or row.attempts):
                # Few looks for many rows, and none before its row is due: that look would be in vain.
                lane.looks.add(ceil((now + wait_s[row.id]) * 10) / 10 if row.id in wait_s else now)

    async def _read(self, connection: Connection, due: Sequence[Any]) -> list[PendingRow]:
        """Give what is due in its order: from this process's memory, or else from its row."""
        found: dict[int, PendingRow] = {}
        missing: list[Any] = []
        for row in due:
            fresh = self._fresh.take(row["id"])
            if fresh is not None and not row["attempts"]:
                found[fresh.id] = fresh
            else:
                missing.append(row)
        if missing:
            by = columns((row["recorded_on"], row["id"], row["tenant"]) for row in missing)
            kept = {row["id"]: row for row in await connection.fetch(_SQL["read"], *by)}
            found |= {row["id"]: self._pending(row, kept[row["id"]]) for row in missing if row["id"] in kept}
        return [found[row["id"]] for row in due if row["id"] in found]

    def _pending(self, due: Any, row: Any) -> PendingRow:  # noqa: ANN401 - asyncpg records
        return PendingRow(
            lane=due["lane"],
            id=due["id"],
            recorded_on=due["recorded_on"],
            tenant=row["tenant"],
            message_id=row["message_id"],
            event_id=row["event_id"],
            destination=row["destination"],
            address=row["address"],
            subject=row["subject"],
            event_type=row["event_type"],
            content_type=row["content_type"],
            correlation_id=row["correlation_id"],
            traceparent=row["traceparent"],
            attempts=due["attempts"],
            body=self._codec.decode(row["tenant"], row["codec"], row["body"]),
            recorded_at=row["recorded_at"],
        )
