"""The control for several workers: the pure pipeline in processes that share nothing but the machine.

More processes than cores take turns on them and find their caches cold, whatever they do. What that costs is not the
broker's, and this shows it: CPU time a message of so many processes that only work on messages in memory.

    python -m bench.apart     one such process: says "ready", waits for a line, works, and says what it cost
"""

import asyncio
import statistics
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench.end_to_end import told
from bench.flow.workload import Workloads, envelope
from broker.wiring import settled

_ROOT = Path(__file__).parent.parent
_MESSAGES = 1_000
_SECONDS = 5.0
_READY = b"ready\n"


async def measure(counts: Sequence[int], rounds: int) -> list[dict[str, Any]]:
    """Give, for so many processes each, the CPU microseconds a message and the ratios to the first count."""
    turns = [[await _cost(count) for count in counts] for _ in range(rounds)]
    return [
        {
            "at": count,
            "cpu_us": statistics.median(each[place] for each in turns),
            "cpu_ratio": told([each[place] / each[0] for each in turns]),
        }
        for place, count in enumerate(counts)
    ]


async def _cost(count: int) -> float:
    """The mean of what a message costs so many processes at once."""
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.apart", stdin=PIPE, stdout=PIPE, cwd=_ROOT)
        for _ in range(count)
    ]
    lines = [await _line(each) for each in processes]
    assert set(lines) == {_READY}, lines
    costs = [_begun(each) for each in processes]
    return statistics.mean(await asyncio.gather(*costs))


async def _begun(process: Process) -> float:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    cost = float(await _line(process))
    await process.wait()
    return cost


async def _line(process: Process) -> bytes:
    assert process.stdout is not None
    return await process.stdout.readline()


def _work() -> None:
    loads = Workloads()
    messages = [envelope(body) for body in loads.pacs_008(_MESSAGES).bodies]
    turns = cycle(messages)
    pipeline = loads.bench.pipeline
    with settled():
        sys.stdout.buffer.write(_READY)
        sys.stdout.flush()
        sys.stdin.readline()
        done, began, cpu = 0, perf_counter(), process_time()
        while perf_counter() - began < _SECONDS:
            for each in islice(turns, 100):
                pipeline.run(each)
            done += 100
        print(1e6 * (process_time() - cpu) / done)


if __name__ == "__main__":
    _work()
