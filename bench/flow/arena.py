"""Where contenders meet: a private RabbitMQ with quorum queues, a private PostgreSQL with fsync on, one inbound queue.

Both servers are started in temporary folders and ended with the block; each contender gets a database of its own and
purged queues. Must not know what a contender does with a message.
"""

import contextlib
import itertools
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import aio_pika
import orjson

from broker.message.envelope import Direction
from broker.message.identity import deduplication_key, message_id
from broker.queues import queues
from broker.settings import Settings, load
from broker.transport import topology
from broker.transport.amqp import AmqpConfig, AmqpTransport
from broker.transport.seam import Publication, PublishResult
from tests.support.postgres import Postgres
from tests.support.rabbitmq import RabbitMQ, private_rabbitmq

CHANNEL = "core"
TENANT = "bank"
SUBSCRIPTION = "all"
"""One channel and one tenant unless a contender asks for more; one subscription to everything."""
_AT_ONCE = 5_000


def known_as(key: str) -> UUID:
    """The broker's own id of a message that was put with this ``ce-id``; its events name it."""
    return message_id(TENANT, f"{Direction.INBOUND}/{CHANNEL}", deduplication_key(key, b""))


@dataclass(frozen=True)
class Arena:
    """The running servers, and the transport of whoever feeds and counts.

    ``keys`` is the folder of the keys that audit logs are signed with: one for all, as a database may be run on twice.
    """

    rabbitmq: RabbitMQ
    postgres: Postgres
    carrier: AmqpTransport
    url: str
    keys: Path

    inbound = topology.inbound(CHANNEL)
    events = f"{topology.EVENTS}.{SUBSCRIPTION}"

    def environment(self, dsn: str, home: Path, tenants: int = 1) -> dict[str, str]:
        """What a contender's process sees: the broker's own settings, which the others read as they need."""
        channels = {channel: {"tenant": tenant} for channel, tenant in _channels(tenants).items()}
        return {
            "BROKER_HOME": str(home),
            "BROKER_AUDIT__KEY_FOLDER": str(self.keys),
            "BROKER_AMQP_URL": self.url,
            "BROKER_DATABASE_URL": dsn,
            "BROKER_CHANNELS": orjson.dumps(channels).decode(),
            "BROKER_SUBSCRIPTIONS": orjson.dumps({SUBSCRIPTION: {"events": ["#"]}}).decode(),
            "BROKER_TELEMETRY__LOG_LEVEL": "warning",
        }

    async def empty(self, tenants: int = 1) -> None:
        """Make the queues of so many tenants exist, and empty every one there is anything in."""
        await self.carrier.declare(queues(self._settings(tenants)))
        connection = await aio_pika.connect(self.url)
        async with connection:
            channel = await connection.channel()
            for name in (*_inbound(tenants), self.events, topology.UNROUTED, topology.SAFETY_NET):
                await (await channel.get_queue(name)).purge()

    async def feed(self, bodies: Sequence[bytes], tenants: int = 1) -> None:
        """Put messages on the inbound queues, in turns, and hear that they took them all."""
        inbound = itertools.cycle(_inbound(tenants))
        for start in range(0, len(bodies), _AT_ONCE):
            some = bodies[start : start + _AT_ONCE]
            put = [Publication("", next(inbound), uuid4().hex, body, content_type="application/xml") for body in some]
            results = await self.carrier.publish(put)
            assert set(results) == {PublishResult.CONFIRMED}, set(results)

    async def published(self) -> int:
        """How many events wait in the subscription's queue."""
        return await self.carrier.depth(self.events)

    def _settings(self, tenants: int) -> Settings:
        return load(environment=self.environment("postgresql://nobody/", Path("nowhere"), tenants))


@contextlib.asynccontextmanager
async def arena() -> AsyncIterator[Arena]:
    """Start both servers and declare the broker's own topology; everything ends with the block."""
    with private_rabbitmq() as rabbitmq, tempfile.TemporaryDirectory(prefix="broker-bench-") as folder:
        postgres = Postgres(Path(folder) / "postgres")
        postgres.start()
        try:
            await postgres.make_template()
            carrier = AmqpTransport(AmqpConfig(rabbitmq.url))
            made = Arena(rabbitmq, postgres, carrier, rabbitmq.url, Path(folder) / "keys")
            await carrier.open()
            await made.empty()
            yield made
            await carrier.close()
        finally:
            postgres.discard()


def _channels(tenants: int) -> dict[str, str]:
    """The tenant of each channel."""
    more = {f"{CHANNEL}-{number}": f"{TENANT}-{number}" for number in range(2, tenants + 1)}
    return {CHANNEL: TENANT, **more}


def _inbound(tenants: int) -> list[str]:
    return [topology.inbound(channel) for channel in _channels(tenants)]
