"""The ceiling: the same batches, transactions and publishes by the shortest way known, and no work on a message at all.

Bytes in, bytes out. Each message is taken once (inbox), kept, and gives as many publications of the same size as the
broker would make of it; they are published only after their commit and marked after their confirm. No parsing, no
rules, no audit, no retries, no leases: what a broker of ISO messages can at best come near to.
"""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import orjson

from bench.flow.arena import Arena, known_as
from broker.transport.amqp import AmqpConfig, AmqpTransport
from broker.transport.seam import Consumer, Publication, PublishResult
from broker.transport.topology import EVENTS

SCHEMA = """
CREATE TABLE inbox (id uuid PRIMARY KEY, received_at timestamptz NOT NULL, body bytea NOT NULL);
CREATE TABLE outbox (id uuid PRIMARY KEY, message_id uuid NOT NULL, body bytea NOT NULL, done boolean NOT NULL);
CREATE INDEX outbox_waiting ON outbox (id) WHERE NOT done;
"""
_TAKE = """
WITH new AS (
    INSERT INTO inbox SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::bytea[])
    ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO outbox SELECT o.id, o.message_id, o.body, false
FROM unnest($4::uuid[], $5::uuid[], $6::bytea[]) AS o (id, message_id, body) JOIN new ON new.id = o.message_id
"""
_MARK = "UPDATE outbox SET done = true WHERE id = ANY ($1::uuid[])"
_BATCH = 200
_PUBLISH = 500
_PREFETCH = 1_000
_WAIT_S = 0.02


async def main(sizes: Mapping[int, Sequence[int]]) -> None:
    """Run until SIGTERM; ``sizes`` are the bytes of each publication that a message causes, by its own length."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    transport = AmqpTransport(AmqpConfig(os.environ["BROKER_AMQP_URL"]))
    await transport.open()
    consumer = await transport.consumer([Arena.inbound], _PREFETCH)
    intake, relay = [await asyncpg.connect(os.environ["BROKER_DATABASE_URL"]) for _ in range(2)]
    waiting: deque[Publication] = deque()
    bodies = {length: [_event(size) for size in each] for length, each in sizes.items()}
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_take(consumer, intake, waiting, bodies, stopping))
        tasks.create_task(_publish(transport, relay, waiting, stopping))
    await transport.close()


async def _take(
    consumer: Consumer,
    connection: asyncpg.Connection,
    waiting: deque[Publication],
    bodies: Mapping[int, Sequence[bytes]],
    stopping: asyncio.Event,
) -> None:
    while not stopping.is_set():
        batch = await consumer.batch(_BATCH, _WAIT_S)
        if not batch:
            continue
        received = datetime.now(UTC)
        ids = [known_as(each.headers["ce-id"]) for each in batch]
        out = [
            (uuid4(), message, body)
            for message, each in zip(ids, batch, strict=True)
            for body in bodies[len(each.body)]
        ]
        columns = [list(column) for column in zip(*out, strict=True)]
        await connection.execute(_TAKE, ids, [received] * len(batch), [each.body for each in batch], *columns)
        await consumer.ack(batch)
        waiting.extend(
            Publication(EVENTS, "bank.ceiling", str(each), body, headers={"message-id": str(message)})
            for each, message, body in out
        )


async def _publish(
    transport: AmqpTransport, connection: asyncpg.Connection, waiting: deque[Publication], stopping: asyncio.Event
) -> None:
    while not stopping.is_set():
        some = [waiting.popleft() for _ in range(min(_PUBLISH, len(waiting)))]
        if not some:
            await asyncio.sleep(_WAIT_S / 4)
            continue
        results = await transport.publish(some)
        assert set(results) == {PublishResult.CONFIRMED}, set(results)
        await connection.execute(_MARK, [UUID(each.event_id) for each in some])


def _event(size: int) -> bytes:
    empty = len(orjson.dumps({"data": ""}))
    return orjson.dumps({"data": "x" * (size - empty)})


if __name__ == "__main__":
    asyncio.run(main({int(length): each for length, each in orjson.loads(Path(sys.argv[1]).read_bytes()).items()}))
