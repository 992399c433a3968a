"""`broker schemas`: the catalogue of message definitions, looked at, exported, added to, compared and checked.

Owns options, printing and exit codes; what a definition says is the catalogue's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import orjson
import typer

from broker import law
from broker.catalogue import Catalogue, Schema
from broker.catalogue.check import check as check_catalogue
from broker.catalogue.compare import differences
from broker.catalogue.importer import read_xsd
from broker.catalogue.intake import Taken, Terms, admit, take_in
from broker.catalogue.json_schema import json_schema_file_name
from broker.catalogue.text import write_type
from broker.catalogue.tree import write_tree
from broker.cli.output import INVALID, OK, USAGE, JsonOption, fail, print_json
from broker.errors import ConfigurationError

app = typer.Typer(
    name="schemas",
    no_args_is_help=True,
    help="The catalogue of ISO 20022 message definitions: list, show, export, import, diff, check.",
)

FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", help="The catalogue's folder (default: the one the broker was installed with)."),
]
DefinitionArgument = Annotated[str, typer.Argument(help="A definition, e.g. pacs.008.001.08.", show_default=False)]


@app.command("list")
def list_definitions(
    prefix: Annotated[str, typer.Argument(help="Only those that begin so, e.g. pacs.008.", show_default=False)] = "",
    *,
    json: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """List the definitions: name, root, message, where the facts come from.

    With --json one array of {"definition", "namespace", "root", "content", "sha256", "source"}.

    Exit code: 0 some are listed, 1 none begins so, 2 the catalogue cannot be read.
    """
    with _reported():
        catalogue = Catalogue(_folder(folder))
        entries = [catalogue.entry(each) for each in catalogue.definitions() if each.startswith(prefix)]
    if json:
        names = ("definition", "namespace", "root", "content", "sha256", "source")
        print_json([{name: getattr(entry, name) for name in names} for entry in entries])
    else:
        for entry in entries:
            typer.echo(f"{entry.definition:<16} {entry.root:<9} {entry.content:<64} {entry.source}")
    raise typer.Exit(OK if entries else INVALID)


@app.command()
def show(
    definition: DefinitionArgument,
    *,
    depth: Annotated[
        int | None, typer.Option(min=0, help="Open so many levels below the root; all when left out.")
    ] = None,
    json: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """Print a definition as a tree: tag, cardinality, type, facets; | marks the alternatives of a choice.

    With --json one object {"definition", "namespace", "root", "sha256", "source", "types"}; types maps each name to
    its text in the catalogue's form.

    Exit code: 0 shown, 2 there is no such definition.
    """
    with _reported():
        catalogue = Catalogue(_folder(folder))
        schema, entry = catalogue.schema(definition), catalogue.entry(definition)
    if json:
        types = {name: write_type(declared, name) for name, declared in schema.types.items()}
        facts = {name: getattr(entry, name) for name in ("definition", "namespace", "root", "sha256", "source")}
        print_json(facts | {"types": types})
        return
    for line in write_tree(schema, depth):
        typer.echo(line)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; made if it is not there.")],
    definitions: Annotated[
        list[str] | None, typer.Argument(metavar="[DEF]…", help="Only these definitions.", show_default=False)
    ] = None,
    *,
    json_schema: Annotated[bool, typer.Option("--json-schema", help="Write the JSON Schemas of RA JSON, too.")] = False,
    folder: FolderOption = None,
) -> None:
    """Write XSDs, one a definition (DEF.xsd); with --json-schema also DEF-MessageName.schema.json (draft 2020-12).

    Exit code: 0 all written, 2 a definition is not in the catalogue or DIR cannot be written.
    """
    with _reported():
        catalogue = Catalogue(_folder(folder))
        chosen = definitions or list(catalogue.definitions())
        target.mkdir(parents=True, exist_ok=True)
        for definition in chosen:
            (target / f"{definition}.xsd").write_text(catalogue.xsd(definition), encoding="utf-8")
            if json_schema:
                content = orjson.dumps(catalogue.json_schema(definition), option=orjson.OPT_INDENT_2)
                (target / json_schema_file_name(catalogue.schema(definition))).write_bytes(content + b"\n")
    typer.echo(f"{len(chosen)} definitions written to {target}")


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.xsd…", help="XSDs.", show_default=False)],
    *,
    guideline: Annotated[
        str | None,
        typer.Option("--guideline", help="Keep it as DEF@NAME: a usage guideline that narrows an official definition."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The definition's name, where the namespace does not give one.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace what the catalogue says otherwise.")] = False,
    source: Annotated[
        str | None, typer.Option("--source", help="Where the files come from, in words (default: the file's name).")
    ] = None,
    folder: FolderOption = None,
) -> None:
    """Add XSDs to the catalogue: the standard's own, or a scheme's dialect or usage guideline. All files or none.

    A dialect has a namespace of its own and becomes a definition of its own. A usage guideline shares the namespace of
    the definition it narrows; with --guideline it becomes a named variant, which a channel can select. What the
    catalogue cannot represent is refused, never dropped; so is a guideline that allows more than its definition.

    Exit code: 0 all taken in, 1 one is refused and nothing is changed, 2 a file cannot be read.
    """
    place = _folder(folder)
    if name and len(files) > 1:
        fail("--name is for one file")
    models = []
    for file in files:
        try:
            content = file.read_bytes()
            model = admit(place, read_xsd(content, name), Terms(guideline, replace))
        except OSError as error:
            fail(f"{file}: {error.strerror}")
        except ConfigurationError as error:
            fail(f"{file}: {error}", INVALID)
        models.append(Taken(model, source or file.name))
    with _reported():
        take_in(place, models)
    for taken in models:
        typer.echo(f"{taken.imported.schema.definition}: {len(taken.imported.schema.types)} types")


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="A", help="A definition, or an XSD file.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="B", help="Another.", show_default=False)],
    *,
    json: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """Say in words what B adds to A, removes from it, widens, narrows or changes.

    A difference that several elements share is said once, at the shortest path, with their number.
    With --json one array of {"kind", "path", "places", "text"}.

    Exit code: 0 both admit the same, 1 they differ, 2 one cannot be read.
    """
    with _reported():
        catalogue = Catalogue(_folder(folder))
        found = differences(_either(catalogue, old), _either(catalogue, new))
    if json:
        print_json([each.as_dict() for each in found])
    else:
        for each in found:
            places = f" (at {each.places} places)" if each.places > 1 else ""
            typer.echo(f"{each.kind:<9} {each.path}: {each.text}{places}")
    raise typer.Exit(INVALID if found else OK)


@app.command()
def check(
    *,
    xsd: Annotated[
        Path | None,
        typer.Option("--xsd", envvar="ISO20022_XSD_DIR", help="Compare with the XSDs in this folder."),
    ] = None,
    json: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """Examine the catalogue: every definition is assembled, compiled, read back from its XSD and compared.

    With --xsd (or ISO20022_XSD_DIR) each definition is compared with the XSD it was checked against when it was
    imported. With --json one object {"definitions", "compared", "not_compared", "wrong"}.

    Exit code: 0 all is well, 1 something is wrong, 2 there is no catalogue.
    """
    with _reported():
        report = check_catalogue(_folder(folder), xsd)
    if json:
        print_json(
            {
                "definitions": report.definitions,
                "compared": report.compared,
                "not_compared": report.not_compared,
                "wrong": [{"where": each.where, "text": each.text} for each in report.wrong],
            }
        )
    else:
        for each in report.wrong:
            typer.echo(f"{each.where}: {each.text}")
        verdict = f"{len(report.wrong)} things are wrong" if report.wrong else "all hold together"
        compared = f"{report.compared} of {report.definitions} compared with the XSD they were checked against"
        typer.echo(f"{report.definitions} definitions, {verdict}; {compared}")
    raise typer.Exit(INVALID if report.wrong else OK)


def _folder(folder: Path | None) -> Path:
    try:
        return folder or law.folder("schemas/iso20022")
    except ConfigurationError as error:
        fail(str(error), USAGE)


def _either(catalogue: Catalogue, name: str) -> Schema:
    return read_xsd(Path(name).read_bytes()).schema if name.endswith(".xsd") else catalogue.schema(name)


@contextmanager
def _reported() -> Iterator[None]:
    """Turn what cannot be read into a line and exit code 2."""
    try:
        yield
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", USAGE)
    except ConfigurationError as error:
        fail(str(error), USAGE)
