"""``entry.*``: what an account report, statement or notification says of its entries, against the entries."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Final

from lxml.etree import _Element

from broker.message.finding import Severity
from broker.validate.place import declared
from broker.validate.rules.rule import NONE, Breach, Check, Member, Rule, Run
from broker.validate.rules.tree import children, every, first, number, path, text_at

_AT: Final = "Rpt, Stmt and Ntfctn of camt.052, 053 and 054: every type that has both TxsSummry and Ntry."

SUMMARY: Final = Rule(
    "entry.summary",
    Severity.WARNING,
    "The summary has the number and the sum of the entries, of the credits and of the debits.",
    _AT,
    "definitions of *NumberOfEntries* and *Sum* in *TotalEntries*, *TotalCreditEntries* and *TotalDebitEntries*.",
    "A long statement comes in several messages, and banks differ in whether a summary speaks of one or of all.",
    "See whether a page of the statement is missing; else ask the bank.",
)
BALANCE: Final = Rule(
    "entry.balance",
    Severity.WARNING,
    "The opening balance and the booked entries give the closing balance, with or without those valued after its day.",
    "Stmt of camt.053 with one opening (OPBD or PRCD) and one closing balance (CLBD), all in one currency.",
    "external code set *ExternalBalanceType1Code*: the opening balance is that before the entries of the statement, "
    "the closing balance that after them.",
    "The standard defines the balances and states no equation; a page or an entry may come in another message.",
    "See whether a page of the statement is missing; else ask the bank.",
)
RULES: Final = (SUMMARY, BALANCE)

_DEBIT: Final = "DBIT"
_SUMMARIES: Final = (("TtlNtries", None), ("TtlCdtNtries", "CRDT"), ("TtlDbtNtries", _DEBIT))
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD",)
_BOOKED: Final = "BOOK"
_NOTHING: Final = Decimal(0)


def check_for(member: Member) -> Check | None:
    """Give the check of a report of entries."""
    tags = {child.tag for child in declared(member.type)}
    return report_of(member.start).check if {"Ntry", "TxsSummry"} <= tags else None


@cache
def report_of(start: str) -> "Report":
    """Give the checks of reports whose tags begin with ``start`` in Clark notation."""
    return Report(start)


@dataclass(slots=True)
class Tally:
    """What the entries of one report come to, by side (CRDT or DBIT); ``last`` is the day it closes.

    Of amounts that are not there the side is ``unknown``, or the booked ones are (``unknown_booked``). ``booked`` and
    ``later`` (those valued after the last day) are less than zero where debits outweigh.
    """

    last: str
    counts: Counter[str | None] = field(default_factory=Counter)
    sums: dict[str | None, Decimal] = field(default_factory=dict)
    unknown: set[str | None] = field(default_factory=set)
    booked: Decimal = Decimal(0)
    later: Decimal = Decimal(0)
    unknown_booked: bool = False
    currencies: set[str | None] = field(default_factory=set)


class Report:
    """The checks of a report, compiled for the namespace of a definition."""

    def __init__(self, start: str) -> None:
        """``start`` is what the definition's tags begin with in Clark notation."""
        self._amount, self._indicator = path(start, "Amt"), path(start, "CdtDbtInd")
        self._entries, self._status, self._status_code = (path(start, each) for each in ("Ntry", "Sts", "Cd"))
        self._balances, self._code = path(start, "Bal"), path(start, "Tp/CdOrPrtry/Cd")
        self._summary, self._pages = path(start, "TxsSummry"), path(start, "StmtPgntn")
        self._said = [
            (indicator, path(start, f"{tag}/NbOfNtries"), path(start, f"{tag}/Sum")) for tag, indicator in _SUMMARIES
        ]
        self._day, self._valued, self._date = (path(start, each) for each in ("Dt/Dt", "ValDt", "Dt"))
        self._statement = f"{start}Stmt"

    def check(self, element: _Element, run: Run) -> Sequence[Breach]:
        """Check summary and balances against the entries; not in a slice, which has some of them."""
        if run.sliced:
            return NONE
        summary, bounds = first(element, self._summary), self._bounds(element)
        if summary is None and bounds is None:
            return NONE
        tally = self._tally(bounds)
        for entry in every(element, self._entries):
            self.add(entry, tally)
        return self._compare(summary, bounds, tally)

    def tally(self, element: _Element) -> Tally:
        """Begin to add up the entries of a report, of which what stands before the first entry is enough."""
        return self._tally(self._bounds(element))

    def _tally(self, bounds: tuple[_Element, _Element] | None) -> Tally:
        return Tally("" if bounds is None else text_at(bounds[1], self._day) or "")

    def add(self, element: _Element, tally: Tally) -> None:
        """Add one entry."""
        held = children(element)
        amount = held.get(self._amount[0])
        value, kind = number(amount), _text(held.get(self._indicator[0]))
        tally.counts[kind] += 1
        if value is None:
            tally.unknown.add(kind)
        else:
            tally.sums[kind] = tally.sums.get(kind, _NOTHING) + abs(value)
        status = held.get(self._status[0])
        # The status is a text in elder versions, and a choice of codes since.
        if status is None or (text_at(status, self._status_code) or status.text) != _BOOKED:
            return
        tally.currencies.add(None if amount is None else amount.get("Ccy"))
        tally.unknown_booked = tally.unknown_booked or value is None
        if value is not None:
            signed = -value if kind == _DEBIT else value
            tally.booked += signed
            valued = held.get(self._valued[0])
            if valued is not None and (text_at(valued, self._date) or tally.last)[:10] > tally.last[:10]:
                tally.later += signed

    def compare(self, element: _Element, tally: Tally) -> Sequence[Breach]:
        """Compare summary and balances of a report with what its entries come to."""
        return self._compare(first(element, self._summary), self._bounds(element), tally)

    def _compare(
        self, summary: _Element | None, bounds: tuple[_Element, _Element] | None, tally: Tally
    ) -> Sequence[Breach]:
        found = [] if summary is None else list(self._check_summary(summary, tally))
        return found if bounds is None else [*found, *self._check_balance(*bounds, tally)]

    def _bounds(self, element: _Element) -> tuple[_Element, _Element] | None:
        """Give the opening and the closing balance of a statement, where each is there once.

        None of what is no statement, or has entries on other pages.
        """
        if element.tag != self._statement:
            return None
        coded = [(text_at(each, self._code), each) for each in every(element, self._balances)]
        opening = [each for code, each in coded if code in _OPENING]
        closing = [each for code, each in coded if code in _CLOSING]
        if len(opening) != 1 or len(closing) != 1 or first(element, self._pages) is not None:
            return None
        return opening[0], closing[0]

    def _read(self, element: _Element) -> tuple[Decimal | None, str | None]:
        """Give a balance's amount, less than zero for a debit and None where there is none, and its currency."""
        amount = first(element, self._amount)
        value = number(amount)
        if value is not None and text_at(element, self._indicator) == _DEBIT:
            value = -value
        return value, None if amount is None else amount.get("Ccy")

    def _check_summary(self, summary: _Element, tally: Tally) -> Iterator[Breach]:
        for kind, count, sum_ in self._said:
            kinds = tally.counts.keys() if kind is None else {kind}
            total = None if kinds & tally.unknown else sum((tally.sums.get(each, _NOTHING) for each in kinds), _NOTHING)
            number_of = sum(tally.counts[each] for each in kinds)
            for along, true in ((count, Decimal(number_of)), (sum_, total)):
                said = first(summary, along)
                value = number(said)
                if said is not None and value is not None and true is not None and value != true:
                    yield Breach(SUMMARY, said, f"found {value:f}; expected {true:f}, as the entries have")

    def _check_balance(self, opening: _Element, closing: _Element, tally: Tally) -> Iterator[Breach]:
        """Some banks book entries that are valued after the last day into the next statement's balance."""
        began, currency = self._read(opening)
        said, closing_currency = self._read(closing)
        if said is None or began is None or tally.unknown_booked:
            return
        if len({currency, closing_currency} | tally.currencies) > 1:
            return
        true = began + tally.booked
        if said not in {true, true - tally.later}:
            text = f"found {said:f}; expected {true:f}, as opening balance and entries give"
            yield Breach(BALANCE, closing, text, "Amt")


def _text(element: _Element | None) -> str | None:
    return None if element is None else element.text
