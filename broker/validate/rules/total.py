"""``total.*``: what a group says of its transactions, against the transactions.

Which element holds the totals of which transactions is the one thing here that types do not tell: the table does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final, Protocol

from lxml.etree import _Element

from broker.message.finding import Severity
from broker.validate.rules.rule import NONE, Breach, Member, Rule, Run, Suspicion
from broker.validate.rules.tree import Path, children, every, first, number, path

_AT: Final = "GrpHdr, PmtInf, CtrlData and CdtInstr of {}."
_ALL: Final = "pacs.003, 004, 007 to 010, pain.001, 007, 008, 013, camt.055 and 056"

TRANSACTIONS: Final = Rule(
    "total.transactions",
    Severity.ERROR,
    "NbOfTxs is the number of transactions. Where the group as a whole is returned, reversed or cancelled, "
    "it speaks of the original message, and nothing is compared.",
    _AT.format(_ALL),
    "definition of *NumberOfTransactions*; constraints *NumberOfTransactionsAndCreditTransfersRule*, "
    "*NumberOfTransactionsAndDirectDebitsRule*, *GroupReturnAndNumberOfTransactionsRule*.",
    "Part of the message may be lost, or something was added to it.",
    "Ask the sender for the whole message. Never mend the number.",
)
CONTROL_SUM: Final = Rule(
    "total.control-sum",
    Severity.ERROR,
    "CtrlSum is the sum of the individual amounts, whatever their currencies. Between banks it may be the sum of the "
    "settlement amounts or of the instructed ones.",
    _AT.format(_ALL),
    "definition of *ControlSum*: the total of all individual amounts, irrespective of currencies.",
    "Part of the message may be lost, or an amount was changed.",
    "Ask the sender for the whole message. Never mend the sum.",
)
SETTLEMENT_AMOUNT: Final = Rule(
    "total.settlement-amount",
    Severity.ERROR,
    "The total settlement amount is the sum of the settlement amounts of the transactions.",
    _AT.format("pacs.003, 004, 007 to 010, where it has a total settlement amount"),
    "constraints *TotalInterbankSettlementAmountAndSumRule*, *TotalReturnedInterbankSettlementAmountAndSumRule* and "
    "that for reversals.",
    "What would be settled is not what is booked.",
    "Ask the sender for a right message.",
)
SETTLEMENT_CURRENCY: Final = Rule(
    "total.settlement-currency",
    Severity.ERROR,
    "The transactions of a total settlement amount have its currency.",
    SETTLEMENT_AMOUNT.at,
    "constraints *TotalInterbankSettlementAmountRule*, *TotalReturnedInterbankSettlementAmountRule* and that for "
    "reversals.",
    "Amounts of several currencies have no sum.",
    "Ask the sender for one message a currency.",
)
RULES: Final = (TRANSACTIONS, CONTROL_SUM, SETTLEMENT_AMOUNT, SETTLEMENT_CURRENCY)


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of a message: the element that holds them, its transactions, and which amounts they sum up.

    ``transactions`` are paths from the holder's parent, or from the holder itself where ``inside``. ``amounts`` are the
    readings of an individual amount of which one must fit; in a reading, ``|`` parts the places in which it may stand.
    """

    holder: str
    transactions: tuple[str, ...]
    amounts: tuple[str, ...]
    total: str = ""
    inside: bool = False


class Tally(Protocol):
    """What transactions come to: their number, the sum of a reading, the currencies of the first reading's amounts."""

    @property
    def count(self) -> int:
        """How many there are."""

    def sum_of(self, reading: int) -> Decimal | None:
        """The sum in the reading with this number; None where a transaction has no such amount."""

    def currencies(self) -> set[str | None]:
        """Of the amounts that are there."""


