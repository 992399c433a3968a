"""Every family that a channel sends where it says nothing: a golden message's events, as one command, say it again."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from broker import law
from broker.message.envelope import Direction
from broker.pipeline.channel import SPOKEN
from broker.pipeline.outcome import Accepted, Outcome
from broker.pipeline.pipeline import Pipeline
from tests.support.envelopes import envelope

_PAIRS = sorted(law.folder("mappings").glob("*/golden/*.xml"))


def _data(outcome: Outcome) -> list[dict[str, Any]]:
    assert isinstance(outcome, Accepted)
    said = [orjson.loads(each.body)["data"] for each in outcome.outgoing]
    return [{name: value for name, value in data.items() if name != "origin"} for data in said]


@pytest.mark.parametrize(
    "pair", [pair for pair in _PAIRS if pair.name.startswith(tuple(SPOKEN.values()))], ids=lambda pair: pair.stem
)
def test_events_of_a_message_are_a_command_for_it(pipeline: Pipeline, pair: Path) -> None:
    """What a core's message gave is taken from a service in one array, sent to a core, and gives the same once more."""
    received = pipeline.run(envelope(pair.read_bytes(), Direction.INBOUND))
    events = [orjson.loads(each.body) for each in received.outgoing]

    sent = pipeline.run(envelope(orjson.dumps(events), Direction.OUTBOUND))

    assert isinstance(sent, Accepted)
    (made,) = sent.outgoing
    assert _data(pipeline.run(envelope(made.body, Direction.INBOUND))) == _data(received)
