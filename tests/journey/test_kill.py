"""kill -9 of a worker at each named point: nothing is lost, no effect is recorded twice, and another worker goes on."""

import signal

import pytest

from broker.generate import Generator
from tests.support.journey import World
from tests.support.processes import worker
from tests.support.worker import INTAKE_POINTS, RELAY_POINTS

MESSAGES = 60
BATCH = 20
RECORDED_OR_NOT = {"received", "processed", "recording"}
"""Where a batch is being recorded, the one before or this one: it may be committed and not acknowledged yet."""
ALL_ACCEPTED = {"recording"}
"""What is passed only by batches in which nothing is rejected."""
PUBLISHED_TWICE = {"partly-published", "confirmed"}
"""Where the process dies between a confirm and its mark: the publication goes out again under the same id."""


@pytest.mark.parametrize("point", [*INTAKE_POINTS, *RELAY_POINTS])
async def test_a_killed_worker_loses_nothing(world: World, point: str) -> None:
    """The process dies in mid-stream; what it had begun is finished by the next one, once."""
    bad = 0 if point in ALL_ACCEPTED else 6
    await world.feed(Generator(world.catalogue, seed=11).mixed(MESSAGES, bad=bad))
    async with world.child(worker(point, at=2)) as child:
        await child.ended(-signal.SIGKILL)
    await world.settle()
    delivered_again = await world.check_books()
    taken_again = (await world.audited())["duplicate"]
    if point == "committed":
        assert 0 < taken_again <= BATCH
    elif point in RECORDED_OR_NOT:
        assert taken_again <= BATCH
    elif point in INTAKE_POINTS:
        assert taken_again == 0
    if point in PUBLISHED_TWICE:
        assert delivered_again > 0
