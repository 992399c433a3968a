"""The state of the whole, heartbeats and counters, on a real PostgreSQL."""

from datetime import UTC, datetime
from uuid import uuid4

from broker.message.failure import FailureCode
from broker.store import status
from broker.store.attempts import Attempts
from broker.store.outbox_writes import LANES
from broker.store.status import Workers
from tests.support.outcomes import Shape, batch, rejected
from tests.support.store import Store

STARTED = datetime(2030, 1, 1, tzinfo=UTC)


async def test_status_counts_what_is_there(store: Store) -> None:
    """Depths, rates, dead letters, lanes and workers are as the tables have them."""
    store.policy.retried = {FailureCode.INTERNAL_ERROR: 1}
    await store.record(*batch(6), rejected(), rejected(code=FailureCode.INTERNAL_ERROR))
    await store.outbox().lease("a", 4, 60)
    workers = Workers(store.database, "a", STARTED)
    await workers.beat({"paused_by": []})

    seen = await status.read(store.database)

    await workers.close()
    assert (seen.outbox_depth, seen.audit_waiting) == (12, 8)
    assert seen.outbox_oldest_s is not None
    assert (seen.messages_per_s, seen.publications_per_s) == (8 / 60, 12 / 60)
    assert seen.dead_letters == {"parked": 1, "waiting": 1}
    assert [lane.owner for lane in seen.lanes] == ["a"] * 4 + [None] * (LANES - 4)
    assert [lane.leased for lane in seen.lanes] == [True] * 4 + [False] * (LANES - 4)
    assert [(each.worker_id, each.live, each.status) for each in seen.workers] == [("a", True, {"paused_by": []})]


async def test_status_of_an_empty_store(store: Store) -> None:
    """Nothing there is told as nothing, not as an error."""
    seen = await status.read(store.database)

    assert (seen.outbox_depth, seen.outbox_oldest_s, seen.dead_letters, seen.workers) == (0, None, {}, ())


async def test_status_of_one_tenant_counts_its_own(store: Store) -> None:
    """What belongs to another tenant is not counted."""
    await store.record(*batch(3))
    await store.record(*batch(2, Shape(tenant="south")))

    seen = await status.read(store.database, "south")

    assert (seen.outbox_depth, seen.audit_waiting, seen.messages_per_s) == (4, 2, 2 / 60)


async def test_workers_know_how_many_live(store: Store) -> None:
    """A beat gives the number of live workers; one that left or fell silent is not among them."""
    first, second, third = (Workers(store.database, name, STARTED) for name in ("a", "b", "c"))
    await first.beat({})
    await second.beat({})
    await third.beat({})
    await store.rows.connection.execute(
        "UPDATE broker.worker SET seen_at = now() - interval '1 minute' WHERE worker_id = 'b'"
    )

    alone_but_one = await first.beat({"x": 1})
    await third.leave()
    await third.leave()
    alone = await first.beat({"x": 2})

    for each in (first, second, third):
        await each.close()
    assert (alone_but_one, alone) == (2, 1)


async def test_a_worker_long_gone_is_forgotten(store: Store) -> None:
    """What was silent for a day is removed by the next beat of another."""
    gone, here = Workers(store.database, "gone", STARTED), Workers(store.database, "here", STARTED)
    await gone.beat({})
    await store.rows.connection.execute("UPDATE broker.worker SET seen_at = now() - interval '2 days'")

    await here.beat({})

    await gone.close()
    await here.close()
    assert await store.rows.column("SELECT worker_id FROM broker.worker") == ["here"]


async def test_attempts_are_counted_and_committed(store: Store) -> None:
    """Each count is one more than the last, for whoever asks, and there before it is given."""
    message, other = uuid4(), uuid4()
    first, second = Attempts(store.database), Attempts(store.database)

    counts = [await first.count("north", message), await second.count("north", message), await first.count("n", other)]

    await first.close()
    await second.close()
    assert counts == [1, 2, 1]
    assert await store.rows.value("SELECT attempts FROM broker.attempt WHERE id = $1", message) == 2


async def test_a_claim_is_had_by_one_at_a_time(store: Store) -> None:
    """Within the time of a claim nobody else has it; afterwards it is counted on."""
    attempts, letter = Attempts(store.database), uuid4()

    first = await attempts.claim("north", letter, 60.0)
    meanwhile = await attempts.claim("north", letter, 60.0)
    afterwards = await attempts.claim("north", letter, 0.0)

    await attempts.close()
    assert (first, meanwhile, afterwards) == (1, None, 2)
