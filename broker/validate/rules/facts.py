"""The facts of others that rules rest on: countries, currencies, IBAN structures, external code sets.

Each is a small text file in ``tables``, with its date and source at its top; a table is read when it is first asked
for. Must not know rules.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

_ALPHABET: Final = {"n": "0-9", "a": "A-Z", "c": "A-Za-z0-9"}
_PARTS: Final = re.compile(r"(\d+)([nac])")


@cache
def countries() -> frozenset[str]:
    """Give the alpha-2 codes of ISO 3166-1, and those that payments use beside them."""
    lists = _lists("countries.txt")
    return frozenset(lists["current"] + lists["used-in-payments"])


@cache
def withdrawn_countries() -> frozenset[str]:
    """Give the alpha-2 codes of ISO 3166-3 that were not assigned again."""
    return frozenset(_lists("countries.txt")["withdrawn"])


@cache
def minor_units() -> Mapping[str, int | None]:
    """Give the decimals of each active currency of ISO 4217; None for what has no minor unit."""
    units: dict[str, int | None] = {}
    for name, codes in _lists("currencies.txt").items():
        kind, _, digits = name.partition("-")
        if kind == "decimals":
            units.update(dict.fromkeys(codes, None if digits == "none" else int(digits)))
    return units


@cache
def withdrawn_currencies() -> frozenset[str]:
    """Give the currencies that ISO 4217 had and has no longer."""
    return frozenset(_lists("currencies.txt")["withdrawn"])


@cache
def iban_structures() -> Mapping[str, tuple[int, re.Pattern[str]]]:
    """Give by country of the IBAN registry how long an IBAN is and the pattern of the whole."""
    words = [word for line in _lines("ibans.txt") for word in line.split()]
    entries = zip(words[::3], words[1::3], words[2::3], strict=True)
    return {country: (int(length), _pattern(country, parts)) for country, length, parts in entries}


@cache
def external_codes(name: str) -> frozenset[str] | None:
    """Give the codes of an external code set by its type's name (``ExternalPurpose1Code``); None where not kept."""
    return _code_sets().get(name)


@cache
def _code_sets() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(codes) for name, codes in _lists("external_codes.txt").items()}


def _pattern(country: str, parts: str) -> re.Pattern[str]:
    body = "".join(f"[{_ALPHABET[kind]}]{{{count}}}" for count, kind in _PARTS.findall(parts))
    return re.compile(f"{country}[0-9]{{2}}{body}")


def _lists(file: str) -> dict[str, list[str]]:
    """Read named lists: a line that begins with a name opens one, indented lines are its words."""
    lists: dict[str, list[str]] = {}
    words: list[str] = []
    for line in _lines(file):
        if line.startswith(" "):
            words += line.split()
        else:
            words = lists.setdefault(line.strip(), [])
    return lists


def _lines(file: str) -> list[str]:
    text = files(__package__).joinpath("tables", file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
