"""Masking: amounts, dates and codes are shown, identifiers by their shape, text by its length."""

import pytest

from broker.catalogue.model import SimpleType
from broker.validate.found import found_value, shape, shown_definition, shown_name

_TEXT = SimpleType("Max35Text", "string", min_length=1, max_length=35)
_AMOUNT = SimpleType("Amount", "decimal", total_digits=18)
_DATE_TIME = SimpleType("ISODateTime", "dateTime")
_IBAN = SimpleType("IBAN2007Identifier", "string", patterns=("[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}",))
_CODE = SimpleType("ChargeBearerType1Code", "string", enumeration=("CRED", "DEBT", "SHAR", "SLEV"))
_CURRENCY = SimpleType("ActiveCurrencyCode", "string", patterns=("[A-Z]{3}",))


@pytest.mark.parametrize(("text", "type_", "found"), [
    ("", _TEXT, "nothing"),
    ("  ", _TEXT, "white space alone"),
    ("Zoë Lindqvist", _TEXT, "13 characters"),
    ("1250,51", _AMOUNT, '"1250,51"'),
    ("12345678901234567890", _AMOUNT, "20 characters of the shape 99999999999999999999"),
    ("SE45 5000 0000", _AMOUNT, "14 characters of the shape AA99 9999 9999"),
    ("2025-03-14T09:26:53:735", _DATE_TIME, '"2025-03-14T09:26:53:735"'),
    ("19600101", _DATE_TIME, "8 characters of the shape 99999999"),
    ("31.01.2025", _DATE_TIME, '"31.01.2025"'),
    ("2025-03-14 09.26", _DATE_TIME, '"2025-03-14 09.26"'),
    ("09:26", _DATE_TIME, '"09:26"'),
    ("+46-700000000", _DATE_TIME, "13 characters of the shape +99-999999999"),
    ("06.12.34.56.78", _DATE_TIME, "14 characters of the shape 99.99.99.99.99"),
    ("yesterday", _DATE_TIME, "9 characters of the shape aaaaaaaaa"),
    ("DE75 5121", _IBAN, "9 characters of the shape AA99 9999"),
    ("SLOW", _CODE, '"SLOW"'),
    ("Lindqvist", _CODE, "9 characters of the shape Aaaaaaaaa"),
    ("eur", _CURRENCY, '"eur"'),
    ("euros", _CURRENCY, "5 characters of the shape aaaaa"),
])  # fmt: skip
def test_what_is_shown(text: str, type_: SimpleType, found: str) -> None:
    """Each kind of value is shown as far as it cannot identify a person."""
    assert found_value(text, type_) == found


def test_a_shape_keeps_no_letter_and_no_digit() -> None:
    """Of letters and digits of any script only the kind is kept."""
    assert shape("Zoë-Ω7 漢٣\u202e") == "Aaa-A9 a9?"


def test_a_shape_is_cut() -> None:
    """A long text has a short shape."""
    assert shape("x" * 1_000) == "a" * 50 + "…"


def test_names_are_shown_where_they_are_names() -> None:
    """An element's or definition's name is shown; other text in its place is not."""
    assert shown_name("CdtTrfTxInf") == "CdtTrfTxInf"
    assert shown_name("x" * 100) == "100 characters"
    assert shown_definition("pain.001.001.03.ch.02") == "pain.001.001.03.ch.02"
    assert shown_definition("Lindqvist") == "9 characters"
