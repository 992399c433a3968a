"""Leases, taking and settling on a real PostgreSQL."""

import asyncio
import hashlib
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from broker.errors import StoreRefusedError
from broker.message.envelope import Destination
from broker.message.failure import Failure, FailureCode
from broker.store.fresh import Fresh
from broker.store.outbox import Outbox, Pace, PendingRow
from broker.store.outbox_writes import LANES
from broker.store.recorder import Verdict
from broker.store.statements import load
from tests.support.outcomes import Shape, accepted, batch, rejected
from tests.support.store import Store, append

UNROUTABLE = Failure(FailureCode.RELAY_UNROUTABLE, "No queue took it.")
PAST = datetime(2020, 1, 1, tzinfo=UTC)
FUTURE = datetime(2100, 1, 1, tzinfo=UTC)
ALWAYS = Pace(lag_s=0.0, rescan_s=0.0)
NEVER = Pace(lag_s=0.0, rescan_s=3600.0)


async def drain(outbox: Outbox, lanes: dict[int, int], limit: int = 100) -> list[PendingRow]:
    """Take and confirm until nothing is due."""
    done: list[PendingRow] = []
    while rows := await outbox.take(lanes, limit):
        await outbox.settle(lanes, rows)
        done += rows
    return done


async def test_what_was_recorded_is_taken_once_and_confirmed(store: Store) -> None:
    """A publication comes out with every fact that went in, and is gone after it was confirmed."""
    outcome = accepted()
    await store.record(outcome)
    outbox = store.outbox()
    lanes = await outbox.lease("a", LANES, 60)

    rows = await outbox.take(lanes, 10)
    again = await outbox.take(lanes, 10)
    settled = await outbox.settle(lanes, rows)

    expected = [(each.event_id, each.address, each.body, each.traceparent) for each in outcome.outgoing]
    assert [(row.event_id, row.address, row.body, row.traceparent) for row in rows] == expected
    assert again == []
    assert settled == 2
    assert await outbox.depth() == 0
    assert [kind for kind, _ in await store.rows.audited()] == ["accepted", "confirmed"]
    (leaf,) = await store.rows.column("SELECT leaf FROM broker.audit_entry WHERE kind = 'confirmed'")
    assert orjson.loads(leaf)["facts"] == {
        "publications": 2,
        "event_ids": " ".join(str(row.event_id) for row in rows),
        "event_types": rows[0].event_type,
        "destination": "event",
        "attempts": 1,
    }
    (salt,) = await store.rows.column("SELECT salt FROM broker.audit_entry WHERE kind = 'confirmed'")
    published = hashlib.sha256(rows[0].body + rows[1].body).digest()
    assert store.rows.opens(leaf, "published", published, salt)


async def test_one_entry_tells_of_what_left_together(store: Store) -> None:
    """Publications of another message, or confirmed later, have an entry of their own."""
    await store.record(accepted(), accepted())
    outbox = store.outbox()
    lanes = await outbox.lease("a", LANES, 60)
    rows = await outbox.take(lanes, 10)
    (first, *rest) = sorted(rows, key=lambda row: row.id)

    await outbox.settle(lanes, [first])
    await outbox.settle(lanes, rest)

    leaves = await store.rows.column("SELECT leaf FROM broker.audit_entry WHERE kind = 'confirmed' ORDER BY entry_id")
    told = [orjson.loads(each)["facts"]["event_ids"].split() for each in leaves]
    assert told == [[str(first.event_id)], [str(rest[0].event_id)], [str(row.event_id) for row in rest[1:]]]


async def test_what_is_fresh_equals_what_is_read_back(store: Store) -> None:
    """A publication is the same from memory as from its row; what was taken and forgotten is read from its row."""
    fresh = Fresh(1_000_000)
    mine, foreign = store.outbox(fresh=fresh), store.outbox()
    lanes = await mine.lease("a", LANES, 60)
    await store.recorder(fresh).record(uuid4(), [accepted(), accepted(), rejected()])

    from_memory = await mine.take(lanes, 10)
    mine.forget()
    read_back = await mine.take(lanes, 10)

    assert len(from_memory) == 4
    assert from_memory == read_back == await foreign.take(lanes, 10)


