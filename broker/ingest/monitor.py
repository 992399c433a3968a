"""Monitor: reads the watermarks that backpressure decides on, and says in the store that this worker lives."""

import ctypes
import gc
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Final, Protocol

from broker.errors import UnavailableError
from broker.ingest.backpressure import Backpressure
from broker.observability.logs import logger
from broker.observability.metrics import Metrics
from broker.observability.names import LogEvent
from broker.transport.seam import Transport

_LIBC: Final = ctypes.CDLL(None)
_STATM: Final = Path("/proc/self/statm")
_PAGE_MB: Final = 4096 / 1_000_000


class Depth(Protocol):
    """How many publications wait."""

    async def depth(self) -> int:
        """Count them."""


class Lives(Protocol):
    """Where workers say that they live."""

    async def beat(self, status: Mapping[str, object]) -> int:
        """Say so, and give how many workers live."""

    async def leave(self) -> None:
        """Say that this worker ends."""


class Monitor:
    """The step of the monitor loop. ``workers`` is how many live workers share the lanes."""

    name = "monitor"

    def __init__(
        self, outbox: Depth, lives: Lives, transport: Transport, backpressure: Backpressure, metrics: Metrics
    ) -> None:
        """Read nothing yet."""
        self.workers = 1
        self._outbox = outbox
        self._lives = lives
        self._transport = transport
        self._backpressure = backpressure
        self._metrics = metrics
        self._blocked: str | None = None

    async def start(self) -> None:
        """Nothing to get."""

    async def stop(self) -> None:
        """Leave, so that the other workers take this one's share of the lanes."""
        with suppress(UnavailableError):
            await self._lives.leave()

    async def run_once(self) -> bool:
        """Take every reading once."""
        depth = await self._outbox.depth()
        self._backpressure.read("outbox", depth)
        self._metrics.outbox_depth.set(depth)
        self._backpressure.read("memory_mb", resident_mb())
        if "memory_mb" in self._backpressure.closed_by:
            give_back_memory()
        blocked = self._transport.blocked()
        if blocked and blocked != self._blocked:
            logger().warning(LogEvent.TRANSPORT_BLOCKED, reason=blocked)
        self._blocked = blocked
        began = perf_counter()
        self.workers = await self._lives.beat({"paused_by": list(self._backpressure.closed_by), "blocked": blocked})
        # Intake reads the latency of its own commits; while it is stopped, only this one shows that it has fallen.
        self._backpressure.read("commit_ms", (perf_counter() - began) * 1000)
        return False


def give_back_memory() -> None:
    """Give freed memory back to the system: glibc keeps it otherwise, and intake would stay stopped for nothing."""
    gc.collect()
    trim = getattr(_LIBC, "malloc_trim", None)
    if trim is not None:
        trim(0)


def resident_mb(statm: Path = _STATM) -> float:
    """Resident memory of this process in megabytes; 0 where the system does not say."""
    try:
        return int(statm.read_text().split()[1]) * _PAGE_MB
    except OSError:
        return 0.0
