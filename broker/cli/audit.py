"""`broker audit`: verify the signed log, show what happened to a message, prove it to others, list and rotate keys.

Owns options, printing and exit codes; what holds is said by ``broker.audit``.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from broker.audit.checkpoint import origin_of
from broker.audit.keys import KeyFolder, read_public
from broker.audit.note import Key, NoteError
from broker.audit.proof import check, prove, prove_consistency
from broker.audit.trail import Step, trail
from broker.audit.verdict import Verdict
from broker.audit.verifier import Trust, verify
from broker.cli.output import INVALID, OK, ConfigOption, JsonOption, console, errors, fail, print_json, run, settings
from broker.errors import ConfigurationError
from broker.outside import database, key_folder
from broker.settings import Settings
from broker.store.codec import PlainCodec
from broker.store.database import Database
from broker.store.ledger import Ledger

T = TypeVar("T")

app = typer.Typer(name="audit", no_args_is_help=True, help="The signed audit log: verify it, show a message's entries.")

TenantOption = Annotated[str | None, typer.Option("--tenant", help="One tenant; without it, all.")]
OneTenantOption = Annotated[str, typer.Option("--tenant", help="Whose tree.", show_default=False)]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="Public keys to trust instead of the key folder's: PEM, or C2SP key strings."),
]


@app.command("verify")
def verify_log(
    *,
    tenant: TenantOption = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option("--checkpoint", help="Checkpoints kept elsewhere (an anchor file): a cut tail shows."),
    ] = None,
    key: KeyOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Derive every tenant's tree anew from its entries, hold it against every checkpoint, name the first wrong entry.

    With --json one object a tenant and line: {"tenant", "holds", "size", "proven", "checkpoints", "waiting",
    "problem": {"fault", "first", "last", "text"} | null}.

    Exit code: 0 the log holds, 1 it does not, 2 settings, keys or the file cannot be used, 3 PostgreSQL is away.
    """
    given = settings(config)
    keys = run(_public_keys(given, key))
    verdicts = run(_reading(given, lambda ledger: verify(ledger, Trust(given.audit.origin, keys, checkpoint), tenant)))
    for verdict in verdicts:
        if json:
            print_json(verdict.as_dict())
        else:
            _print_verdict(verdict)
    if not verdicts and not json:
        console.print("The log is empty.")
    raise typer.Exit(OK if all(verdict.holds for verdict in verdicts) else INVALID)