_SETTLED: Final = ("IntrBkSttlmAmt", "InstdAmt")
_ORDERED: Final = ("Amt/InstdAmt|Amt/EqvtAmt/Amt",)
TOTALS: Final[dict[str, tuple[Totals, ...]]] = {
    "pacs.003": (Totals("GrpHdr", ("DrctDbtTxInf",), _SETTLED, "TtlIntrBkSttlmAmt"),),
    "pacs.004": (Totals("GrpHdr", ("TxInf",), ("RtrdIntrBkSttlmAmt", "RtrdInstdAmt"), "TtlRtrdIntrBkSttlmAmt"),),
    "pacs.007": (Totals("GrpHdr", ("TxInf",), ("RvsdIntrBkSttlmAmt", "RvsdInstdAmt"), "TtlRvsdIntrBkSttlmAmt"),),
    "pacs.008": (Totals("GrpHdr", ("CdtTrfTxInf",), _SETTLED, "TtlIntrBkSttlmAmt"),),
    "pacs.009": (Totals("GrpHdr", ("CdtTrfTxInf",), ("IntrBkSttlmAmt",), "TtlIntrBkSttlmAmt"),),
    "pacs.010": (
        Totals("GrpHdr", ("CdtInstr/DrctDbtTxInf",), ("IntrBkSttlmAmt",)),
        Totals("CdtInstr", ("DrctDbtTxInf",), ("IntrBkSttlmAmt",), "TtlIntrBkSttlmAmt", inside=True),
    ),
    "pain.001": (
        Totals("GrpHdr", ("PmtInf/CdtTrfTxInf",), _ORDERED),
        Totals("PmtInf", ("CdtTrfTxInf",), _ORDERED, inside=True),
    ),
    "pain.007": (Totals("GrpHdr", ("OrgnlPmtInfAndRvsl/TxInf", "TxInf"), ("RvsdInstdAmt",)),),
    "pain.008": (
        Totals("GrpHdr", ("PmtInf/DrctDbtTxInf",), ("InstdAmt",)),
        Totals("PmtInf", ("DrctDbtTxInf",), ("InstdAmt",), inside=True),
    ),
    "pain.013": (Totals("GrpHdr", ("PmtInf/CdtTrfTx",), _ORDERED),),
    "camt.055": (Totals("CtrlData", ("Undrlyg/OrgnlPmtInfAndCxl/TxInf",), ("OrgnlInstdAmt",)),),
    "camt.056": (Totals("CtrlData", ("Undrlyg/TxInf",), ("OrgnlIntrBkSttlmAmt",)),),
}
_AS_A_GROUP: Final = ("GrpRtr", "GrpRvsl", "GrpCxl")
_TRUE: Final = ("true", "1")


def check_for(member: Member) -> Suspicion | None:
    """Give the check of a holder of totals."""
    for totals in TOTALS.get(member.family, ()):
        if totals.holder == member.tag:
            return _comparing(member.start, totals)
    return None


@cache
def _comparing(start: str, totals: Totals) -> Suspicion:
    return Suspicion(Comparison(start, totals).check, _suspicious(totals))


def _suspicious(totals: Totals) -> str:
    """Suspect all but a single transaction whose amount is the sum to the letter: XPath adds up in binary."""
    transactions = f"{'' if totals.inside else '../'}{_prefixed(totals.transactions[0])}"
    amount = f"{transactions}/{_prefixed(totals.amounts[0].partition('|')[0])}"
    where = f"n:NbOfTxs != '1' or count({transactions}) != 1 or n:CtrlSum != {amount}"
    if totals.total:  # beside which a transaction always has an amount
        return f"{where} or n:{totals.total} != {amount} or n:{totals.total}/@Ccy != {amount}/@Ccy"
    return f"{where} or (n:CtrlSum and not({amount}))"


def _prefixed(names: str) -> str:
    return "/".join(f"n:{name}" for name in names.split("/"))


