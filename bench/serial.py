"""What cannot be shared out: how fast one quorum queue takes and gives, and how fast one tenant's audit log grows.

Part of `make bench`; docs/scaling.md says what follows. Each is measured alone, with nothing else at work.
"""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

import asyncpg
from rich.console import Console

from bench.flow.arena import TENANT, Arena
from bench.flow.workload import Workload
from broker.audit.sequencer import Sequencer
from broker.settings import Settings
from broker.store.codec import PlainCodec
from broker.store.database import Database
from broker.store.ledger import Ledger

_PREFETCH = 1000
_WAIT_S = 1.0
_ENTRIES = """
WITH new AS (
    INSERT INTO broker.audit_entry (tenant, kind, leaf)
    SELECT $1, 'confirmed', convert_to(rpad(n::text, 420, 'x'), 'UTF8') FROM generate_series(1, $2::int) AS n
    RETURNING entry_id
)
INSERT INTO broker.audit_pending (entry_id, tenant) SELECT entry_id, $1 FROM new
"""
_AN_ENTRY_FOR = 5  # of the messages given


async def measure(place: Arena, load: Workload) -> dict[str, float]:
    """Messages a second into and out of one queue, and audit entries a second into one tree."""
    await place.empty()
    began = perf_counter()
    await place.feed(load.bodies)
    taken = perf_counter()
    consumer, left = await place.carrier.consumer([place.inbound], _PREFETCH), len(load.bodies)
    while left:
        some = await consumer.batch(_PREFETCH, _WAIT_S)
        await consumer.ack(some)
        left -= len(some)
    given = perf_counter()
    await consumer.close()
    entries = len(load.bodies) * _AN_ENTRY_FOR
    return {
        "queue_takes_per_s": len(load.bodies) / (taken - began),
        "queue_gives_per_s": len(load.bodies) / (given - taken),
        "audit_entries_per_s": entries / await _sequenced(place, entries),
    }


async def _sequenced(place: Arena, entries: int) -> float:
    """Seconds for one sequencer to give so many waiting entries their places."""
    dsn = await place.postgres.clone()
    connection: asyncpg.Connection = await asyncpg.connect(dsn)
    await connection.execute(_ENTRIES, TENANT, entries)
    await connection.execute("ANALYZE")
    await connection.close()
    sequencer = Sequencer(Ledger(Database(dsn).session(), PlainCodec()), Settings().audit.sequence_entries)
    began = perf_counter()
    while await sequencer.run_once():
        pass
    seconds = perf_counter() - began
    await sequencer.stop()
    await place.postgres.drop(dsn)
    return seconds


def show(figures: Mapping[str, Any]) -> None:
    """Print them."""
    takes, gives, entries = (figures[name] for name in figures)
    Console().print(
        f"one quorum queue takes {takes:,.0f} and gives {gives:,.0f} messages a second, "
        f"one tenant's audit log {entries:,.0f} entries a second"
    )
