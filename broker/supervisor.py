"""Several worker processes under one parent: starts them, restarts what dies, passes signals on, ends together.

Owns processes only; what a worker does is the worker's. A worker that dies is started again after a wait, so that a
worker that cannot start does not spin.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from broker.observability.logs import logger
from broker.observability.names import LogEvent


@dataclass(frozen=True, slots=True)
class SupervisorConfig:
    """Waits in seconds. ``command`` starts a worker, given how many died before; ``environment`` is what it sees."""

    workers: int
    command: Callable[[int], Sequence[str]]
    environment: Mapping[str, str]
    shutdown_s: float
    restart_delay_s: float


class Supervisor:
    """The parent of the workers."""

    def __init__(self, config: SupervisorConfig, stopping: asyncio.Event) -> None:
        """Start nothing yet."""
        self._config = config
        self._stopping = stopping
        self._processes: set[asyncio.subprocess.Process] = set()
        self.restarts = 0

    @property
    def pids(self) -> tuple[int, ...]:
        """The workers that live now."""
        return tuple(sorted(each.pid for each in self._processes if each.returncode is None))

    async def run(self) -> None:
        """Keep every worker alive until ``stopping``; returns when all have ended."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._config.workers):
                tasks.create_task(self._keep_alive())

    def kill(self) -> None:
        """End every worker at once; nothing is lost, what was unsettled is delivered again."""
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

    async def _keep_alive(self) -> None:
        while not self._stopping.is_set():
            process = await asyncio.create_subprocess_exec(
                *self._config.command(self.restarts),
                env={**os.environ, **self._config.environment},
                start_new_session=True,
            )
            self._processes.add(process)
            try:
                await self._watch(process)
            finally:
                self._processes.discard(process)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        ended = asyncio.ensure_future(process.wait())
        stop = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not ended.done():
            await self._end(process, ended)
        elif not self._stopping.is_set():
            self.restarts += 1
            logger().error(LogEvent.WORKER_DIED, pid=process.pid, returncode=process.returncode)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._config.restart_delay_s)

    async def _end(self, process: asyncio.subprocess.Process, ended: "asyncio.Future[int]") -> None:
        """Ask the worker to finish its batch; end it when it takes too long."""
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(ended), self._config.shutdown_s)
        except TimeoutError:
            process.kill()
            await ended
