"""`make bench`: the work on one message, then messages end to end on private servers, as ratios in one run.

Prints tables; ``--json FILE`` writes the figures (``ratios`` holds the medians and the rounds they are medians of) and
``--pictures FOLDER`` draws them. Needs RabbitMQ; takes a quarter of an hour on a quiet machine with two cores. Less:
``--parts work end-to-end``, ``--messages 5000 --rounds 1``, ``--memory-messages 20000``.
"""

import argparse
import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import end_to_end, iso_work, memory, picture, scale, serial, volume
from bench.end_to_end import Plan
from bench.flow.arena import arena
from bench.flow.workload import Workloads
from bench.results import ratios, write

PARTS = ("work", "end-to-end", "volume", "workers", "memory")
_VOLUME_MESSAGES = 10_000


def main() -> None:
    """Measure, print, write."""
    plan = Plan()
    reader = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    reader.add_argument("--messages", type=int, default=plan.messages, help="for each contender in each round")
    reader.add_argument("--rounds", type=int, default=plan.rounds)
    reader.add_argument("--only", nargs="+", default=list(plan.only), help="the contenders that take part")
    reader.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS, help="what is measured")
    reader.add_argument("--memory-messages", type=int, default=200_000, help="over which memory is watched")
    reader.add_argument("--json", type=Path, help="write the figures to this file")
    reader.add_argument("--pictures", type=Path, help="draw them to PNG files in this folder")
    given = reader.parse_args()
    found: dict[str, Any] = {}
    if "work" in given.parts:
        found["iso_work"] = iso_work.figures()
        iso_work.show(found["iso_work"])
    asyncio.run(_on_servers(given, found))
    figures = {"ratios": ratios(found), **found}
    if given.json:
        write(figures, given.json)
    if given.pictures:
        picture.draw(figures, given.pictures)


async def _on_servers(given: argparse.Namespace, found: dict[str, Any]) -> None:
    loads, parts = Workloads(), given.parts
    transfers, mix = loads.pacs_008(given.messages), loads.mix(given.messages)
    async with arena() as place:
        if "end-to-end" in parts:
            plan = Plan(given.messages, given.rounds, given.only)
            with TemporaryDirectory(prefix="broker-bench-") as folder:
                measured = end_to_end.measure(place, plan, (transfers, mix), loads.bench, Path(folder))
                found["end_to_end"] = await measured
            for name, each in found["end_to_end"].items():
                end_to_end.show(name, each)
        if "volume" in parts:
            found["volume"] = await volume.measure(place, transfers.first(_VOLUME_MESSAGES))
            volume.show(found["volume"])
            found["serial"] = await serial.measure(place, transfers)
            serial.show(found["serial"])
        if "workers" in parts:
            found["workers"] = await scale.measure_workers(place, transfers, given.rounds)
            scale.show(found["workers"])
        if "memory" in parts:
            found["memory"] = await memory.measure(place, mix, given.memory_messages)
            memory.show(found["memory"])


if __name__ == "__main__":
    main()
