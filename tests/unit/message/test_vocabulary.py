"""The small values of the vocabulary: definitions, findings, failures, envelopes."""

import dataclasses
from datetime import UTC, datetime
from uuid import UUID

import pytest

from broker.message.definition import Definition
from broker.message.envelope import Destination, Direction, Envelope, Outgoing
from broker.message.failure import Failure, FailureCode
from broker.message.finding import Finding, Severity
from broker.message.header import BusinessHeader

STAGES = (
    *("receive", "parse", "identify", "validate", "transform", "command"),
    *("store", "relay", "event", "handler", "internal"),
)


def test_a_definition_is_read_and_written() -> None:
    """The four parts come back as they were written."""
    definition = Definition.parse("pacs.008.001.08")
    assert definition == Definition("pacs", "008", "001", "08")
    assert str(definition) == "pacs.008.001.08"
    assert definition.family == "pacs.008"
    assert definition.namespace == "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pacs.008",
        "pacs.008.001.8",
        "PACS.008.001.08",
        "pain.001.001.03.ch.02",
        "pacs.008.001.08\n",
        " pacs.008.001.08",
    ],
)
def test_what_is_not_an_identifier_is_refused(text: str) -> None:
    """A dialect, a part of an identifier or one with something around it is not a definition of the standard."""
    with pytest.raises(ValueError, match="message definition identifier"):
        Definition.parse(text)


def test_definitions_order_by_family_then_version() -> None:
    """Sorted definitions put the versions of a family one after the other."""
    names = ["pain.001.001.09", "pacs.008.001.10", "pacs.008.001.08", "pacs.002.001.10"]
    assert [str(each) for each in sorted(map(Definition.parse, names))] == [
        "pacs.002.001.10",
        "pacs.008.001.08",
        "pacs.008.001.10",
        "pain.001.001.09",
    ]


def test_a_finding_is_printed_whole() -> None:
    """The printed form of a finding has all five fields in their order."""
    finding = Finding("schema.pattern", Severity.ERROR, "/Document/A[2]/B", 7, "found x, expected y")
    assert list(finding.as_dict().items()) == [
        ("rule", "schema.pattern"),
        ("severity", "error"),
        ("path", "/Document/A[2]/B"),
        ("line", 7),
        ("text", "found x, expected y"),
    ]


def test_codes_come_in_the_order_of_a_messages_way() -> None:
    """The closed set reads from receiving to relaying, stage after stage."""
    stages = [code.stage for code in FailureCode]
    assert list(dict.fromkeys(stages)) == list(STAGES)
    assert stages == sorted(stages, key=STAGES.index)


@pytest.mark.parametrize("code", FailureCode)
def test_a_code_is_named_as_it_is_written(code: FailureCode) -> None:
    """The name in the program is the value with other punctuation, so that one finds the other."""
    assert code.name == code.value.upper().replace(".", "_").replace("-", "_")


def _envelope() -> Envelope:
    return Envelope(
        tenant="north",
        channel="core",
        direction=Direction.INBOUND,
        message_id=UUID(int=1),
        key="id:1",
        digest=b"\0" * 32,
        received_at=datetime(2030, 1, 1, tzinfo=UTC),
        body=b"<Secret/>",
    )


def _outgoing() -> Outgoing:
    return Outgoing(UUID(int=2), Destination.EVENT, "north.x.v1", "subject", "x.v1", "application/json", b"<Secret/>")


@pytest.mark.parametrize("value", [_envelope(), _outgoing()])
def test_a_body_is_never_shown(value: Envelope | Outgoing) -> None:
    """The text form of what carries a payload does not hold the payload."""
    assert "Secret" not in repr(value)


@pytest.mark.parametrize(
    "value",
    [
        _envelope(),
        _outgoing(),
        Failure(FailureCode.PARSE_MALFORMED, "x"),
        Finding("a", Severity.WARNING, "", 0, "x"),
        BusinessHeader("head.001.001.02", "id", "pacs.008.001.08"),
        Definition("pacs", "008", "001", "08"),
    ],
)
def test_values_cannot_be_changed(value: object) -> None:
    """A value of the vocabulary is frozen, and has no room for more attributes."""
    first, *_ = getattr(value, "_fields", None) or [each.name for each in dataclasses.fields(value)]  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        setattr(value, first, "other")
    assert not hasattr(value, "__dict__")
