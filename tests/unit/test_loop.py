"""The loop: repeats a step, waits for a peer that is away, and ends within the step in hand."""

import asyncio

import pytest
import structlog

from broker.errors import StoreUnavailableError
from broker.loop import Led, Loop, LoopConfig


class _Counting:
    """A step that does ``work`` turns and fails on those in ``away``."""

    name = "counting"

    def __init__(self, work: int, away: frozenset[int] = frozenset()) -> None:
        self.work, self.away = work, away
        self.turns = self.starts = self.stops = 0

    async def start(self) -> None:
        self.starts += 1

    async def run_once(self) -> bool:
        self.turns += 1
        if self.turns in self.away:
            raise StoreUnavailableError("away")
        return self.turns <= self.work

    async def stop(self) -> None:
        self.stops += 1


async def _until_idle(step: _Counting) -> None:
    stopping = asyncio.Event()
    loop = Loop(step, LoopConfig(idle_s=60, unavailable_max_s=0.01), stopping)
    running = asyncio.create_task(loop.run())
    await asyncio.wait_for(loop.idle.wait(), 120)
    stopping.set()
    await asyncio.wait_for(running, 120)


async def test_repeats_while_there_is_work_and_ends_when_told() -> None:
    """Three turns of work and one without; the stop ends the idle wait at once."""
    step = _Counting(work=3)
    await _until_idle(step)
    assert (step.starts, step.turns, step.stops) == (1, 4, 1)


async def test_starts_again_after_a_peer_was_away() -> None:
    """A step whose peer was away is started again and goes on; it is not stopped meanwhile."""
    step = _Counting(work=3, away=frozenset({2, 3}))
    with structlog.testing.capture_logs() as lines:
        await _until_idle(step)
    assert step.starts == 3
    assert step.stops == 1
    said = [(line["event"], line.get("attempt", line.get("attempts"))) for line in lines]
    assert said == [("loop.unavailable", 1), ("loop.unavailable", 2), ("loop.recovered", 2)]


async def test_wake_ends_an_idle_wait() -> None:
    """Work that arrives is not left until the next look."""
    step = _Counting(work=0)
    stopping = asyncio.Event()
    loop = Loop(step, LoopConfig(idle_s=60), stopping)
    running = asyncio.create_task(loop.run())
    await asyncio.wait_for(loop.idle.wait(), 120)
    loop.idle.clear()
    loop.wake.set()
    await asyncio.wait_for(loop.idle.wait(), 120)
    stopping.set()
    await running
    assert step.turns == 2


async def test_a_led_step_has_its_turns_where_its_worker_leads() -> None:
    """Whether this worker leads is asked for each turn; elsewhere there is nothing at hand."""
    step = _Counting(work=5)
    leads = iter([False, True, False, True])
    led = Led(step, lambda: next(leads))

    assert [await led.run_once() for _ in range(4)] == [False, True, False, True]
    assert (led.name, step.turns) == ("counting", 2)


async def test_a_defect_ends_the_loop_and_gives_everything_back() -> None:
    """What is not an absent peer is a bug: it must not be retried silently."""

    class _Broken(_Counting):
        async def run_once(self) -> bool:
            raise ZeroDivisionError

    step = _Broken(work=1)
    with structlog.testing.capture_logs() as lines, pytest.raises(ZeroDivisionError):
        await Loop(step, LoopConfig(idle_s=1), asyncio.Event()).run()
    assert step.stops == 1
    assert [(line["event"], line["loop"], line["error"]) for line in lines] == [
        ("loop.failed", "counting", "ZeroDivisionError")
    ]