@app.command()
def show(
    message: Annotated[UUID, typer.Argument(help="The broker's id of a message.", show_default=False)],
    *,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show what happened to a message, in order, and whether each entry still speaks of the stored bytes.

    A commitment `opens` where the stored bytes are those of the entry, `differs` where they are not; `not-stored` are
    forms that are derived anew or whose retention has ended, `erased` those whose salt was destroyed with the data.
    With --json one object an entry and line.

    Exit code: 0 all that can be opened opens, 1 something differs or the message is not known, 2 usage.
    """
    steps = run(_reading(settings(config), lambda ledger: trail(ledger, message)))
    if not steps:
        errors.print(f"no entry of the message {message}")
    if json:
        for step in steps:
            print_json(_as_dict(step))
    elif steps:
        _print_trail(steps)
    raise typer.Exit(OK if steps and all(step.holds for step in steps) else INVALID)


@app.command()
def keys(
    *,
    tenant: OneTenantOption,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Add a new key first; a worker uses it once restarted.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Print the public keys of a tenant's checkpoints as C2SP key strings, oldest first.

    Exit code: 0, or 2 where the key folder cannot be used.
    """
    given = settings(config)
    for key in run(_keys(given, rotate=rotate)):
        typer.echo(str(Key(origin_of(given.audit.origin, tenant), key)))


@app.command("prove")
def prove_entry(
    entry: Annotated[int, typer.Argument(help="The index of an entry.", min=0, show_default=False)],
    *,
    tenant: OneTenantOption,
    config: ConfigOption = None,
) -> None:
    """Print a proof that an entry is in the tenant's last signed tree (C2SP tlog-proof; its extra data is the entry).

    Exit code: 0, 1 where no checkpoint covers the entry or the tables do not prove it.
    """
    typer.echo(run(_reading(settings(config), lambda ledger: prove(ledger, tenant, entry))), nl=False)


@app.command()
def consistency(
    older: Annotated[int, typer.Argument(help="The size of a checkpoint.", min=1, show_default=False)],
    newer: Annotated[int, typer.Argument(help="The size of a later one.", min=1, show_default=False)],
    *,
    tenant: OneTenantOption,
    config: ConfigOption = None,
) -> None:
    """Print a proof that a later checkpoint of a tenant continues an earlier one.

    Exit code: 0, 1 where there is no such checkpoint or the tables do not prove it.
    """
    work = _reading(settings(config), lambda ledger: prove_consistency(ledger, tenant, older, newer))
    typer.echo(run(work), nl=False)


@app.command("check")
def check_file(
    file: Annotated[Path, typer.Argument(help="A proof.", exists=True, dir_okay=False, show_default=False)],
    *,
    key: KeyOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Check a proof offline, with public keys alone, and say what it shows.

    Exit code: 0 it proves what it says, 1 it does not, 2 settings or keys cannot be used.
    """
    keys = run(_public_keys(settings(config), key))
    try:
        shown = check(file.read_text("utf-8"), keys)
    except (NoteError, UnicodeDecodeError) as error:
        fail(f"{file} proves nothing: {error}", INVALID)
    entry = None if shown.leaf is None else orjson.loads(shown.leaf)
    older = None if shown.older is None else shown.older.size
    if json:
        head = {"origin": shown.head.origin, "size": shown.head.size}
        print_json({**head, "index": shown.index, "entry": entry, "older": older})
    elif older is not None:
        console.print(f"{escape(shown.head.origin)}: the tree of {shown.head.size} entries continues that of {older}")
    else:
        console.print(f"{escape(shown.head.origin)}: entry {shown.index} of the {shown.head.size} that were signed is")
        typer.echo(orjson.dumps(entry, option=orjson.OPT_INDENT_2))


async def reading(at: Database, work: Callable[[Ledger], Awaitable[T]]) -> T:
    """Run work on the audit tables of an open database."""
    ledger = Ledger(at.session(), PlainCodec())
    try:
        return await work(ledger)
    finally:
        await ledger.close()


async def _reading(given: Settings, work: Callable[[Ledger], Awaitable[T]]) -> T:
    async with database(given) as opened:
        return await reading(opened, work)


async def _public_keys(given: Settings, key: Path | None) -> list[bytes]:
    return read_public(key) if key is not None else KeyFolder(key_folder(given)).public_keys()


async def _keys(given: Settings, *, rotate: bool) -> list[bytes]:
    folder = KeyFolder(key_folder(given))
    if rotate:
        folder.rotate()
    found = folder.public_keys()
    if not found:
        raise ConfigurationError(f"{folder.folder} holds no key yet; a worker makes the first one")
    return found


def _print_verdict(verdict: Verdict) -> None:
    mark = "[green]holds[/]" if verdict.holds else "[red]does not hold[/]"
    console.print(
        f"{mark}  {escape(verdict.tenant)}: {verdict.size} entries, {verdict.proven} proven by"
        f" {verdict.checkpoints} checkpoints, {verdict.waiting} waiting",
        soft_wrap=True,
    )
    if verdict.problem is not None:
        found = verdict.problem
        place = "" if found.first is None else f" entry {found.first}"
        if found.last not in {None, found.first}:
            place = f" entries {found.first} to {found.last}"
        console.print(f"  [red]{found.fault.value}[/]{place}: {escape(found.text)}", soft_wrap=True)


def _print_trail(steps: Sequence[Step]) -> None:
    table = Table()
    for name in ("index", "time", "what", "facts", "stored bytes"):
        table.add_column(name, overflow="fold")
    for step in steps:
        table.add_row(
            "waiting" if step.index is None else str(step.index),
            step.at,
            step.kind if step.intact else f"[red]{escape(step.kind)}: changed[/]",
            escape(", ".join(f"{name} {value}" for name, value in step.facts.items())),
            ", ".join(f"{form} {opening.value}" for form, opening in step.commitments.items()),
        )
    console.print(table)


def _as_dict(step: Step) -> dict[str, object]:
    return {
        "index": step.index,
        "at": step.at,
        "tenant": step.tenant,
        "kind": step.kind,
        "facts": step.facts,
        "commitments": step.commitments,
        "intact": step.intact,
        "holds": step.holds,
    }
