"""Bulk messages through a whole worker on both transports: the good, the bad, the half good, and each of them again."""

import io
import re
from collections import Counter

import orjson
import pytest

from broker.generate import write_bulk
from broker.message.lifecycle import DeadLetterState
from broker.store.letters import Decision
from broker.transport.seam import Delivery
from tests.support.journey import World
from tests.support.transports import Foreign

TRANSACTIONS = 300
ORDINARY_BYTES = 20_000  # what is larger goes as a stream
WRONG = b"<UETR>not-a-uetr"
BY = Decision(by="op", because="the sender confirmed the mended reference")


@pytest.fixture
def body(world: World) -> bytes:
    """Give a bulk message, and let the world's channel be a bulk channel."""
    channels = {world.channel: {"tenant": world.tenant, "bulk": True}}
    world.environment["BROKER_CHANNELS"] = orjson.dumps(channels).decode()
    world.environment["BROKER_LIMITS__MESSAGE_BYTES"] = str(ORDINARY_BYTES)
    file = io.BytesIO()
    write_bulk(world.catalogue, "pacs.008.001.08", TRANSACTIONS, 2, file)
    return file.getvalue()


def _partly(world: World) -> None:
    channels = {world.channel: {"tenant": world.tenant, "bulk": True, "partial": True}}
    world.environment["BROKER_CHANNELS"] = orjson.dumps(channels).decode()


def _wrong(body: bytes, *places: int) -> bytes:
    numbers = iter(range(1, TRANSACTIONS + 1))
    return re.sub(rb"<UETR>[^<]*", lambda found: WRONG if next(numbers) in places else found[0], body)


async def _take(world: World, *messages: Foreign, recorded: int) -> list[Delivery]:
    lab = await world.lab()
    for each in messages:
        await lab.put(world.inbound, each)
    async with world.worker() as running:

        async def done() -> bool:
            told = "SELECT count(*) FROM broker.audit_entry WHERE kind <> 'confirmed'"
            return await world.rows.value(told) >= recorded and await world.is_quiet()

        await running.until(done)
    return await world.drain(world.subscribed)


async def test_a_bulk_message_causes_all_its_events_once(world: World, body: bytes) -> None:
    """One event for the message and one a transaction; its bytes are there in parts; again, it is a duplicate."""
    events = await _take(world, Foreign(body, "bulk"), Foreign(body, "bulk"), recorded=2)
    positions = Counter(orjson.loads(each.body)["data"]["origin"]["position"] for each in events)
    parts = await world.rows.column("SELECT body FROM broker.message_part ORDER BY part")
    assert positions == Counter(range(TRANSACTIONS + 1))
    assert b"".join(parts) == body
    assert len(parts) > 1
    audited = await world.audited()
    assert (audited["accepted"], audited["duplicate"]) == (1, 1)
    await world.check_ended(accepted=1)


async def test_a_bad_one_has_no_effect_until_it_is_handed_in_good(world: World, body: bytes) -> None:
    """Malformed or invalid in the middle: nothing is published, the dead letter names the place, the bytes are kept."""
    cut = body[: len(body) // 2]
    events = await _take(world, Foreign(cut, "cut"), Foreign(_wrong(body, 150), "wrong"), recorded=2)
    reasons = await world.rows.column("SELECT reason FROM broker.dead_letter ORDER BY code")
    findings = await world.rows.column("SELECT findings::text FROM broker.dead_letter ORDER BY code")
    assert events == []
    assert await world.codes() == Counter({"parse.malformed": 1, "validate.schema": 1})
    assert "column" in reasons[0]
    assert "after transaction 1" in reasons[0]
    assert "CdtTrfTxInf[150]/PmtId/UETR" in findings[1]
    assert await world.rows.value("SELECT sum(octet_length(body)) FROM broker.message_part") == len(cut) + len(
        _wrong(body, 150)
    )
    await world.check_ended(accepted=0)


async def test_bad_transactions_are_parked_and_mended_alone(world: World, body: bytes) -> None:
    """Of a partial channel: the good go on at once, a bad one when an operator has mended it; totals tell of both."""
    _partly(world)
    events = await _take(world, Foreign(_wrong(body, 7, 200), "partly"), recorded=3)
    letters = world.dead_letters()
    parked = await world.rows.column("SELECT id FROM broker.dead_letter ORDER BY reason")
    first = await letters.view(parked[1], "op")
    assert first is not None
    uetr = re.findall(rb"<UETR>([^<]*)", body)[6]
    await letters.request_replay([parked[1]], BY, first.replace(b"not-a-uetr", uetr))
    later = await _take(world, recorded=7)
    assert len(events) == TRANSACTIONS - 1
    assert await world.rows.column("SELECT state FROM broker.dead_letter ORDER BY reason") == [
        DeadLetterState.PARKED,
        DeadLetterState.REPLAYED,
    ]
    assert [orjson.loads(each.body)["data"]["origin"]["position"] for each in later] == [0, 1]
    assert orjson.loads(later[1].body)["data"]["references"]["uetr"] == uetr.decode()
    finding = orjson.loads(await world.rows.value("SELECT findings FROM broker.message WHERE findings IS NOT NULL"))
    assert finding[0]["rule"] == "bulk.partial"
    await world.check_ended(accepted=2)


async def test_the_same_bytes_may_be_good_later(world: World, body: bytes) -> None:
    """A bulk message that was refused takes effect when it is handed in again where it is acceptable, and once."""
    bad = _wrong(body, 7)
    refused = await _take(world, Foreign(bad, "again"), recorded=1)
    _partly(world)
    taken = await _take(world, Foreign(bad, "again"), Foreign(bad, "again"), recorded=5)
    assert refused == []
    assert len(taken) == TRANSACTIONS
    states = await world.rows.column("SELECT state FROM broker.dead_letter ORDER BY state")
    assert states == [DeadLetterState.PARKED, DeadLetterState.REPLAYED]
    assert (await world.audited())["duplicate"] == 1
    await world.check_ended(accepted=1)


async def test_the_office_cannot_replay_what_it_does_not_hold(world: World, body: bytes) -> None:
    """The dead letter of a bulk message holds no bytes: a replay of it ends in another dead letter, without effect."""
    await _take(world, Foreign(_wrong(body, 7), "again"), recorded=1)
    (letter,) = await world.rows.column("SELECT id FROM broker.dead_letter")
    await world.dead_letters().request_replay([letter], BY)
    events = await _take(world, recorded=4)
    assert events == []
    assert await world.codes() == Counter({"validate.schema": 1, "receive.empty": 1})
    await world.check_ended(accepted=0)
