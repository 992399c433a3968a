"""The whole way on both transports: what a core and microservices put in, and all that must come of it."""

from collections import Counter

import orjson
import pytest
from lxml import etree

from broker.generate import BAD_COMMANDS, DAMAGE, Generator, Sample
from broker.message.lifecycle import DeadLetterState
from broker.store.dead_letters import Decision
from broker.transport.seam import Delivery, QueueSpec, Topology
from tests.support import expected
from tests.support.journey import World
from tests.support.transports import Foreign

MESSAGES = 300
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BY = Decision(by="op", because="the sender confirmed the mended value")


async def test_messages_become_events_and_bad_ones_dead_letters(world: World) -> None:
    """Three hundred messages of seven kinds, bare and wrapped, bad in every way we know: all is accounted for."""
    samples = list(Generator(world.catalogue, seed=7).mixed(MESSAGES, bad=len(DAMAGE)))
    assert {each.definition for each in samples} == set(expected.DEFINITIONS)
    await world.feed(samples)
    await world.settle()
    assert await world.check_books() == 0
    assert "duplicate" not in await world.audited()


async def test_commands_become_messages_for_the_core(world: World) -> None:
    """RA JSON, with and without a header, and a canonical event: each gives one message that the schema accepts."""
    generator = Generator(world.catalogue, seed=8)
    commands = [generator.command(wrapped=number % 2 == 1).body for number in range(20)]
    canonical = await _canonical(world, generator)
    await world.put_all([*commands, canonical], world.commands)
    async with world.worker() as running:
        await running.until(lambda: _recorded(world, 22))
        await running.until(world.is_quiet)
    messages = await world.drain(world.outbound)
    assert (await world.codes(), len(messages)) == (Counter(), 21)
    validator = world.catalogue.validator("pacs.008.001.08")
    documents = [_document(each) for each in messages]
    assert all(validator.validate(each) for each in documents)
    sent = {orjson.loads(each)["Document"]["FIToFICstmrCdtTrf"]["GrpHdr"]["MsgId"] for each in commands}
    assert sent < {each.findtext(".//{*}GrpHdr/{*}MsgId") for each in documents}
    assert {each.headers["ce-type"] for each in messages} == {"pacs.008.001.08"}
    await world.check_ended(accepted=22)


async def test_the_events_of_a_message_sent_as_one_command_are_the_message_again(world: World) -> None:
    """A bulk transfer, its statuses and its orders: all that a message gave goes back and says the same to a core."""
    generator = Generator(world.catalogue, seed=18)
    transfer = generator.transfer(3)
    sent = [generator.pacs_008(transfer).body, generator.pacs_002(transfer).body, generator.pain_001().body]
    await world.put_all(sent)
    async with world.worker() as running:
        await running.until(lambda: _recorded(world, 3))
        await running.until(world.is_quiet)
    batches: dict[str, list[dict[str, object]]] = {}
    for each in await world.drain(world.subscribed):
        event = orjson.loads(each.body)
        batches.setdefault(event["data"]["origin"]["digest"], []).append(event)
    await world.put_all([orjson.dumps(each) for each in batches.values()], world.commands)
    async with world.worker() as running:
        await running.until(lambda: _recorded(world, 6))
        await running.until(world.is_quiet)
    made = {_canonical_form(each.body) for each in await world.drain(world.outbound)}
    assert (await world.codes(), made) == (Counter(), {_canonical_form(each) for each in sent})
    await world.check_ended(accepted=6)


