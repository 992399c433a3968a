"""A message of a channel that the settings do not have: parked, unread, with a code that says so."""

from datetime import UTC, datetime

import pytest

from broker.message import identity
from broker.message.envelope import Direction, Envelope
from broker.message.failure import FailureCode
from broker.pipeline.outcome import Rejected
from broker.settings import load
from broker.workbench import Workbench


@pytest.mark.parametrize("direction", list(Direction))
def test_it_is_rejected_and_the_channels_there_are_are_named(direction: Direction) -> None:
    """So it is for a dead letter replayed after its channel went, and for what fell from no known queue."""
    body = b"<Document/>"
    envelope = Envelope(
        "t",
        "gone",
        direction,
        identity.message_id("t", "gone", "k"),
        "k",
        identity.digest(body),
        datetime.now(UTC),
        body,
    )
    outcome = Workbench(load(environment={})).pipeline.run(envelope)
    assert isinstance(outcome, Rejected)
    assert outcome.failure.code is FailureCode.RECEIVE_UNKNOWN_CHANNEL
    assert "configured are: core" in outcome.failure.text
