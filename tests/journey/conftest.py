"""Worlds for the journeys: a real PostgreSQL, and each transport in turn."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from pathlib import Path
from uuid import uuid4

import aio_pika
import pytest

from broker.settings import Settings
from broker.store import status
from broker.transport.topology import REFUSED, SAFETY_NET
from broker.workbench import Workbench
from tests.support.journey import World, environment, remove_queues
from tests.support.log_lines import collected
from tests.support.postgres import Postgres
from tests.support.rabbitmq import RabbitMQ
from tests.support.rows import Reader

TRANSPORTS = ("directory", "amqp")


@pytest.fixture(scope="session")
def compiled() -> Workbench:
    """Give a catalogue and mappings, compiled once."""
    return Workbench(Settings())


@pytest.fixture(autouse=True)
def log() -> Iterator[StringIO]:
    """Collect what workers of this process log."""
    with collected() as stream:
        yield stream


@pytest.fixture(autouse=True)
def dead_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that says nothing for a second counts as dead: its lanes are shared out anew while a test waits."""
    monkeypatch.setattr(status, "_LIVE_S", 1.0)


@pytest.fixture(params=TRANSPORTS)
async def world(request: pytest.FixtureRequest, dsn: str, tmp_path: Path, compiled: Workbench) -> AsyncIterator[World]:
    """Give one test a world on each transport."""
    node = request.getfixturevalue("rabbitmq") if request.param == "amqp" else None
    async with _world(node, dsn, tmp_path, compiled) as made:
        yield made


@pytest.fixture(scope="session")
def other_postgres() -> Iterator[Postgres]:
    """Run one server for the tests that harm it."""
    server = Postgres(Path(tempfile.mkdtemp(prefix="broker-pg-")))
    server.start()
    asyncio.run(server.make_template())
    yield server
    server.discard()


@pytest.fixture(params=TRANSPORTS)
async def fragile(
    request: pytest.FixtureRequest, other_postgres: Postgres, tmp_path: Path, compiled: Workbench
) -> AsyncIterator[World]:
    """Give one test a world on each transport whose PostgreSQL it may stop."""
    node = request.getfixturevalue("rabbitmq") if request.param == "amqp" else None
    async with _world(node, await other_postgres.clone(), tmp_path, compiled) as made:
        yield made


@pytest.fixture
async def with_rabbitmq(rabbitmq: RabbitMQ, dsn: str, tmp_path: Path, compiled: Workbench) -> AsyncIterator[World]:
    """Give one test a world on RabbitMQ."""
    async with _world(rabbitmq, dsn, tmp_path, compiled) as made:
        yield made


@contextlib.asynccontextmanager
async def _world(node: RabbitMQ | None, dsn: str, folder: Path, compiled: Workbench) -> AsyncIterator[World]:
    name = uuid4().hex[:8]
    more = {} if node is None else {"BROKER_AMQP_URL": node.url}
    if node is not None:
        # The node is shared by the session: what another test left in the last resorts is not this world's to park.
        await remove_queues(node, (SAFETY_NET, REFUSED))
    async with contextlib.AsyncExitStack() as stack:
        rows = await stack.enter_async_context(Reader.on(dsn))
        made = World(
            name, environment(name, dsn, folder, more), folder, rows, stack, compiled.catalogue, node, compiled.mappings
        )
        yield made
    if node is not None:
        # RabbitMQ gives up on a queue where the disk stands still for seconds: no failure of a test that is over.
        with contextlib.suppress(aio_pika.exceptions.AMQPError):
            await remove_queues(node, (made.inbound, made.commands, made.outbound, made.subscribed))
