"""The parent of the workers: starts them, restarts what dies, and ends with all of them ended."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from broker.supervisor import Supervisor, SupervisorConfig
from tests.support.waiting import until

OBEDIENT = "import signal; signal.signal(signal.SIGTERM, lambda *_: exit(0)); {ready}; signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {ready}\nwhile True: signal.pause()"
DYING = "{ready}; raise SystemExit(3)"
READY = "open(__import__('os').environ['FOLDER'] + '/' + str(__import__('os').getpid()), 'w').close()"


@contextlib.asynccontextmanager
async def _running(
    folder: Path, program: str, workers: int = 2, shutdown_s: float = 30
) -> AsyncIterator[tuple[Supervisor, Callable[[], set[int]], asyncio.Event]]:
    """Run a supervisor over a program; gives it, who said to be ready, and its stop signal."""
    stopping = asyncio.Event()
    command = [sys.executable, "-S", "-c", program.format(ready=READY)]
    config = SupervisorConfig(workers, lambda _: command, {"FOLDER": str(folder)}, shutdown_s, restart_delay_s=0.01)
    supervisor = Supervisor(config, stopping)

    def ready() -> set[int]:
        return {int(each.name) for each in folder.iterdir()}

    task = asyncio.create_task(supervisor.run())
    try:
        yield supervisor, ready, stopping
    finally:
        stopping.set()
        await asyncio.wait_for(task, 120)


async def test_as_many_workers_as_asked_for(tmp_path: Path) -> None:
    """Each is a process of its own with the environment given; when told to stop all are gone and none is replaced."""
    async with _running(tmp_path, OBEDIENT, workers=3) as (supervisor, ready, stopping):
        await until(lambda: _true(len(ready()) == 3))
        pids = supervisor.pids
        assert set(pids) == ready()
        stopping.set()
        await until(lambda: _true(supervisor.pids == ()))
    assert supervisor.restarts == 0
    assert not any(map(_lives, pids))


async def test_a_dead_worker_is_replaced(tmp_path: Path) -> None:
    """One is killed, another takes its place, and the others are left alone."""
    async with _running(tmp_path, OBEDIENT) as (supervisor, ready, _):
        await until(lambda: _true(len(ready()) == 2))
        killed, left = supervisor.pids
        os.kill(killed, signal.SIGKILL)
        await until(lambda: _true(len(ready()) == 3))
        assert supervisor.restarts == 1
        assert left in supervisor.pids
        assert killed not in supervisor.pids


async def test_a_worker_that_cannot_start_is_tried_again(tmp_path: Path) -> None:
    """A worker that ends by itself is started again after a wait, however often."""
    async with _running(tmp_path, DYING, workers=1) as (supervisor, ready, _):
        await until(lambda: _true(len(ready()) >= 3))
        assert supervisor.restarts >= 2


async def test_a_worker_that_does_not_end_is_ended(tmp_path: Path) -> None:
    """One that ignores the signal is killed when its time is over."""
    async with _running(tmp_path, STUBBORN, workers=1, shutdown_s=0.1) as (supervisor, ready, stopping):
        await until(lambda: _true(len(ready()) == 1))
        (pid,) = supervisor.pids
        stopping.set()
        await until(lambda: _true(supervisor.pids == ()))
    assert not _lives(pid)


async def test_kill_ends_all_at_once(tmp_path: Path) -> None:
    """The second signal: no worker is asked, and killing twice is no error."""
    async with _running(tmp_path, STUBBORN) as (supervisor, ready, stopping):
        await until(lambda: _true(len(ready()) == 2))
        pids = supervisor.pids
        stopping.set()
        supervisor.kill()
        await until(lambda: _true(supervisor.pids == ()))
        supervisor.kill()
    assert not any(map(_lives, pids))


async def _true(condition: bool) -> bool:  # noqa: FBT001  as an awaitable
    return condition


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