async def test_what_is_fresh_of_a_batch_with_duplicates_is_what_was_new(store: Store) -> None:
    """Where some of a batch was there already, memory holds the publications of the others under their own ids."""
    fresh = Fresh(1_000_000)
    mine, foreign = store.outbox(fresh=fresh), store.outbox()
    lanes = await mine.lease("a", LANES, 60)
    outcomes = batch(6)
    await store.record(*outcomes[::2])

    verdicts = await store.recorder(fresh).record(uuid4(), outcomes)

    assert verdicts == [Verdict.DUPLICATE, Verdict.NEW] * 3
    assert len(fresh._rows) == 6
    assert await mine.take(lanes, 100) == await foreign.take(lanes, 100)
    assert sorted(kind for kind, _ in await store.rows.audited()) == ["accepted"] * 6 + ["duplicate"] * 3


async def test_what_was_not_committed_is_not_published(store: Store) -> None:
    """A batch that the database refuses leaves nothing behind in memory."""
    fresh = Fresh(1_000_000)
    outbox = store.outbox(fresh=fresh)
    lanes = await outbox.lease("a", LANES, 60)
    bad = accepted()
    bad = replace(bad, envelope=replace(bad.envelope, tenant="\ud800"))

    with pytest.raises(StoreRefusedError):
        await store.recorder(fresh).record(uuid4(), [accepted(), bad])

    assert await outbox.take(lanes, 10) == []
    assert not fresh._rows


async def test_lanes_are_shared_and_given_up(store: Store) -> None:
    """A second owner gets nothing until the first gives up its surplus; each lane has one owner."""
    first, second = store.outbox(), store.outbox()
    all_lanes = await first.lease("a", LANES, 60)

    none_left = await second.lease("b", 8, 60)
    half = await first.lease("a", 8, 60)
    other_half = await second.lease("b", 8, 60)

    assert len(all_lanes) == LANES
    assert none_left == {}
    assert half == {lane: epoch for lane, epoch in all_lanes.items() if lane in half}
    assert sorted([*half, *other_half]) == list(range(LANES))
    assert set(other_half.values()) == {2}


async def test_renewing_keeps_the_epoch_and_releasing_frees_the_lanes(store: Store) -> None:
    """An owner that renews keeps its epochs, even late; after a release another takes over at once."""
    outbox = store.outbox()
    first = await outbox.lease("a", LANES, 0.0)
    renewed = await outbox.lease("a", LANES, 60)

    await outbox.release("a")

    assert renewed == first
    assert len(await store.outbox().lease("b", LANES, 60)) == LANES


async def test_concurrent_leases_give_each_lane_to_one_owner(store: Store) -> None:
    """Eight workers that ask at once share out the lanes without one being given twice."""
    outboxes = [store.outbox() for _ in range(8)]

    for _ in range(5):
        held = await asyncio.gather(*(each.lease(f"w{i}", 2, 60) for i, each in enumerate(outboxes)))

    assert sorted(lane for lanes in held for lane in lanes) == list(range(LANES))


@pytest.mark.parametrize("confirmed", [pytest.param(20, id="some confirmed"), pytest.param(40, id="all confirmed")])
async def test_an_expired_owner_is_fenced(store: Store, confirmed: int) -> None:
    """A worker that was paused beyond its lease changes nothing any more, and its successor has everything."""
    await store.record(*batch(20))
    paused, successor = store.outbox(), store.outbox()
    old = await paused.lease("paused", LANES, 0.0)
    rows = await paused.take(old, 100)
    others = rows[confirmed:]

    new = await successor.lease("successor", LANES, 60)
    retry = [(row, PAST) for row in others[:10]]
    settled = await paused.settle(old, rows[:confirmed], retry, [(row, UNROUTABLE) for row in others[10:11]])

    assert settled == 0
    assert [kind for kind, _ in await store.rows.audited()].count("confirmed") == 0
    assert all(new[lane] == epoch + 1 for lane, epoch in old.items())
    assert len(await drain(successor, new)) == len(rows) == 40
    assert await store.rows.count("dead_letter") == 0


