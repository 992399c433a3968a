"""The limits: each may be met, and one more is its own failure."""

from dataclasses import replace

import pytest
from lxml import etree

from broker.message.failure import FailureCode
from broker.parse import Limits
from broker.parse.limits import longest_run, refuse_markup, refuse_size, refuse_tree

WIDE = Limits(10**6, 10**6, 10**6, 200, 10**6)


@pytest.mark.parametrize("body", [b"", b" \n\t"])
def test_nothing_is_refused_as_empty(body: bytes) -> None:
    """A message of no bytes or of white space alone is empty."""
    refused = refuse_size(body, WIDE)

    assert refused is not None
    assert refused.code is FailureCode.RECEIVE_EMPTY


def test_bytes_may_meet_their_limit_and_not_exceed_it() -> None:
    """Ten bytes pass a limit of ten; eleven do not."""
    limits = replace(WIDE, max_bytes=10)

    assert refuse_size(b"<a>1234</>", limits) is None
    assert _code(refuse_size(b"<a>12345</>", limits)) is FailureCode.RECEIVE_TOO_LARGE


@pytest.mark.parametrize(
    "place", ["<!DOCTYPE a><a/>", "<a><!-- <!DOCTYPE a> --></a>", "<a><![CDATA[<!ENTITY b 'c'>]]></a>"]
)
def test_a_document_type_is_refused_wherever_it_stands(place: str) -> None:
    """The letters of a document type or entity declaration are refused even where they are no markup."""
    assert _code(refuse_markup(place.encode(), WIDE)) is FailureCode.PARSE_DOCTYPE


@pytest.mark.parametrize("hidden", ["", "<!-- <b/><b/> -->", "<![CDATA[<b/><b/>]]>", "<?page <b/> ?>"])
def test_elements_are_counted_as_the_parser_would(hidden: str) -> None:
    """What a comment, CDATA section or processing instruction hides is no element; the limit is exact."""
    text = f"<?xml version='1.0'?><a>{hidden}<b>1</b><c/></a>".encode()

    assert refuse_markup(text, replace(WIDE, max_elements=3)) is None
    assert _code(refuse_markup(text, replace(WIDE, max_elements=2))) is FailureCode.PARSE_TOO_MANY_ELEMENTS


def test_attributes_are_counted_by_element() -> None:
    """Three attributes on one element pass a limit of three however many other elements have."""
    text = b"<a b='1' c = \"2>=\" xmlns:d='3'><a b='1' c='2' d='3'/></a>"

    assert refuse_markup(text, replace(WIDE, max_attributes=3)) is None
    assert _code(refuse_markup(text, replace(WIDE, max_attributes=2))) is FailureCode.PARSE_TOO_MANY_ATTRIBUTES


def test_equals_signs_in_text_are_no_attributes() -> None:
    """A remittance full of equals signs, or a tag within CDATA, is not taken for attributes."""
    text = b"<a>b='1' c='2' d='3' =====<![CDATA[<e f='1' g='2' h='3'>]]></a>"

    assert refuse_markup(text, replace(WIDE, max_attributes=2)) is None


@pytest.mark.parametrize(("limit", "code"), [(3, None), (2, FailureCode.PARSE_TOO_DEEP)])
def test_depth_counts_the_root(limit: int, code: FailureCode | None) -> None:
    """Three nested elements are three deep."""
    assert _tree("<a><b><c>text</c></b><d></d></a>", replace(WIDE, max_depth=limit)) is code


@pytest.mark.parametrize("text", ["éééééé", "ééé<!-- -->ééé", "ééé<![CDATA[ééé]]>", "ééé<?page?>ééé"])
def test_text_is_counted_in_characters_across_what_hides_in_it(text: str) -> None:
    """Six letters of two bytes are six characters, in one piece or in two."""
    assert _tree(f"<a>{text}</a>", replace(WIDE, max_text_characters=6)) is None
    assert _tree(f"<a>{text}</a>", replace(WIDE, max_text_characters=5)) is FailureCode.PARSE_TEXT_TOO_LONG


def test_an_attribute_is_a_text_too() -> None:
    """An attribute's value is held to the limit of a text."""
    assert _tree("<a b='123456'/>", replace(WIDE, max_text_characters=5)) is FailureCode.PARSE_TEXT_TOO_LONG


@pytest.mark.parametrize(("text", "over", "longer"), [
    (b"<a>12345<b>", 7, True),
    (b"<a>12345<b>", 8, False),
    (b"<a><b><c><d>", 3, False),
    (b"12345678", 7, True),
    (b"<a>12345", 8, False),
])  # fmt: skip
def test_the_longest_run_between_markup(text: bytes, over: int, longer: bool) -> None:  # noqa: FBT001 - an expectation
    """A run begins at one ``<`` and ends before the next, or at the end."""
    assert longest_run(text, over) is longer


def _tree(text: str, limits: Limits) -> FailureCode | None:
    root = etree.fromstring(text.encode(), etree.XMLParser(remove_comments=True, remove_pis=True))
    return _code(refuse_tree(root, text.encode(), limits))


def _code(failure: object) -> FailureCode | None:
    return getattr(failure, "code", None)