async def test_a_bad_command_is_a_dead_letter_and_an_answer(world: World) -> None:
    """Each kind of bad command is parked with its code, and its sender is told why on the queue it named."""
    replies = f"iso20022.replies.{world.name}"
    await (await world.carrier()).declare(Topology((), (QueueSpec(replies, {"x-queue-type": "quorum"}),)))
    generator = Generator(world.catalogue, seed=9)
    bad = [generator.command(kind) for kind in BAD_COMMANDS]
    lab = await world.lab()
    for number, each in enumerate(bad):
        await lab.put(world.commands, Foreign(each.body, f"c-{number}", f"corr-{number}", replies))
    await lab.put(world.commands, Foreign(bad[0].body, "c-no-answer", reply_to="somebody.else"))
    async with world.worker() as running:
        await running.until(lambda: _recorded(world, len(bad) + 1))
        await running.until(world.is_quiet)
    assert await world.codes() == expected.codes([*bad, bad[0]])
    answers = {each.correlation_id: orjson.loads(each.body) for each in await world.drain(replies)}
    assert {name: each["data"]["code"] for name, each in answers.items()} == {
        f"corr-{number}": each.expected.value for number, each in enumerate(bad) if each.expected
    }
    assert {each["type"] for each in answers.values()} == {"iso20022.command.rejected.v1"}
    await world.check_ended(accepted=0)


async def test_the_same_message_again_has_no_second_effect(world: World) -> None:
    """Same id and bytes, or without an id the same bytes: acknowledged, audited as a duplicate, nothing more."""
    first, second = Generator(world.catalogue, seed=10).mixed(2, bad=0)
    lab = await world.lab()
    for _ in range(3):
        await lab.put(world.inbound, Foreign(first.body, "the-id"))
        await world.put_without_id(second.body)
    world.fed += [first, second]
    async with world.worker() as running:
        await running.until(lambda: _audited(world, "duplicate", 4))
        await running.until(world.is_quiet)
    assert await world.check_books() == 0
    assert (await world.audited())["duplicate"] == 4


async def test_a_known_id_with_other_bytes_is_a_conflict(world: World) -> None:
    """The first message stays in effect, the second is a dead letter for a person, and each is there once."""
    first, second = Generator(world.catalogue, seed=11).mixed(2, bad=0)
    lab = await world.lab()
    await lab.put(world.inbound, Foreign(first.body, "the-id"))
    await lab.put(world.inbound, Foreign(second.body, "the-id"))
    async with world.worker() as running:
        await running.until(lambda: _audited(world, "conflict", 1))
        await lab.put(world.inbound, Foreign(second.body, "the-id"))
        await running.until(lambda: _audited(world, "duplicate", 1))
        await running.until(world.is_quiet)
    assert await world.codes() == Counter({"receive.conflict": 1})
    events = await world.drain(world.subscribed)
    assert Counter(orjson.loads(each.body)["type"] for each in events) == expected.events(first)
    assert await world.rows.value("SELECT body FROM broker.dead_letter") == second.body
    await world.check_ended(accepted=1)


async def test_a_mended_dead_letter_takes_effect_once(world: World) -> None:
    """However often its replay is asked for, and by two operators; what was received stays as it was."""
    generator = Generator(world.catalogue, seed=12)
    bad, good = generator.bad("uetr-upper-case"), generator.pacs_008()
    await world.put_all([bad.body])
    letters = world.dead_letters()
    async with world.worker() as running:
        await running.until(lambda: _recorded(world, 1))
        (letter,) = await world.rows.column("SELECT id FROM broker.dead_letter")
        asked = [await letters.request_replay([letter], BY, good.body) for _ in range(2)]
        await running.until(lambda: _in_state(world, DeadLetterState.REPLAYED))
        asked.append(await letters.request_replay([letter], BY, good.body))
        await running.until(world.is_quiet)
    assert [len(each.done) for each in asked] == [1, 0, 0]
    events = await world.drain(world.subscribed)
    assert Counter(orjson.loads(each.body)["type"] for each in events) == expected.events(good)
    assert await world.rows.value("SELECT body FROM broker.dead_letter") == bad.body
    await world.check_ended(accepted=1)


