"""What processes cost, read from the operating system: CPU seconds and resident memory, by who they belong to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Footprint:
    """CPU seconds since each process began, ended children included, and resident megabytes now."""

    cpu_s: float
    resident_mb: float


def footprint(root: int) -> Footprint:
    """Of a process and all below it; of none where it has ended."""
    try:
        first = psutil.Process(root)
        family = [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return Footprint(0, 0)
    return _sum(family)


def spent(before: Mapping[str, Footprint], after: Mapping[str, Footprint]) -> dict[str, float]:
    """CPU seconds between two looks, by name."""
    return {name: after[name].cpu_s - before[name].cpu_s for name in before}


def _sum(family: Iterable[psutil.Process]) -> Footprint:
    cpu, memory = 0.0, 0
    for process in family:
        try:
            times = process.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            memory += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return Footprint(cpu, memory / 1_000_000)
