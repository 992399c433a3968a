"""A message of a shape that was learnt has the outcome that it has in a process which never saw one like it."""

import random
import re
import string
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.catalogue.catalogue import Catalogue
from broker.generate import Generator, Sample
from broker.law import folder
from broker.message.envelope import Direction
from broker.observability.traces import no_span
from broker.parse import Limits
from broker.pipeline.channel import ChannelPlan
from broker.pipeline.inbound import Inbound
from broker.pipeline.outcome import Accepted, Outcome, Rejected
from broker.pipeline.shapes import LEARNT_AT, Shapes
from broker.transform.mapping import Mappings
from tests.support.detection_page import MUTATIONS
from tests.support.envelopes import envelope
from tests.support.generated import minimal, randomly
from tests.support.mutations import SEEDS, Mutation, good_message

if TYPE_CHECKING:
    from collections.abc import Callable

CATALOGUE = Catalogue(folder("schemas/iso20022"))
MAPPINGS = Mappings(folder("mappings"), CATALOGUE)
ITEM_TAGS = {each: tag for each in MAPPINGS.definitions() if (tag := MAPPINGS.item_tag(each))}
DEFINITIONS = CATALOGUE.definitions()
LIMITS = Limits(1_000_000, 100_000, 64, 64, 100_000)
STRICT, LENIENT = ChannelPlan(), ChannelPlan(lenient=True)
_VALUE = re.compile(rb"(?<=>)[^<]+(?=<)")
_KINDS = (string.digits, string.ascii_uppercase, string.ascii_lowercase)


def inbound(*, remembers: bool = True) -> Inbound:
    """Give an inbound way that met no message."""
    made = Inbound(CATALOGUE, MAPPINGS, LIMITS, 1_000)
    if not remembers:
        made._shapes = Shapes(CATALOGUE, lambda _: None, most_bytes=0)
    return made


@cache
def forgetful() -> Inbound:
    """Give an inbound way that remembers nothing."""
    return inbound(remembers=False)


def run(way: Inbound, body: bytes, plan: ChannelPlan = STRICT) -> Outcome:
    """Run a message."""
    return way.run(envelope(body, Direction.INBOUND), plan, no_span)


def learn(way: Inbound, body: bytes) -> bool:
    """Let a way meet a message until it has learnt its shape; False where that cannot be learnt."""
    for _ in range(LEARNT_AT):
        run(way, body)
    return bool(way._shapes._known)


def plain(xml: bytes) -> bytes:
    """A message without what stands for something else: the values stay as long as they are."""
    return re.sub(rb"&[^;]+;", b"x", xml).replace(b"\r", b"\n")


def changed(xml: bytes, chance: random.Random) -> bytes:
    """A message of the same shape: signs of some values give way to others of their kind, some values to any text."""

    def another(value: re.Match[bytes]) -> bytes:
        text = value[0].decode()
        way = chance.random()
        if way < 0.5 or text.isspace():
            return value[0]
        if way > 0.98:
            return chance.choice((" ", "x", text + " ", "-1", "é漢", "\x01", "NaN", "2024-02-29", "a > b")).encode()
        at = chance.randrange(len(text))
        kind = next((kind for kind in _KINDS if text[at] in kind), text[at])
        return f"{text[:at]}{chance.choice(kind)}{text[at + 1 :]}".encode()

    return _VALUE.sub(another, xml)


def varied(xml: bytes, tag: str, chance: random.Random) -> bytes:
    """A message with more or fewer of its transactions, each of them changed or not."""
    items = re.findall(rf"<{tag}>.*?</{tag}>".encode(), xml, re.DOTALL)
    if not items:
        return xml
    start, end = xml.find(items[0]), xml.rfind(items[-1]) + len(items[-1])
    some = [changed(chance.choice(items), chance) for _ in range(chance.randint(1, 6))]
    return xml[:start] + chance.choice((b"", b"\n  ")).join(some) + xml[end:]


@settings(max_examples=150)
@given(definition=st.sampled_from(DEFINITIONS), seed=st.integers(0, 2**32))
def test_any_message_has_its_own_outcome(definition: str, seed: int) -> None:
    """For any definition, whatever the values become: accepted or rejected, event for event, finding for finding."""
    schema, chance, way = CATALOGUE.schema(definition), random.Random(seed), inbound()
    for first in (minimal(schema, seed), plain(randomly(schema, seed, most=60))):
        learn(way, first)
        for plan in (STRICT, LENIENT):
            for xml in (changed(first, chance) for _ in range(4)):
                assert run(way, xml, plan) == run(forgetful(), xml, plan), xml


