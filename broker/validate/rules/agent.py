"""``agent.*`` and ``settlement.*``: which agents need which, and what each settlement method allows."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from lxml.etree import _Element

from broker.message.finding import Severity
from broker.validate.place import declared
from broker.validate.rules.rule import Breach, Check, Member, Rule, Run, Suspicion
from broker.validate.rules.tree import children, local, text_at

_BECAUSE: Final = "The standard states it for every use of the message."

MISSING: Final = Rule(
    "agent.missing",
    Severity.ERROR,
    "An agent's account stands beside the agent, and the agents of a chain have no gap: there is no second "
    "intermediary or previous agent without a first, no third without a second, and no third reimbursement agent "
    "without both others.",
    "Every type of pacs and pain messages that has both elements.",
    "constraints *IntermediaryAgent2Rule*, *IntermediaryAgent3Rule*, *PreviousInstructingAgent…Rule*, "
    "*ThirdReimbursementAgentRule* and the *…AgentAccountRule* of each agent.",
    _BECAUSE,
    "Ask the sender for the agent, or move the agents up.",
)
METHOD: Final = Rule(
    "settlement.method",
    Severity.ERROR,
    "SttlmInf has what its method needs and nothing that it forbids: INDA and INGA no reimbursement agent and no "
    "clearing system, CLRG no reimbursement agent and no account, COVE a reimbursement agent and neither account nor "
    "clearing system.",
    "Every SttlmInf of pacs messages.",
    "constraints *SettlementMethodAgentRule*, *SettlementMethodClearingRule*, *SettlementMethodCoverRule* and "
    "*SettlementMethodCoverAgentRule*.",
    _BECAUSE,
    "Ask the sender how the payment is settled.",
)
RULES: Final = (MISSING, METHOD)

_CHAINS: Final = {
    "IntrmyAgt2": ("IntrmyAgt1",),
    "IntrmyAgt3": ("IntrmyAgt2",),
    "PrvsInstgAgt2": ("PrvsInstgAgt1",),
    "PrvsInstgAgt3": ("PrvsInstgAgt2",),
    "ThrdRmbrsmntAgt": ("InstgRmbrsmntAgt", "InstdRmbrsmntAgt"),
}
_ACCOUNTS: Final = ("AgtAcct", "Agt1Acct", "Agt2Acct", "Agt3Acct")
_ORIGINAL: Final = "OriginalTransactionReference"  # tells of another message, and need not tell all
_AREAS: Final = ("pacs", "pain")
_REIMBURSEMENT: Final = ("InstgRmbrsmntAgt", "InstdRmbrsmntAgt", "ThrdRmbrsmntAgt")
_FORBIDDEN: Final = {
    "INDA": (*_REIMBURSEMENT, "ClrSys"),
    "INGA": (*_REIMBURSEMENT, "ClrSys"),
    "CLRG": (*_REIMBURSEMENT, "SttlmAcct"),
    "COVE": ("SttlmAcct", "ClrSys"),
}
_COVER: Final = "COVE"


def check_for(member: Member) -> Check | Suspicion | None:
    """Give the check of an element that needs others beside it, or of how a payment is settled."""
    if member.schema.definition[:4] not in _AREAS:
        return None
    if any(child.tag == "SttlmMtd" for child in declared(member.type)):
        return _settling(member.start)
    beside = {child.tag for child in declared(member.owner)}
    needed = tuple(tag for tag in _needed(member.tag) if tag in beside)
    return _needing(member.start, needed) if needed and not member.owner.name.startswith(_ORIGINAL) else None


def _needed(tag: str) -> tuple[str, ...]:
    if tag.endswith(_ACCOUNTS):
        return (tag.removesuffix("Acct"),)
    return _CHAINS.get(tag, ())


@cache
def _needing(start: str, needed: tuple[str, ...]) -> Check:
    def check(element: _Element, _: Run) -> Sequence[Breach]:
        parent = element.getparent()
        beside = children(parent)
        return [
            Breach(MISSING, parent, f"found {local(element)} without {name}; expected both", name)
            for name in needed
            if start + name not in beside
        ]

    return check


@cache
def _settling(start: str) -> Suspicion:
    def check(element: _Element, _: Run) -> Sequence[Breach]:
        found = children(element)
        method = text_at(element, (f"{start}SttlmMtd",)) or ""
        breaches = [
            Breach(METHOD, found[start + name], f"found {name} beside the settlement method {method}; expected none")
            for name in _FORBIDDEN.get(method, ())
            if start + name in found
        ]
        if method == _COVER and not any(start + name in found for name in _REIMBURSEMENT[:2]):
            text = f"found no reimbursement agent beside the settlement method {_COVER}; expected one"
            breaches.append(Breach(METHOD, element, text, _REIMBURSEMENT[1]))
        return breaches

    # Most often a clearing system settles, and nothing more is said.
    others = " or ".join(f"n:{name}" for name in (*_REIMBURSEMENT, "SttlmAcct"))
    return Suspicion(check, f"n:SttlmMtd != 'CLRG' or {others}")
