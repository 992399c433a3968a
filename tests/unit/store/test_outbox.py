"""When a lane is read from its beginning: no sooner than something below its floor is due, and soon after."""

from contextlib import AsyncExitStack
from datetime import timedelta

from broker.store.outbox import Pace
from broker.store.writing import utc_now
from tests.support.outcomes import Shape, accepted
from tests.support.rows import Reader
from tests.support.store import Store

NEVER = Pace(lag_s=0.0, rescan_s=3600.0)


async def test_a_lane_is_not_read_anew_before_what_was_postponed_is_due(dsn: str) -> None:
    """A look before that would be in vain, and the next one late; one a tenth of a second later finds it."""
    async with AsyncExitStack() as stack:
        store = Store(dsn, stack, await stack.enter_async_context(Reader.on(dsn)))
        await store.record(accepted(shape=Shape(publications=1)))
        outbox, passed_s = store.outbox(NEVER), [1000.0]
        outbox._monotonic = lambda: passed_s[0]
        outbox._now = lambda: now
        now = utc_now() - timedelta(minutes=1)  # by the server's clock everything postponed here is due
        lanes = await outbox.lease("one", 16, 300.0)
        (row,) = await outbox.take(lanes, 10)
        for _ in range(2):  # until the floor has passed it
            assert await outbox.take(lanes, 10) == []
        await outbox.settle(lanes, [], retry=[(row, now + timedelta(seconds=1.04))])

        passed_s[0] = 1001.03
        too_soon = await outbox.take(lanes, 10)
        passed_s[0] = 1001.14
        in_time = await outbox.take(lanes, 10)

        assert too_soon == []
        assert [each.id for each in in_time] == [row.id]
