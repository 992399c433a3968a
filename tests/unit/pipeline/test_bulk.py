"""A bulk message as a stream says and causes what the same message in memory does; bad transactions go alone."""

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

import orjson
import pytest

from broker.errors import TransportUnavailableError
from broker.generate import BULK_DEFINITIONS, Generator, write_bulk
from broker.message.envelope import Direction
from broker.message.failure import FailureCode
from broker.pipeline.bulk_check import Checked, Refused
from broker.pipeline.channel import ChannelPlan
from broker.pipeline.outcome import Accepted, Rejected
from broker.settings import Settings
from broker.workbench import Workbench
from tests.support.bulk import Slicing, bulk, checked, outgoing, streamed
from tests.support.envelopes import envelope
from tests.support.generated import covering, minimal, randomly

ITEM = rb"(?:CdtTrfTxInf|DrctDbtTxInf|Ntry)"
SIZES = (1, 2, 6, 7, 8, 30, 121)
WRONG_UETR = rb"<UETR>not-a-uetr"
Change = Callable[[bytes], bytes]
_BENCH = Workbench(Settings())
BULK = [each for each in _BENCH.mappings.definitions() if bulk(_BENCH).items(each, ChannelPlan()) is not None]


@pytest.fixture(scope="module")
def roomy() -> Workbench:
    """Give rooms whose limits no message here meets."""
    return Workbench(Settings.model_validate({"channels": {"strict": {}}}))


@pytest.fixture
def many(roomy: Workbench) -> Generator:
    """Give a source of messages."""
    return Generator(roomy.catalogue, seed=11)


def _made(generator: Generator, size: int) -> dict[str, bytes]:
    return {
        "pacs.008": generator.pacs_008(generator.transfer(size)).body,
        "pacs.008 with a header": generator.pacs_008(generator.transfer(size), wrapped=True).body,
        "pain.001": generator.pain_001(generator.order(size)).body,
        "pain.001 of several batches": _batches(generator, size),
        "pain.008": generator.pain_008(generator.collection(size)).body,
        "pain.008 of several batches": _collections(generator, size),
        "camt.053": generator.camt_053(size).body,
        "camt.054": generator.camt_054(size).body,
    }


def _batches(generator: Generator, size: int) -> bytes:
    """A pain.001 whose batches are those of several."""
    return _joined(generator.pain_001(generator.order(number)).body for number in (size, 1, 2))


def _collections(generator: Generator, size: int) -> bytes:
    """A pain.008 whose batches are those of several."""
    return _joined(generator.pain_008(generator.collection(number)).body for number in (size, 1, 2))


def _joined(messages: Iterable[bytes]) -> bytes:
    """The first message with the batches of all; its group header has no sum then."""
    bodies = list(messages)
    batches = [body[body.index(b"<PmtInf>") : body.rindex(b"</PmtInf>") + 9] for body in bodies]
    body = bodies[0].replace(batches[0], b"".join(batches))
    head, rest = body.split(b"</GrpHdr>", 1)
    count = b"<NbOfTxs>%d</NbOfTxs>" % rest.count(b"<PmtId>")
    head = re.sub(rb"<NbOfTxs>\d+</NbOfTxs><CtrlSum>[\d.]+</CtrlSum>", count, head)
    return head + b"</GrpHdr>" + rest


def _nth(pattern: bytes, by: bytes, *places: int) -> Change:
    """Change the matches at these places, from 1."""

    def change(body: bytes) -> bytes:
        numbers = iter(range(1, body.count(b"<") + 1))
        return re.sub(pattern, lambda found: found.expand(by) if next(numbers) in places else found[0], body)

    return change


def _in_memory(bench: Workbench, body: bytes) -> Accepted | Rejected:
    return bench.pipeline.run(envelope(body, Direction.INBOUND, "strict"))


@pytest.mark.parametrize("size", SIZES)
def test_a_stream_causes_what_the_message_in_memory_causes(roomy: Workbench, many: Generator, size: int) -> None:
    """Events are equal byte for byte, with their ids and order, and so are digests, findings and the business id."""
    for name, body in _made(many, size).items():
        whole = _in_memory(roomy, body)
        found, portions, digests = streamed(roomy, body)
        assert isinstance(whole, Accepted), (name, whole)
        assert outgoing(portions) == whole.outgoing, name
        assert digests == whole.digests, name
        assert (found.definition, found.findings) == (whole.definition, whole.findings), name
        assert found.size == len(body)


