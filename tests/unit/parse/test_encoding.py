"""Encodings: what is declared against what is true."""

import pytest

from broker.message.failure import Failure, FailureCode
from broker.message.finding import Severity
from broker.parse.encoding import Utf8, to_utf8
from tests.support.hostile import DOCUMENT, GOOD, TRANSCODED, Hostile


def test_utf_8_goes_through_untouched() -> None:
    """The bytes of the rule are handed on as they are."""
    utf8 = to_utf8(GOOD)

    assert isinstance(utf8, Utf8)
    assert utf8.text is GOOD or utf8.text == GOOD
    assert utf8.finding is None


def test_a_utf_8_mark_is_dropped() -> None:
    """A byte-order mark of UTF-8 is legal and says nothing."""
    assert to_utf8(b"\xef\xbb\xbf" + GOOD) == Utf8(GOOD)


@pytest.mark.parametrize("case", TRANSCODED, ids=lambda case: case.name)
def test_what_is_declared_and_true_is_transcoded(case: Hostile) -> None:
    """Another encoding that is declared and true is read in full, with a warning."""
    utf8 = to_utf8(case.body)

    assert isinstance(utf8, Utf8)
    assert "Ateliers Brindille" in utf8.text.decode()
    assert utf8.finding is not None
    assert utf8.finding.rule == case.expected
    assert utf8.finding.severity is Severity.WARNING


def test_letters_survive_transcoding() -> None:
    """A letter outside ASCII is the same letter afterwards."""
    utf8 = to_utf8('<?xml version="1.0" encoding="ISO-8859-1"?><Nm>Zoë</Nm>'.encode("latin-1"))

    assert isinstance(utf8, Utf8)
    assert "Zoë" in utf8.text.decode()


@pytest.mark.parametrize("quotes", ['"', "'"])
@pytest.mark.parametrize("name", ["utf-8", "Utf-8", "UTF8"])
def test_the_name_of_utf_8_in_any_letters(quotes: str, name: str) -> None:
    """Names of encodings are read without regard to case (XML 1.0, 4.3.3)."""
    text = f"<?xml version={quotes}1.0{quotes} encoding={quotes}{name}{quotes}?>{DOCUMENT}".encode()

    assert to_utf8(text) == Utf8(text)


def test_a_name_that_is_none_is_not_repeated() -> None:
    """An encoding's name is the sender's text: what does not look like one is not shown."""
    refused = to_utf8(b'<?xml version="1.0" encoding="Zo\xc3\xab Lindqvist"?><a/>')

    assert isinstance(refused, Failure)
    assert refused.code is FailureCode.PARSE_ENCODING_UNKNOWN
    assert "Lindqvist" not in refused.text


def test_white_space_before_a_root_without_declaration_is_fine() -> None:
    """Only a declaration must come first."""
    assert isinstance(to_utf8(b"\n <a/>"), Utf8)
