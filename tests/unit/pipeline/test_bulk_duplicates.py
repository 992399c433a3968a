"""References that occur twice in a bulk message are found wherever they stand; and nothing hides a fault."""

import re
from collections.abc import Callable, Iterable, Mapping

import pytest

from broker.generate import Generator
from broker.message.envelope import Direction
from broker.message.failure import FailureCode
from broker.pipeline.bulk_check import Checked, Refused
from broker.pipeline.outcome import Accepted, Rejected
from broker.settings import Settings
from broker.workbench import Workbench
from tests.support.bulk import Slicing, checked, outgoing, streamed
from tests.support.envelopes import envelope

Make = Callable[[Generator, int], bytes]


def _two_batches(many: Generator, size: int) -> bytes:
    """Half of the payments in each batch; the group header has no sum then."""
    bodies = [many.pain_001(many.order(number)).body for number in (size // 2, size - size // 2)]
    batches = [body[body.index(b"<PmtInf>") : body.rindex(b"</PmtInf>") + 9] for body in bodies]
    body = bodies[0].replace(batches[0], b"".join(batches))
    return re.sub(rb"<NbOfTxs>\d+</NbOfTxs><CtrlSum>[\d.]+</CtrlSum>", b"<NbOfTxs>%d</NbOfTxs>" % size, body, count=1)


MESSAGES: Mapping[str, Make] = {
    "pacs.008": lambda many, size: many.pacs_008(many.transfer(size)).body,
    "pain.001": lambda many, size: many.pain_001(many.order(size)).body,
    "pain.001 of two batches": _two_batches,
    "pain.008": lambda many, size: many.pain_008(many.collection(size)).body,
}


@pytest.fixture(scope="module")
def bench() -> Workbench:
    """Give rooms whose limits no message here meets."""
    return Workbench(Settings.model_validate({"channels": {"strict": {}}}))


@pytest.fixture
def many(bench: Workbench) -> Generator:
    """Give a source of messages."""
    return Generator(bench.catalogue, seed=23)


def _again(body: bytes, tag: str, first: int, others: Iterable[int]) -> bytes:
    """Give the transactions at these places (from 1) the reference that the ``first`` of them has."""
    found = list(re.finditer(rb"<" + tag.encode() + rb">([^<]*)", body))
    made = bytearray(body)
    for place in sorted(others, reverse=True):
        at = found[place - 1]
        made[at.start(1) : at.end(1)] = found[first - 1][1]
    return bytes(made)


def _in_memory(bench: Workbench, body: bytes) -> Accepted | Rejected:
    return bench.pipeline.run(envelope(body, Direction.INBOUND, "strict"))


@pytest.mark.parametrize("make", MESSAGES.values(), ids=MESSAGES)
@pytest.mark.parametrize("slice_items", [1, 3, 7, 1_000])
def test_a_payment_twice_is_found_across_slices(
    bench: Workbench, many: Generator, make: Make, slice_items: int
) -> None:
    """However the message is cut, the failure names the same places, payments and lines as in memory."""
    good = make(many, 30).replace(b"><", b">\n<")
    for first, others in ((1, (30,)), (2, (3, 17)), (14, (15, 16, 29))):
        body = _again(_again(good, "UETR", first, others), "EndToEndId", 4, (5, 28))
        whole, found = _in_memory(bench, body), checked(bench, body, Slicing(slice_items=slice_items))
        assert isinstance(whole, Rejected)
        assert isinstance(found, Refused)
        assert found.failure == whole.failure
        assert {each.rule for each in found.failure.findings} == {"id.duplicate-uetr", "id.duplicate"}
        assert len(found.failure.findings) == len(others) + 2


def test_a_batch_twice_is_found(bench: Workbench, many: Generator) -> None:
    """Two batches under one identification, however far apart their heads are."""
    body = _again(_two_batches(many, 30), "PmtInfId", 1, (2,))
    whole, found = _in_memory(bench, body), checked(bench, body)
    assert isinstance(whole, Rejected)
    assert isinstance(found, Refused)
    assert found.failure == whole.failure
    assert [each.rule for each in found.failure.findings] == ["id.duplicate-block"]


def test_a_return_twice_is_found_across_slices(bench: Workbench, many: Generator) -> None:
    """References that stand alone are compared, too."""
    body = _again(many.pacs_004(many.transfer(20)).body, "RtrId", 2, (3, 19))
    whole, (found, *_) = _in_memory(bench, body), streamed(bench, body, Slicing(slice_items=4))
    assert isinstance(whole, Accepted)
    assert [each.rule for each in whole.findings] == ["id.duplicate"] * 2
    assert found.findings == whole.findings


@pytest.mark.parametrize("size", [12, 150])
def test_warnings_are_counted_as_in_memory(bench: Workbench, many: Generator, size: int) -> None:
    """One reference in all transactions warns of each but the first, a hundred by name; no reference is none."""
    good = many.pacs_008(many.transfer(size)).body
    body = re.sub(rb"<InstrId>[^<]*", b"<InstrId>NOTPROVIDED", _again(good, "EndToEndId", 1, range(2, size + 1)))
    whole, (found, portions, _) = _in_memory(bench, body), streamed(bench, body)
    assert isinstance(whole, Accepted)
    assert len(whole.findings) == min(size - 1, 101)
    assert found.findings == whole.findings
    assert outgoing(portions) == whole.outgoing


def test_what_the_schema_refuses_is_told_alone(bench: Workbench, many: Generator) -> None:
    """Where one slice has an error of the schema and another of the rules, the failure is that of the schema."""
    body = _again(many.pacs_008(many.transfer(20)).body, "UETR", 1, (2,))
    body = re.sub(rb"(?s)(.*)<EndToEndId>[^<]*", rb"\g<1><EndToEndId>" + b"x" * 36, body)
    whole, found = _in_memory(bench, body), checked(bench, body)
    assert isinstance(whole, Rejected)
    assert isinstance(found, Refused)
    assert found.failure == whole.failure
    assert found.failure.code is FailureCode.VALIDATE_SCHEMA


@pytest.mark.parametrize("slice_items", [2, 9, 1_000])
def test_the_first_of_a_partial_message_goes_on_and_the_others_are_parked(
    bench: Workbench, many: Generator, slice_items: int
) -> None:
    """Beside transactions that the schema refuses, too; the finding names the payment by its place in the message."""
    body = _again(many.pacs_008(many.transfer(30)).body, "UETR", 6, (7, 8, 27))
    body = _again(body, "EndToEndId", 10, (26,))
    body = re.sub(rb"<TxId>[^<]*", b"<TxId>", body, count=2)
    found, portions, _ = streamed(bench, body, Slicing(slice_items=slice_items), partial=True)
    parked = {number: [each.text for each in findings] for number, findings in found.bad.items()}
    assert sorted(parked) == [1, 2, 7, 8, 27]
    assert all(
        parked[number] == ["found the UETR of payment 6 once more; expected one that is unique"]
        for number in (7, 8, 27)
    )
    assert (found.good_sum.count, found.bad_sum.count) == (25, 5)
    assert [each.rule for each in found.findings] == ["bulk.partial", "id.duplicate"]
    assert "of payment 10 once more" in found.findings[1].text
    assert len(outgoing(portions)) == 1 + 25
    assert sum(len(portion.parked) for portion in portions) == 5


@pytest.mark.parametrize("slice_items", [50, 1_000])
def test_no_bad_transaction_hides_behind_a_hundred_others(bench: Workbench, many: Generator, slice_items: int) -> None:
    """Each of 250 bad ones in a row is found, by schema or by rule, though a validation tells of a hundred only."""
    good = many.pacs_008(many.transfer(300)).body
    numbers = iter(range(1, 301))
    by_schema = re.sub(rb"<UETR>[^<]*", lambda at: b"<UETR>x" if next(numbers) <= 250 else at[0], good)
    by_rule = _again(good, "UETR", 1, range(2, 252))
    for body, bad in ((by_schema, range(1, 251)), (by_rule, range(2, 252))):
        found = checked(bench, body, Slicing(slice_items=slice_items, parked=250), partial=True)
        assert isinstance(found, Checked)
        assert sorted(found.bad) == list(bad)
        assert isinstance(checked(bench, body, Slicing(slice_items=slice_items, parked=249), partial=True), Refused)


def test_sums_are_compared_beside_what_is_parked(bench: Workbench, many: Generator) -> None:
    """A bad transaction does not excuse a wrong sum."""
    body = re.sub(rb"<UETR>[^<]*", b"<UETR>x", many.pacs_008(many.transfer(8)).body, count=1)
    assert isinstance(checked(bench, body, partial=True), Checked)
    wrong = re.sub(rb"<CtrlSum>\d", b"<CtrlSum>99", body)
    assert isinstance(checked(bench, wrong, partial=True), Refused)
