"""A service on each transport in turn, with a database of its own that the broker never migrated."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from broker.transport.amqp import AmqpConfig, AmqpTransport
from broker.transport.directory import DirectoryConfig, DirectoryTransport
from broker.transport.seam import Transport
from broker.transport.topology import EVENTS, Subscription, topology
from tests.support.journey import remove_queues
from tests.support.postgres import Postgres
from tests.support.rabbitmq import RabbitMQ
from tests.support.rows import Reader
from tests.support.subscribing import EFFECTS, Service


@pytest.fixture
def postgres_alone() -> Iterator[Postgres]:
    """Give one test a server of its own, to do harm to."""
    server = Postgres(Path(tempfile.mkdtemp(prefix="broker-pg-")))
    server.start()
    yield server
    server.discard()


@pytest.fixture
async def own_dsn(postgres: Postgres) -> AsyncIterator[str]:
    """Give one test a database of a service: nothing of the broker is in it."""
    made = await postgres.empty()
    yield made
    await postgres.drop(made)


@pytest.fixture(params=["directory", "amqp"])
async def service(request: pytest.FixtureRequest, own_dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    """Give one test a service on each transport."""
    node: RabbitMQ | None = request.getfixturevalue("rabbitmq") if request.param == "amqp" else None
    async with _service(node, own_dsn, tmp_path) as made:
        yield made


@pytest.fixture
async def amqp_service(rabbitmq: RabbitMQ, own_dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    """Give one test a service on RabbitMQ."""
    async with _service(rabbitmq, own_dsn, tmp_path) as made:
        yield made


@pytest.fixture
async def folder_service(own_dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    """Give one test a service on folders, for what does not depend on the transport."""
    async with _service(None, own_dsn, tmp_path) as made:
        yield made


@contextlib.asynccontextmanager
async def _service(node: RabbitMQ | None, dsn: str, folder: Path) -> AsyncIterator[Service]:
    queue = f"{EVENTS}.{uuid4().hex[:8]}"
    root = folder / "queues"
    carrier = _carrier(node, root)
    try:
        await carrier.open()
        await carrier.declare(topology([], [Subscription(queue, (f"{queue[-8:]}.#",))]))
        async with Reader.on(dsn) as rows:
            await rows.connection.execute(EFFECTS)
            yield Service(node.url if node else root, dsn, queue, carrier, rows)
    finally:
        await carrier.close()
        if node is not None:
            await remove_queues(node, [queue])


def _carrier(node: RabbitMQ | None, root: Path) -> Transport:
    return AmqpTransport(AmqpConfig(node.url)) if node else DirectoryTransport(DirectoryConfig(root))
