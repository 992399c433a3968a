"""The header by its own schema, and against its document."""

from broker.message.finding import Finding
from broker.parse import Parsed, parse
from broker.validate.header import check
from tests.support.hostile import CATALOGUE, DEFINITION, DOCUMENT, GOOD, HEADER, LIMITS, WRAPPED, altered


def test_a_message_without_header_is_not_asked_for_one() -> None:
    """Whether a header must be there is for the channel to say."""
    assert _findings(GOOD) == []


def test_a_header_that_agrees_has_no_finding() -> None:
    """``MsgDefIdr`` and the document's namespace say the same."""
    assert _findings(WRAPPED) == []


def test_disagreement_names_both() -> None:
    """The finding is at ``MsgDefIdr``, on its line, and names what it says and what is there."""
    findings = _findings(altered(f"<MsgDefIdr>{DEFINITION}", "<MsgDefIdr>pacs.009.001.08", WRAPPED))

    assert [(finding.rule, finding.path, finding.line) for finding in findings] == [
        ("header.definition", "/AppHdr/MsgDefIdr", 7)
    ]
    assert "pacs.009.001.08" in findings[0].text
    assert DEFINITION in findings[0].text


def test_a_missing_definition_is_the_schemas_to_find() -> None:
    """An absent ``MsgDefIdr`` is one finding, not two."""
    findings = _findings(altered(f"<MsgDefIdr>{DEFINITION}</MsgDefIdr>", "", WRAPPED))

    assert [(finding.rule, finding.path) for finding in findings] == [("header.schema.missing", "/AppHdr/MsgDefIdr")]


def test_a_header_without_namespace_is_unknown() -> None:
    """A header nobody can check is an error, whatever it says."""
    plain = HEADER.replace(HEADER[HEADER.index(" xmlns") : HEADER.index(">")], "")

    findings = _findings(f"<Envelope>{plain}{DOCUMENT}</Envelope>".encode())

    assert [finding.rule for finding in findings] == ["header.schema.unknown"]


def test_what_stands_in_place_of_a_definition_is_not_repeated() -> None:
    """A name in ``MsgDefIdr`` is not shown."""
    findings = _findings(altered(f"<MsgDefIdr>{DEFINITION}", "<MsgDefIdr>Zoe Lindqvist", WRAPPED))

    assert "Lindqvist" not in findings[0].text


def _findings(body: bytes) -> list[Finding]:
    parsed = parse(body, LIMITS, CATALOGUE)
    assert isinstance(parsed, Parsed)
    return list(check(parsed, CATALOGUE))
