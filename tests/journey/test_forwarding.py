"""A core's messages go on to another core that speaks an older version: XML in, XML out, beside the events."""

import signal
from collections.abc import AsyncIterator

import orjson
import pytest
from lxml import etree

from broker.generate import Generator, Sample
from broker.message.failure import FailureCode
from broker.store.dead_letters import Decision
from broker.transport import topology
from broker.transport.seam import Delivery
from tests.support.journey import World, remove_queues
from tests.support.processes import worker

SPOKEN = {"pacs.008": "pacs.008.001.07", "pacs.002": "pacs.002.001.10", "pacs.004": "pacs.004.001.08"}


@pytest.fixture
async def other(world: World) -> AsyncIterator[str]:
    """The channel of another core; what that core cannot hold is left out and noted."""
    name = f"other-{world.name}"
    forward = dict.fromkeys(SPOKEN, name)
    world.environment["BROKER_CHANNELS"] = orjson.dumps(
        {
            world.channel: {"tenant": world.tenant, "forward": forward},
            name: {"tenant": world.tenant, "speaks": SPOKEN, "on_loss": "report"},
        }
    ).decode()
    yield name
    if world.node is not None:
        await remove_queues(
            world.node, (each(name) for each in (topology.inbound, topology.commands, topology.outbound))
        )


def passed_on(samples: list[Sample]) -> dict[str, str]:
    """The UETR or message id of each good message that goes on, with the version it goes on in."""
    return {_name(each.body): SPOKEN[each.definition[:8]] for each in samples if _goes_on(each)}


def _goes_on(sample: Sample) -> bool:
    return sample.expected is None and sample.definition[:8] in SPOKEN


def _name(body: bytes) -> str:
    return etree.fromstring(body).findtext(".//{*}GrpHdr/{*}MsgId") or ""


async def _taken(world: World, name: str) -> list[Delivery]:
    return await world.drain(topology.outbound(name))


async def test_messages_go_on_in_the_version_of_the_other_core(world: World, other: str) -> None:
    """Each good one of the families named, once, valid there; the others cause their events alone."""
    samples = list(Generator(world.catalogue, seed=51).mixed(60, bad=6))
    await world.feed(samples)
    await world.settle()

    messages = await _taken(world, other)

    assert {_name(each.body): each.headers["ce-type"] for each in messages} == passed_on(samples)
    assert len(messages) == len(passed_on(samples)) > 20
    for each in messages:
        document = next(etree.fromstring(each.body).iter("{*}Document"))
        assert world.catalogue.validator(each.headers["ce-type"]).validate(document)
    assert await world.check_books() == 0


@pytest.mark.parametrize("point", ["committed", "partly-published"])
async def test_they_go_on_once_whatever_happens(world: World, other: str, point: str) -> None:
    """After a worker's death: one publication a message, under one id, however often it was delivered."""
    samples = list(Generator(world.catalogue, seed=52).mixed(40, bad=0))
    await world.feed(samples)
    async with world.child(worker(point, at=1)) as child:
        await child.ended(-signal.SIGKILL)
    await world.settle()

    messages = await _taken(world, other)

    assert {_name(each.body) for each in messages} == passed_on(samples).keys()
    assert len({(each.headers["ce-id"], each.body) for each in messages}) == len(passed_on(samples))
    published = await world.rows.column("SELECT event_id FROM broker.outbox WHERE destination = 'core'")
    assert len(published) == len(set(published)) == len(passed_on(samples))
    if point == "committed":
        assert len(messages) == len(published)
    await world.check_books()


async def test_what_the_other_core_cannot_hold_refuses_a_message_whole(world: World, other: str) -> None:
    """A dead letter, no event, nothing passed on; replayed when losses are let go it takes effect, once."""
    refusing = orjson.loads(world.environment["BROKER_CHANNELS"])
    refusing[other]["on_loss"] = "refuse"
    sample = Generator(world.catalogue, seed=53).pacs_008()
    await world.put_all([sample.body])

    async with world.worker(BROKER_CHANNELS=orjson.dumps(refusing).decode()) as running:
        await running.until(lambda: _recorded(world))
        await running.until(world.is_quiet)

    assert await world.codes() == {FailureCode.TRANSFORM_NOT_REPRESENTABLE: 1}
    assert await _taken(world, other) == await world.drain(world.subscribed) == []
    findings = orjson.loads(await world.rows.value("SELECT findings::text FROM broker.dead_letter"))
    assert "UETR" in {each["path"].rpartition("/")[2] for each in findings}

    (letter,) = await world.rows.column("SELECT id FROM broker.dead_letter")
    async with world.worker() as running:
        await world.dead_letters().request_replay([letter], Decision(by="op", because="the other core lets them go"))
        await running.until(lambda: _replayed(world))
        await running.until(world.is_quiet)

    (message,) = await _taken(world, other)
    assert message.headers["ce-type"] == "pacs.008.001.07"
    assert len(await world.drain(world.subscribed)) == 2
    await world.check_ended(accepted=1)


async def _replayed(world: World) -> bool:
    return await world.rows.column("SELECT state FROM broker.dead_letter") == ["replayed"]


async def _recorded(world: World) -> bool:
    return await world.rows.count("inbox") == 1
