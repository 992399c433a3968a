"""The monitor: reads what backpressure decides on, and says in the store that the worker lives."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from broker.errors import StoreUnavailableError
from broker.ingest.backpressure import Backpressure, Watermark
from broker.ingest.monitor import Monitor, resident_mb
from broker.observability.metrics import Metrics
from tests.support.memory_transport import MemoryTransport

BURST = """
from broker.ingest.monitor import give_back_memory, resident_mb
held = [bytes(3_000) for _ in range(40_000)]
still_held = bytes(3_000)
full = resident_mb()
held.clear()
give_back_memory()
print(full - resident_mb())
"""
"""In a process of its own. What is still held lies behind the rest: without it the rest would go back by itself."""


@dataclass
class _Store:
    """What the monitor asks: a depth to set, and the beats it heard."""

    waiting: int = 0
    beats: list[Mapping[str, object]] = field(default_factory=list)
    left: int = 0

    async def depth(self) -> int:
        return self.waiting

    async def beat(self, status: Mapping[str, object]) -> int:
        self.beats.append(status)
        await asyncio.sleep(0)
        return 3

    async def leave(self) -> None:
        self.left += 1
        raise StoreUnavailableError("away")


def _monitor(store: _Store, pressure: Backpressure) -> Monitor:
    return Monitor(store, store, MemoryTransport(), pressure, Metrics())


def _pressure() -> Backpressure:
    far = Watermark(1e9, 1e8)
    return Backpressure({"outbox": Watermark(10, 5), "memory_mb": far, "commit_ms": Watermark(5_000, 1_000)})


async def test_closes_and_opens_by_the_outbox() -> None:
    """Each turn reads the depth anew, and the heartbeat tells why intake is stopped."""
    store, pressure = _Store(waiting=11), _pressure()
    monitor = _monitor(store, pressure)
    await monitor.run_once()
    store.waiting = 4
    await monitor.run_once()
    assert [each["paused_by"] for each in store.beats] == [["outbox"], []]
    assert monitor.workers == 3


async def test_a_slow_commit_does_not_stop_intake_for_good() -> None:
    """Intake that stopped commits no more: the heartbeat's own commit shows that the store is quick again."""
    pressure = _pressure()
    pressure.read("commit_ms", 6_000)
    assert list(pressure.closed_by) == ["commit_ms"]
    await _monitor(_Store(), pressure).run_once()
    assert list(pressure.closed_by) == []


async def test_leaves_even_if_nobody_hears_it() -> None:
    """The end of a worker is not held up by a database that is away."""
    store = _Store()
    await _monitor(store, _pressure()).stop()
    assert store.left == 1


def test_memory_is_read_where_the_system_tells(tmp_path: Path) -> None:
    """Pages of four kilobytes, in megabytes; where there is nothing to read, no memory is used."""
    statm = tmp_path / "statm"
    statm.write_text("1000 500 1 1 1 1 1")
    assert resident_mb(statm) == 500 * 4096 / 1_000_000
    assert resident_mb(tmp_path / "missing") == 0.0
    assert resident_mb() > 1


def test_freed_memory_goes_back_to_the_system() -> None:
    """What a burst of large messages held is not resident for good, so a stopped intake can resume."""
    done = subprocess.run([sys.executable, "-c", BURST], check=True, capture_output=True, text=True)
    assert float(done.stdout) > 60
