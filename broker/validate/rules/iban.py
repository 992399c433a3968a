"""``iban.*``: international bank account numbers (ISO 13616).

What is found is told without the number: its country and its length at most.
"""

import re
from collections.abc import Sequence
from typing import Final

from lxml.etree import _Element

from broker.message.finding import Severity
from broker.validate.rules.facts import countries, iban_structures
from broker.validate.rules.rule import NONE, Breach, Check, Member, Rule, Run

TYPES: Final = ("IBAN2007Identifier", "IBANIdentifier")
_AT: Final = "Every element whose type is IBAN2007Identifier or IBANIdentifier."
_SOURCE: Final = "constraint *IBAN* of the standard: an IBAN consists of country code, check digits and BBAN; {}"

COUNTRY: Final = Rule(
    "iban.country",
    Severity.ERROR,
    "An IBAN begins with the code of a country.",
    _AT,
    _SOURCE.format("ISO 13616-1: the code is one of ISO 3166-1."),
    "The account cannot exist in any scheme.",
    "Ask the sender for the IBAN: its first two letters are wrong.",
)
UNREGISTERED: Final = Rule(
    "iban.unregistered",
    Severity.WARNING,
    "The country of an IBAN has registered a structure for IBANs.",
    _AT,
    "ISO 13616-2: the registry lists the countries with their structures.",
    "Countries join the registry every year, and some use IBANs among themselves before they do.",
    "Make sure that the account number is an IBAN; if its country has joined the registry, the table is too old.",
)
STRUCTURE: Final = Rule(
    "iban.structure",
    Severity.ERROR,
    "An IBAN has the length and the structure that its country has registered.",
    _AT,
    _SOURCE.format("ISO 13616-2, the IBAN registry."),
    "The account cannot exist in any scheme.",
    "Ask the sender for the IBAN: a character is missing, too many or of the wrong kind.",
)
CHECK_DIGITS: Final = Rule(
    "iban.check-digits",
    Severity.ERROR,
    "The check digits of an IBAN are right.",
    _AT,
    _SOURCE.format("ISO 13616-1: check digits by ISO 7064, MOD 97-10."),
    "The account cannot exist in any scheme; most often two characters were exchanged or one was mistyped.",
    "Ask the sender for the IBAN.",
)
RULES: Final = (COUNTRY, UNREGISTERED, STRUCTURE, CHECK_DIGITS)

_ANY: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Za-z0-9]{1,30}")
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES: Final = {ord(sign): str(value) for value, letter in enumerate(_ALPHABET) for sign in (letter, letter.lower())}


def check_for(member: Member) -> Check | None:
    """Give the check of an account number."""
    return check if member.type.name.partition("@")[0] in TYPES else None


def check(element: _Element, _: Run) -> Sequence[Breach]:
    """Check one IBAN: country, structure, check digits; the first that is wrong."""
    iban = element.text or ""
    structure = iban_structures().get(iban[:2])
    if structure is None:
        return _foreign(element, iban)
    length, pattern = structure
    if pattern.fullmatch(iban) is None:
        return (Breach(STRUCTURE, element, _structure(iban, length)),)
    if remainder(iban[4:] + iban[:4]) != 1:
        return (_check_digits(element, iban),)
    return NONE


def remainder(text: str) -> int:
    """Give the remainder by 97 of letters and digits read as a number, A as 10 to Z as 35 (ISO 7064, MOD 97-10)."""
    return int(text.translate(_VALUES)) % 97


def _foreign(element: _Element, iban: str) -> Sequence[Breach]:
    country = iban[:2]
    if _ANY.fullmatch(iban) is None:
        return NONE  # not an IBAN's form: the schema's affair
    if country not in countries():
        text = f"found the country {country}, which ISO 3166-1 does not have; expected an IBAN of a country"
        return (Breach(COUNTRY, element, text),)
    found = [Breach(UNREGISTERED, element, f"found the country {country}; expected one of the IBAN registry")]
    if remainder(iban[4:] + iban[:4]) != 1:
        found.append(_check_digits(element, iban))
    return found


def _structure(iban: str, length: int) -> str:
    country = iban[:2]
    if len(iban) != length:
        return f"found {len(iban)} characters; expected {length}, as an IBAN of {country} has"
    return f"found other signs than an IBAN of {country} has; expected letters and digits where its country has them"


def _check_digits(element: _Element, iban: str) -> Breach:
    return Breach(CHECK_DIGITS, element, f"found an IBAN of {iban[:2]} with wrong check digits; expected right ones")
