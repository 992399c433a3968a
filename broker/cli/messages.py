"""`broker validate` and `broker convert`: the pure rooms on files, with no server."""

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.markup import escape

from broker.cli.output import INVALID, OK, USAGE, ConfigOption, JsonOption, console, errors, fail, print_json, settings
from broker.conversion import Converted, Converter, InvalidMessageError
from broker.errors import ConfigurationError
from broker.message.failure import Failure
from broker.message.finding import Finding, Severity
from broker.parse import Parsed
from broker.transform.loss import LossReport
from broker.validate.second_opinion import second_opinion
from broker.workbench import Workbench

FilesArgument = Annotated[list[Path], typer.Argument(help="XML files; `-` reads standard input.", show_default=False)]


def validate_files(
    files: FilesArgument,
    *,
    json: JsonOption = False,
    second: Annotated[
        bool, typer.Option("--second-opinion", help="Also ask xmlschema, and warn where it sees it differently.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Check messages against their schema and the rules, and say what is wrong and where.

    Prints one line a message and its findings beneath; with --json one object a line:
    {"file", "document", "header", "valid", "findings"}.

    Exit code: 0 all valid, 1 some invalid, 2 a file cannot be read.
    """
    converter = Converter(Workbench(settings(config)))
    worst = OK
    for file in files:
        body = _read(file)
        if body is None:
            worst = USAGE
            continue
        parsed, findings = converter.examine(body)
        if second and isinstance(parsed, Parsed):
            findings += _second_opinion(converter, parsed, findings)
        report = _report(str(file), parsed, findings)
        if not report["valid"]:
            worst = max(worst, INVALID)
        if json:
            print_json(report)
        else:
            _print_report(report)
    raise typer.Exit(worst)


def convert(
    file: Annotated[Path, typer.Argument(help="XML, RA JSON or canonical events; `-` reads standard input.")],
    *,
    to: Annotated[str, typer.Option("--to", help="ra-json, event or xml.")],
    definition: Annotated[
        str | None,
        typer.Option(
            "--as", help="With --to xml: the definition, e.g. pacs.008.001.08. XML is rewritten to that version."
        ),
    ] = None,
    losses: Annotated[
        Path | None, typer.Option("--losses", help="With --to xml: write what is lost to this file, as JSON.")
    ] = None,
    allow_loss: Annotated[
        bool, typer.Option("--allow-loss", help="With --to xml: leave out what the definition cannot hold.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Turn a message into RA JSON, into canonical events (one a line), or into XML.

    XML is made of RA JSON, of canonical events (a JSON array, or one), or of XML of another version of the message. It
    is schema-valid or refused. What the version asked for cannot hold is named on standard error by its place, and
    refused: exit code 1 and no output, unless --allow-loss is given. The result goes to standard output.

    Exit code: 0 converted, 1 the input is not valid or something would be lost, 2 usage, or a file cannot be read.
    """
    body = _read(file)
    if body is None:
        raise typer.Exit(USAGE)
    if to in {"ra-json", "event"} and _is_json(body):
        fail(f"{file} is JSON, and --to {to} takes XML; --to xml makes that of it")
    converter = Converter(Workbench(settings(config)))
    try:
        match to:
            case "ra-json":
                typer.echo(orjson.dumps(orjson.loads(converter.to_json(body)), option=orjson.OPT_INDENT_2))
            case "event":
                typer.echo(b"\n".join(converter.to_events(body)))
            case "xml":
                made = _to_xml(converter, body, definition)
                _report_losses(made.report, losses, refused=not allow_loss)
                typer.echo(made.xml)
            case _:
                fail(f"--to {to}: expected ra-json, event or xml")
    except InvalidMessageError as error:
        for finding in error.findings:
            _print_finding(finding.as_dict())
        raise typer.Exit(INVALID) from None
    except ConfigurationError as error:
        fail(f"{error}; see --as and `broker schemas list`")


def _to_xml(converter: Converter, body: bytes, definition: str | None) -> Converted:
    """XML with everything that is lost on the way; the caller decides whether it may be."""
    if not _is_json(body):
        if definition is None:
            raise ConfigurationError("the input is XML; name the version to rewrite it to")
        return converter.to_version(body, definition, allow_loss=True)
    return converter.of_json(body, definition, allow_loss=True)


def _is_json(body: bytes) -> bool:
    return body.lstrip()[:1] in (b"{", b"[")


def _report_losses(report: LossReport, file: Path | None, *, refused: bool) -> None:
    """Name what is lost, and end here where it may not be."""
    if file is not None:
        try:
            file.write_bytes(orjson.dumps(report.as_dict(), option=orjson.OPT_INDENT_2))
        except OSError as error:
            fail(f"{file}: cannot be written: {error.strerror}")
    for loss in report.losses:
        _print_finding(loss.as_finding(Severity.ERROR if refused else Severity.WARNING).as_dict())
    if report.losses and refused:
        raise typer.Exit(INVALID)


def _second_opinion(converter: Converter, parsed: Parsed, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    valid = not any(each.rule.startswith("schema.") and each.severity is Severity.ERROR for each in findings)
    differs = second_opinion(parsed, converter.catalogue, schema_valid=valid)
    return (differs,) if differs else ()


def _read(file: Path) -> bytes | None:
    try:
        return typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        errors.print(f"{file}: cannot be read: {error.strerror}", style="red", markup=False, soft_wrap=True)
        return None


def _report(file: str, parsed: Parsed | Failure, findings: tuple[Finding, ...]) -> dict[str, object]:
    wrong = {each.rule for each in findings if each.severity is Severity.ERROR}
    document = header = None
    if isinstance(parsed, Parsed):
        document = {
            "definition": parsed.definition,
            "schema_valid": not any(rule.startswith("schema.") for rule in wrong),
        }
        if parsed.header_facts is not None:
            header = {
                "definition": parsed.header_facts.definition,
                "schema_valid": not any(rule.startswith("header.schema.") for rule in wrong),
            }
    return {
        "file": file,
        "document": document,
        "header": header,
        "valid": not wrong,
        "findings": [each.as_dict() for each in findings],
    }


def _print_report(report: dict[str, object]) -> None:
    document = report["document"]
    name = document["definition"] if isinstance(document, dict) else "unreadable"
    mark = "[green]valid[/]" if report["valid"] else "[red]invalid[/]"
    console.print(f"{mark}  {name}  {escape(str(report['file']))}", soft_wrap=True)
    findings = report["findings"]
    assert isinstance(findings, list)
    for finding in findings:
        _print_finding(finding)


def _print_finding(finding: dict[str, str | int]) -> None:
    colour = "red" if finding["severity"] == "error" else "yellow"
    place = f"{finding['path']}" + (f" (line {finding['line']})" if finding["line"] else "")
    errors.print(f"  [{colour}]{finding['rule']}[/]  {escape(place)}", soft_wrap=True)
    errors.print(f"      {finding['text']}", markup=False, soft_wrap=True)
