"""End to end on real servers: how much of the ceiling the broker reaches, and how far it is from the usual stack.

Contenders take turns, round after round, on the same messages, the same RabbitMQ (quorum queues) and the same
PostgreSQL (fsync on); every figure that counts is a ratio within a round, and the median of the rounds is told.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.flow import ceiling, usual
from bench.flow.arena import Arena
from bench.flow.contest import PARTS, Contender, Result, contest, ours
from bench.flow.latency import latency
from bench.flow.workload import PACS_008, Workload
from broker.generate.generator import DEFINITIONS
from broker.workbench import Workbench

CEILING, OURS, USUAL = "ceiling", "ours", "the usual stack"
_SLOW = 10  # the usual stack gets the tenth part of the messages: its rate does not depend on their number
_OVER = {"ours_over_ceiling": CEILING, "ours_over_usual_stack": USUAL}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. ``only`` names the contenders that take part."""

    messages: int = 20_000
    rounds: int = 3
    only: Sequence[str] = (CEILING, OURS, USUAL)
    latency_s: float = 20.0


async def measure(
    place: Arena, plan: Plan, loads: Sequence[Workload], bench: Workbench, folder: Path
) -> dict[str, Any]:
    """Give the figures of each workload by its name; ``folder`` is for what contenders read."""
    found = {}
    for load in loads:
        contenders = [each for each in _contenders(load, bench, folder) if each.name in plan.only]
        turns: list[dict[str, Result]] = []
        with Progress(console=Console(stderr=True)) as progress:
            for number in range(plan.rounds):
                title = f"{load.name}, round {number + 1}"
                turns.append({each.name: await turn(place, each, load, progress, title) for each in contenders})
            figures = _figures(turns, load)
            if load.name == PACS_008:
                figures["latency"] = await _latencies(place, contenders, load, plan, (progress, turns))
        found[load.name] = figures
    return found


async def turn(place: Arena, contender: Contender, load: Workload, progress: Progress, title: str) -> Result:
    """Let one contender work through a workload, and show how far it is."""
    task = progress.add_task(f"{title}: {contender.name}", total=1.0)
    some = load.first(len(load.bodies) // _SLOW) if contender.name == USUAL else load
    result = await contest(place, contender, some, lambda share: progress.update(task, completed=share))
    progress.update(task, completed=1.0, description=f"{title}: {contender.name}, {result.per_s:,.0f} msg/s")
    return result


def told(rounds: Sequence[float]) -> dict[str, Any]:
    """Give a ratio as it is written: the median, and the rounds it is the median of."""
    return {"median": _three_digits(statistics.median(rounds)), "rounds": [_three_digits(each) for each in rounds]}


def _three_digits(number: float) -> float:
    return float(f"{number:.3g}")


async def _latencies(
    place: Arena,
    contenders: Sequence[Contender],
    load: Workload,
    plan: Plan,
    so_far: tuple[Progress, Sequence[Mapping[str, Result]]],
) -> dict[str, Any]:
    """Of the ceiling and of us, at the same load: half of our own rate."""
    progress, turns = so_far
    rate = statistics.median(each.get(OURS, each[contenders[0].name]).per_s for each in turns) / 2
    some = load.first(int(rate * plan.latency_s))
    found = {}
    for each in contenders:
        if each.name != USUAL:
            task = progress.add_task(f"latency at {rate:,.0f} msg/s: {each.name}", total=1.0)
            moved = partial(_moved, progress, task)
            found[each.name] = asdict(await latency(place, each, some, rate, moved))
    return found


def _moved(progress: Progress, task: Any, share: float) -> None:  # noqa: ANN401 - rich's own
    progress.update(task, completed=share)


def _contenders(load: Workload, bench: Workbench, folder: Path) -> list[Contender]:
    table = folder / "published.json"
    table.write_bytes(orjson.dumps(load.by_length, option=orjson.OPT_NON_STR_KEYS))
    for definition in DEFINITIONS:
        (folder / f"{definition}.xsd").write_text(bench.catalogue.xsd(definition))
    return [
        Contender(
            CEILING, ["-m", "bench.flow.ceiling", str(table)], lambda some: some.publications_by_length, ceiling.SCHEMA
        ),
        ours(OURS),
        Contender(USUAL, ["-m", "bench.flow.usual", str(folder)], lambda some: len(some.bodies), usual.SCHEMA),
    ]


def _figures(turns: Sequence[Mapping[str, Result]], load: Workload) -> dict[str, Any]:
    rounds = {
        name: [each[OURS].per_s / each[over].per_s for each in turns if {OURS, over} <= each.keys()]
        for name, over in _OVER.items()
    }
    return {
        "messages": len(load.bodies),
        "bytes_a_message": round(load.bytes_a_message),
        "publications_a_message": round(load.publications / len(load.bodies), 2),
        "ratios": {name: told(each) for name, each in rounds.items() if each},
        "rounds": [{name: asdict(result) for name, result in each.items()} for each in turns],
    }


def show(name: str, figures: Mapping[str, Any]) -> None:
    """Print the figures of one workload as a table."""
    size = figures["bytes_a_message"]
    table = Table(title=f"End to end, {name}: {figures['messages']:,} of {size:,} bytes, medians of the rounds")
    for column in ("contender", "msg/s", *(f"{part}, CPU µs a message" for part in PARTS), "worker MB"):
        table.add_column(column, justify="left" if column == "contender" else "right")
    for contender, each in medians(figures["rounds"]).items():
        cpu = [f"{each[part]:,.0f}" for part in PARTS]
        table.add_row(contender, f"{each['per_s']:,.0f}", *cpu, f"{each['resident_mb']:,.0f}")
    console = Console()
    console.print(table)
    for ratio, each in figures["ratios"].items():
        console.print(f"{ratio}: {each['median']}  (rounds: {', '.join(map(str, each['rounds']))})")
    for contender, each in figures.get("latency", {}).items():
        load, p50, p99 = each["load_per_s"], each["p50_ms"], each["p99_ms"]
        console.print(f"latency at {load:,.0f} msg/s, {contender}: p50 {p50:.1f} ms, p99 {p99:.1f} ms")


def medians(rounds: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Give each contender's figures, each the median of the rounds, CPU µs under the name of their part."""
    return {name: median([each[name] for each in rounds]) for name in rounds[0]}


def median(results: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Give the median of each figure of several results."""
    flat = [{**each["cpu_us"], **{name: each[name] for name in ("per_s", "resident_mb")}} for each in results]
    return {name: statistics.median(each[name] for each in flat) for name in flat[0]}
