"""What a bulk message costs: peak memory and rate of a large one beside a small one, each in a process of its own.

    python -m bench.bulk [--json FILE] [--large 200000] [--definition pacs.008.001.08 …] [--no-store]

A message is written to a file by ``broker.generate.bulk``; then a fresh process takes it the way intake does: checked,
its events made and recorded in an embedded PostgreSQL in one transaction. ``--no-store`` leaves the last out. What must
hold: the large one peaks no more than 64 MB over the small one, at a rate no lower (noise aside). The rate is given by
the clock and by the CPU time of the process, in which PostgreSQL's own is not; as in a worker, what is loaded is
``settled``.
The small one is taken several times in a row, so that both meet the same state of the database and of the machine.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from bench.results import write
from broker.audit.kinds import Kind
from broker.generate.bulk import BULK_DEFINITIONS, write_bulk
from broker.ingest.bulk import BulkConfig, BulkIntake
from broker.ingest.processing import Processing
from broker.message.envelope import Direction
from broker.observability.metrics import Metrics
from broker.observability.traces import Tracing
from broker.pipeline.bulk_check import Checked
from broker.queues import routes
from broker.settings import Settings
from broker.store.bulk_writes import BulkRecorder
from broker.store.codec import PlainCodec
from broker.store.database import Database
from broker.store.embedded import embedded
from broker.store.migrate import migrate
from broker.transport import topology
from broker.transport.seam import Delivery
from broker.wiring import settled
from broker.workbench import Workbench

SMALL = 10_000
MOST_MORE_MB = 64
_TIMES = 8
_COLUMNS = ("definition", "transactions", "MB", "s", "tx/s", "tx/CPU s", "peak MB")


def main() -> None:
    """Measure and print; the exit code says whether what must hold does."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", type=Path, help="write the figures to this file")
    options.add_argument("--large", type=int, default=200_000, help="transactions of the large message")
    options.add_argument("--definition", nargs="+", default=list(BULK_DEFINITIONS))
    options.add_argument("--no-store", action="store_true", help="check and make events, record nothing")
    options.add_argument("--one", nargs=3, metavar=("FILE", "TRANSACTIONS", "DSN"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        print(json.dumps(asyncio.run(_one(Path(given.one[0]), int(given.one[1]), given.one[2]))))
        return
    figures = asyncio.run(_all(given.definition, given.large, store=not given.no_store))
    _show(figures)
    if given.json:
        write({"bulk": figures}, given.json)
    sys.exit(any(each["more_mb"] > MOST_MORE_MB for each in figures))


async def _all(definitions: list[str], large: int, *, store: bool) -> list[dict[str, Any]]:
    catalogue = Workbench(Settings()).catalogue
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="broker-bulk-") as folder:
        home = Path(folder)
        async with embedded(home / "postgres") as dsn:
            await migrate(dsn)
            for definition in definitions:
                measured = {}
                for transactions in (SMALL, large):
                    path = home / f"{definition}.xml"
                    with path.open("w+b") as file:
                        write_bulk(catalogue, definition, transactions, 1, file)
                    measured[transactions] = await _measured(path, transactions, dsn if store else "")
                small, big = measured[SMALL], measured[large]
                figures.append(
                    {
                        "definition": definition,
                        "small": small,
                        "large": big,
                        "more_mb": big["peak_mb"] - small["peak_mb"],
                        "rate_ratio": big["per_s"] / small["per_s"],
                        "cpu_rate_ratio": big["per_cpu_s"] / small["per_cpu_s"],
                    }
                )
    return figures


async def _measured(path: Path, transactions: int, dsn: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.bulk", "--one", str(path), str(transactions), dsn or "-"]
    done = await asyncio.to_thread(subprocess.run, command, check=True, stdout=subprocess.PIPE)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])  # after the log line
    return figures


async def _one(path: Path, transactions: int, dsn: str) -> dict[str, float]:
    """Take one message in this process."""
    settings = Settings.model_validate({"channels": {"bulk": {"bulk": True}}, "limits": {"message_bytes": 1_000_000}})
    bench = Workbench(settings)
    processing = Processing(bench.pipeline, routes(settings), Tracing(), Metrics())
    delivery = Delivery(topology.inbound("bulk"), None, b"", path=path, message_id=uuid4().hex)
    size = path.stat().st_size  # noqa: ASYNC240  nothing else runs in this process yet
    recorder = BulkRecorder(Database(dsn), PlainCodec(), lambda *_: None)
    limits = BulkConfig(settings.limits.message_bytes, settings.bulk.slice_bytes)
    intake = BulkIntake(bench.bulk, bench.plans, recorder, processing, limits)
    times = _TIMES if transactions == SMALL else 1
    with settled():
        began, began_cpu = perf_counter(), process_time()
        for _ in range(times):
            if dsn == "-":
                _read(bench, processing, delivery)
            else:
                await intake.take(replace(delivery, message_id=uuid4().hex), uuid4())
                await _must_be_there(dsn, transactions)
        seconds, cpu = (perf_counter() - began) / times, (process_time() - began_cpu) / times
    await intake.close()
    return {
        "transactions": transactions,
        "bytes": size,
        "seconds": seconds,
        "per_s": transactions / seconds,
        "per_cpu_s": transactions / cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


def _read(bench: Workbench, processing: Processing, delivery: Delivery) -> None:
    assert delivery.path is not None
    with delivery.path.open("rb") as file:
        checked = bench.bulk.check(file, bench.plans["bulk"])
        assert isinstance(checked, Checked), checked
        envelope = processing.envelope(delivery, checked.digest)
        assert envelope.direction is Direction.INBOUND
        file.seek(0)
        effects = bench.bulk.effects(file, envelope, checked)
        assert sum(len(each.outgoing) for each in effects.portions) == checked.good_sum.count + 1


async def _must_be_there(dsn: str, transactions: int) -> None:
    connection = await Database(dsn).connect()
    last = "SELECT leaf FROM broker.audit_entry WHERE kind = $1 ORDER BY entry_id DESC LIMIT 1"
    leaf = json.loads(await connection.value(last, Kind.ACCEPTED.value))
    assert leaf["facts"]["publications"] == transactions + 1, leaf
    await connection.close()


def _show(figures: list[dict[str, Any]]) -> None:
    table = Table(*_COLUMNS, title="Bulk messages")
    for each in figures:
        for size in ("small", "large"):
            one = each[size]
            table.add_row(
                str(each["definition"]),
                f"{one['transactions']:,.0f}",
                f"{one['bytes'] / 1e6:.1f}",
                f"{one['seconds']:.1f}",
                f"{one['per_s']:,.0f}",
                f"{one['per_cpu_s']:,.0f}",
                f"{one['peak_mb']:.0f}",
            )
    console = Console()
    console.print(table)
    for each in figures:
        ratios = f"rate x {each['rate_ratio']:.2f}, per CPU second x {each['cpu_rate_ratio']:.2f}"
        console.print(f"{each['definition']}: {each['more_mb']:+.1f} MB, {ratios}")


if __name__ == "__main__":
    main()
