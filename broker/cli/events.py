"""`broker events`: what microservices read, listed and described for them and for their tools.

Owns options, printing and exit codes; what an event says is the models'.
"""

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import orjson
import typer

from broker import law
from broker.catalogue import Catalogue
from broker.cli.output import USAGE, JsonOption, fail, print_json
from broker.errors import ConfigurationError
from broker.transform.mapping import Mappings
from broker.transform.mapping.problems import nearest
from broker.transform.schemas.asyncapi import document
from broker.transform.schemas.data import PUBLISHED, data_schema, part_of, parts

app = typer.Typer(
    name="events",
    no_args_is_help=True,
    help="The events that are published: list, schema, asyncapi.",
)


@app.command("list")
def list_events(*, json: JsonOption = False) -> None:
    """List the event types and what each is one of. The end of a type is the version of its data.

    With --json one array of {"type", "says"}. `broker mappings list` says which messages give them.

    Exit code: 0 listed.
    """
    listed = [{"type": each, "says": parts()[part_of(each)]["description"]} for each in PUBLISHED]
    if json:
        print_json(listed)
        return
    width = max(map(len, PUBLISHED))
    for each in listed:
        typer.echo(f"{each['type']:<{width}}  {each['says']}")


@app.command()
def schema(
    event: Annotated[str, typer.Argument(help="An event type, e.g. iso20022.payment.transfer.v1.", show_default=False)],
) -> None:
    """Print the JSON Schema (draft 2020-12) of an event type's data, with descriptions and examples.

    Exit code: 0 printed, 2 there is no such type.
    """
    if event not in PUBLISHED:
        fail(f"there is no event type {event}{nearest(event, PUBLISHED)}; see `broker events list`", USAGE)
    _print(data_schema(event))


@app.command()
def asyncapi() -> None:
    """Print the AsyncAPI 3.0 document (JSON): every channel, message and event, with schemas and examples.

    Exit code: 0 printed, 2 the mappings cannot be used (see `broker mappings check`).
    """
    try:
        mappings = Mappings(law.folder("mappings"), Catalogue(law.folder("schemas/iso20022")))
    except ConfigurationError as error:
        fail(str(error), USAGE)
    outward = {event for definition in mappings.definitions() for event in mappings.outward(definition)}
    _print(document(_version(), outward))


def _version() -> str:
    try:
        return version("iso20022-broker")
    except PackageNotFoundError:
        return "unreleased"


def _print(value: object) -> None:
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
