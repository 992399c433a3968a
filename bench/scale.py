"""`make bench-scale`: how cost grows with workers, batch, size of message, rows in the store, and tenants.

Each axis is one run on private servers in which its points take turns; what counts is each point's ratio to the first
in the same round. Prints tables; ``--json FILE`` and ``--pictures FOLDER`` write them. Takes some forty minutes on a
quiet machine with two cores, and 17 GB of disk. Less: ``--only batch --messages 2000 --rounds 1``; ``--rows 100000``
fills the store with less.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import apart, picture
from bench.end_to_end import median, told, turn
from bench.flow.arena import Arena, arena
from bench.flow.contest import PARTS, Contender, ours
from bench.flow.filling import filled
from bench.flow.workload import Workload, Workloads
from bench.results import write

_SIZES = (1_000, 10_000, 100_000, 1_000_000)
_BYTES = 100_000_000  # of all messages of one size in one round
_FEWEST = 100
_SMALL_BATCH = 10
_BATCHES = (200, 1, 10, 50, 100, 500)
_TENANTS = (1, 5, 10, 25, 50)
_WORKERS = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Point:
    """One place on an axis: who runs there, on what."""

    at: float
    contender: Contender
    load: Workload


@dataclass(frozen=True, slots=True)
class Axis:
    """What varies, in words and its unit; the others are measured against the first point."""

    name: str
    points: Sequence[Point]


def workers(load: Workload) -> Axis:
    """Processes under one parent."""
    return Axis("workers", [Point(count, ours(f"{count} workers", count, awaited=count), load) for count in _WORKERS])


def batch(load: Workload) -> Axis:
    """Messages in one transaction. The smallest batches get fewer messages: they take long."""
    points = []
    for size in _BATCHES:
        given = {"BROKER_INGEST__BATCH_MESSAGES": str(size), "BROKER_INGEST__PREFETCH_MESSAGES": "1000"}
        some = load if size >= _SMALL_BATCH else load.first(len(load.bodies) // 4)
        points.append(Point(size, ours(f"batches of {size}", environment=given), some))
    return Axis("messages a transaction", points)


def size(loads: Workloads, most: int) -> Axis:
    """Bytes of a message, in small batches, so that few large ones are not one batch."""
    given = {"BROKER_INGEST__BATCH_MESSAGES": str(_SMALL_BATCH)}
    points = []
    for each in _SIZES:
        load = loads.of_size(each, max(_FEWEST, min(most, _BYTES // each)))
        points.append(Point(round(load.bytes_a_message), ours(load.name, environment=given), load))
    return Axis("bytes a message", points)


def store(load: Workload, rows: int, dsn: str) -> Axis:
    """Messages that the store holds already: none, and those of the database ``dsn``."""
    full = ours(f"{rows:,} messages stored", dsn=dsn)
    return Axis("messages in the store", [Point(0, ours("an empty store"), load), Point(rows, full, load)])


def tenants(load: Workload) -> Axis:
    """Tenants, each with a channel, a queue and an audit log of its own; the messages are spread over them evenly."""
    points = [Point(count, ours(f"{count} tenants", tenants=count), load) for count in _TENANTS]
    return Axis("tenants", points)


async def measure(place: Arena, axis: Axis, rounds: int) -> dict[str, Any]:
    """Give, for each point, the results of its rounds and the ratios to the first point in them."""
    turns = []
    with Progress(console=Console(stderr=True)) as progress:
        for number in range(rounds):
            title = f"{axis.name}, round {number + 1}"
            turns.append([await turn(place, each.contender, each.load, progress, title) for each in axis.points])
    points = []
    for place_on_axis, point in enumerate(axis.points):
        pairs = [(each[place_on_axis], each[0]) for each in turns]
        cpu = {part: told([mine.cpu_us[part] / first.cpu_us[part] for mine, first in pairs]) for part in PARTS}
        points.append(
            {
                "at": point.at,
                "messages": len(point.load.bodies),
                "publications_a_message": round(point.load.publications / len(point.load.bodies), 2),
                "rate_ratio": told([mine.per_s / first.per_s for mine, first in pairs]),
                "cpu_ratios": cpu,
                "rounds": [asdict(mine) for mine, _ in pairs],
            }
        )
    return {"name": axis.name, "points": points}


async def measure_workers(place: Arena, load: Workload, rounds: int) -> dict[str, Any]:
    """The axis of workers with its control: ``apart``."""
    return {**await measure(place, workers(load), rounds), "apart": await apart.measure(_WORKERS, rounds)}


def show(figures: Mapping[str, Any]) -> None:
    """Print one axis."""
    table = Table(title=f"How cost grows: {figures['name']}; ratios are to the first line, in the same round")
    for column in (figures["name"], "msg/s", "ratio", "publications/s", *(f"{part}, CPU µs (ratio)" for part in PARTS)):
        table.add_column(column, justify="right")
    for point in figures["points"]:
        each, cpu = median(point["rounds"]), point["cpu_ratios"]
        times = [f"{each[part]:,.0f} ({cpu[part]['median']:.3g})" for part in PARTS]
        rates = [f"{each['per_s']:,.0f}", f"{point['rate_ratio']['median']:.3g}"]
        published = f"{each['per_s'] * point['publications_a_message']:,.0f}"
        table.add_row(f"{point['at']:,}", *rates, published, *times)
    Console().print(table)
    for each in figures.get("apart", ()):
        cost = f"{each['cpu_us']:,.0f} CPU µs a message ({each['cpu_ratio']['median']:.3g})"
        Console().print(f"the pure work in processes that share nothing, {each['at']} of them: {cost}")


@asynccontextmanager
async def _stored(place: Arena, load: Workload, rows: int) -> AsyncIterator[Axis]:
    dsn = await place.postgres.clone()
    await filled(dsn, rows)
    yield store(load, rows, dsn)
    await place.postgres.drop(dsn)


def main() -> None:
    """Measure, print, write."""
    axes = ("workers", "batch", "size", "store", "tenants")
    reader = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    reader.add_argument("--only", nargs="+", default=axes, choices=axes, help="the axes that are measured")
    reader.add_argument("--messages", type=int, default=20_000, help="for each point in each round")
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--rows", type=int, default=5_000_000, help="messages in the full store")
    reader.add_argument("--json", type=Path, help="write the figures to this file")
    reader.add_argument("--pictures", type=Path, help="draw them to PNG files in this folder")
    given = reader.parse_args()
    found = asyncio.run(_measured(given))
    if given.json:
        write({"axes": found}, given.json)
    if given.pictures:
        picture.draw_axes(found, given.pictures)


async def _measured(given: argparse.Namespace) -> dict[str, Any]:
    loads = Workloads()
    load = loads.pacs_008(given.messages)
    plain: dict[str, Callable[[], Axis]] = {
        "batch": lambda: batch(load),
        "size": lambda: size(loads, given.messages),
        "tenants": lambda: tenants(load),
    }
    found = {}
    async with arena() as place:
        for name in given.only:
            if name in plain:
                found[name] = await measure(place, plain[name](), given.rounds)
            elif name == "workers":
                found[name] = await measure_workers(place, load, given.rounds)
            else:
                async with _stored(place, load, given.rows) as axis:
                    found[name] = await measure(place, axis, given.rounds)
            show(found[name])
    return found


if __name__ == "__main__":
    main()
