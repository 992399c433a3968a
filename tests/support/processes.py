"""Child processes of a test: started with the settings of its world, waited for, and ended with the test."""

import asyncio
import contextlib
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.waiting import WAIT_S

_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Child:
    """One process. Its standard error, the broker's log, is in the file ``log``."""

    process: asyncio.subprocess.Process
    log: Path

    async def ready(self) -> None:
        """Wait for the worker program to say that it is ready."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), WAIT_S)
        assert line == b"ready\n", self.log.read_text()[-4000:]

    async def logged(self, text: str, times: int = 1) -> None:
        """Wait until the log says something so often."""
        async with asyncio.timeout(WAIT_S):
            while self.log.read_text().count(text) < times:
                assert self.process.returncode is None, self.log.read_text()[-4000:]
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.process.wait(), 0.02)

    def tell(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    async def ended(self, code: int) -> None:
        """Wait for the end with this exit code, or minus the number of this signal."""
        ended = await asyncio.wait_for(self.process.wait(), WAIT_S)
        assert ended == code, self.log.read_text()[-4000:]

    def anonymous_mb(self) -> float:
        """Resident memory that is the process's own: pages of files come and go as the system sees fit."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (kilobytes,) = re.findall(r"RssAnon:\s+(\d+) kB", status)
        return int(kilobytes) * 1024 / 1_000_000


@contextlib.asynccontextmanager
async def child(module: Sequence[str], environment: Mapping[str, str], log: Path) -> AsyncIterator[Child]:
    """Run ``python -m module…``; the process is killed at the end of the block if it still lives."""
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *module),
            env=dict(environment),
            cwd=_ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield Child(process, log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def worker(point: str = "never", at: int = 1) -> Sequence[str]:
    """Name the worker program that dies at the ``at``-th pass of a point."""
    return "tests.support.worker", point, str(at)