async def test_a_replay_that_fails_again_opens_a_child(world: World) -> None:
    """The dead letter is done with; its child holds the bytes that were tried and says what is wrong with them now."""
    generator = Generator(world.catalogue, seed=13)
    bad, worse = generator.bad("uetr-upper-case"), generator.bad("end-tag-missing")
    await world.put_all([bad.body])
    letters = world.dead_letters()
    async with world.worker() as running:
        await running.until(lambda: _recorded(world, 1))
        (letter,) = await world.rows.column("SELECT id FROM broker.dead_letter")
        await letters.request_replay([letter], BY, worse.body)
        await running.until(lambda: _in_state(world, DeadLetterState.REPLAYED))
    child = await world.rows.one("SELECT code, state, body FROM broker.dead_letter WHERE parent_id = $1", letter)
    assert tuple(child) == ("parse.malformed", "parked", worse.body)
    await world.check_ended(accepted=0)


async def test_a_senders_trace_reaches_its_events(world: World) -> None:
    """The traceparent of a message is in the header and in the frame of each event, and its correlation id as well."""
    (sample,) = Generator(world.catalogue, seed=14).mixed(1, bad=0)
    lab = await world.lab()
    await lab.put(world.inbound, Foreign(sample.body, "traced", "corr", headers={"traceparent": TRACE}))
    async with world.worker() as running:
        await running.until(lambda: _recorded(world, 1))
        await running.until(world.is_quiet)
    events = await world.drain(world.subscribed)
    assert len(events) == expected.events(sample).total()
    assert {each.headers["traceparent"] for each in events} == {TRACE}
    assert {orjson.loads(each.body)["traceparent"] for each in events} == {TRACE}
    assert {each.correlation_id for each in events} == {"corr"}


async def test_events_of_one_payment_come_in_order(world: World) -> None:
    """What is said of one transfer, over several messages, is delivered in the order in which it was received."""
    generator = Generator(world.catalogue, seed=15)
    transfers = [generator.transfer() for _ in range(20)]
    stories = [generator.pacs_008(each) for each in transfers], [generator.pacs_002(each) for each in transfers]
    await world.feed([*stories[0], *stories[1]])
    await world.settle()
    seen: dict[str, list[str]] = {}
    for each in await world.drain(world.subscribed):
        event = orjson.loads(each.body)
        if not event["type"].endswith("-message.v1"):
            seen.setdefault(event["subject"], []).append(event["type"])
    assert len(seen) == len(transfers)
    assert set(map(tuple, seen.values())) == {("iso20022.payment.transfer.v1", "iso20022.payment.status.v1")}


@pytest.mark.parametrize("count", [1, 3])
async def test_a_bulk_message_gives_one_event_a_transaction(world: World, count: int) -> None:
    """One event for the message and one for each transaction, in their order, each with its place."""
    generator = Generator(world.catalogue, seed=16)
    bulk: Sample = generator.pacs_008(generator.transfer(count))
    await world.feed([bulk])
    await world.settle()
    events = [orjson.loads(each.body) for each in await world.drain(world.subscribed)]
    assert sorted(each["data"]["origin"]["position"] for each in events) == list(range(count + 1))


async def _canonical(world: World, generator: Generator) -> bytes:
    """A command as a canonical event: the one that a transfer of another bank gave."""
    await world.put_all([generator.pacs_008().body])
    async with world.worker() as running:
        await running.until(lambda: _recorded(world, 1))
        await running.until(world.is_quiet)
    events = await world.drain(world.subscribed)
    return next(each.body for each in events if orjson.loads(each.body)["type"] == "iso20022.payment.transfer.v1")


def _document(message: Delivery) -> etree._Element:
    root = etree.fromstring(message.body)
    found = next(root.iter("{urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08}Document"))
    return etree.fromstring(etree.tostring(found))


def _canonical_form(body: bytes) -> bytes:
    parsed = etree.fromstring(body, etree.XMLParser(remove_blank_text=True))
    return bytes(etree.tostring(next(parsed.iter("{*}Document")), method="c14n", exclusive=True))


async def _recorded(world: World, count: int) -> bool:
    return await world.rows.count("inbox") == count


async def _audited(world: World, kind: str, count: int) -> bool:
    return (await world.audited())[kind] == count


async def _in_state(world: World, state: DeadLetterState) -> bool:
    return bool(await world.rows.value("SELECT count(*) FROM broker.dead_letter WHERE state = $1", state.value))