@pytest.mark.parametrize("slice_bytes", [64, 1_000, 1_000_000])
@pytest.mark.parametrize("slice_items", [1, 3, 1_000])
def test_the_size_of_slices_changes_nothing(
    roomy: Workbench, many: Generator, slice_bytes: int, slice_items: int
) -> None:
    """Where a slice ends is not seen in what comes out."""
    for body in (many.pacs_008(many.transfer(11)).body, _batches(many, 9)):
        begins = 1_000 if body.index(b"<Document") else 0  # the definition has to be within the first slice
        _, portions, digests = streamed(roomy, body, Slicing(max(slice_bytes, begins), slice_items))
        whole = _in_memory(roomy, body)
        assert isinstance(whole, Accepted)
        assert (outgoing(portions), digests) == (whole.outgoing, whole.digests)


DAMAGE: dict[str, Change] = {
    "an amount": _nth(rb"(<(?:InstdAmt|IntrBkSttlmAmt|Amt) [^>]*>)[0-9.]+", rb"\g<1>12,5", 5),
    "many transactions": _nth(rb"<UETR>[^<]*", WRONG_UETR, *range(2, 60)),
    "the first": _nth(rb"<UETR>[^<]*", WRONG_UETR, 1),
    "the head": _nth(rb"<MsgId>[^<]*</MsgId>", b"", 1),
    "the head and a transaction": lambda body: _nth(rb"<UETR>[^<]*", WRONG_UETR, 3)(
        _nth(rb"<MsgId>[^<]*</MsgId>", b"", 1)(body)
    ),
    "no head": _nth(rb"(?s)<GrpHdr>.*?</GrpHdr>", b"", 1),
    "a stranger after the last": _nth(rb"</(" + ITEM + rb")>(?=</)", rb"</\1><Foo/>", 1),
    "a stranger in the middle": _nth(rb"</(" + ITEM + rb")>", rb"</\1><Foo/>", 4),
    "an empty transaction": _nth(rb"(?s)<(" + ITEM + rb")>.*?</\1>", rb"<\1></\1>", 5),
    "over several lines": lambda body: _nth(rb"<UETR>[^<]*", WRONG_UETR, 2, 9)(body.replace(b"><", b">\n<")),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_stream_finds_what_is_found_in_memory(roomy: Workbench, many: Generator, damage: str) -> None:
    """An invalid message has the same failure with the same findings at the same places, whichever way it goes."""
    for size in (8, 40):
        for name, good in _made(many, size).items():
            body = DAMAGE[damage](good)
            whole, found = _in_memory(roomy, body), checked(roomy, body)
            assert isinstance(whole, Rejected), name
            assert isinstance(found, Refused), name
            assert found.failure == whole.failure, name
            assert (found.definition, found.business_id) == (whole.definition, whole.business_id), name


MALFORMED: dict[str, Change] = {
    "cut off": lambda body: body[: len(body) * 2 // 3],
    "an end tag missing": _nth(rb"</" + ITEM + rb">", b"", 5),
    "two roots": lambda body: body + b"<Document/>",
    "an entity": _nth(rb"<Nm>", rb"<Nm>&nbsp;", 3),
    "a document type": _nth(rb"</(" + ITEM + rb")>", rb"</\1><!DOCTYPE x>", 5),
    "Latin-1": _nth(rb"<Nm>", b"<Nm>\xe9", 5),
    "too deep": _nth(rb"<Nm>", b"<Nm>" + b"<a>" * 100 + b"</a>" * 100, 3),
    "nothing": lambda _: b" \n ",
    "no document": lambda _: b"<Envelope><Nothing/></Envelope>",
    "unknown": lambda body: re.sub(rb"xsd:....", b"xsd:zzzz", body),
}


@pytest.mark.parametrize("damage", MALFORMED)
def test_what_cannot_be_read_is_refused_alike(roomy: Workbench, many: Generator, damage: str) -> None:
    """Malformed anywhere: the code is that of the message in memory, and so is the place."""
    for name, good in _made(many, 30).items():
        body = MALFORMED[damage](good)
        whole, found = _in_memory(roomy, body), checked(roomy, body)
        assert isinstance(whole, Rejected), name
        assert isinstance(found, Refused), name
        assert found.failure.code is whole.failure.code, name
        assert damage == "nothing" or found.failure.text.startswith(whole.failure.text), name
        assert found.size == len(body), name


def test_an_unknown_entity_never_ends_a_message(roomy: Workbench, many: Generator) -> None:
    """A message after an unknown entity, wherever slices end, is not taken for the message that was sent."""
    good = many.pacs_008(many.transfer(3)).body
    hidden = good[good.index(b"<Document") :]
    for before in (b"<a>&x;", b"<a>&\xc3\xa9;", b"<a><![CDATA[<!-- ]]>&x;<b c='-->'/>"):
        for slice_bytes in range(len(before) - 3, len(before) + 4):
            found = checked(roomy, before + hidden, Slicing(slice_bytes))
            assert isinstance(found, Refused)
            assert found.failure.code is FailureCode.PARSE_MALFORMED or b"CDATA" not in before


def test_a_malformed_message_names_the_transaction_before(roomy: Workbench, many: Generator) -> None:
    """Line and column are there, and how many transactions had ended by then."""
    body = _nth(rb"</CdtTrfTxInf>", b"", 5)(many.pacs_008(many.transfer(9)).body)
    found = checked(roomy, body, Slicing(slice_bytes=512))
    assert isinstance(found, Refused)
    assert re.search(r"line 2, column \d+: .* It is after transaction 4\.", found.failure.text)


def test_only_sums_that_hold_are_accepted(roomy: Workbench) -> None:
    """A count, a control sum or a settlement total that the transactions do not give refuses the message."""
    for definition, tag, rule in (
        ("pacs.008.001.08", b"NbOfTxs", "total.transactions"),
        ("pacs.008.001.08", b"CtrlSum", "total.control-sum"),
        ("pain.001.001.09", b"CtrlSum", "total.control-sum"),
        ("pain.008.001.08", b"CtrlSum", "total.control-sum"),
        ("pacs.008.001.08", b'TtlIntrBkSttlmAmt Ccy="EUR"', "total.settlement-amount"),
    ):
        file = io.BytesIO()
        write_bulk(roomy.catalogue, definition, 20, 3, file)
        body = re.sub(b"(<" + tag + rb">)\d+", rb"\g<1>7", file.getvalue(), count=1)
        found = checked(roomy, body)
        assert isinstance(found, Refused), tag
        assert found.failure.code is FailureCode.VALIDATE_RULE
        assert [each.rule for each in found.failure.findings] == [rule]


def test_totals_of_answers_are_compared_too(roomy: Workbench, many: Generator) -> None:
    """A number of returns or of cancellations that is not theirs refuses the message as in memory."""
    of = many.transfer(20)
    for body in (many.pacs_004(of).body, many.camt_056(of).body):
        wrong = re.sub(rb"<NbOfTxs>\d+", b"<NbOfTxs>19", body, count=1)
        whole, found = _in_memory(roomy, wrong), checked(roomy, wrong)
        assert isinstance(whole, Rejected)
        assert isinstance(found, Refused)
        assert found.failure == whole.failure
        assert [each.rule for each in found.failure.findings] == ["total.transactions"]


def test_what_is_said_of_an_account_is_compared(roomy: Workbench, many: Generator) -> None:
    """A summary and a closing balance that the entries do not give warn as in memory."""
    body = many.camt_053(30).body
    wrong = re.sub(rb"(<Cd>CLBD</Cd>.*?<Amt [^>]*>)\d", rb"\g<1>99", body, count=1)
    wrong = re.sub(rb"<NbOfNtries>\d+", b"<NbOfNtries>7", wrong, count=1)
    whole, (found, *_) = _in_memory(roomy, wrong), streamed(roomy, wrong)
    assert isinstance(whole, Accepted)
    assert sorted(each.rule for each in whole.findings) == ["entry.balance", "entry.summary"]
    assert found.findings == whole.findings


def test_every_batch_has_its_own_sum(roomy: Workbench, many: Generator) -> None:
    """A wrong sum of the second of three batches is found there."""
    body = _nth(rb"(<CtrlSum>)\d+", rb"\g<1>7", 2)(_batches(many, 9))
    found = checked(roomy, body)
    assert isinstance(found, Refused)
    assert [(each.rule, each.path) for each in found.failure.findings] == [
        ("total.control-sum", "/Document/CstmrCdtTrfInitn/PmtInf[2]/CtrlSum")
    ]


def test_bad_transactions_are_parked_alone_and_the_good_go_on(roomy: Workbench, many: Generator) -> None:
    """Of a partial channel: good events keep ids and places, each bad one is a message with its place and findings."""
    for good in (many.pacs_008(many.transfer(20)).body, _batches(many, 17)):
        whole = _in_memory(roomy, good)
        body = _nth(rb"<UETR>[^<]*", WRONG_UETR, 3, 4, 20)(good)
        found, portions, _ = streamed(roomy, body, partial=True)
        parked = [each for portion in portions for each in portion.parked]
        assert isinstance(whole, Accepted)
        expected = {each.event_id for each in whole.outgoing}
        left = {each.event_id for each in whole.outgoing if _position(each.body) in {3, 4, 20}}
        # The ids of a message follow from its own id, which here follows from its bytes.
        assert len(outgoing(portions)) == len(expected - left)
        assert [_position(each.body) for each in outgoing(portions)] == sorted(set(range(21)) - {3, 4, 20})
        assert [each.failure.text.split(":")[0] for each in parked] == [
            f"Transaction {number} of 20" for number in (3, 4, 20)
        ]
        assert sorted(found.bad) == [3, 4, 20]
        assert (found.good_sum.count, found.bad_sum.count) == (17, 3)
        assert found.findings[0].rule == "bulk.partial"


def test_a_parked_transaction_is_a_message_that_can_be_mended(roomy: Workbench, many: Generator) -> None:
    """Its bytes fail for the same reasons alone, and with the fault mended they are a valid message of one."""
    good = _batches(many, 17)
    uetrs = re.findall(rb"<UETR>([^<]*)", good)
    _, portions, _ = streamed(roomy, _nth(rb"<UETR>[^<]*", WRONG_UETR, 4)(good), partial=True)
    (parked,) = [each for portion in portions for each in portion.parked]
    again = roomy.pipeline.run(replace(parked.envelope, channel="strict"))
    mended = parked.envelope.body.replace(b"not-a-uetr", uetrs[3])
    accepted = roomy.pipeline.run(envelope(mended, Direction.INBOUND, "strict"))
    assert isinstance(again, Rejected)
    assert [(each.rule, each.path, each.text) for each in again.failure.findings] == [
        (each.rule, each.path, each.text) for each in parked.failure.findings
    ]
    assert isinstance(accepted, Accepted), accepted
    assert [_position(each.body) for each in accepted.outgoing] == [0, 1]
    assert b"<NbOfTxs>1</NbOfTxs>" in mended
    assert b"CtrlSum" not in mended


def test_the_totals_of_both_are_told(roomy: Workbench, many: Generator) -> None:
    """Counts and sums of the good and the bad are in the finding, and go into the audit log as facts."""
    transfer = many.transfer(5)
    body = _nth(rb"<UETR>[^<]*", WRONG_UETR, 2)(many.pacs_008(transfer).body)
    found = checked(roomy, body, partial=True)
    assert isinstance(found, Checked)
    bad = transfer.payments[1].amount
    assert Decimal(found.bad_sum.shown) == bad
    assert Decimal(found.good_sum.shown) == transfer.total - bad
    facts = bulk(roomy).effects(io.BytesIO(body), envelope(body, Direction.INBOUND), found).facts
    assert facts == {"transactions": 4, "sum": f"{transfer.total - bad:f}", "parked": 1, "parked_sum": f"{bad:f}"}


@pytest.mark.parametrize(
    ("damage", "parked"),
    [
        (_nth(rb"<UETR>[^<]*", WRONG_UETR, *range(1, 9)), 100),
        (_nth(rb"<UETR>[^<]*", WRONG_UETR, 1, 2, 3), 2),
        (_nth(rb"<MsgId>[^<]*</MsgId>", b"", 1), 100),
        (_nth(rb"(<CtrlSum>)\d+", rb"\g<1>7", 1), 100),
    ],
    ids=["all bad", "too many bad", "the head", "the sum"],
)
def test_some_faults_are_of_the_whole(roomy: Workbench, many: Generator, damage: Change, parked: int) -> None:
    """Where nothing is good, too much is bad, or the head or the sums are wrong, nothing is taken."""
    body = damage(many.pacs_008(many.transfer(8)).body)
    assert isinstance(checked(roomy, body, Slicing(parked=parked), partial=True), Refused)


def test_a_message_that_changes_between_readings_has_no_effect(roomy: Workbench, many: Generator) -> None:
    """Other bytes at the second reading stop it, whatever they are."""
    body = many.pacs_008(many.transfer(9)).body
    found = checked(roomy, body)
    assert isinstance(found, Checked)
    for other in (body + b" ", body[:-40], many.camt_053(3).body):
        effects = bulk(roomy).effects(io.BytesIO(other), envelope(body, Direction.INBOUND), found)
        with pytest.raises(TransportUnavailableError):
            list(effects.portions)


def test_a_channel_accepts_what_it_says(roomy: Workbench, many: Generator) -> None:
    """A definition that a channel does not accept is refused by name."""
    body = many.pacs_008().body
    found = bulk(roomy).check(io.BytesIO(body), ChannelPlan(accepts=frozenset({"pain.001.001.09"})))
    assert isinstance(found, Refused)
    assert found.failure.code is FailureCode.IDENTIFY_NOT_ACCEPTED


def test_a_definition_without_transactions_cannot_be_bulk(roomy: Workbench, many: Generator) -> None:
    """Where no mapping tells transactions apart the message is told from others, and refused when it is large."""
    body = many.pain_002(many.order(3)).body
    unclaimed = body.replace(b"pain.002.001.10", b"camt.003.001.07")
    assert bulk(roomy).items("pain.001.001.09", ChannelPlan()) is not None
    assert bulk(roomy).items("camt.003.001.07", ChannelPlan()) is None
    assert not bulk(roomy).splits(io.BytesIO(unclaimed), ChannelPlan())


@pytest.mark.parametrize(
    ("slicing", "code"),
    [
        (Slicing(transactions=10), FailureCode.TRANSFORM_TOO_MANY_EVENTS),
        (Slicing(part_bytes=500, slice_bytes=200), FailureCode.RECEIVE_TOO_LARGE),
        (Slicing(groups=2, slice_bytes=1_000), FailureCode.RECEIVE_TOO_LARGE),
    ],
)
def test_each_limit_has_its_failure(roomy: Workbench, many: Generator, slicing: Slicing, code: FailureCode) -> None:
    """Too many transactions, too much between two of them, too many groups of them."""
    found = checked(roomy, _batches(many, 30), slicing)
    assert isinstance(found, Refused)
    assert found.failure.code is code


@pytest.mark.parametrize("definition", BULK_DEFINITIONS)
def test_generated_bulk_messages_go_both_ways_alike(roomy: Workbench, definition: str) -> None:
    """What the benchmark feeds is valid, its sums hold, and both ways give the same."""
    file = io.BytesIO()
    size = write_bulk(roomy.catalogue, definition, 600, 5, file)
    whole = _in_memory(roomy, file.getvalue())
    _, portions, digests = streamed(roomy, file.getvalue(), Slicing(slice_bytes=65_536, slice_items=200))
    assert size == len(file.getvalue())
    assert isinstance(whole, Accepted), whole
    assert (outgoing(portions), digests) == (whole.outgoing, whole.digests)


@pytest.mark.parametrize("family", sorted({definition[:8] for definition in BULK}))
def test_any_message_that_can_be_split_goes_both_ways_alike(roomy: Workbench, family: str) -> None:
    """Generated messages, which break many rules, have the same findings in the same order, or the same events."""
    verdicts = set()
    for definition in (each for each in BULK if each.startswith(family)):
        schema = roomy.catalogue.schema(definition)
        for body in (minimal(schema), *(randomly(schema, seed) for seed in range(3)), *covering(schema)):
            whole, found = _in_memory(roomy, body), checked(roomy, body, Slicing(slice_bytes=100_000, slice_items=2))
            verdicts.add(type(whole))
            if isinstance(whole, Rejected):
                assert isinstance(found, Refused)
                assert found.failure == whole.failure
            else:
                _, portions, digests = streamed(roomy, body, Slicing(slice_bytes=100_000, slice_items=2))
                assert isinstance(found, Checked)
                assert found.findings == whole.findings
                assert (outgoing(portions), digests) == (whole.outgoing, whole.digests)
    assert Rejected in verdicts or Accepted in verdicts


def _position(body: bytes) -> int:
    position: int = orjson.loads(body)["data"]["origin"]["position"]
    return position
