"""``group.*``: what is said once for a group of transactions, or in each of them, and never both."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from lxml.etree import _Element

from broker.message.finding import Severity
from broker.validate.rules.rule import Breach, Member, Rule, Run, Suspicion
from broker.validate.rules.tree import children, every, first, local

TWICE: Final = Rule(
    "group.twice",
    Severity.ERROR,
    "What is said of the whole group is not said again in its transactions: instructing and instructed agent, payment "
    "type, settlement date; in a block of payments payment type, charge bearer, ultimate debtor or creditor.",
    "GrpHdr of pacs.003, 008 and 009; PmtInf of pain.001 and 008.",
    "constraints *InstructingAgentRule*, *InstructedAgentRule*, *PaymentTypeInformationRule*, "
    "*GroupHeaderInterbankSettlementDateRule*, *ChargeBearerRule*, *UltimateDebtorRule*, *UltimateCreditorRule*.",
    "The standard states it for every use of the message: two places could say two things.",
    "Ask the sender to say it once.",
)
DATE_MISSING: Final = Rule(
    "group.date-missing",
    Severity.ERROR,
    "A transaction has a settlement date, its own or that of its group; a total settlement amount has the group's.",
    "GrpHdr of pacs.003, 008 and 009.",
    "constraints *TransactionInterbankSettlementDateRule* and *TotalInterbankSettlementAmountAndDateRule*.",
    "The standard states it for every use of the message: nobody knows when to settle.",
    "Ask the sender for the date.",
)
RULES: Final = (TWICE, DATE_MISSING)

_DATE: Final = "IntrBkSttlmDt"
_TOTAL: Final = "TtlIntrBkSttlmAmt"
_NO_DATE: Final = f"found {_DATE} neither in the transaction nor in its group; expected it in one of them"
_NO_DATE_OF_TOTAL: Final = f"found {_TOTAL} without {_DATE}; expected both"
_OF_GROUP: Final = ("InstgAgt", "InstdAgt", "PmtTpInf", _DATE)
_OF_BLOCK: Final = ("PmtTpInf", "ChrgBr")
_GROUPS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "pacs.003": ("GrpHdr", "DrctDbtTxInf", _OF_GROUP),
    "pacs.008": ("GrpHdr", "CdtTrfTxInf", _OF_GROUP),
    "pacs.009": ("GrpHdr", "CdtTrfTxInf", _OF_GROUP),
    "pain.001": ("PmtInf", "CdtTrfTxInf", (*_OF_BLOCK, "UltmtDbtr")),
    "pain.008": ("PmtInf", "DrctDbtTxInf", (*_OF_BLOCK, "UltmtCdtr")),
}
"""By family: the group, the transactions that follow it, and what may be said in one of the two."""


def check_for(member: Member) -> Suspicion | None:
    """Give the check of a group."""
    group, transaction, said_once = _GROUPS.get(member.family, ("", "", ()))
    return _checking(member.start, transaction, said_once) if member.tag == group else None


@cache
def _checking(start: str, transaction: str, said_once: tuple[str, ...]) -> Suspicion:
    dated = _DATE in said_once

    def check(element: _Element, _: Run) -> Sequence[Breach]:
        of_group = children(element)
        above = element.getparent() if dated else element
        each = every(above, (start + transaction,))
        said = [start + name for name in said_once if start + name in of_group]
        undated = dated and start + _DATE not in of_group
        if undated and start + _TOTAL in of_group:
            return [*_twice(each, said), Breach(DATE_MISSING, element, _NO_DATE_OF_TOTAL, _DATE)]
        return [*_twice(each, said), *(_undated(each, start + _DATE) if undated else ())]

    above = "../" if dated else ""
    where = " or ".join(f"(n:{name} and {above}n:{transaction}/n:{name})" for name in said_once)
    if dated:
        where += f" or (not(n:{_DATE}) and (n:{_TOTAL} or ../n:{transaction}[not(n:{_DATE})]))"
    return Suspicion(check, where)


def _twice(transactions: Iterable[_Element], said: Sequence[str]) -> Iterator[Breach]:
    for transaction in transactions:
        for again in transaction.iterchildren(*said) if said else ():
            text = f"found {local(again)} in the transaction and in its group; expected it in one of them"
            yield Breach(TWICE, again, text)


def _undated(transactions: Iterable[_Element], date: str) -> Iterator[Breach]:
    for transaction in transactions:
        if first(transaction, (date,)) is None:
            yield Breach(DATE_MISSING, transaction, _NO_DATE, _DATE)
