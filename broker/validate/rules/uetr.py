"""``uetr.*``: the unique end-to-end transaction reference. Its form is the schema's: ``schema.pattern`` tells of it."""

from collections.abc import Sequence
from typing import Final

from lxml.etree import _Element

from broker.message.finding import Severity
from broker.validate.place import declared
from broker.validate.rules.rule import NONE, Breach, Member, Rule, Run, Suspicion
from broker.validate.rules.tree import local

MISSING: Final = Rule(
    "uetr.missing",
    Severity.WARNING,
    "A payment between banks has a UETR.",
    "Every PmtId of a pacs message whose type has a UETR that may be left out.",
    "definition of *UETR* in PaymentIdentification: it follows the payment from end to end; RFC 9562 for its form.",
    "The standard leaves it optional; most schemes for payments between banks ask for it.",
    "Give each payment a UETR, once, where it begins.",
)
RULES: Final = (MISSING,)


def check_for(member: Member) -> Suspicion | None:
    """Give the check of a payment's identification."""
    optional = any(child.tag == "UETR" and not child.min_occurs for child in declared(member.type))
    wanted = member.tag == "PmtId" and optional and member.family.startswith("pacs.")
    return Suspicion(check, "not(n:UETR)") if wanted else None


def check(element: _Element, _: Run) -> Sequence[Breach]:
    """Check that there is a UETR."""
    if any(local(child) == "UETR" for child in element):
        return NONE
    return (Breach(MISSING, element, "found a payment without a UETR; expected one", "UETR"),)
