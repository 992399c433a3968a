"""A store that has been at work for long: rows as the broker writes them, made by the server itself, set by set.

Must not know what is measured on it. Bodies are short, since old ones lie in partitions that nobody touches; keys,
indexes and the shape of every other row are as in real life. The audit log is one whose tree holds: every entry has the
same leaf, so that its hashes can be told without the rows.
"""

from datetime import UTC, datetime, timedelta

import asyncpg
from rich.console import Console
from rich.progress import Progress

from bench.flow.arena import CHANNEL, TENANT
from broker.audit.merkle import TILE_WIDTH, Tree, leaf_hash, perfect_root

_EVENTS = 2  # that one message causes
_ENTRIES = 2  # of the audit log: that it was accepted, and that its events were confirmed
_AT_ONCE = 500_000
_LEAF = b'{"at":"2026-01-01T00:00:00.000000Z","facts":{},"kind":"accepted","tenant":"bank"}'.ljust(420)
_DAYS = 30

_MESSAGES = f"""
WITH new AS MATERIALIZED (
    SELECT gen_random_uuid() AS id, n, now() - make_interval(secs => ($2::int - n) * 86400.0 * {_DAYS} / $2::int) AS at
    FROM generate_series($1::int + 1, least($1::int + {_AT_ONCE}, $2::int)) AS n
), inbox AS (
    INSERT INTO broker.inbox (message_id, tenant, channel, key, digest, batch_id, received_at)
    SELECT id, '{TENANT}', '{CHANNEL}', 'id:' || gen_random_uuid(), sha256(id::text::bytea), gen_random_uuid(), at
    FROM new
), bodies AS (
    INSERT INTO broker.message_body (recorded_on, message_id, tenant, codec, body)
    SELECT at::date, id, '{TENANT}', 'plain', '<Document/>'::bytea FROM new
), outbox AS (
    INSERT INTO broker.outbox (recorded_on, id, tenant, message_id, event_id, destination, address, subject, event_type,
                               content_type, codec, body, recorded_at)
    SELECT at::date, (n - 1) * {_EVENTS} + event, '{TENANT}', id, gen_random_uuid(), 'event', 'iso20022.events',
           'E2E-' || n, 'payment.transfer', 'application/cloudevents+json', 'plain', '{{}}'::bytea, at
    FROM new, generate_series(1, {_EVENTS}) AS event
), entries AS (
    INSERT INTO broker.audit_entry (entry_id, tenant, kind, message_id, leaf, salt)
    SELECT (n - 1) * {_ENTRIES} + place, '{TENANT}', CASE place WHEN 1 THEN 'accepted' ELSE 'confirmed' END, id,
           $3::bytea, sha256(id::text::bytea)
    FROM new, generate_series(1, {_ENTRIES}) AS place
), leaves AS (
    INSERT INTO broker.audit_leaf (tenant, index, entry_id, leaf_hash)
    SELECT '{TENANT}', at, at + 1, $4::bytea
    FROM generate_series($1::bigint * {_ENTRIES},
                         least($1::bigint + {_AT_ONCE}, $2::bigint) * {_ENTRIES} - 1) AS at
)
INSERT INTO broker.message (message_id, tenant, channel, direction, state, definition, business_id,
                            received_at, recorded_at)
SELECT id, '{TENANT}', '{CHANNEL}', 'inbound', 'accepted', 'pacs.008.001.08', 'M' || n, at, at FROM new
"""
_TILES = """
INSERT INTO broker.audit_tile (tenant, level, index, hashes)
SELECT $1, $2::smallint, number, $3 FROM generate_series(0, $4::bigint - 1) AS number
"""


async def filled(dsn: str, messages: int) -> None:
    """Fill a migrated, empty database with so many messages and all that they caused."""
    connection: asyncpg.Connection = await asyncpg.connect(dsn)
    today = datetime.now(UTC).date()
    for day in range(_DAYS + 2):
        await connection.execute("SELECT broker.ensure_partitions($1)", today + timedelta(days=1 - day))
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(f"filling a store with {messages:,} messages", total=messages)
        for start in range(0, messages, _AT_ONCE):
            await connection.execute(_MESSAGES, start, messages, _LEAF, leaf_hash(_LEAF))
            progress.update(task, completed=min(messages, start + _AT_ONCE))
    await connection.execute("SELECT setval('broker.outbox_id', $1)", messages * _EVENTS)
    await connection.execute("SELECT setval('broker.audit_entry_id', $1)", messages * _ENTRIES)
    await _plant(connection, messages * _ENTRIES)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _plant(connection: asyncpg.Connection, size: int) -> None:
    """Write the tree of so many equal leaves: its frontier, and its full tiles."""
    roots = [leaf_hash(_LEAF)]
    while 1 << len(roots) <= size:
        roots.append(perfect_root([roots[-1]] * 2))
    frontier = [roots[bit] for bit in reversed(range(len(roots))) if size >> bit & 1]
    tree = Tree(size, tuple(frontier))
    await connection.execute(
        "INSERT INTO broker.audit_tree VALUES ($1, $2, $3)", TENANT, tree.size, list(tree.frontier)
    )
    level, full = 0, size // TILE_WIDTH
    while full:
        await connection.execute(_TILES, TENANT, level, roots[level * 8] * TILE_WIDTH, full)
        level, full = level + 1, full // TILE_WIDTH
