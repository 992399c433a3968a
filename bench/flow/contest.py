"""One contender against the clock: start it on a full queue, wait until it has published everything, read what it cost.

The clock runs from the tenth part of the messages to the last, so that start-up and first use count for nobody. Several
workers do not start at once: when all are there they are given that tenth part, and the others when it is done.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg

from bench.flow.arena import Arena
from bench.flow.footprint import Footprint, footprint, spent
from bench.flow.workload import Workload

_LOOK_S = 0.02
_GIVE_UP_S = 900.0
_WORKERS = "SELECT count(*) FROM broker.worker"
_ROOT = Path(__file__).parent.parent.parent
PARTS = ("worker", "rabbitmq", "postgresql")


@dataclass(frozen=True, slots=True)
class Contender:
    """How one is run. ``publications`` says how many a workload causes; ``schema`` makes its own tables.

    ``environment`` goes over that of the arena; ``dsn`` names a database to run on, which stays, else it has its own.
    ``awaited`` workers have to say in the database that they live before there is anything on the queue.
    """

    name: str
    command: Sequence[str]
    publications: Callable[[Workload], int] = attrgetter("publications")
    schema: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    awaited: int = 0
    tenants: int = 1
    dsn: str | None = None


def ours(name: str = "ours", workers: int = 1, **more: Any) -> Contender:  # noqa: ANN401 - the fields of a contender
    """The broker with everything on."""
    return Contender(name, ["-m", "broker", "run", "--workers", str(workers)], **more)


@dataclass(frozen=True, slots=True)
class Result:
    """Messages a second, CPU microseconds a message by part, and the worker's resident megabytes at the end."""

    per_s: float
    cpu_us: Mapping[str, float]
    resident_mb: float


async def contest(arena: Arena, contender: Contender, load: Workload, progress: Callable[[float], None]) -> Result:
    """Run one contender over the messages; ``progress`` is told the share that is done."""
    await arena.empty(contender.tenants)
    if not contender.awaited:
        await arena.feed(load.bodies, contender.tenants)
    total, tenth = contender.publications(load), len(load.bodies) // 10
    async with running(arena, contender) as runs:

        async def reached(count: int) -> None:
            async with asyncio.timeout(_GIVE_UP_S):
                while (published := await arena.published()) < count:
                    runs.must_live()
                    progress(published / total)
                    await asyncio.sleep(_LOOK_S)

        if contender.awaited:
            await runs.all_there()
            await arena.feed(load.first(tenth).bodies, contender.tenants)
        await reached(contender.publications(load.first(tenth)))
        first, began, before = await arena.published(), perf_counter(), _look(arena, runs.pid)
        if contender.awaited:
            await arena.feed(load.after(tenth).bodies, contender.tenants)
        await reached(total)
        seconds, after = perf_counter() - began, _look(arena, runs.pid)
    assert first < total, f"{contender.name} was done before the clock ran: give it more messages"
    messages = len(load.bodies) * (total - first) / total
    cpu = {name: 1e6 * each / messages for name, each in spent(before, after).items()}
    return Result(messages / seconds, cpu, after["worker"].resident_mb)


@dataclass(frozen=True, slots=True)
class Running:
    """A contender at work."""

    contender: Contender
    process: asyncio.subprocess.Process
    dsn: str

    @property
    def pid(self) -> int:
        """Its first process; all others are below it."""
        return self.process.pid

    def must_live(self) -> None:
        """Fail where it has ended."""
        code = self.process.returncode
        assert code is None, f"{self.contender.name} ended with {code}"

    async def all_there(self) -> None:
        """Wait for its workers."""
        connection: asyncpg.Connection = await asyncpg.connect(self.dsn)
        async with asyncio.timeout(_GIVE_UP_S):
            while await connection.fetchval(_WORKERS) < self.contender.awaited:
                self.must_live()
                await asyncio.sleep(_LOOK_S)
        await connection.close()


@contextlib.asynccontextmanager
async def running(arena: Arena, contender: Contender) -> AsyncIterator[Running]:
    """Run a contender in a process of its own, on a database of its own, for as long as the block lasts."""
    async with _database(arena, contender) as dsn, _process(arena, contender, dsn) as process:
        yield Running(contender, process, dsn)


def _look(arena: Arena, worker: int) -> dict[str, Footprint]:
    return {
        "worker": footprint(worker),
        "rabbitmq": footprint(arena.rabbitmq.pid),
        "postgresql": footprint(arena.postgres.pid),
    }


@contextlib.asynccontextmanager
async def _database(arena: Arena, contender: Contender) -> AsyncIterator[str]:
    if contender.dsn is not None:
        yield contender.dsn
        return
    dsn = await (arena.postgres.clone() if contender.schema is None else arena.postgres.empty())
    if contender.schema is not None:
        connection = await asyncpg.connect(dsn)
        await connection.execute(contender.schema)
        await connection.close()
    yield dsn
    await arena.postgres.drop(dsn)


@contextlib.asynccontextmanager
async def _process(arena: Arena, contender: Contender, dsn: str) -> AsyncIterator[asyncio.subprocess.Process]:
    with tempfile.TemporaryDirectory(prefix="broker-bench-") as home, tempfile.TemporaryFile() as output:
        given = arena.environment(dsn, Path(home), contender.tenants)
        environment = {**os.environ, **given, **contender.environment}
        process = await asyncio.create_subprocess_exec(
            sys.executable, *contender.command, env=environment, cwd=_ROOT, stdout=output, stderr=output
        )
        try:
            yield process
        except BaseException:
            output.seek(0)
            sys.stderr.write(output.read()[-4000:].decode(errors="replace"))
            raise
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 30)
            except TimeoutError:
                process.kill()
