"""Identifiers with right check digits: IBAN, LEI, UETR and references, from a seeded source of chance.

Owns the arithmetic (ISO 13616 and ISO 17442 over ISO 7064 MOD 97-10, RFC 9562 version 4). Must not know messages.
"""

import random
from uuid import UUID

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NATIONAL = {"AT": 11, "BE": 7, "CH": 12, "DE": 10, "GB": 14, "IE": 14, "LU": 13, "NL": 10}
"""Digits of an account number after the bank's code (IBAN registry), for Belgium without the national check digits."""


def iban(country: str, bank_code: str, rng: random.Random) -> str:
    """Make an IBAN of a country for a bank code of that country's form; Belgian national check digits included."""
    account = digits(_NATIONAL[country], rng)
    if country == "BE":
        account += f"{int(bank_code + account) % 97 or 97:02}"
    return with_check_digits(country, bank_code + account)


def with_check_digits(country: str, account: str) -> str:
    """Put a country and its two check digits before a national account number (ISO 13616)."""
    return f"{country}{_mod_97(account + country):02}{account}"


def lei(rng: random.Random) -> str:
    """Make a legal entity identifier (ISO 17442) with a prefix that no issuer has."""
    body = "0000" + "00" + "".join(rng.choices(_ALPHABET, k=12))
    return f"{body}{_mod_97(body):02}"


def creditor_identifier(country: str, rng: random.Random) -> str:
    """Make an identifier of a creditor in the SEPA scheme; its check digits leave out the business code, ``ZZZ``."""
    national = digits(11, rng)
    return f"{country}{_mod_97(national + country):02}ZZZ{national}"


def uetr(rng: random.Random) -> str:
    """Make a version 4 UUID in lower case, as the standard writes a UETR."""
    return str(UUID(bytes=rng.randbytes(16), version=4))


def digits(count: int, rng: random.Random) -> str:
    """Make a text of so many decimal digits."""
    return "".join(rng.choices("0123456789", k=count))


def _mod_97(text: str) -> int:
    return 98 - int("".join(str(_ALPHABET.index(letter)) for letter in text + "00")) % 97