@settings(max_examples=100)
@given(definition=st.sampled_from(sorted(ITEM_TAGS)), seed=st.integers(0, 2**32))
def test_any_number_of_transactions_has_its_own_outcome(definition: str, seed: int) -> None:
    """For any definition with transactions: more of them, fewer, in another order, good and bad, twice the same one."""
    schema, chance, way, tag = (
        CATALOGUE.schema(definition),
        random.Random(seed),
        inbound(),
        ITEM_TAGS[definition],
    )
    first = plain(randomly(schema, seed, most=80))
    for _ in range(LEARNT_AT):
        run(way, varied(first, tag, random.Random(chance.randrange(3))))
    for plan in (STRICT, LENIENT):
        for xml in (varied(first, tag, chance) for _ in range(4)):
            assert run(way, xml, plan) == run(forgetful(), xml, plan), xml


@pytest.mark.parametrize("kind", ["batch of transfers", "order", "return", "cancellation", "statement"])
def test_transactions_are_known_one_by_one(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message with another number of transactions than ever before is not parsed where each of them is known."""
    make: dict[str, Callable[[Generator, int], Sample]] = {
        "batch of transfers": lambda generator, count: generator.pacs_008(generator.transfer(count)),
        "order": lambda generator, count: generator.pain_001(generator.order(count)),
        "return": lambda generator, count: generator.pacs_004(generator.transfer(count)),
        "cancellation": lambda generator, count: generator.camt_056(generator.transfer(count)),
        "statement": lambda generator, count: generator.camt_053(entries=count),
    }
    way, generator = inbound(), Generator(CATALOGUE, 3)
    for count in (2, 3, 4) * 12:
        run(way, make[kind](generator, count).body)
    bodies = [make[kind](generator, count).body for count in (2, 5, 7, 3)]
    expected = [run(forgetful(), body) for body in bodies]
    monkeypatch.setattr("broker.pipeline.inbound.parse", None)

    assert [run(way, body) for body in bodies] == expected
    assert all(isinstance(each, Accepted) for each in expected)


def test_a_transaction_that_comes_twice_is_found() -> None:
    """Rules that compare transactions see those of a message that is judged in parts."""
    way, generator = inbound(), Generator(CATALOGUE, 3)
    bodies = [generator.pacs_008(generator.transfer(3)).body for _ in range(20)]
    for body in bodies:
        run(way, body)
    first, *_ = re.findall(rb"<UETR>.*?</UETR>", bodies[0])
    twice = re.sub(rb"<UETR>.*?</UETR>", first, bodies[0])

    outcome = run(way, twice)

    assert isinstance(outcome, Rejected)
    assert outcome == run(forgetful(), twice)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.what)
def test_no_damage_is_overlooked(mutation: Mutation) -> None:
    """Every kind of damage is found in a message whose shape was learnt while it was whole."""
    way = inbound()
    for seed in SEEDS[:2]:
        assert learn(way, good_message(mutation.to, seed))
        damaged = mutation.done(seed)

        assert run(way, damaged, LENIENT) == run(forgetful(), damaged, LENIENT)


@pytest.mark.parametrize("kind", ["transfer", "transfer with header", "batch of transfers", "return", "status"])
def test_a_shape_that_was_learnt_is_used(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next message of the shape is not parsed any more."""
    way = inbound()
    bodies = [good_message(kind, seed) for seed in range(12)]
    for body in bodies:
        learn(way, body)
    expected = [run(forgetful(), body) for body in bodies]
    monkeypatch.setattr("broker.pipeline.inbound.parse", None)

    assert [run(way, body) for body in bodies] == expected
    assert all(isinstance(each, Accepted) for each in expected)


def test_what_was_wrong_once_does_not_stay() -> None:
    """A good message after a bad one of its shape is good, and the other way round, again and again."""
    good = good_message("transfer", 1)
    way = inbound()
    assert learn(way, good)
    (iban,) = re.findall(rb"<DbtrAcct>.*?<IBAN>(.*?)</IBAN>", good, re.DOTALL)
    bad = [good.replace(iban, each) for each in (iban[:-1] + b"?", iban[:-2] + iban[-1:] + iban[-2:-1], b"XX00")]
    for body in (*bad, good, *bad, good):
        assert run(way, body) == run(forgetful(), body)
    assert isinstance(run(way, good), Accepted)
