"""Bulk messages of any size, written to a file in constant memory: what the benchmark and the tests of bulk feed.

Owns how a long message is put together: transactions are made block by block as in the other messages, and the head,
whose totals are known at the end alone, is written again in its place. Totals have leading zeros so that it fits there.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, BinaryIO, Final

from broker.catalogue.catalogue import Catalogue
from broker.generate import collecting, customer, interbank
from broker.generate.facts import Facts
from broker.generate.people import RaJson
from broker.transform.ra_json import to_xml

BULK_DEFINITIONS: Final = (
    "pacs.008.001.08",
    "pain.001.001.09",
    "pain.008.001.08",
    "camt.053.001.08",
    "camt.054.001.08",
)
_BLOCK: Final = 250  # transactions made at a time
_COUNT_DIGITS: Final = 9
_SUM_DIGITS: Final = 18  # of a CtrlSum, two of them after the point


@dataclass(slots=True)
class _Sums:
    """What the transactions come to: of all, of credits, of debits."""

    count: int = 0
    total: Decimal = Decimal(0)
    credits: int = 0
    credit: Decimal = Decimal(0)


Block = Callable[[int], tuple[RaJson, _Sums]]
"""So many transactions in a message of their own, with their sums."""


def write_bulk(catalogue: Catalogue, definition: str, transactions: int, seed: int, file: BinaryIO) -> int:
    """Write a valid message with so many transactions (at least one) and give its size in bytes.

    ``file`` can be sought in and is empty. Equal arguments give equal bytes.
    """
    facts = Facts(random.Random(seed))  # noqa: S311  repeatable test data; nothing secret depends on it
    item, block = _blocks(definition, facts)
    sums = _Sums()
    first, end = b"", b""
    for number in range(0, transactions, _BLOCK):
        document, made = block(min(_BLOCK, transactions - number))
        body = to_xml(_said(document, sums), definition, catalogue)
        assert isinstance(body, bytes), body
        head, items, tail = _cut(body, item)
        if not first:
            first, end, beginning = head, tail, document
            file.write(first)
        file.write(items)
        sums = _Sums(*(getattr(sums, name) + getattr(made, name) for name in ("count", "total", "credits", "credit")))
    file.write(end)
    size = file.tell()
    body = to_xml(_said(beginning, sums), definition, catalogue)
    assert isinstance(body, bytes)
    head, _, _ = _cut(body, item)
    assert len(head) == len(first), "the totals have grown out of their place"
    file.seek(0)
    file.write(head)
    file.seek(size)
    return size


def _blocks(definition: str, facts: Facts) -> tuple[bytes, Block]:
    if definition == "pacs.008.001.08":
        transfer = facts.transfer(1)

        def pacs_008(count: int) -> tuple[RaJson, _Sums]:
            day = transfer.created.date()
            of = replace(
                transfer,
                payments=tuple(
                    facts.payment(facts.customer(transfer.sender), transfer.receiver, day) for _ in range(count)
                ),
            )
            return interbank.pacs_008(of), _Sums(count, of.total)

        return b"CdtTrfTxInf", pacs_008
    if definition == "pain.001.001.09":
        order = customer.order(facts, 1)

        def pain_001(count: int) -> tuple[RaJson, _Sums]:
            of = replace(order, payments=customer.order(facts, count).payments)
            return customer.pain_001(of), _Sums(count, of.total)

        return b"CdtTrfTxInf", pain_001
    if definition == "pain.008.001.08":
        ordered = collecting.collection(facts, 1)

        def pain_008(count: int) -> tuple[RaJson, _Sums]:
            of = replace(ordered, payments=collecting.collection(facts, count).payments)
            return collecting.pain_008(of), _Sums(count, of.total)

        return b"DrctDbtTxInf", pain_008
    make = {"camt.053.001.08": customer.camt_053, "camt.054.001.08": customer.camt_054}[definition]
    day = customer.statement(facts, 1)

    def entries(count: int) -> tuple[RaJson, _Sums]:
        of = replace(day, entries=customer.statement(facts, count).entries)
        credit, debit = of.sum_of(credit=True), of.sum_of(credit=False)
        return make(of), _Sums(count, credit + debit, sum(incoming for incoming, _ in of.entries), credit)

    return b"Ntry", entries


def _cut(body: bytes, item: bytes) -> tuple[bytes, bytes, bytes]:
    first, last = body.index(b"<" + item + b">"), body.rindex(b"</" + item + b">") + len(item) + 3
    return body[:first], body[first:last], body[last:]


def _said(document: RaJson, sums: _Sums) -> RaJson:
    """The document with these totals in all the places where it says any."""
    for path, value in _totals(document, sums):
        *above, last = path
        holder: Any = document
        for step in above:
            holder = holder[step] if isinstance(holder, list) or step in holder else {}
        if last in holder:
            holder[last] = value
    return document


def _totals(document: Any, sums: _Sums) -> Iterator[tuple[list[Any], str]]:  # noqa: ANN401  RA JSON
    message = next(iter(document["Document"]))
    at = ["Document", message]
    count, total = f"{sums.count:0{_COUNT_DIGITS}}", _sum(sums.total)
    groups = [[*at, "GrpHdr"], [*at, "PmtInf", 0]] if "PmtInf" in document["Document"][message] else [[*at, "GrpHdr"]]
    for group in groups:
        yield [*group, "NbOfTxs"], count
        yield [*group, "CtrlSum"], total
    yield [*at, "GrpHdr", "TtlIntrBkSttlmAmt", "amt"], total
    account = next((tag for tag in ("Stmt", "Ntfctn") if tag in document["Document"][message]), None)
    if account is None:
        return
    summary = [*at, account, 0, "TxsSummry"]
    yield [*summary, "TtlNtries", "NbOfNtries"], count
    yield [*summary, "TtlCdtNtries", "NbOfNtries"], f"{sums.credits:0{_COUNT_DIGITS}}"
    yield [*summary, "TtlCdtNtries", "Sum"], _sum(sums.credit)
    yield [*summary, "TtlDbtNtries", "NbOfNtries"], f"{sums.count - sums.credits:0{_COUNT_DIGITS}}"
    yield [*summary, "TtlDbtNtries", "Sum"], _sum(sums.total - sums.credit)
    if "Bal" not in document["Document"][message][account][0]:
        return
    opening = Decimal(document["Document"][message][account][0]["Bal"][0]["Amt"]["amt"])
    closing = [*at, account, 0, "Bal", 1]
    after = opening + 2 * sums.credit - sums.total
    yield [*closing, "Amt", "amt"], _sum(abs(after))
    yield [*closing, "CdtDbtInd"], "CRDT" if after >= 0 else "DBIT"


def _sum(total: Decimal) -> str:
    return f"{total:0{_SUM_DIGITS - 1}.2f}"
