"""`broker mappings`: the files that turn messages into canonical events, listed, checked, explained.

Owns options, printing and exit codes; what a mapping says is the mapping engine's. ``--folder`` lays a bank's own files
over those of the broker, ``--channel`` takes them as a channel of the settings has them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from broker.cli.output import INVALID, OK, USAGE, ConfigOption, JsonOption, fail, print_json, settings
from broker.conversion import Converter
from broker.errors import ConfigurationError, MappingError
from broker.message.failure import Failure
from broker.message.finding import Severity
from broker.transform.canonical.registry import EVENTS
from broker.transform.mapping import Mappings
from broker.transform.mapping.explaining import Coverage, origins
from broker.transform.mapping.explaining import coverage as covered
from broker.transform.mapping.overlay import places
from broker.transform.mapping.problems import nearest
from broker.transform.mapping.schema_view import SchemaView
from broker.transform.mapping.tracing import Traced, trace
from broker.transform.ra_json import to_object
from broker.workbench import Workbench

app = typer.Typer(
    name="mappings",
    no_args_is_help=True,
    help="The mapping files between messages and canonical events: list, check, explain, coverage.",
)

FoldersOption = Annotated[
    list[Path] | None,
    typer.Option("--folder", help="A folder laid over the mappings; repeated, the later over the earlier."),
]
ChannelOption = Annotated[
    str | None, typer.Option("--channel", help="As this channel of the settings reads and writes.", show_default=False)
]


@app.command("list")
def list_events(
    *,
    json: JsonOption = False,
    folder: FoldersOption = None,
    channel: ChannelOption = None,
    config: ConfigOption = None,
) -> None:
    """List the event types and the definitions that give them, and what a bank's own files lay over them.

    With --json one object: event type → {"definitions", "over"}, arrays of {"definition", "way"}, way "in" or "both",
    and of {"field", "place"}, place "file:line".

    Exit code: 0 listed, 2 the files cannot be used (see check).
    """
    with _reported():
        _, mappings = _loaded(folder, channel, config)
    given: dict[str, dict[str, list[dict[str, str]]]] = {each: {"definitions": [], "over": []} for each in EVENTS}
    for definition in mappings.definitions():
        for event in mappings.bound(definition):
            way = {"definition": definition, "way": "in" if event.read_only else "both"}
            if way not in given[event.event_type]["definitions"]:
                given[event.event_type]["definitions"].append(way)
    for laid in mappings.over:
        given[laid.event_type]["over"] += [{"field": field, "place": str(place)} for field, place in places(laid.items)]
    if json:
        print_json(given)
        return
    for event_type, told in given.items():
        typer.echo(event_type)
        for each in told["definitions"]:
            typer.echo(f"  {each['definition']:<16} {each['way']}")
        if not told["definitions"]:
            typer.echo("  any other definition")
        for each in told["over"]:
            typer.echo(f"  over {each['field']:<40} {each['place']}")


@app.command()
def check(
    *,
    json: JsonOption = False,
    folder: FoldersOption = None,
    channel: ChannelOption = None,
    config: ConfigOption = None,
) -> None:
    """Check every mapping file against every definition it claims, a bank's own together with the broker's.

    With --json one object {"holds", "definitions", "problems"}; a problem is "file:line: text".

    Exit code: 0 every file holds, 1 there are problems, 2 the folder or the catalogue cannot be read.
    """
    problems: list[str] = []
    definitions = 0
    with _reported():
        try:
            mappings = _loaded(folder, channel, config)[1]
            mappings.whole()
            definitions = len(mappings.definitions())
        except MappingError as error:
            problems = str(error).splitlines()
    if json:
        print_json({"holds": not problems, "definitions": definitions, "problems": problems})
    else:
        for line in problems or [f"every mapping holds for the {definitions} definitions claimed"]:
            typer.echo(line)
    raise typer.Exit(INVALID if problems else OK)


@app.command()
def explain(
    event: Annotated[
        str, typer.Argument(help="An event type, e.g. iso20022.payment.transfer.v1.", show_default=False)
    ] = "",
    field: Annotated[str, typer.Argument(help="Only fields that begin so, e.g. debtor.name.", show_default=False)] = "",
    *,
    message: Annotated[
        Path | None, typer.Option("--message", help="An XML message: say where its fields came from.")
    ] = None,
    values: Annotated[bool, typer.Option("--values", help="Show the message's values, which may be personal.")] = False,
    definition: Annotated[
        str | None, typer.Option("--definition", help="In this definition (default: the newest that gives the event).")
    ] = None,
    json: JsonOption = False,
    folder: FoldersOption = None,
    channel: ChannelOption = None,
    config: ConfigOption = None,
) -> None:
    """Say where each field of an event comes from: in a definition, or with --message in one message.

    In a definition: a field with several places takes the first that the message has; [] marks what repeats. With
    --json one array of {"field", "place", "table", "mapping"}; mapping is the line that says so, "file:line".

    In a message: the element and line that each field came from, which of its alternatives that was, the code table it
    was read by, and the line of the mapping that says so. With --json one array of events {"event", "fields"}, a field
    {"field", "path", "line", "alternative", "alternatives", "table", "mapping"}, with --values "value" as well.

    Exit code: 0 explained, 1 there is no such field or the message is not valid, 2 there is no such event, definition
    or file.
    """
    with _reported():
        bench, mappings = _loaded(folder, channel, config)
    if event and event not in EVENTS:
        fail(f"there is no event type {event}{nearest(event, EVENTS)}", USAGE)
    if message is not None:
        _explain_message(bench, mappings, message, (event, field), values=values, json=json)
        return
    if not event:
        fail("name an event type, or give a message", USAGE)
    _explain_definition(mappings, definition, (event, field), json=json)


def _explain_definition(mappings: Mappings, definition: str | None, wanted: tuple[str, str], *, json: bool) -> None:
    event, field = wanted
    givers = {
        name: each for name in mappings.definitions() for each in mappings.bound(name) if each.event_type == event
    }
    chosen = definition or max(givers, default=None)
    if chosen not in givers:
        known = nearest(definition or event, givers if definition else EVENTS)
        fail(f"no mapping makes {event}{f' of {definition}' if definition else ''}{known}", USAGE)
    found = [
        origin
        for each in mappings.bound(chosen)
        if each.event_type == event
        for origin in origins(each)
        if origin.field.startswith(field)
    ]
    if json:
        print_json(
            [
                {"field": each.field, "place": each.place, "table": each.table, "mapping": str(each.mapping)}
                for each in found
            ]
        )
    else:
        typer.echo(f"{event} of {chosen}")
        for each in found:
            table = f" as {each.table}" if each.table else ""
            typer.echo(f"  {each.field:<60} {each.place}{table}, by {each.mapping}")
    raise typer.Exit(OK if found else INVALID)


def _explain_message(
    bench: Workbench, mappings: Mappings, message: Path, wanted: tuple[str, str], *, values: bool, json: bool
) -> None:
    event, field = wanted
    try:
        body = message.read_bytes()
    except OSError as error:
        fail(f"{message} cannot be read: {error.strerror}", USAGE)
    parsed, findings = Converter(bench).examine(body)
    wrong = [each for each in findings if each.severity is Severity.ERROR]
    if isinstance(parsed, Failure) or wrong:
        fail(f"the message is not valid: {wrong[0].text} (see `broker validate`)", INVALID)
    if not mappings.bound(parsed.definition):
        fail(f"no mapping claims {parsed.definition}: its event is its RA JSON", INVALID)
    ra = to_object(parsed.document, bench.catalogue.schema(parsed.definition))
    told = [
        (event_type, [each for each in fields if each.field.startswith(field)])
        for event_type, fields in trace(mappings.bound(parsed.definition), ra, parsed.document)
        if event in ("", event_type)
    ]
    if json:
        print_json([{"event": each, "fields": [_said(one, values=values) for one in fields]} for each, fields in told])
    else:
        for event_type, fields in told:
            typer.echo(event_type)
            for one in fields:
                typer.echo(_line(one, values=values))
    raise typer.Exit(OK if any(fields for _, fields in told) else INVALID)


def _said(one: Traced, *, values: bool) -> dict[str, object]:
    said = {
        "field": one.field,
        "path": one.path,
        "line": one.line,
        "alternative": one.alternative,
        "alternatives": one.alternatives,
        "table": one.table,
        "mapping": str(one.place),
    }
    return {**said, "value": one.value} if values else said


def _line(one: Traced, *, values: bool) -> str:
    which = f" (alternative {one.alternative} of {one.alternatives})" if one.alternatives > 1 else ""
    table = f" as {one.table}" if one.table else ""
    shown = f" = {one.value}" if values else ""
    return f"  {one.field:<50} {one.path} line {one.line}{which}{table}, by {one.place}{shown}"


@app.command()
def coverage(
    definition: Annotated[str, typer.Argument(help="A definition, e.g. pacs.008.001.08.", show_default=False)] = "",
    *,
    every: Annotated[bool, typer.Option("--all", help="Count for every definition that a mapping claims.")] = False,
    json: JsonOption = False,
    folder: FoldersOption = None,
    channel: ChannelOption = None,
    config: ConfigOption = None,
) -> None:
    """Say which leaves of a definition reach a canonical event, and which travel in RA JSON alone.

    With --json one object {"canonical", "ra_json_alone"} of arrays of places; with --all one array of {"definition",
    "canonical", "leaves"}, which are counts.

    Exit code: 0 told, 1 no mapping claims the definition, 2 the catalogue has no such definition.
    """
    if not definition and not every:
        fail("name a definition, or say --all", USAGE)
    with _reported():
        bench, mappings = _loaded(folder, channel, config)
        names = mappings.definitions() if every else (definition,)
        told = {name: covered(mappings.bound(name), SchemaView(bench.catalogue.schema(name), {})) for name in names}
    if every:
        _count(told, json=json)
        return
    leaves = told[definition]
    if json:
        print_json({"canonical": leaves.canonical, "ra_json_alone": leaves.ra_json_alone})
    else:
        for place in leaves.ra_json_alone:
            typer.echo(f"  {place}")
        total = len(leaves.canonical) + len(leaves.ra_json_alone)
        typer.echo(
            f"{len(leaves.canonical)} of {total} leaves of {definition} reach a canonical event; those above do not"
        )
    raise typer.Exit(OK if mappings.bound(definition) else INVALID)


def _count(told: dict[str, Coverage], *, json: bool) -> None:
    counts = {name: (len(each.canonical), len(each.canonical) + len(each.ra_json_alone)) for name, each in told.items()}
    if json:
        print_json([{"definition": name, "canonical": some, "leaves": of} for name, (some, of) in counts.items()])
        return
    for name, (some, of) in counts.items():
        typer.echo(f"{name:<16} {some:>5} of {of:>5} leaves  {100 * some / of:5.1f} %")


def _loaded(folders: Sequence[Path] | None, channel: str | None, config: Path | None) -> tuple[Workbench, Mappings]:
    """The mappings of all channels or of one, with the folders laid over them."""
    bench = Workbench(settings(config))
    if channel is not None and channel not in bench.settings.channels:
        fail(f"there is no channel {channel}{nearest(channel, bench.settings.channels)}", USAGE)
    mappings = bench.mappings if channel is None else bench.mappings_of(channel)
    for folder in folders or ():
        mappings = Mappings(folder, bench.catalogue, mappings)
    return bench, mappings


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        fail(str(error), USAGE)
