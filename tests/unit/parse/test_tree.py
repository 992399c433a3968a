"""The parser: nothing resolved, nothing fetched, nothing quoted."""

from pathlib import Path

import pytest
from lxml.etree import _Element

from broker.message.failure import Failure, FailureCode
from broker.parse.tree import to_tree
from tests.support.hostile import GOOD, LIMITS, altered


def test_a_well_formed_message_is_a_tree() -> None:
    """The root carries the namespace, children their text."""
    root = to_tree(GOOD, LIMITS)

    assert isinstance(root, _Element)
    assert root.tag.endswith("}Document")


@pytest.mark.parametrize("cut", ["<!-- secret -->", "<?page break?>"])
def test_a_comment_does_not_cut_a_value(cut: str) -> None:
    """An amount with a comment or processing instruction in it is read whole."""
    root = to_tree(altered("1250.51", f"1250{cut}.51"), LIMITS)

    assert isinstance(root, _Element)
    assert root.find(".//{*}IntrBkSttlmAmt").text == "1250.51"


def test_the_declaration_is_not_believed_twice() -> None:
    """What reaches the parser is UTF-8 whatever its declaration says."""
    root = to_tree('<?xml version="1.0" encoding="ISO-8859-1"?><Nm>Zoë</Nm>'.encode(), LIMITS)

    assert isinstance(root, _Element)
    assert root.text == "Zoë"


def test_nothing_is_included(tmp_path: Path) -> None:
    """An XInclude and a schemaLocation that name files stay what they are: an element and an attribute."""
    file = tmp_path / "secret.txt"
    file.write_text("secret")
    text = f'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{file.as_uri()}" parse="text"/></a>'

    root = to_tree(text.encode(), LIMITS)

    assert isinstance(root, _Element)
    assert "".join(root.itertext()) == ""


def test_a_failure_says_where_and_does_not_quote() -> None:
    """The place is told; the text there, which may be a person's, is not."""
    refused = to_tree(altered("Rent", "Rent <zoe.lindqvist@example.org>"), LIMITS)

    assert isinstance(refused, Failure)
    assert refused.code is FailureCode.PARSE_MALFORMED
    assert "line 24" in refused.text
    assert "lindqvist" not in refused.text.lower()
    assert "example" not in refused.text


def test_a_cut_message_is_told_in_one_sentence() -> None:
    """The end is named for what it is, and the sentence ends once."""
    refused = to_tree(GOOD[:900], LIMITS)

    assert isinstance(refused, Failure)
    assert refused.text.endswith("it ends before the last element is closed, as if it were cut off.")
