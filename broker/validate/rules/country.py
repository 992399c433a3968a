"""``country.*``: country codes (ISO 3166)."""

from collections.abc import Sequence
from typing import Final

from lxml.etree import _Element

from broker.message.finding import Severity
from broker.validate.rules.facts import countries, withdrawn_countries
from broker.validate.rules.rule import NONE, Breach, Check, Member, Rule, Run

_AT: Final = "Every element whose type is CountryCode."
_SOURCE: Final = "constraint *Country* of the standard: the code is checked against ISO 3166, alpha-2."

UNKNOWN: Final = Rule(
    "country.unknown",
    Severity.ERROR,
    "A country code is one of ISO 3166-1 (alpha-2), or XK.",
    _AT,
    _SOURCE,
    "The standard names the list and allows nothing else.",
    "Send the code of the country: GB and not UK, GR and not EL.",
)
WITHDRAWN: Final = Rule(
    "country.withdrawn",
    Severity.WARNING,
    "A country code is not one that ISO 3166 has withdrawn.",
    _AT,
    f"{_SOURCE} Withdrawn codes are in ISO 3166-3.",
    "Somebody may have been born in a country that is no more.",
    "Send the code the country has today, unless it is where somebody was born.",
)
RULES: Final = (UNKNOWN, WITHDRAWN)


def check_for(member: Member) -> Check | None:
    """Give the check of a country code."""
    return check if member.type.name.partition("@")[0] == "CountryCode" else None


def check(element: _Element, _: Run) -> Sequence[Breach]:
    """Check one country code."""
    code = element.text or ""
    if code in countries() or len(code) != 2:  # noqa: PLR2004  a code has two letters
        return NONE
    if code in withdrawn_countries():
        text = f"found {code}, which ISO 3166 has withdrawn; expected a country of today"
        return (Breach(WITHDRAWN, element, text),)
    return (Breach(UNKNOWN, element, f"found {code}; expected a code of ISO 3166-1"),)
