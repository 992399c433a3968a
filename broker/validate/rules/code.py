"""``code.*``: codes of the standard's external code sets."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from lxml.etree import _Element

from broker.catalogue.model import SimpleType
from broker.message.finding import Severity
from broker.validate.found import found_value
from broker.validate.rules.facts import external_codes
from broker.validate.rules.rule import NONE, Breach, Check, Member, Rule, Run

UNKNOWN: Final = Rule(
    "code.unknown",
    Severity.WARNING,
    "A code of an external code set is in that set.",
    "Every element whose type is an external code set that is kept (External…Code).",
    "ISO 20022 external code sets, May 2025: the code is one of those published.",
    "The sets are published anew each quarter, so that a code may be newer than the table.",
    "Send a code of the set that the finding names; what is agreed between two parties belongs into Prtry.",
)
RULES: Final = (UNKNOWN,)


def check_for(member: Member) -> Check | None:
    """Give the check of a code of one set."""
    name = member.type.name.partition("@")[0]
    if isinstance(member.type, SimpleType) and name.startswith("External") and external_codes(name):
        return _of_set(name, member.type)
    return None


@cache
def _of_set(name: str, type_: SimpleType) -> Check:
    codes = external_codes(name) or frozenset()

    def check(element: _Element, _: Run) -> Sequence[Breach]:
        text = element.text or ""
        if text in codes:
            return NONE
        return (Breach(UNKNOWN, element, f"found {found_value(text, type_)}; expected a code of {name}, of May 2025"),)

    return check
