"""Our own messages: valid, repeatable, consistent with each other, and bad in the way their name says."""

import re
from collections import Counter
from decimal import Decimal

import pytest
from lxml import etree

from broker.catalogue.catalogue import Catalogue
from broker.generate import BAD_COMMANDS, DAMAGE, DEFINITIONS, Generator, Sample
from broker.law import folder
from broker.message.failure import Failure, FailureCode
from broker.parse import Limits, Parsed, parse
from broker.transform.ra_json import to_xml
from broker.validate import validate

CATALOGUE = Catalogue(folder("schemas/iso20022"))
LIMITS = Limits(10_000_000, 500_000, 64, 64, 1_000_000)


def document(sample: Sample) -> etree._Element:
    """The document of a valid sample; fails where the sample is not valid."""
    parsed = parse(sample.body, LIMITS, CATALOGUE)
    assert isinstance(parsed, Parsed), sample.name
    assert validate(parsed, CATALOGUE) == (), sample.name
    assert parsed.definition == sample.definition
    return parsed.document


def texts(element: etree._Element, tag: str) -> list[str]:
    """The texts of all elements with a tag, in document order."""
    return [one.text or "" for one in element.iter("{*}" + tag)]


def amounts(element: etree._Element, tag: str) -> Decimal:
    """The sum of all elements with a tag."""
    return sum(map(Decimal, texts(element, tag)), Decimal(0))


def test_equal_seeds_give_equal_bytes() -> None:
    """A seed decides every byte of a mixed stream; another seed gives another stream."""
    first, again, other = (list(Generator(CATALOGUE, seed).mixed(120)) for seed in (5, 5, 6))

    assert first == again
    assert first != other


def test_a_mixed_stream_has_every_kind_and_its_bad_ones() -> None:
    """The stream has the number asked for, all definitions, four bad ones in a hundred, unique names."""
    samples = list(Generator(CATALOGUE, 1).mixed(300))

    valid = [sample for sample in samples if sample.expected is None]
    assert len(samples) == 300
    assert len({sample.name for sample in samples}) == 300
    assert {sample.definition for sample in valid} == set(DEFINITIONS)
    assert len(samples) - len(valid) == 12
    assert all(document(sample) is not None for sample in valid)
    assert {sample.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Envelope>') for sample in valid} == {
        True,
        False,
    }


def test_as_many_bad_ones_as_asked_for_of_different_kinds() -> None:
    """Bad samples are of another kind each until every kind has been."""
    samples = list(Generator(CATALOGUE, 1).mixed(len(DAMAGE) * 2, bad=len(DAMAGE)))

    kinds = Counter(sample.name.rpartition("-")[0] for sample in samples if sample.expected)
    assert kinds == dict.fromkeys(DAMAGE, 1)


def test_a_credit_transfer_has_a_realistic_size() -> None:
    """A pacs.008 with one payment has 2 to 4 KB, bare and wrapped."""
    generator = Generator(CATALOGUE, 3)

    sizes = [len(generator.pacs_008(wrapped=bool(number % 2)).body) for number in range(200)]

    assert min(sizes) >= 2_000
    assert max(sizes) <= 4_000


@pytest.mark.parametrize("kind", DAMAGE)
def test_each_kind_of_damage_leads_to_its_failure(kind: str) -> None:
    """A bad message is refused with the code it was made for, by several seeds."""
    for seed in range(3):
        sample = Generator(CATALOGUE, seed).bad(kind)

        parsed = parse(sample.body, LIMITS, CATALOGUE)

        if isinstance(parsed, Failure):
            assert parsed.code is sample.expected
        else:
            rules = {finding.rule.partition(".")[0] for finding in validate(parsed, CATALOGUE)}
            expected = FailureCode.VALIDATE_HEADER if rules == {"header"} else FailureCode.VALIDATE_SCHEMA
            assert rules
            assert expected is sample.expected


@pytest.mark.parametrize("kind", BAD_COMMANDS)
def test_each_bad_command_is_refused(kind: str) -> None:
    """A bad command gives findings; the malformed ones are those that are no JSON."""
    sample = Generator(CATALOGUE, 1).command(kind)

    answer = to_xml(sample.body, sample.definition, CATALOGUE)

    assert isinstance(answer, tuple)
    malformed = answer[0].rule == "json.malformed"
    assert sample.expected is (FailureCode.COMMAND_MALFORMED if malformed else FailureCode.COMMAND_INVALID)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_good_command_becomes_xml(wrapped: bool) -> None:  # noqa: FBT001  the parameter of a test
    """A command is RA JSON that the outbound side can write, with a header where asked for."""
    sample = Generator(CATALOGUE, 1).command(wrapped=wrapped)

    assert sample.expected is None
    assert isinstance(to_xml(sample.body, sample.definition, CATALOGUE, wrapper="Envelope"), bytes)


