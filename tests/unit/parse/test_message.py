"""``parse``: every hostile document is its own named failure, and none raises."""

import pytest

from broker.message.failure import Failure, FailureCode
from broker.parse import Parsed, parse
from tests.support.hostile import CATALOGUE, GOOD, LIMITS, ODD, REFUSED, TRANSCODED, Hostile


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_hostile_documents_are_named_failures(case: Hostile) -> None:
    """Each refused document leads to its code, with one sentence that quotes no personal data."""
    refused = parse(case.body, LIMITS, CATALOGUE)

    assert isinstance(refused, Failure)
    assert refused.code == case.expected
    assert refused.text.endswith(".")
    assert "Lindqvist" not in refused.text


def test_every_failure_of_these_stages_is_met() -> None:
    """The table above holds each code that parsing can give."""
    met = {case.expected for case in REFUSED}
    of_parsing = {code for code in FailureCode if code.stage in {"parse", "identify"}}

    assert of_parsing - met == {FailureCode.IDENTIFY_NOT_ACCEPTED}, "what a channel accepts is the pipeline's"


@pytest.mark.parametrize("case", TRANSCODED, ids=lambda case: case.name)
def test_a_transcoded_message_carries_its_warning(case: Hostile) -> None:
    """What the bytes gave rise to travels with the message."""
    parsed = parse(case.body, LIMITS, CATALOGUE)

    assert isinstance(parsed, Parsed)
    assert [finding.rule for finding in parsed.findings] == [case.expected]


@pytest.mark.parametrize("body", ODD)
def test_odd_and_right_messages_are_parsed(body: bytes) -> None:
    """Prefixes, marks, CRLF, CDATA, comments and single quotes are what real senders send."""
    parsed = parse(body, LIMITS, CATALOGUE)

    assert isinstance(parsed, Parsed)
    assert parsed.findings == ()


def test_a_message_cut_anywhere_is_refused() -> None:
    """No prefix of a message is a message, and none raises."""
    for end in range(0, len(GOOD.rstrip()), 7):
        assert isinstance(parse(GOOD[:end], LIMITS, CATALOGUE), Failure)


def test_a_changed_byte_never_raises() -> None:
    """Whatever one byte is made to be, the message is parsed or refused."""
    for place in range(0, len(GOOD), 11):
        for byte in (0x00, 0x26, 0x3C, 0x80, 0xFF):
            changed = GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]
            assert isinstance(parse(changed, LIMITS, CATALOGUE), Parsed | Failure)
