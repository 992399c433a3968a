"""The facts beside the rules, against packages that others keep: what differs is named here, and why."""

import os
import re
import string
from collections.abc import Iterator
from pathlib import Path

import iso4217
import orjson
import pycountry
import pytest
import schwifty.registry
from babel.numbers import list_currencies
from stdnum import iban as stdnum_iban
from stdnum.numdb import get as stdnum_table

from broker.validate.rules.facts import (
    countries,
    external_codes,
    iban_structures,
    minor_units,
    withdrawn_countries,
    withdrawn_currencies,
)
from broker.validate.rules.iban import remainder

_KOSOVO = "XK"  # user-assigned in ISO 3166, and in the IBAN registry
_NEWER_HERE = "BR"  # whose bank codes have letters since 2026; stdnum has the structure of before
_OF_FRANCE = {"BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"}
_OF_OTHERS = {"AX", "GG", "IM", "JE"}  # of Finland and the United Kingdom
_NEVER_ISO_4217 = {
    *("ARL", "ARM", "BAN", "BGM", "BGO", "BOL", "BRZ", "CLE", "CNH"),
    *("KRH", "KRO", "MAF", "MCF", "MDC", "MKN", "MVP", "VNN", "YUR"),
}
_CODE_SETS = os.environ.get("ISO20022_CODESETS_DIR")


def test_countries_are_those_of_pycountry() -> None:
    """ISO 3166-1 alpha-2, and Kosovo."""
    assert countries() == {country.alpha_2 for country in pycountry.countries} | {_KOSOVO}


def test_withdrawn_countries_are_those_of_pycountry() -> None:
    """Every code of ISO 3166-3 that was not assigned again."""
    once = {country.alpha_2 for country in pycountry.historic_countries}

    assert withdrawn_countries() == once - countries()


def test_currencies_and_minor_units_are_those_of_iso4217() -> None:
    """The active list of ISO 4217 with its minor units; pycountry has the same codes."""
    assert minor_units() == {currency.code: currency.exponent for currency in iso4217.Currency}
    assert set(minor_units()) == {currency.alpha_3 for currency in pycountry.currencies}


def test_withdrawn_currencies_hold_those_of_babel() -> None:
    """What babel knows and is not active was withdrawn, save what ISO never registered."""
    assert list_currencies() - set(minor_units()) - _NEVER_ISO_4217 <= withdrawn_currencies()
    assert not withdrawn_currencies() & (set(minor_units()) | _NEVER_ISO_4217)


def test_iban_structures_are_those_of_schwifty() -> None:
    """Length and structure of each country; territories whose IBANs are those of their state are left out."""
    theirs = {
        country: (entry["iban_length"], _pattern(country, entry["bban_spec"]))
        for country, entry in _schwifty().items()
        if country not in _OF_FRANCE | _OF_OTHERS
    }

    assert {country: (length, pattern.pattern) for country, (length, pattern) in iban_structures().items()} == theirs


def test_iban_structures_are_those_of_stdnum() -> None:
    """A second package says the same of every country it knows."""
    table = stdnum_table("iban")
    known = {country: table.info(country)[0][1].get("bban") for country in iban_structures()}
    theirs = {country: _pattern(country, spec) for country, spec in known.items() if spec and country != _NEWER_HERE}

    assert len(theirs) > 70
    assert {country: iban_structures()[country][1].pattern for country in theirs} == theirs


@pytest.mark.parametrize("country", sorted(iban_structures()))
def test_check_digits_are_those_of_stdnum(country: str) -> None:
    """An IBAN made of a country's structure is right by ours exactly with the check digits that stdnum computes."""
    body = "".join(_example(iban_structures()[country][1].pattern))
    right = stdnum_iban.calc_check_digits(f"{country}00{body}")

    digits = [f"{number:02}" for number in range(2, 99) if remainder(f"{body}{country}{number:02}") == 1]

    assert digits == [right]


@pytest.mark.skipif(not _CODE_SETS, reason="ISO20022_CODESETS_DIR is not set: no external code sets were compared")
def test_external_codes_are_those_published() -> None:
    """Every code set of the folder has the codes kept here, and no others."""
    files = sorted(Path(str(_CODE_SETS)).glob("*.json"))
    published = {each["name"]: frozenset(each["codes"]) for each in (orjson.loads(file.read_bytes()) for file in files)}

    assert len(published) > 100
    assert {name: external_codes(name) for name in published} == published


def test_a_set_that_is_not_kept_is_none() -> None:
    """Of a set nobody carried over nothing is said."""
    assert external_codes("ExternalBankTransactionDomain1Code") is None
    assert external_codes("ExternalServiceLevel1Code") is not None


def _schwifty() -> dict[str, dict[str, object]]:
    folder = Path(str(schwifty.registry.__file__)).parent / "iban_registry"
    table: dict[str, dict[str, object]] = orjson.loads((folder / "generated.json").read_bytes())
    return table


def _pattern(country: str, spec: object) -> str:
    kinds = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Za-z0-9]"}
    parts = re.findall(r"(\d+)!([nac])", str(spec))
    return f"{country}[0-9]{{2}}" + "".join(f"{kinds[kind]}{{{count}}}" for count, kind in parts)


def _example(pattern: str) -> Iterator[str]:
    """Signs that fit what follows the check digits."""
    for kind, count in re.findall(r"\[([A-Za-z0-9-]+)\]\{(\d+)\}", pattern)[1:]:
        letters = string.digits if kind == "0-9" else string.ascii_uppercase
        yield (letters * 4)[7 : 7 + int(count)]
