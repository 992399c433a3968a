"""What a message leaves behind: bytes over the network, to the write-ahead log and in each table, and commits.

Part of `make bench`; what docs/scaling.md reckons with. Counters of the servers, not of a clock: noise does not matter.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import asyncpg
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.flow.arena import Arena
from bench.flow.contest import ours, running
from bench.flow.workload import Workload

_LOOK_S = 0.1
_WAL = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"
_SYNCS = "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'"
_ENTRIES = "SELECT count(*) FROM broker.audit_entry"
_COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
_WAITING = "SELECT (SELECT count(*) FROM broker.outbox_pending) + (SELECT count(*) FROM broker.audit_pending)"
_TABLES = """
SELECT regexp_replace(c.relname, '_[0-9]{8}$', '') AS name,
       sum(pg_table_size(c.oid))::float8 AS rows, sum(pg_indexes_size(c.oid))::float8 AS indexes
FROM pg_class c WHERE c.relnamespace = 'broker'::regnamespace AND c.relkind = 'r' GROUP BY 1 ORDER BY 1
"""


async def measure(place: Arena, load: Workload) -> dict[str, Any]:
    """Run one worker over the messages; every figure is of one message."""
    await place.empty()
    await place.feed(load.bodies)
    dsn = await place.postgres.clone()
    connection: asyncpg.Connection = await asyncpg.connect(dsn)
    others = await _octets(place)
    before, tables_before = await _counters(connection), await _tables(connection)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(f"bytes of {len(load.bodies):,} messages", total=load.publications)
        async with running(place, ours(dsn=dsn)) as runs:
            while (published := await place.published()) < load.publications:
                runs.must_live()
                progress.update(task, completed=published)
                await asyncio.sleep(_LOOK_S)
            # Asked only now: each look is a transaction, and those count.
            while await connection.fetchval(_WAITING):  # noqa: ASYNC110  looked at seldom
                await asyncio.sleep(_LOOK_S)
            network = {name: octets for name, octets in (await _octets(place)).items() if name not in others}
    after, tables = await _counters(connection), await _tables(connection)
    entries = await connection.fetchval(_ENTRIES)
    await connection.close()
    await place.postgres.drop(dsn)
    count = len(load.bodies)
    grown = {
        name: {part: (each[part] - tables_before.get(name, {}).get(part, 0)) / count for part in ("rows", "indexes")}
        for name, each in tables.items()
    }
    return {
        "messages": count,
        "bytes_a_message": load.bytes_a_message,
        "publications": load.publications / count,
        "published_bytes": sum(map(sum, load.published)) / count,
        "audit_entries": entries / count,
        **{name: (after[name] - before[name]) / count for name in after},
        "amqp_in_bytes": sum(sent for _, sent in network.values()) / count,
        "amqp_out_bytes": sum(received for received, _ in network.values()) / count,
        "tables": {name: each for name, each in grown.items() if sum(each.values()) > 1},
    }


async def _counters(connection: asyncpg.Connection) -> dict[str, float]:
    """The log's bytes and syncs of the server, and the commits of the database."""
    await connection.execute("SELECT pg_stat_force_next_flush()")
    found = {"wal_bytes": _WAL, "wal_syncs": _SYNCS, "commits": _COMMITS}
    return {name: float(await connection.fetchval(query)) for name, query in found.items()}


async def _tables(connection: asyncpg.Connection) -> dict[str, dict[str, float]]:
    return {row["name"]: {"rows": row["rows"], "indexes": row["indexes"]} for row in await connection.fetch(_TABLES)}


async def _octets(place: Arena) -> dict[str, tuple[float, float]]:
    """Of each connection to RabbitMQ: the bytes it received and the bytes it sent, as RabbitMQ counts."""
    text = await asyncio.to_thread(place.rabbitmq.ctl, "list_connections", "pid", "recv_oct", "send_oct")
    lines = [line.split("\t") for line in text.splitlines()[1:]]
    return {pid: (float(received), float(sent)) for pid, received, sent in lines}


def show(figures: Mapping[str, Any]) -> None:
    """Print what a message leaves behind."""
    size = figures["bytes_a_message"]
    table = Table("what", "of one message", title=f"A message of {size:,.0f} bytes leaves behind")
    table.add_row("write-ahead log, bytes", f"{figures['wal_bytes']:,.0f}")
    table.add_row("audit entries", f"{figures['audit_entries']:.2f}")
    table.add_row("transactions, and syncs of the log", f"{figures['commits']:.3f}, {figures['wal_syncs']:.3f}")
    table.add_row(
        "AMQP, bytes to and from the worker", f"{figures['amqp_in_bytes']:,.0f}, {figures['amqp_out_bytes']:,.0f}"
    )
    for name, each in figures["tables"].items():
        table.add_row(f"{name}: bytes of rows, of indexes", f"{each['rows']:,.0f}, {each['indexes']:,.0f}")
    Console().print(table)
