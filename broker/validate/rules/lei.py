"""``lei.*``: legal entity identifiers (ISO 17442)."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from lxml.etree import _Element

from broker.message.finding import Severity
from broker.validate.rules.iban import remainder
from broker.validate.rules.rule import NONE, Breach, Check, Member, Rule, Run

CHECK_DIGITS: Final = Rule(
    "lei.check-digits",
    Severity.ERROR,
    "The check digits of a legal entity identifier are right.",
    "Every element whose type is LEIIdentifier.",
    "ISO 17442-1: the last two characters are check digits by ISO 7064, MOD 97-10.",
    "No such LEI can have been issued.",
    "Ask the sender for the LEI, or look it up by the entity's name.",
)
RULES: Final = (CHECK_DIGITS,)

_LEI: Final = re.compile("[A-Z0-9]{18}[0-9]{2}")


def check_for(member: Member) -> Check | None:
    """Give the check of a legal entity identifier."""
    return check if member.type.name.partition("@")[0] == "LEIIdentifier" else None


def check(element: _Element, _: Run) -> Sequence[Breach]:
    """Check one LEI's check digits."""
    if _is_right(element.text or ""):
        return NONE
    return (Breach(CHECK_DIGITS, element, "found an LEI with wrong check digits; expected right ones"),)


@lru_cache(maxsize=4096)  # they are public, and the same few come again
def _is_right(lei: str) -> bool:
    return _LEI.fullmatch(lei) is None or remainder(lei) == 1  # of another form: the schema's affair