def test_totals_of_a_batch_are_right() -> None:
    """Number, control sum and total of a transfer are those of its payments."""
    generator = Generator(CATALOGUE, 4)

    batch = document(generator.pacs_008(generator.transfer(payments=25)))

    payments = batch.findall(".//{*}CdtTrfTxInf")
    assert texts(batch, "NbOfTxs") == [str(len(payments))] == ["25"]
    assert amounts(batch, "CtrlSum") == amounts(batch, "TtlIntrBkSttlmAmt") == amounts(batch, "IntrBkSttlmAmt") > 0


def test_answers_refer_to_the_transfer() -> None:
    """Status, return and cancellation name the transfer's message, payment and UETR, and its amount."""
    generator = Generator(CATALOGUE, 4)
    transfer = generator.transfer()
    (payment,) = transfer.payments
    first = document(generator.pacs_008(transfer))

    answers = [document(make(transfer)) for make in (generator.pacs_002, generator.pacs_004, generator.camt_056)]

    assert texts(first, "UETR") == [payment.uetr]
    for answer in answers:
        assert texts(answer, "OrgnlMsgId") == [transfer.message_id] == texts(first, "MsgId")
        assert texts(answer, "OrgnlUETR") == [payment.uetr]
        assert texts(answer, "OrgnlEndToEndId") == texts(first, "EndToEndId")
        assert texts(answer, "OrgnlMsgNmId") == ["pacs.008.001.08"]
    assert amounts(answers[1], "RtrdIntrBkSttlmAmt") == amounts(answers[2], "OrgnlIntrBkSttlmAmt") == payment.amount


def test_an_order_and_its_answer_agree() -> None:
    """The sums of a bulk order are right, and the answer counts each of its payments once."""
    generator = Generator(CATALOGUE, 4)
    bulk = generator.order(7)

    order, answer = document(generator.pain_001(bulk)), document(generator.pain_002(bulk))

    assert texts(order, "NbOfTxs") == ["7", "7"]
    assert {Decimal(text) for text in texts(order, "CtrlSum")} == {amounts(order, "InstdAmt")}
    assert sum(map(int, texts(answer, "DtldNbOfTxs"))) == 7
    assert amounts(answer, "DtldCtrlSum") == bulk.total
    assert texts(answer, "OrgnlEndToEndId") == texts(order, "EndToEndId")


def test_what_is_collected_is_summed() -> None:
    """The sums of a bulk order to collect are right, and each of its debtors has a mandate."""
    bulk = Generator(CATALOGUE, 4).collection(7)

    order = document(Generator(CATALOGUE, 4).pain_008(bulk))

    assert texts(order, "NbOfTxs") == ["7", "7"]
    assert {Decimal(text) for text in texts(order, "CtrlSum")} == {amounts(order, "InstdAmt")} == {bulk.total}
    assert len(set(texts(order, "MndtId"))) == 7


def test_a_statement_balances() -> None:
    """The closing balance is the opening one with all entries; the summary counts them."""
    statement = document(Generator(CATALOGUE, 4).camt_053(12))

    def signed(entry: etree._Element) -> Decimal:
        value = Decimal(entry.findtext("{*}Amt") or "")
        return value if entry.findtext("{*}CdtDbtInd") == "CRDT" else -value

    opening, closing = map(signed, statement.iter("{*}Bal"))
    entries = [signed(entry) for entry in statement.iter("{*}Ntry")]
    assert closing == opening + sum(entries)
    assert texts(statement, "NbOfNtries") == [
        "12",
        str(sum(one > 0 for one in entries)),
        str(sum(one < 0 for one in entries)),
    ]


def test_a_header_names_its_message() -> None:
    """The business header of every kind names definition, message id and the two ends."""
    generator = Generator(CATALOGUE, 9)
    makes = (generator.pacs_008, generator.pacs_002, generator.pacs_004, generator.camt_056)

    for sample in [
        *(make(wrapped=True) for make in makes),
        generator.pain_001(wrapped=True),
        generator.pain_002(wrapped=True),
        generator.pain_008(wrapped=True),
        generator.camt_053(wrapped=True),
    ]:
        parsed = parse(sample.body, LIMITS, CATALOGUE)
        assert isinstance(parsed, Parsed)
        assert validate(parsed, CATALOGUE) == ()
        assert parsed.header_facts is not None
        assert parsed.header_facts.message_definition == sample.definition
        assert parsed.header_facts.business_message_id in re.findall(
            r"[A-Z][0-9]{8}-[0-9]{6}-[0-9]{6}", sample.body.decode()
        )
        assert parsed.wrapper == "Envelope"


def test_bad_samples_do_not_show_their_bytes() -> None:
    """A sample's repr has no body, so that a failing test prints no page of XML."""
    assert "body" not in repr(Generator(CATALOGUE, 1).pacs_008())
