"""A subscription that asks for RA JSON beside one that does not, on both transports, through a whole worker."""

from collections import Counter
from typing import Any

import orjson

from broker.generate import Generator
from broker.queues import queues
from broker.store.codec import PlainCodec
from broker.store.database import Database
from broker.store.subscriptions import Subscriptions, Wanted
from broker.transport import topology
from broker.transport.seam import Delivery
from tests.support.journey import World, remove_queues

_TRANSFER = "iso20022.payment.transfer.v1"


def _event(delivery: Delivery) -> dict[str, Any]:
    event: dict[str, Any] = orjson.loads(delivery.body)
    return event


async def test_each_subscription_gets_what_it_asked_for(world: World) -> None:
    """The same events under the same ids come to both, with RA JSON to the one; each is audited and recorded once."""
    plain, whole = world.subscribed.removeprefix(f"{topology.EVENTS}."), f"whole-{world.name}"
    world.environment["BROKER_SUBSCRIPTIONS"] = orjson.dumps(
        {plain: {"events": [f"{world.tenant}.#"]}, whole: {"events": [f"{world.tenant}.#"], "ra_json": True}}
    ).decode()
    await world.feed(Generator(world.catalogue, seed=21).mixed(60, bad=5))

    await world.settle()

    with_ra_json = [_event(each) for each in await world.drain(topology.subscribed(whole))]
    without = [_event(each) for each in await world.drain(world.subscribed)]
    assert Counter(each["id"] for each in with_ra_json) == Counter(each["id"] for each in without)
    assert all("ra_json" in each["data"] for each in with_ra_json)
    assert not any("ra_json" in each["data"] for each in without if each["type"] != "iso20022.message.generic.v1")
    said = {each["id"]: _without_ra_json(each) for each in with_ra_json}
    assert said == {each["id"]: _without_ra_json(each) for each in without}
    good = [each for each in world.fed if each.expected is None]
    await world.check_ended(len(good))
    await _tidy(world, whole)


def _without_ra_json(event: dict[str, Any]) -> dict[str, Any]:
    data = {name: value for name, value in event["data"].items() if name not in ("ra_json", "ra_json_path")}
    return {**event, "data": data}


async def test_a_running_worker_hears_of_who_asks(world: World) -> None:
    """Asked for by command while a worker runs: from its next look on the events come with RA JSON."""
    name = f"late-{world.name}"
    wanted = Wanted(name, world.tenant, (_TRANSFER,), ra_json=True)
    generator = Generator(world.catalogue, seed=22)
    kept = Subscriptions(Database(world.environment["BROKER_DATABASE_URL"]), PlainCodec())
    async with world.worker() as running:
        await world.feed([generator.pacs_008(generator.transfer(2))])
        await running.until(world.is_quiet)
        await kept.put([wanted], "mia")
        await (await world.carrier()).declare(queues(world.settings, [wanted]))
        running.worker.loops["asked"].wake.set()

        async def heard() -> bool:
            return f"{world.tenant}.{_TRANSFER}" in running.worker.bench.asked.keys

        await running.until(heard)
        await world.feed([generator.pacs_008(generator.transfer(3))])
        await running.until(world.is_quiet)
    await kept.close()

    came = [_event(each)["data"]["ra_json_path"] for each in await world.drain(topology.subscribed(name))]

    assert came == [f"/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[{number}]" for number in (1, 2, 3)]
    assert await world.check_books() == 0
    await _tidy(world, name)


async def _tidy(world: World, name: str) -> None:
    if world.node is not None:
        await remove_queues(world.node, [topology.subscribed(name)])