async def test_an_owner_that_lost_some_lanes_confirms_in_those_it_has(store: Store) -> None:
    """What was published of a lane that is another's by now is that one's to publish and confirm; the rest is done."""
    await store.record(*batch(20))
    owner, other = store.outbox(), store.outbox()
    lanes = await owner.lease("owner", LANES, 60)
    rows = await owner.take(lanes, 100)
    await owner.lease("owner", LANES // 2, 60)
    taken_over = await other.lease("other", LANES, 60)

    settled = await owner.settle(lanes, rows)

    lost = [row for row in rows if row.lane in taken_over]
    assert 0 < settled == len(rows) - len(lost)
    assert {row.id for row in await drain(other, taken_over)} == {row.id for row in lost}
    assert await store.rows.count("outbox_pending") == 0


async def test_what_lies_in_no_lane_that_is_named_is_left_alone(store: Store) -> None:
    """A publication is confirmed by who names its lane with the epoch that is current, and by nobody else."""
    await store.record(*batch(20))
    outbox = store.outbox()
    lanes = await outbox.lease("a", LANES, 60)
    rows = await outbox.take(lanes, 100)
    named = {lane: epoch for lane, epoch in lanes.items() if lane % 2}

    settled = await outbox.settle(named, rows)

    assert settled == sum(row.lane in named for row in rows) < len(rows) == 40
    assert await store.rows.count("outbox_pending") == len(rows) - settled


async def test_a_worker_paused_while_it_settles_holds_up_no_lease(store: Store) -> None:
    """Another owner's open settling transaction keeps its own lanes and nobody else's."""
    first, second = store.outbox(), store.outbox()
    lanes = await first.lease("a", 4, 60)
    connection = await store.connection()
    async with connection.transaction():
        await connection.fetch("SELECT FROM broker.relay_lane WHERE lane = ANY ($1) FOR SHARE", list(lanes))

        others = await asyncio.wait_for(second.lease("b", LANES, 60), 200)

    assert sorted([*lanes, *others]) == list(range(LANES))


async def test_a_late_committer_with_a_lower_id_is_taken(store: Store) -> None:
    """A row whose id was drawn before others, but that committed after them, is below the floor and still found."""
    outbox = store.outbox(ALWAYS)
    lanes = await outbox.lease("a", LANES, 60)
    connection = await store.connection()
    await store.prepare()
    held = connection.transaction()
    await held.start()
    await append(connection, accepted(shape=Shape(publications=1)))
    await store.record(*batch(10))
    early = await drain(outbox, lanes)

    await held.commit()
    late = await drain(outbox, lanes)

    assert (len(early), len(late)) == (20, 1)
    assert late[0].id < min(row.id for row in early)


async def test_a_floor_alone_would_miss_a_late_committer(store: Store) -> None:
    """Where a lane is not read from its beginning, the late committer stays behind: reading again finds it."""
    outbox = store.outbox(NEVER)
    lanes = await outbox.lease("a", LANES, 60)
    connection = await store.connection()
    await store.prepare()
    held = connection.transaction()
    await held.start()
    await append(connection, accepted(subject="s", shape=Shape(publications=1)))
    await store.record(accepted(subject="s"))
    await drain(outbox, lanes)
    await drain(outbox, lanes)

    await held.commit()
    missed = await drain(outbox, lanes)
    outbox.forget()
    found = await drain(outbox, lanes)

    assert (len(missed), len(found)) == (0, 1)


async def test_sixteen_writers_with_random_commit_delays_lose_nothing(store: Store) -> None:
    """While sixteen writers commit out of order, a relay takes every row exactly once, the one overtaken by all too."""
    outbox = store.outbox(Pace(lag_s=0.01, rescan_s=0.1))
    lanes = await outbox.lease("a", LANES, 60)
    await store.prepare()
    overtaken, written = asyncio.Event(), asyncio.Event()
    taken: list[int] = []

    async def write(seed: int) -> None:
        dice = random.Random(seed)
        connection = await store.connection()
        for _ in range(15):
            async with connection.transaction():
                await append(connection, *batch(dice.randint(1, 20), Shape(publications=1)))
                await connection.execute(f"SELECT pg_sleep({dice.random() / 20})")

    async def relay() -> None:
        while not written.is_set() or await outbox.depth():
            taken.extend(row.id for row in await drain(outbox, lanes))
            if taken:
                overtaken.set()

    late = await store.connection()
    async with late.transaction():
        await append(late, accepted(shape=Shape(publications=1)))
        reading = asyncio.create_task(relay())
        writing = asyncio.gather(*map(write, range(16)))
        await overtaken.wait()
    await writing
    written.set()
    await reading

    assert len(taken) == len(set(taken))
    assert sorted(taken) == await store.rows.column("SELECT id FROM broker.outbox ORDER BY id")
    assert taken.index(min(taken)) > 0


async def test_an_order_key_keeps_its_order_through_a_retry(store: Store) -> None:
    """A publication that has to be tried again holds back those of its subject, and no others."""
    one, other = (accepted(subject=subject, shape=Shape(publications=3)) for subject in ("one", "other"))
    await store.record(one, other)
    outbox = store.outbox()
    lanes = await outbox.lease("a", LANES, 60)
    rows = await outbox.take(lanes, 100)
    mine = [row for row in rows if row.subject == "one"]
    outbox.forget()  # as if only the first of them had been published

    await outbox.settle(lanes, [], [(mine[0], FUTURE)])
    meanwhile = await drain(outbox, lanes)
    await store.rows.connection.execute("UPDATE broker.outbox_pending SET due_at = $1", PAST)
    outbox.forget()
    afterwards = await drain(outbox, lanes)

    assert [row.subject for row in meanwhile] == ["other"] * 3
    assert [row.event_id for row in afterwards] == [each.event_id for each in one.outgoing]
    assert [row.attempts for row in afterwards] == [1, 0, 0]


async def test_a_postponed_publication_is_taken_when_due(store: Store) -> None:
    """A retry that is due is found though its id lies far below the floor."""
    outbox = store.outbox(NEVER)
    lanes = await outbox.lease("a", LANES, 60)
    await store.record(accepted(shape=Shape(publications=1)))
    (row,) = await outbox.take(lanes, 10)
    await store.record(*batch(10))
    await drain(outbox, lanes)

    await outbox.settle(lanes, [], [(row, datetime.now(UTC) - timedelta(seconds=1))])
    again = await outbox.take(lanes, 10)

    assert [(each.id, each.attempts) for each in again] == [(row.id, 1)]


async def test_a_parked_publication_is_a_dead_letter(store: Store) -> None:
    """What is given up leaves the pending ones and becomes a dead letter that knows its message."""
    outcome = accepted(shape=Shape(publications=1))
    await store.record(outcome)
    outbox = store.outbox()
    lanes = await outbox.lease("a", LANES, 60)
    rows = await outbox.take(lanes, 10)

    settled = await outbox.settle(lanes, [], [], [(rows[0], UNROUTABLE)])

    letter = await store.rows.one("SELECT code, state, message_id, outbox_id, body FROM broker.dead_letter")
    source = outcome.envelope
    assert settled == 1
    assert tuple(letter) == ("relay.unroutable", "parked", source.message_id, rows[0].id, outcome.outgoing[0].body)
    assert await outbox.depth() == 0
    assert [kind for kind, _ in await store.rows.audited()] == ["accepted", "dead-lettered"]
    assert await store.rows.value("SELECT state FROM broker.message") == "accepted"


async def test_an_event_that_goes_two_ways_may_be_given_up_on_both(store: Store) -> None:
    """With RA JSON and without, an event may have the same bytes; each publication becomes a dead letter."""
    outcome = accepted(shape=Shape(publications=1))
    (plain,) = outcome.outgoing
    with_ra_json = plain._replace(destination=Destination.EVENT_WITH_RA_JSON)
    await store.record(replace(outcome, outgoing=(plain._replace(destination=Destination.EVENT), with_ra_json)))
    outbox = store.outbox()
    lanes = await outbox.lease("a", LANES, 60)
    rows = await outbox.take(lanes, 10)

    settled = await outbox.settle(lanes, [], [], [(row, UNROUTABLE) for row in rows])

    letters = await store.rows.column("SELECT outbox_id FROM broker.dead_letter ORDER BY 1")
    assert settled == 2
    assert letters == sorted(row.id for row in rows)


async def test_a_held_snapshot_does_not_slow_the_relay(store: Store) -> None:
    """With a snapshot held open, a lane's dead entries are walked once and not by each take."""
    for _ in range(10):
        await store.record(*batch(100, Shape(publications=4, body_bytes=20)))
    snapshot = await store.connection()
    await snapshot.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    await snapshot.fetch("SELECT count(*) FROM broker.outbox_pending")
    outbox = store.outbox(NEVER)
    lanes = await outbox.lease("a", LANES, 60)
    await drain(outbox, lanes, 500)
    await outbox.take(lanes, 1)
    await outbox.take(lanes, 1)
    reader = await store.connection()
    floors = [lane.floor for lane in outbox._lanes.values()]

    walked = await _buffers(reader, list(lanes), floors)
    from_the_beginning = await _buffers(reader, list(lanes), [0] * LANES)

    await snapshot.execute("ROLLBACK")
    assert from_the_beginning > 5 * walked


async def test_depth_counts_up_to_a_bound(store: Store) -> None:
    """Depth counts what waits, and no further than asked."""
    outbox = store.outbox()
    await store.record(*batch(3))

    assert (await outbox.depth(), await outbox.depth(up_to=4)) == (6, 4)


async def _buffers(connection: Any, lanes: list[int], floors: list[int]) -> int:  # noqa: ANN401 - untyped library
    """Count the pages that one take touches."""
    statement = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {load('outbox')['take']}"
    plan = orjson.loads(await connection.fetchval(statement, lanes, floors, 100, []))
    return int(plan[0]["Plan"]["Shared Hit Blocks"])
