"""`broker subscriptions` on both transports: what is asked for comes, what is given up does not, and the log tells."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from typer.testing import CliRunner

from broker.__main__ import app
from broker.outside import transport
from broker.queues import queues
from broker.queues import subscribed as read_subscribed
from broker.settings import load
from broker.store.database import Database
from broker.transport.seam import Publication, PublishResult, Transport
from broker.transport.topology import EVENTS, EVENTS_WITH_RA_JSON, TAKEN, UNROUTED, subscribed
from tests.support.journey import remove_queues
from tests.support.rabbitmq import RabbitMQ
from tests.support.rows import Reader
from tests.support.transports import expect_depth
from tests.support.waiting import WAIT_S, until

TRANSFER = "iso20022.payment.transfer.v1"
STATUS = "iso20022.payment.status.v1"


@dataclass
class Place:
    """One broker's database and transport. ``name`` is a subscription no other test has, ``tenant`` a tenant."""

    environment: dict[str, str]
    carrier: Transport
    rows: Reader
    name: str = field(default_factory=lambda: f"s-{uuid4().hex[:8]}")
    tenant: str = field(default_factory=lambda: f"t-{uuid4().hex[:8]}")

    async def run(self, *words: str) -> tuple[int, list[dict[str, Any]], str]:
        """Run `broker subscriptions` and give exit code, JSON objects and what was said on standard error."""
        chosen = [words[0], *words[1:], "--json", *([] if words[0] == "list" else ["--by", "mia"])]
        ran = await asyncio.to_thread(CliRunner().invoke, app, ["subscriptions", *chosen], env=self.environment)
        return ran.exit_code, [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr

    async def publish(self, tenant: str, event_type: str, exchange: str = EVENTS) -> bool:
        """Publish an event as the relay does; False where no queue but the one for the unrouted takes it."""
        event, behind = uuid4().hex, uuid4().hex
        for ready in (
            Publication(exchange, f"{tenant}.{event_type}", event, b"{}"),
            Publication("", UNROUTED, behind, b"{}"),
        ):
            assert await self.carrier.publish([ready]) == [PublishResult.CONFIRMED]
        unrouted: set[str | None] = set()
        consumer = await self.carrier.consumer([UNROUTED], 100)
        while behind not in unrouted:  # by then the event has come too, or never comes
            some = await consumer.batch(100, WAIT_S)
            await consumer.ack(some)
            unrouted |= {each.headers.get("ce-id") for each in some}
        await consumer.close()
        return event not in unrouted

    async def expect(self, count: int) -> None:
        """Look until so many events wait in the queue."""
        await expect_depth(self.carrier, subscribed(self.name), count)

    async def empty(self) -> None:
        """Take the one event that waits."""
        consumer = await self.carrier.consumer([subscribed(self.name)], 10)
        (one,) = await consumer.batch(10, WAIT_S)
        await consumer.ack([one])
        await consumer.close()


@pytest.fixture(params=["directory", "amqp"])
async def place(request: pytest.FixtureRequest, dsn: str, tmp_path: Path) -> AsyncIterator[Place]:
    """A broker's place on each transport, declared as a worker does."""
    environment = {"BROKER_DATABASE_URL": dsn, "BROKER_HOME": str(tmp_path), "COLUMNS": "200"}
    node = _node(request)
    if node is not None:
        environment["BROKER_AMQP_URL"] = node.url
    environment["BROKER_SUBSCRIPTIONS"] = '{"fixed": {"events": ["fixed.none"]}}'
    settings = load(environment=environment)
    carrier = transport(settings)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(carrier.close)
        await carrier.open()
        await carrier.declare(queues(settings))
        rows = await stack.enter_async_context(Reader.on(dsn))
        made = Place(environment, carrier, rows)
        yield made
        if node is not None:
            await remove_queues(node, [subscribed(made.name), subscribed("fixed")])


def _node(request: pytest.FixtureRequest) -> RabbitMQ | None:
    """RabbitMQ, where it is its turn."""
    node: RabbitMQ | None = request.getfixturevalue("rabbitmq") if request.param == "amqp" else None
    return node


async def test_what_is_asked_for_comes(place: Place) -> None:
    """The queue is there at once, with one tenant's events of one type; the subscription is listed with who asked."""
    code, said, _ = await place.run("add", place.name, "--event", TRANSFER, "--tenant", place.tenant)
    came = [await place.publish(place.tenant, TRANSFER), await place.publish(place.tenant, STATUS)]
    _, listed, _ = await place.run("list")

    pattern = f"{place.tenant}.{TRANSFER}"
    assert (code, said) == (0, [{"name": place.name, "queue": subscribed(place.name), "patterns": [pattern]}])
    assert came == [True, False]
    await place.expect(1)
    (own,) = [each for each in listed if each["name"] == place.name]
    assert (own["from"], own["ra_json"], own["added_by"], own["ready"]) == ("command", False, "mia", 1)
    assert [each["from"] for each in listed if each["name"] == "fixed"] == ["settings"]


async def test_events_with_ra_json_come_so_alone(place: Place) -> None:
    """Who asks for RA JSON gets the event once, with it; without it the event is neither unrouted nor kept anywhere."""
    asked = ("--event", TRANSFER, "--tenant", place.tenant, "--ra-json")
    other = replace(place, name=f"{place.name}-b")
    await place.run("add", place.name, *asked)
    await place.run("add", other.name, *asked)

    both = [await place.publish(place.tenant, TRANSFER, each) for each in (EVENTS, EVENTS_WITH_RA_JSON)]
    await place.expect(1)
    await other.expect(1)
    kept = await place.carrier.depth(TAKEN)
    await other.empty()
    await other.run("remove", other.name)
    one_left = await place.publish(place.tenant, TRANSFER)
    await place.run("add", place.name, "--event", TRANSFER, "--tenant", place.tenant)
    without = await place.publish(place.tenant, TRANSFER)
    with_it = await place.publish(place.tenant, TRANSFER, EVENTS_WITH_RA_JSON)

    assert (both, kept) == ([True, True], 0)
    assert one_left
    assert (without, with_it) == (True, False)
    await place.expect(2)


async def test_what_is_asked_for_again_is_as_said_last(place: Place) -> None:
    """The tenants of one queue are kept apart; what a tenant no longer gets is unbound, what it got stays."""
    other = f"{place.tenant}-b"
    await place.run("add", place.name, "--event", TRANSFER, "--tenant", place.tenant, "--tenant", other)
    await place.publish(place.tenant, TRANSFER)

    await place.run("add", place.name, "--event", "iso20022.payment.status.#", "--tenant", place.tenant)

    came = {
        (tenant, event_type): await place.publish(tenant, event_type)
        for tenant in (place.tenant, other)
        for event_type in (TRANSFER, STATUS)
    }
    assert came == {
        (place.tenant, TRANSFER): False,
        (place.tenant, STATUS): True,
        (other, TRANSFER): True,
        (other, STATUS): False,
    }
    await place.expect(3)


async def test_what_is_given_up_comes_no_more(place: Place) -> None:
    """Nothing more comes at once; the queue stays until what waits was taken, and then goes."""
    await place.run("add", place.name, "--event", TRANSFER, "--tenant", place.tenant)
    await place.publish(place.tenant, TRANSFER)

    first, (stays,), _ = await place.run("remove", place.name)
    still = await place.publish(place.tenant, TRANSFER)
    await place.empty()

    async def goes() -> bool:
        code, (said,), _ = await place.run("remove", place.name)
        return (code, said["removed"], said["gone"]) == (0, [], True)

    await until(goes)
    assert (first, stays["removed"], stays["gone"]) == (1, [f"{place.tenant}.{TRANSFER}"], False)
    assert not still
    _, listed, _ = await place.run("list")
    assert place.name not in {each["name"] for each in listed}


async def test_one_tenant_of_two_is_given_up(place: Place) -> None:
    """The queue is left to the other tenant."""
    other = f"{place.tenant}-b"
    await place.run("add", place.name, "--event", TRANSFER, "--tenant", place.tenant, "--tenant", other)

    code, (said,), _ = await place.run("remove", place.name, "--tenant", other)

    assert (code, said["removed"], said["gone"]) == (0, [f"{other}.{TRANSFER}"], False)
    assert (await place.publish(place.tenant, TRANSFER), await place.publish(other, TRANSFER)) == (True, False)


async def test_a_worker_declares_what_was_asked_for(place: Place) -> None:
    """What a worker declares when it starts holds the queue and its bindings: a RabbitMQ made anew gets them back."""
    await place.run("add", place.name, "--event", TRANSFER)

    wanted = await read_subscribed(Database(place.environment["BROKER_DATABASE_URL"]))

    declared = {each.name: each.bindings for each in queues(load(environment=place.environment), wanted).queues}
    assert declared[subscribed(place.name)] == ((EVENTS, f"*.{TRANSFER}"),)
    await place.carrier.unbind(subscribed(place.name), declared[subscribed(place.name)])


async def test_each_change_is_audited(place: Place) -> None:
    """Who added and removed what for which tenant is in the log; the same asked twice is told once."""
    for _ in range(2):
        await place.run("add", place.name, "--event", TRANSFER, "--tenant", place.tenant)
    await place.run("remove", place.name)

    leaves = await place.rows.column("SELECT leaf FROM broker.audit_entry WHERE kind = 'setting-changed' ORDER BY 1")

    told = [orjson.loads(each) for each in leaves]
    changes = [(each["tenant"], each["facts"]["change"], each["facts"]["by"]) for each in told]
    assert sorted(changes) == [(place.tenant, "added", "mia"), (place.tenant, "removed", "mia")]


@pytest.mark.parametrize("words", [("add", "--event", TRANSFER), ("remove",), ("list",)])
async def test_an_absent_transport_ends_with_three(dsn: str, unused_tcp_port: int, words: tuple[str, ...]) -> None:
    """Nothing is kept of what could not be declared: the command is repeated when RabbitMQ is back."""
    environment = {"BROKER_DATABASE_URL": dsn, "BROKER_AMQP_URL": f"amqp://guest:guest@127.0.0.1:{unused_tcp_port}/"}
    name = [] if words[0] == "list" else ["ledger"]
    ran = await asyncio.to_thread(
        CliRunner().invoke, app, ["subscriptions", words[0], *name, *words[1:]], env=environment
    )
    async with Reader.on(dsn) as rows:
        kept = await rows.count("subscription")

    assert (ran.exit_code, kept) == (3, 0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "Ledger", "--event", TRANSFER), "cannot be a name"),
        (("add", "ledger", "--event", "iso20022.payment.transfers.v1"), f"did you mean {TRANSFER}"),
        (("add", "ledger", "--event", TRANSFER, "--tenant", "a.b"), "cannot be a tenant"),
        (("add", "fixed", "--event", TRANSFER), "of the settings"),
        (("remove", "fixed"), "of the settings"),
    ],
)
async def test_a_slip_is_told_and_nothing_kept(place: Place, words: tuple[str, ...], told: str) -> None:
    """A wrong name, type or tenant, or one of the settings, ends with 2 before anything is kept."""
    code, said, error = await place.run(*words)

    assert (code, said) == (2, [])
    assert told in error
    assert await place.rows.count("subscription") == 0
