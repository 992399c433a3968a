"""Expectations in words, and hints at what went wrong."""

import pytest

from broker.catalogue.model import SimpleType
from broker.validate.expected import expected_value, hint, nearest, one_of

_UUID = SimpleType(
    "UUIDv4Identifier", "string", patterns=("[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}",)
)
_BIC = SimpleType("BIC", "string", patterns=("[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?",))
_CODE = SimpleType("Code", "string", enumeration=("CLRG", "COVE", "INDA", "INGA"))


@pytest.mark.parametrize(("type_", "words"), [
    (SimpleType("T", "string", min_length=1, max_length=35), "1 to 35 characters"),
    (SimpleType("T", "string", max_length=35), "at most 35 characters"),
    (SimpleType("T", "string", min_length=3, max_length=3), "3 characters"),
    (SimpleType("T", "string", min_length=3), "at least 3 characters"),
    (SimpleType("T", "string"), "text"),
    (SimpleType("T", "string", patterns=("[0-9]{2}",)), "the pattern [0-9]{2}"),
    (SimpleType("T", "decimal", total_digits=18, fraction_digits=5, min_inclusive="0"),
     "a number, at most 18 digits, at most 5 of them after the point, not under 0"),
    (SimpleType("T", "decimal", total_digits=18, fraction_digits=0),
     "a number, at most 18 digits, none of them after the point"),
    (SimpleType("T", "boolean"), "true, false, 1 or 0"),
    (SimpleType("T", "date"), "a date such as 2025-01-31"),
    (SimpleType("T", "dateTime", patterns=(".*Z",)),
     "a date and time such as 2025-01-31T09:30:00.000+01:00 and the pattern .*Z"),
    (_CODE, "one of CLRG, COVE, INDA, INGA"),
])  # fmt: skip
def test_a_type_in_words(type_: SimpleType, words: str) -> None:
    """Each facet has its words."""
    assert expected_value(type_) == words


def test_many_alternatives_are_counted() -> None:
    """A long list is counted and begun."""
    assert one_of([f"C{number:03}" for number in range(40)]) == "one of 40: C000, C001, C002, C003, C004 …"


@pytest.mark.parametrize(("text", "type_", "words"), [
    ("CLRX", _CODE, "; nearest is CLRG"),
    ("clrg", _CODE, "; nearest is CLRG"),
    ("QQQQ", _CODE, ""),
    (" CLRG", SimpleType("T", "string", patterns=("[A-Z]{4}",)), "; white space stands around it"),
    ("testdeff", _BIC, "; it is right in capital letters"),
    ("TESTDEF", _BIC, ""),
    ("5F1E7C7A-0b7d-4c5e-9a3f-000000000001", _UUID, "; its letters must be lower case"),
    ("5f1e7c7a-0b7d-7c5e-9a3f-000000000001", _UUID, "; it is a UUID of version 7, and version 4 is needed"),
    ("5f1e7c7a-0b7d-4c5e-7a3f-000000000001", _UUID, "; its 20th character is 7, and 8, 9, a or b is needed"),
    ("5f1e7c7a0b7d4c5e9a3f000000000001", _UUID, "; it is not a UUID of 36 characters"),
    ("abc", SimpleType("T", "string", patterns=(r"\p{L}\i",)), ""),
])  # fmt: skip
def test_a_hint_where_there_is_one(text: str, type_: SimpleType, words: str) -> None:
    """What most likely went wrong is said, and nothing where it is not known."""
    assert hint(text, type_) == words


@pytest.mark.parametrize(("name", "near"), [("BIC", "BICFI"), ("Nme", "Nm"), ("Name", ""), ("Dbtrr", "Dbtr")])
def test_the_nearest_name(name: str, near: str) -> None:
    """A name that was lengthened, cut or mistyped is recognised."""
    assert nearest(name, ["BICFI", "Nm", "Dbtr", "PstlAdr"]) == near
