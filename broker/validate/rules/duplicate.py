"""``id.*``: identifiers that must be unique within a message."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from lxml.etree import _Element

from broker.catalogue.model import Element, SequenceType, SimpleType
from broker.message.finding import Severity
from broker.validate.rules.rule import NONE, Breach, Check, Member, Rule, Run
from broker.validate.rules.tree import local

DUPLICATE_BLOCK: Final = Rule(
    "id.duplicate-block",
    Severity.ERROR,
    "No two blocks of payments in a message have the same identification.",
    "PmtInfId of the blocks of pain.001, 008 and 013.",
    "definition of *PaymentInformationIdentification*: it identifies the block within the message.",
    "An answer to one of the blocks could not say which.",
    "Give each PmtInf an identification of its own.",
)
DUPLICATE_UETR: Final = Rule(
    "id.duplicate-uetr",
    Severity.ERROR,
    "No two payments in a message have the same UETR.",
    "Every UETR of a PmtId (types PaymentIdentification…) but that of the payment which a cover repeats.",
    "definition of *UETR* in PaymentIdentification: a universally unique reference of the payment; RFC 9562.",
    "The reference is unique in the world; the second payment would be taken for the first.",
    "Ask the sender whether the payment was sent twice; if not, the second needs a UETR of its own.",
)
DUPLICATE: Final = Rule(
    "id.duplicate",
    Severity.WARNING,
    "No two transactions in a message have the same reference.",
    "InstrId, EndToEndId and TxId of a PmtId but that of the payment which a cover repeats; RtrId, RvslId, CxlId and "
    "StsId. NOTPROVIDED is no reference.",
    "definitions of these elements: each identifies its transaction unambiguously.",
    "Whoever assigns a reference decides how long it is unique; within a message it nearly always is.",
    "Ask the sender whether the transaction was sent twice.",
)
RULES: Final = (DUPLICATE_BLOCK, DUPLICATE_UETR, DUPLICATE)

_OF_PAYMENT: Final = {"InstrId": DUPLICATE, "EndToEndId": DUPLICATE, "TxId": DUPLICATE, "UETR": DUPLICATE_UETR}
_ALONE: Final = {
    "PmtInfId": DUPLICATE_BLOCK,
    "RtrId": DUPLICATE,
    "RvslId": DUPLICATE,
    "CxlId": DUPLICATE,
    "StsId": DUPLICATE,
}
_WITH_BLOCKS: Final = ("pain.001", "pain.008", "pain.013")  # elsewhere it refers to a block of another message
_NO_REFERENCE: Final = ("NOTPROVIDED", None)


def check_for(member: Member) -> Check | None:
    """Give the check of a payment's identification, or of a reference that stands alone."""
    if member.type.name.startswith("PaymentIdentification") and isinstance(member.type, SequenceType):
        return None if _covered(member) else _check_of_payment(member.start)
    if member.tag not in _ALONE or not isinstance(member.type, SimpleType):
        return None
    return _check_alone if member.tag != "PmtInfId" or member.family in _WITH_BLOCKS else None


def _covered(member: Member) -> bool:
    """Whether it belongs to a payment that another repeats: a cover has the references of what it covers."""
    holders = (each for each in member.schema.types.values() if isinstance(each, SequenceType))
    elements = (each for holder in holders for each in holder.particles if isinstance(each, Element))
    return any(each.tag.startswith("Undrlyg") and each.type == member.owner.name for each in elements)


@cache
def _check_of_payment(start: str) -> Check:
    rules = {start + name: rule for name, rule in _OF_PAYMENT.items()}

    def check(element: _Element, run: Run) -> Sequence[Breach]:
        if run.payment is None and not run.sliced:
            run.payment = element  # the first alone has nothing to be compared with
            return NONE
        if run.payment is not None and not run.payments:
            _compare(run.payment, run, rules)
        return _compare(element, run, rules)

    return check


def _compare(element: _Element, run: Run, rules: Mapping[str, Rule]) -> tuple[Breach, ...]:
    run.payments = payment = run.payments + 1
    found = NONE
    for child in element:
        tag = child.tag
        if tag in rules and child.text not in _NO_REFERENCE:
            before = run.seen.setdefault((tag, child.text), payment)
            if before != payment:
                found += _again(child, rules[tag], f"of payment {before}")
    return found


def _check_alone(element: _Element, run: Run) -> Sequence[Breach]:
    run.others = number = run.others + 1
    if element.text in _NO_REFERENCE or run.seen.setdefault((element.tag, element.text), number) == number:
        return NONE
    return _again(element, _ALONE[local(element)], "of another before it")


def _again(element: _Element, rule: Rule, where: str) -> tuple[Breach, ...]:
    return (Breach(rule, element, f"found the {local(element)} {where} once more; expected one that is unique"),)
