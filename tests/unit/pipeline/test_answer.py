"""The answer to a refused command is the event that is published as its schema says."""

import orjson
import pytest
from jsonschema import Draft202012Validator

from broker.generate import BAD_COMMANDS, Generator
from broker.message.envelope import Direction
from broker.pipeline.pipeline import Pipeline
from broker.transform.schemas.data import data_schema
from broker.transform.schemas.rejection import COMMAND_REJECTED
from tests.support.envelopes import envelope


@pytest.mark.parametrize("kind", BAD_COMMANDS)
def test_an_answer_fits_its_schema(pipeline: Pipeline, generator: Generator, kind: str) -> None:
    """Whatever is wrong with a command, what its sender is told has the published form."""
    outcome = pipeline.run(envelope(generator.command(kind).body, Direction.OUTBOUND, "strict", "iso20022.replies.me"))

    (answer,) = outcome.outgoing
    said = orjson.loads(answer.body)
    assert said["type"] == COMMAND_REJECTED
    assert [
        each.message for each in Draft202012Validator(data_schema(COMMAND_REJECTED)).iter_errors(said["data"])
    ] == []
