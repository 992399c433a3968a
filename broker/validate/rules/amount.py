"""``amount.*``: what was instructed against what is settled, the exchange rate between them, and the charges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from lxml.etree import _Element

from broker.message.finding import Severity
from broker.validate.place import declared
from broker.validate.rules.rule import NONE, Breach, Member, Rule, Run, Suspicion
from broker.validate.rules.tree import children, every, number, path

_AT: Final = (
    "Transactions of pacs.003, 004 and 008: every type that has a settlement amount, an instructed one and an exchange "
    "rate; in pacs.004 those of the return."
)

RATE_MISSING: Final = Rule(
    "amount.rate-missing",
    Severity.ERROR,
    "Where the instructed amount has another currency than the settlement amount, there is an exchange rate.",
    _AT,
    "constraints *InstructedAmountAndExchangeRate1Rule*, *ReturnedInstructedAmountAndExchangeRate1Rule*.",
    "The standard states it for every use of the message.",
    "Ask the sender at which rate the amount was converted.",
)
RATE_NEEDLESS: Final = Rule(
    "amount.rate-needless",
    Severity.ERROR,
    "There is no exchange rate where nothing was converted: without an instructed amount, or with one currency.",
    _AT,
    "constraints *InstructedAmountAndExchangeRate2Rule* and *…3Rule*, and those for returns.",
    "The standard states it for every use of the message.",
    "Ask the sender which is wrong: the rate or one of the currencies.",
)
INSTRUCTED_MISSING: Final = Rule(
    "amount.instructed-missing",
    Severity.ERROR,
    "Where there are charges, there is the amount that was instructed.",
    "The same transactions of pacs.003 and 008.",
    "constraint *ChargesInformationAndInstructedAmountRule*.",
    "The standard states it for every use of the message; without it nobody can tell what the charges came off.",
    "Ask the sender for the instructed amount.",
)
CHARGES_MISSING: Final = Rule(
    "amount.charges-missing",
    Severity.ERROR,
    "Where the creditor bears the charges (CRED), each that was deducted is named.",
    "The same transactions of pacs.008.",
    "constraint *ChargeBearerAndChargesInformationRule*.",
    "The standard states it for every use of the message.",
    "Ask the sender for the charges; where none were deducted, for ChrgsInf with an amount of zero.",
)
CHARGES: Final = Rule(
    "amount.charges",
    Severity.WARNING,
    "In one currency, the settlement amount is the instructed one less the charges deducted, or plus those prepaid.",
    _AT,
    "definitions of *InstructedAmount* (before charges), *InterbankSettlementAmount* and *ChargesInformation*.",
    "Along a chain charges of others may have been taken which the message need not name.",
    "Ask the sender which charges were deducted.",
)
RULES: Final = (RATE_MISSING, RATE_NEEDLESS, INSTRUCTED_MISSING, CHARGES_MISSING, CHARGES)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a kind of message names its amounts, and whether it must have an instructed amount beside charges."""

    settled: str
    instructed: str
    with_charges: bool


_KINDS: Final = {
    "pacs.003": _Kind("IntrBkSttlmAmt", "InstdAmt", with_charges=True),
    "pacs.004": _Kind("RtrdIntrBkSttlmAmt", "RtrdInstdAmt", with_charges=False),
    "pacs.008": _Kind("IntrBkSttlmAmt", "InstdAmt", with_charges=True),
}
_CHARGE: Final = ("Amt", "ChrgsAmt")  # ChrgsAmt in elder versions


def check_for(member: Member) -> Suspicion | None:
    """Give the check of a transaction with a settlement amount, an instructed one and a rate."""
    kind = _KINDS.get(member.family)
    if kind is None or not {kind.settled, kind.instructed, "XchgRate"} <= {each.tag for each in declared(member.type)}:
        return None
    return _checking(member.start, member.family)


@cache
def _checking(start: str, family: str) -> Suspicion:
    kind = _KINDS[family]
    settled_tag, instructed_tag = start + kind.settled, start + kind.instructed
    charges_tag, bearer_tag, rate_tag = f"{start}ChrgsInf", f"{start}ChrgBr", f"{start}XchgRate"

    def check(element: _Element, _: Run) -> Sequence[Breach]:
        found = children(element)
        settled, instructed = found.get(settled_tag), found.get(instructed_tag)
        if settled is None:
            return NONE
        charges = _charges(element, start) if charges_tag in found else ()
        bearer = found[bearer_tag].text if bearer_tag in found else None
        breaches = list(_rate(element, found.get(rate_tag), settled, instructed))
        if charges and instructed is None and kind.with_charges:
            text = f"found charges without the amount they came off; expected {kind.instructed}"
            breaches.append(Breach(INSTRUCTED_MISSING, element, text, kind.instructed))
        if bearer == "CRED" and family == "pacs.008" and charges_tag not in found:
            text = "found that the creditor bears the charges, and no charges; expected ChrgsInf"
            breaches.append(Breach(CHARGES_MISSING, element, text, "ChrgsInf"))
        if instructed is not None and instructed.get("Ccy") == settled.get("Ccy"):
            breaches += _difference(settled, instructed, charges, prepaid=bearer == "DEBT")
        return breaches

    # Most often the same amount is instructed and settled, and nothing is said of rate or charges.
    settled_name, instructed_name = f"n:{kind.settled}", f"n:{kind.instructed}"
    differs = f"{instructed_name} != {settled_name} or {instructed_name}/@Ccy != {settled_name}/@Ccy"
    return Suspicion(check, f"n:XchgRate or n:ChrgsInf or n:ChrgBr='CRED' or {differs}")


def _rate(element: _Element, rate: _Element | None, settled: _Element, instructed: _Element | None) -> Iterator[Breach]:
    if rate is None:
        if instructed is not None and instructed.get("Ccy") != settled.get("Ccy"):
            text = f"found {instructed.get('Ccy')} instructed and {settled.get('Ccy')} settled; expected XchgRate"
            yield Breach(RATE_MISSING, element, text, "XchgRate")
    elif instructed is None:
        yield Breach(RATE_NEEDLESS, rate, "found a rate without an amount that was instructed; expected both or none")
    elif instructed.get("Ccy") == settled.get("Ccy"):
        text = f"found a rate between two amounts in {settled.get('Ccy')}; expected none"
        yield Breach(RATE_NEEDLESS, rate, text)


def _charges(element: _Element, start: str) -> Sequence[_Element]:
    return [amount for name in _CHARGE for amount in every(element, path(start, f"ChrgsInf/{name}"))]


def _difference(
    settled: _Element, instructed: _Element, charges: Sequence[_Element], *, prepaid: bool
) -> Iterator[Breach]:
    if not charges and settled.text == instructed.text:
        return
    before, after = number(instructed), number(settled)
    if before is None or after is None or any(charge.get("Ccy") != settled.get("Ccy") for charge in charges):
        return
    total = sum((number(charge) or Decimal(0) for charge in charges), Decimal(0))
    allowed = {before - total, before + total, before} if prepaid else {before - total}
    if after not in allowed:
        shown = " or ".join(f"{amount:f}" for amount in sorted(allowed))
        text = f"found {after:f} of {before:f} instructed, with charges of {total:f}; expected {shown}"
        yield Breach(CHARGES, settled, text)
