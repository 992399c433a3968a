"""The examples run as they are: the ten lines of the pages, and the ledger behind a whole broker, killed thrice."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from lxml import etree

from broker import law
from broker.catalogue.catalogue import Catalogue
from broker.generate import Generator, Sample
from broker.transport.directory import DirectoryConfig, DirectoryTransport
from broker.transport.topology import EVENTS, Subscription, topology
from tests.support.journey import World, environment, remove_queues
from tests.support.postgres import Postgres
from tests.support.processes import Child, child
from tests.support.rabbitmq import RabbitMQ
from tests.support.rows import Reader
from tests.support.subscribing import Service, transfer
from tests.support.tree import ROOT
from tests.support.waiting import WAIT_S, until

TEN_LINES = ROOT / "examples" / "ten_lines.py"
PAGES = (ROOT / "README.md", ROOT / "docs" / "subscribing.md")
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TRANSFERS = 80
DOOMED = ("tests.support.doomed_ledger", "handled", str(TRANSFERS // 10))


def test_the_pages_show_the_example_that_runs() -> None:
    """Every program with a subscriber on these pages is the example, to the letter, and it has ten lines."""
    example = TEN_LINES.read_text()
    shown = [block for page in PAGES for block in PYTHON.findall(page.read_text()) if "Subscriber(" in block]
    assert shown
    assert set(shown) == {example}
    assert len([line for line in example.splitlines() if line]) == 10


async def test_the_ten_lines_book_each_event_once(postgres: Postgres, tmp_path: Path) -> None:
    """As printed: events of an embedded broker's folders, a database `ledger`, SIGTERM at the end."""
    queue = f"{EVENTS}.ledger"
    carrier = DirectoryTransport(DirectoryConfig(tmp_path / "var" / "queues"))
    await carrier.open()
    await carrier.declare(topology([], [Subscription(queue)]))
    events = [transfer(n) for n in range(3)]
    async with _database(
        postgres, "ledger", "CREATE TABLE booking (event_id text, currency text, amount numeric)"
    ) as rows:
        service = Service(tmp_path, postgres.dsn_of("ledger"), queue, carrier, rows)
        await service.put(*events, *events)
        async with _printed(PYTHON.findall(PAGES[1].read_text())[0], postgres, tmp_path) as process:

            async def booked() -> bool:
                return await service.waiting() == 0 and await rows.value("SELECT count(*) FROM booking") >= len(events)

            await until(booked)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), WAIT_S) == 0
        found = await rows.connection.fetch("SELECT event_id, currency, amount FROM booking ORDER BY ctid")
        assert [tuple(row) for row in found] == [(each.id, "EUR", Decimal("12.50")) for each in events]
    await carrier.close()


@pytest.mark.parametrize("kind", ["directory", "amqp"])
async def test_a_ledger_that_is_killed_books_every_transfer_once(
    kind: str, request: pytest.FixtureRequest, dsn: str, own_dsn: str, tmp_path: Path
) -> None:
    """XML goes in at one end, and the ledger, killed three times, has every transfer and its status once."""
    node: RabbitMQ | None = request.getfixturevalue("rabbitmq") if kind == "amqp" else None
    async with _world(node, dsn, tmp_path) as world, Reader.on(own_dsn) as rows:
        await rows.connection.execute((ROOT / "examples" / "ledger.sql").read_text())
        sent = await _payments(world)

        for _ in range(3):
            async with _ledger(world, own_dsn, DOOMED) as doomed:
                await doomed.ended(-signal.SIGKILL)
            assert not await _is_done(world, rows)
        async with _ledger(world, own_dsn) as last:
            await until(partial(_is_done, world, rows))
            last.tell(signal.SIGTERM)
            await last.ended(0)
        found = await rows.connection.fetch("SELECT payment, currency, amount, state, reports FROM ledger_entry")
        assert Counter(tuple(row) for row in found) == Counter((*each, "settled", 1) for each in _read(sent))
        assert len(found) == TRANSFERS


@contextlib.asynccontextmanager
async def _database(postgres: Postgres, name: str, table: str) -> AsyncIterator[Reader]:
    """Give a database of exactly this name, for as long as the context lasts."""
    server = await asyncpg.connect(postgres.dsn)
    await server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        async with Reader.on(postgres.dsn_of(name)) as rows:
            await rows.connection.execute(table)
            yield rows
    finally:
        await postgres.drop(postgres.dsn_of(name))
        await server.close()


@contextlib.asynccontextmanager
async def _printed(program: str, postgres: Postgres, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a printed program in a folder; where its server is, libpq's variables say."""
    where = {"PGHOST": str(postgres.socket), "PGUSER": "postgres", "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), cwd=folder, env={**os.environ, **where}, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@contextlib.asynccontextmanager
async def _world(node: RabbitMQ | None, dsn: str, folder: Path) -> AsyncIterator[World]:
    """Give a broker's world, with a subscription to every event of its tenant."""
    name = uuid4().hex[:8]
    more = {} if node is None else {"BROKER_AMQP_URL": node.url}
    catalogue = Catalogue(law.folder("schemas/iso20022"))
    async with contextlib.AsyncExitStack() as stack:
        rows = await stack.enter_async_context(Reader.on(dsn))
        made = World(name, environment(name, dsn, folder, more), folder, rows, stack, catalogue, node)
        yield made
    if node is not None:
        await remove_queues(node, (made.inbound, made.commands, made.outbound, made.subscribed))


@contextlib.asynccontextmanager
async def _ledger(world: World, dsn: str, module: Sequence[str] = ("examples.ledger_service",)) -> AsyncIterator[Child]:
    """Run the example ledger as an operator would, or one that is doomed."""
    settings = {
        **os.environ,
        "LEDGER_EVENTS": world.node.url if world.node else (world.folder / "home" / "queues").as_uri(),
        "LEDGER_DATABASE": dsn,
        "LEDGER_QUEUE": world.subscribed,
    }
    async with child(module, settings, world.folder / "ledger.log") as started:
        yield started


async def _payments(world: World) -> list[Sample]:
    """Send transfers, each with its status report behind it, through a whole broker; give the transfers."""
    generator = Generator(world.catalogue, seed=23)
    transfers = [generator.transfer() for _ in range(TRANSFERS)]
    sent = [generator.pacs_008(each) for each in transfers]
    await world.feed(sent)
    await world.settle()
    await world.feed([generator.pacs_002(each) for each in transfers])
    await world.settle()
    return sent


async def _is_done(world: World, rows: Reader) -> bool:
    """Whether the ledger has noted every report, the last of which is the last event, and nothing waits."""
    return bool(
        await rows.value("SELECT coalesce(sum(reports), 0) >= $1 FROM ledger_entry", TRANSFERS)
        and await (await world.carrier()).depth(world.subscribed) == 0
    )


def _read(sent: list[Sample]) -> list[tuple[str, str, Decimal]]:
    """Read reference, currency and amount of each transfer in the XML itself."""
    found = []
    for each in sent:
        for item in etree.fromstring(each.body).iter("{*}CdtTrfTxInf"):
            amount = item.find("{*}IntrBkSttlmAmt")
            assert amount is not None
            found.append((item.findtext("{*}PmtId/{*}UETR") or "", amount.get("Ccy") or "", Decimal(amount.text or "")))
    return found
