"""Scalars as JSON Schema: a pattern admits what libxml2 admits, and refuses what it refuses."""

import re
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from broker.catalogue.json_scalar import write_scalar
from broker.catalogue.model import Element, Schema, SimpleType
from broker.catalogue.xsd import compile_xsd

AMOUNT = SimpleType("T", "decimal", total_digits=18, fraction_digits=5, min_inclusive="0")
SMALL = SimpleType("T", "decimal", total_digits=5, fraction_digits=2)
COUNT = SimpleType("T", "decimal", total_digits=18, fraction_digits=0, min_inclusive="1")
PLAIN = SimpleType("T", "decimal")
DECIMALS = st.from_regex(r"\A[+-]?[0-9]{0,8}\.?[0-9]{0,8}\Z")


def _admits(keywords: dict[str, object], text: str) -> bool:
    """Whether the keywords admit a text, as JSON Schema reads them."""
    if "enum" in keywords:
        return text in cast("list[str]", keywords["enum"])
    if not cast("int", keywords.get("minLength", 0)) <= len(text) <= cast("int", keywords.get("maxLength", len(text))):
        return False
    return re.search(cast("str", keywords.get("pattern", "")), text) is not None


def _is_valid(declared: SimpleType, text: str) -> bool:
    """Whether libxml2 admits a text."""
    element = etree.Element("{urn:x}V")
    element.text = text
    return bool(compile_xsd(Schema("x", "urn:x", Element("V", "T"), {"T": declared})).validate(element))


@pytest.mark.parametrize("declared", [AMOUNT, SMALL, COUNT, PLAIN])
@given(text=DECIMALS)
@example("1.")
@example(".5")
@example("-0")
@example("-.0")
@example("000000000000000000001.10000000")
@example("123456789012345678")
@example("1234567890123.45678")
@example("12345678901234.56789")
@example(".")
@example("")
@example("0.00001")
@example("100000")
def test_a_decimals_pattern_agrees_with_libxml2(declared: SimpleType, text: str) -> None:
    """Sign, digits, extra zeros: both judge every text alike."""
    assert _admits(write_scalar(declared), text) == _is_valid(declared, text)


@pytest.mark.parametrize(
    ("base", "texts"),
    [
        ("date", ["2024-02-29", "2024-2-29", "2024-02-29Z", "2024-02-29+14:00", "2024-02-29+14:01", "0000-01-01",
                  "-0044-03-15", "12024-01-01", "02024-01-01", "2024-13-01", "2024-12-32", "2024-02-29 "]),
        ("dateTime", ["2024-02-29T24:00:00", "2024-02-29T24:00:01", "2024-02-29T10:15:00.735", "2024-02-29T10:15:60",
                      "2024-02-29T10:15:00.", "2024-02-29T10:15", "2024-02-29", "2024-02-29T10:15:00-05:30",
                      "2024-02-29T10:15:00:735", "2024-02-29T24:00:00.000Z"]),
        ("time", ["10:15:00", "24:00:00", "24:00:00.0", "24:00:00.1", "10:15", "10:15:00Z", "25:00:00"]),
        ("gYear", ["2024", "24", "2024Z", "-2024", "0000", "02024"]),
        ("gYearMonth", ["2024-01", "2024-13", "2024", "2024-01+01:00"]),
        ("boolean", ["true", "false", "1", "0", "TRUE", "yes", ""]),
        ("base64Binary", ["QUJD", "QQ==", "QQ=", "Q Q = =", "QUJ\nD", "QR==", "QQA=", "QQB=", "QQ*=", "QQQ", ""]),
    ],
)  # fmt: skip
def test_a_forms_pattern_agrees_with_libxml2(base: str, texts: list[str]) -> None:
    """Dates, times, booleans and base64: both judge the known hard cases alike."""
    declared = SimpleType("T", base)

    judged = {text: _admits(write_scalar(declared), text) for text in texts}

    assert judged == {text: _is_valid(declared, text) for text in texts}


def test_a_text_has_its_lengths_and_its_anchored_pattern() -> None:
    """Facets of a text are keywords of the same meaning."""
    assert write_scalar(SimpleType("T", "string", ("[A-Z]{3}",), (), 1, 35)) == {
        "type": "string",
        "minLength": 1,
        "maxLength": 35,
        "pattern": "^[A-Z]{3}$",
    }


def test_alternatives_are_anchored_together() -> None:
    """Neither an alternation nor a second pattern escapes the anchors; XML Schema's literal anchors are escaped."""
    assert write_scalar(SimpleType("T", "string", ("A|B", "^[$]")))["pattern"] == r"^(A|B|\^[$])$"


@pytest.mark.parametrize("pattern", [r"\i\c*", r"[a-z-[aeiou]]", r"\p{Lu}"])
def test_what_ecma_262_does_not_have_is_left_to_the_xsd(pattern: str) -> None:
    """A scheme's pattern in a syntax of XML Schema alone is not published as something else."""
    assert write_scalar(SimpleType("T", "string", (pattern,))) == {"type": "string"}


def test_a_telephone_number_keeps_its_pattern() -> None:
    """A dash before a class is no subtraction of classes."""
    assert "pattern" in write_scalar(SimpleType("T", "string", (r"\+[0-9]{1,3}-[0-9()+\-]{1,30}",)))


def test_codes_are_an_enumeration() -> None:
    """A closed list of codes says all there is to say."""
    assert write_scalar(SimpleType("T", "string", (), ("A", "B"))) == {"type": "string", "enum": ["A", "B"]}


def test_a_long_run_of_zeros_is_judged_at_once() -> None:
    """The pattern of a decimal never backtracks over leading zeros: hostile text costs nothing."""
    assert not _admits(write_scalar(AMOUNT), "0" * 200_000 + "x")
