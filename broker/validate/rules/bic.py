"""``bic.*``: business identifier codes (ISO 9362). Their form is in the types' patterns; the country is not."""

from collections.abc import Sequence
from typing import Final

from lxml.etree import _Element

from broker.message.finding import Severity
from broker.validate.rules.facts import countries, withdrawn_countries
from broker.validate.rules.rule import NONE, Breach, Check, Member, Rule, Run

TYPES: Final = (
    "BICFIDec2014Identifier",
    "AnyBICDec2014Identifier",
    "BICFIIdentifier",
    "AnyBICIdentifier",
    "BICIdentifier",
    "BEIIdentifier",
)

_AT: Final = "Every element whose type is a BIC: BICFIDec2014Identifier, AnyBICDec2014Identifier and their elder forms."

COUNTRY: Final = Rule(
    "bic.country",
    Severity.ERROR,
    "The fifth and sixth character of a BIC are the code of a country.",
    _AT,
    "constraints *BICFI*, *AnyBIC* and *BIC* of the standard; ISO 9362: the code is one of ISO 3166-1, or XK.",
    "No such BIC can have been registered.",
    "Ask the sender for the BIC of the party at this place.",
)
WITHDRAWN: Final = Rule(
    "bic.withdrawn",
    Severity.WARNING,
    "The country in a BIC is one of today.",
    _AT,
    "constraints *BICFI*, *AnyBIC* and *BIC* of the standard; ISO 3166-3.",
    "A BIC of such a country was right once, and an old message may name it.",
    "Ask the sender for the BIC that the party has today.",
)
RULES: Final = (COUNTRY, WITHDRAWN)


def check_for(member: Member) -> Check | None:
    """Give the check of a BIC."""
    return check if member.type.name.partition("@")[0] in TYPES else None


def check(element: _Element, _: Run) -> Sequence[Breach]:
    """Check one BIC's country."""
    country = (element.text or "")[4:6]
    if country in countries() or len(country) != 2:  # noqa: PLR2004  a code has two letters
        return NONE
    if country in withdrawn_countries():
        text = f"found the country {country}, which ISO 3166 has withdrawn; expected a country of today"
        return (Breach(WITHDRAWN, element, text),)
    text = f"found the country {country}, which ISO 3166-1 does not have; expected a BIC with a country's code"
    return (Breach(COUNTRY, element, text),)
