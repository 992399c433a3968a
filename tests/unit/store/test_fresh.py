"""What a process keeps of its own publications: within its lanes and its limit, each given once."""

from broker.store.fresh import Fresh
from broker.store.pending import PendingRow
from tests.unit.relay.test_publishing import ROW


def row(number: int, lane: int = 1, size: int = 10) -> PendingRow:
    """Make a publication with a body of ``size`` bytes."""
    return ROW._replace(id=number, lane=lane, body=b"x" * size)


def test_what_is_kept_is_given_once() -> None:
    """A second look finds nothing."""
    fresh = Fresh(100)
    fresh.hold({1})
    fresh.keep([row(7)])

    assert fresh.take(7) == row(7)
    assert fresh.take(7) is None


def test_nothing_is_kept_of_lanes_of_others() -> None:
    """Neither what is recorded in them, nor what was kept before they were given up."""
    fresh = Fresh(100)
    fresh.keep([row(1)])
    fresh.hold({1, 2})
    fresh.keep([row(2, lane=1), row(3, lane=2), row(4, lane=3)])
    fresh.hold({2})

    assert [fresh.take(number) for number in (1, 2, 3, 4)] == [None, None, row(3, lane=2), None]


def test_the_limit_is_of_bytes_and_room_is_given_back() -> None:
    """What has no room is not kept; what is taken or dropped makes room."""
    fresh = Fresh(25)
    fresh.hold({1, 2})
    fresh.keep([row(1), row(2, lane=2), row(3), row(4, size=5)])
    kept = [fresh.take(number) for number in (1, 3, 4)]
    fresh.hold({1})
    fresh.keep([row(5, size=25)])

    assert kept == [row(1), None, row(4, size=5)]
    assert fresh.take(5) == row(5, size=25)