class Comparison:
    """The totals of one holder, compiled for the namespace of a definition."""

    def __init__(self, start: str, totals: Totals) -> None:
        """``start`` is what the definition's tags begin with in Clark notation."""
        self.totals = totals
        self.readings = tuple(tuple(path(start, place) for place in reading.split("|")) for reading in totals.amounts)
        self._transactions = tuple(path(start, each) for each in totals.transactions)
        self._as_a_group = tuple(start + name for name in _AS_A_GROUP)
        self._number, self._sum, self._total = f"{start}NbOfTxs", f"{start}CtrlSum", start + totals.total

    def check(self, holder: _Element, run: Run) -> Sequence[Breach]:
        """Compare what the holder says with its transactions; not in a slice, which has some of them."""
        if run.sliced:
            return NONE
        above = holder if self.totals.inside else holder.getparent()
        transactions = every(above, self._transactions[0])
        for other in self._transactions[1:]:
            transactions = transactions or every(above, other)
        return self.compare(holder, _Transactions(transactions, self.readings))

    def compare(self, holder: _Element, tally: Tally) -> Sequence[Breach]:
        """Compare what the holder says with what its transactions come to."""
        said = children(holder)
        if not tally.count or any(said[tag].text in _TRUE for tag in self._as_a_group if tag in said):
            return NONE
        breaches: list[Breach] = []
        if self._number in said and said[self._number].text != str(tally.count):
            breaches += _count(said[self._number], tally.count)
        if self._sum in said:
            breaches += self._control_sum(said[self._sum], tally)
        if self._total in said:
            breaches += _settlement(said[self._total], tally)
        return breaches

    def _control_sum(self, said: _Element, tally: Tally) -> Iterator[Breach]:
        total, true = number(said), tally.sum_of(0)
        if total is None or total == true:
            return
        others = (tally.sum_of(reading) for reading in range(1, len(self.readings)))
        sums = [sum_ for sum_ in (true, *others) if sum_ is not None]
        if sums and total not in sums:
            shown = " or ".join(f"{sum_:f}" for sum_ in dict.fromkeys(sums))
            yield Breach(CONTROL_SUM, said, f"found {total:f}; expected {shown}, the sum of the amounts")


class _Transactions:
    """The tally of transactions that are there; nothing is added up before it is asked for, and nothing twice."""

    def __init__(self, transactions: Sequence[_Element], readings: Sequence[Sequence[Path]]) -> None:
        self.transactions = transactions
        self.readings = readings
        self._sums: dict[int, Decimal | None] = {}

    @property
    def count(self) -> int:
        return len(self.transactions)

    def sum_of(self, reading: int) -> Decimal | None:
        if reading not in self._sums:
            self._sums[reading] = self._sum_of(reading)
        return self._sums[reading]

    def _sum_of(self, reading: int) -> Decimal | None:
        total = Decimal(0)
        for transaction in self.transactions:
            amount = amount_of(transaction, self.readings[reading])
            if amount is None:
                return None
            total += amount
        return total

    def currencies(self) -> set[str | None]:
        along = self.readings[0][0]
        return {amount.get("Ccy") for each in self.transactions if (amount := first(each, along)) is not None}


def amount_of(transaction: _Element, reading: Sequence[Path]) -> Decimal | None:
    """Give a transaction's amount in one reading; None where it has none."""
    return next((each for place in reading if (each := number(first(transaction, place))) is not None), None)


def _settlement(said: _Element, tally: Tally) -> Iterator[Breach]:
    total, true = number(said), tally.sum_of(0)
    if total is None or true is None:
        return
    own = said.get("Ccy")
    others = tally.currencies() - {own}
    if others:
        text = f"found {own}, and transactions in {', '.join(sorted(map(str, others)))}; expected one currency"
        yield Breach(SETTLEMENT_CURRENCY, said, text, "@Ccy")
    elif true != total:
        yield Breach(SETTLEMENT_AMOUNT, said, f"found {total:f}; expected {true:f}, the sum of the transactions")


def _count(said: _Element, true: int) -> Iterator[Breach]:
    count = number(said)
    if count is not None and count != true:
        yield Breach(TRANSACTIONS, said, f"found {count:f}; expected {true}, the number of the transactions")
