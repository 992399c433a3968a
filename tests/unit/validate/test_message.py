"""``validate``: every sloppy message gives the one finding that says what is wrong, masked, in its place."""

import pytest

from broker.message.finding import Finding, Severity
from broker.parse import Parsed, parse
from broker.validate import validate
from tests.support.hostile import CATALOGUE, GOOD, LIMITS, ODD, SLOPPY, WRAPPED, Hostile, altered

_PERSONAL = ("Lindqvist", "Brindille", "DE75512108001245126199", "FR7630006000011234567890189", "Rent for")


@pytest.mark.parametrize("case", SLOPPY, ids=lambda case: case.name)
def test_one_thing_wrong_is_one_finding(case: Hostile) -> None:
    """Each sloppy message leads to its rule and to no other, with a place and a line."""
    findings = _findings(case.body)

    assert [finding.rule for finding in findings] == [case.expected]
    assert findings[0].severity is Severity.ERROR
    assert findings[0].path.startswith(("/Document/", "/AppHdr"))
    assert findings[0].line > 1


@pytest.mark.parametrize("body", ODD)
def test_what_is_right_has_no_finding(body: bytes) -> None:
    """Odd forms of a valid message are valid."""
    assert _findings(body) == ()


@pytest.mark.parametrize("element", ["UETR", "MsgId", "CreDtTm", "ChrgBr", "IBAN", "BICFI", "Nm", "Ustrd", "SttlmMtd"])
@pytest.mark.parametrize("value", ["Zoë Lindqvist", "DE75512108001245126199", "+46-700000000", "zoe@example.org"])
def test_personal_data_in_the_wrong_place_is_masked(element: str, value: str) -> None:
    """A name, account, telephone or address put anywhere is in no finding."""
    start = GOOD.index(f"<{element}>".encode()) + len(element) + 2
    long = value if element not in {"MsgId", "Nm", "Ustrd"} else value * 10
    body = GOOD[:start] + long.encode() + GOOD[GOOD.index(b"<", start) :]

    findings = _findings(body)

    assert all(value not in finding.text and value not in finding.path for finding in findings)


def test_findings_come_by_line() -> None:
    """Findings of header and document are in the order of their lines."""
    body = altered("MESSAGE-1", "", altered("SLEV", "SLOW", altered("BUSINESS-1", "", WRAPPED)))

    findings = _findings(body)

    assert [finding.rule for finding in findings] == ["header.schema.length", "schema.length", "schema.enumeration"]
    assert [finding.line for finding in findings] == sorted(finding.line for finding in findings)


def test_no_finding_holds_what_the_message_says() -> None:
    """A message with everything wrong still shows nobody's name or account."""
    body = GOOD.replace(b"IBAN>", b"Nm>").replace(b"<Dbtr>", b"<Debtor>").replace(b"</Dbtr>", b"</Debtor>")

    texts = " ".join(finding.text for finding in _findings(body))

    assert texts
    assert not [word for word in _PERSONAL if word in texts]


def _findings(body: bytes) -> tuple[Finding, ...]:
    parsed = parse(body, LIMITS, CATALOGUE)
    assert isinstance(parsed, Parsed)
    return validate(parsed, CATALOGUE)
