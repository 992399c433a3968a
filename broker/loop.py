"""The one form of every loop that runs in a worker: start, ``run_once`` again and again, stop.

Owns: when to run again, what to do while a peer is away (wait with exponential backoff and jitter, then go on by
itself), and ending within the step in hand. Knows nothing of what a step does.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from tenacity import RetryCallState, wait_random_exponential

from broker.errors import UnavailableError
from broker.observability.logs import logger
from broker.observability.names import LogEvent


class Step(Protocol):
    """What a loop repeats. ``run_once`` says whether it found work; ``stop`` may be called twice."""

    @property
    def name(self) -> str:
        """What log lines call it."""

    async def start(self) -> None:
        """Get what the step lacks (a connection, a consumer); called again after a peer was away. Idempotent."""

    async def run_once(self) -> bool:
        """Do one batch. Raises UnavailableError when a peer is away, with nothing lost: what is whole is kept."""

    async def stop(self) -> None:
        """Give everything back. Idempotent."""


@dataclass(frozen=True, slots=True)
class Chore:
    """A step made of one coroutine function, for what has nothing to hold: ``once`` gives how much it did."""

    name: str
    once: Callable[[], Awaitable[int | None]]

    async def start(self) -> None:
        """Nothing to get."""

    async def run_once(self) -> bool:
        """Run ``once``; more work is at hand when it did some."""
        return bool(await self.once())

    async def stop(self) -> None:
        """Nothing to give back."""


@dataclass(frozen=True, slots=True)
class Led:
    """A step that one worker does for all: it has its turns in the worker that leads, as ``leads`` says each time.

    Two may lead for a moment where one was paused, so the step has to be right then too; it is spared, not locked out.
    """

    step: Step
    leads: Callable[[], bool]

    @property
    def name(self) -> str:
        """That of the step."""
        return self.step.name

    async def start(self) -> None:
        """Start the step."""
        await self.step.start()

    async def run_once(self) -> bool:
        """Run the step where this worker leads; nothing is at hand elsewhere."""
        return self.leads() and await self.step.run_once()

    async def stop(self) -> None:
        """Stop the step."""
        await self.step.stop()


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """Waits in seconds: after a step without work, and the longest one while a peer is away."""

    idle_s: float
    unavailable_max_s: float = 5.0


class Loop:
    """Runs one step until ``stopping`` is set. ``wake`` ends an idle wait at once; ``idle`` is a signal for tests."""

    def __init__(self, step: Step, config: LoopConfig, stopping: asyncio.Event) -> None:
        """Bind a step to the worker's stop signal."""
        self.step = step
        self.wake = asyncio.Event()
        self.idle = asyncio.Event()
        self._away = 0
        self._available = False
        self._config = config
        self._stopping = stopping
        self._backoff = wait_random_exponential(multiplier=0.1, max=config.unavailable_max_s)

    async def run(self) -> None:
        """Run to the end of the worker. Anything but an unavailable peer ends the loop with its exception."""
        try:
            while not self._stopping.is_set():
                try:
                    if not self._available:
                        await self.step.start()
                    await self._turn()
                except UnavailableError as error:
                    await self._wait_for_peer(error)
        except Exception as error:
            logger().error(LogEvent.LOOP_FAILED, loop=self.step.name, error=type(error).__name__)
            raise
        finally:
            await self.step.stop()

    async def _turn(self) -> None:
        self.wake.clear()
        worked = await self.step.run_once()
        self._came_back()
        if worked:
            self.idle.clear()
            await asyncio.sleep(0)
        else:
            self.idle.set()
            await self._wait(self.wake, self._config.idle_s)

    def _came_back(self) -> None:
        """A turn has succeeded: only that shows that the peer is there, since most steps have nothing to start."""
        self._available = True
        if self._away:
            logger().info(LogEvent.LOOP_RECOVERED, loop=self.step.name, attempts=self._away)
            self._away = 0

    async def _wait_for_peer(self, error: UnavailableError) -> None:
        self._available = False
        self._away += 1
        logger().warning(LogEvent.LOOP_UNAVAILABLE, loop=self.step.name, error=type(error).__name__, attempt=self._away)
        state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]  # only counts
        state.attempt_number = self._away
        await self._wait(self._stopping, self._backoff(state))

    async def _wait(self, event: asyncio.Event, longest_s: float) -> None:
        """Wait for the event, the worker's end, or the time: whichever comes first."""
        waits = [asyncio.ensure_future(each.wait()) for each in {event, self._stopping}]
        try:
            await asyncio.wait(waits, timeout=longest_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*waits)
