"""Whether a worker's memory stays flat: its resident megabytes, message after message, over the mix of kinds.

Part of `make bench`. The same messages are fed again and again under new ids, in portions, so that neither queue grows
without end; how fast they go is not measured here.
"""

import asyncio
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import Progress

from bench.flow.arena import Arena
from bench.flow.contest import ours, running
from bench.flow.footprint import footprint
from bench.flow.workload import Workload, repeated

_LOOK_S = 0.25
_PARTS = 10


async def measure(place: Arena, load: Workload, messages: int) -> dict[str, Any]:
    """Run one worker over so many messages; ``series`` holds pairs of messages done and megabytes."""
    contender, series, done = ours(), [], 0
    await place.empty()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(f"memory over {messages:,} messages", total=messages)
        async with running(place, contender) as runs:
            for portion in repeated(load, messages):
                await place.feed(portion.bodies)
                while (published := await place.published()) < portion.publications:
                    runs.must_live()
                    now = done + len(portion.bodies) * published // portion.publications
                    series.append((now, footprint(runs.pid).resident_mb))
                    progress.update(task, completed=now)
                    await asyncio.sleep(_LOOK_S)
                await place.empty()
                done += len(portion.bodies)
                progress.update(task, completed=done)
    return {"messages": messages, "series": series, **_told(series, messages)}


def _told(series: Sequence[tuple[int, float]], messages: int) -> dict[str, float]:
    """The highest reading, the medians of the second and the last tenth, and the growth between them."""
    tenths = [[mb for at, mb in series if at * _PARTS // messages == part] for part in range(_PARTS)]
    early, late = statistics.median(tenths[1]), statistics.median(tenths[-1])
    return {"highest_mb": max(mb for _, mb in series), "early_mb": early, "late_mb": late, "growth": late / early}


def show(figures: Mapping[str, Any]) -> None:
    """Print what the series says."""
    early, late, highest = (figures[name] for name in ("early_mb", "late_mb", "highest_mb"))
    Console().print(
        f"memory of a worker over {figures['messages']:,} messages: {early:.0f} MB in the second tenth, "
        f"{late:.0f} MB in the last, {highest:.0f} MB at most"
    )
