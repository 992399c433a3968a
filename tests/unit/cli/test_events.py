"""`broker events`: what each command prints and ends with."""

import json

from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from broker.cli.events import app
from broker.transform.schemas.data import PUBLISHED

TRANSFER = "iso20022.payment.transfer.v1"


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_list_names_every_type_with_what_it_is() -> None:
    """Each published type with a sentence, for people and for programs."""
    shown, data = _run("list"), _run("list", "--json")

    assert [each["type"] for each in json.loads(data.stdout)] == list(PUBLISHED)
    assert all(each["says"].endswith(".") for each in json.loads(data.stdout))
    assert [line.split()[0] for line in shown.stdout.splitlines()] == list(PUBLISHED)


def test_schema_prints_a_schema_that_stands_alone() -> None:
    """A draft 2020-12 schema under the name that events give as their dataschema; 2 and the nearest for a slip."""
    found, slip = _run("schema", TRANSFER), _run("schema", "iso20022.payment.transfers.v1")

    schema = json.loads(found.stdout)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:iso20022-broker:event:{TRANSFER}"
    assert (slip.exit_code, f"did you mean {TRANSFER}" in " ".join(slip.stderr.split())) == (2, True)


def test_asyncapi_prints_the_document_with_the_commands_that_the_mappings_allow() -> None:
    """A transfer can be a command, since a mapping makes a message of it; a generic event cannot."""
    said = json.loads(_run("asyncapi").stdout)

    commands = {each["properties"]["type"]["const"] for each in said["components"]["schemas"]["Command"]["anyOf"]}
    assert said["asyncapi"] == "3.0.0"
    assert (TRANSFER in commands, "iso20022.message.generic.v1" in commands) == (True, False)
