"""What an operator types: ``dlq list | show | replay | discard``.

Exit codes: 0 what was asked for holds, 1 for some dead letter it does not, 2 usage or settings are wrong, 3 the
database is away.
"""

import getpass
import os
import shlex
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, TypedDict, TypeVar
from uuid import UUID

import typer
from rich.text import Text

from broker.cli.output import INVALID, OK, ConfigOption, JsonOption, console, errors, fail, print_json, run, settings
from broker.message.failure import FailureCode
from broker.message.lifecycle import DeadLetterState
from broker.outside import database
from broker.pipeline.policy import Role
from broker.settings import Settings
from broker.store.codec import PlainCodec
from broker.store.dead_letters import DeadLetter, Decided, Decision, Filter
from broker.store.writing import utc_now
from broker.transport.topology import subscribed
from dlq import printing, replaying
from dlq.office import Office, OfficeConfig, open_office
from dlq.replaying import Answer, Order, Result
from dlq.selection import age, failure_code, instant, select

_T = TypeVar("_T")

UNRESOLVED = (DeadLetterState.WAITING, DeadLetterState.PARKED, DeadLetterState.REQUESTED)


class _Times(TypedDict):
    created_before: datetime | None
    created_since: datetime | None


def _read(reader: Callable[[str], _T]) -> Callable[[str], _T]:
    def parse(text: str) -> _T:
        try:
            return reader(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return parse


TenantOption = Annotated[str | None, typer.Option("--tenant", help="This tenant's alone; default: everybody's.")]
ChannelOption = Annotated[str | None, typer.Option("--channel", help="Of this channel.")]
CodeOption = Annotated[
    FailureCode | None,
    typer.Option("--code", parser=_read(failure_code), metavar="CODE", help="With this code: validate.schema."),
]
DefinitionOption = Annotated[str | None, typer.Option("--definition", help="Of this definition: pacs.008.001.08.")]
SubscriptionOption = Annotated[
    str | None, typer.Option("--subscription", help="Events that this subscription refused: its name, or the queue's.")
]
OlderOption = Annotated[
    timedelta | None,
    typer.Option("--older-than", parser=_read(age), metavar="AGE", help="Failed longer ago than 15m, 2h, 7d."),
]
NewerOption = Annotated[
    timedelta | None,
    typer.Option("--newer-than", parser=_read(age), metavar="AGE", help="Failed since 15m, 2h, 7d."),
]
BeforeOption = Annotated[
    datetime | None,
    typer.Option("--before", parser=_read(instant), metavar="INSTANT", help="Failed before this instant (ISO 8601)."),
]
IdsArgument = Annotated[list[UUID] | None, typer.Argument(help="Ids of dead letters.", show_default=False)]
BecauseOption = Annotated[str, typer.Option("--because", help="Why. Kept with the dead letter, and audited.")]
ByOption = Annotated[str | None, typer.Option("--by", help="Who; default: the login name.", show_default=False)]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would happen and change nothing.")]

app = typer.Typer(
    name="dlq",
    help="The dead-letter office: what failed, why, and what to do about it.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="markdown",
)


@app.command("list")
def list_letters(
    *,
    tenant: TenantOption = None,
    channel: ChannelOption = None,
    code: CodeOption = None,
    definition: DefinitionOption = None,
    subscription: SubscriptionOption = None,
    state: Annotated[
        list[DeadLetterState] | None, typer.Option("--state", help="In this state; default: the unresolved ones.")
    ] = None,
    older_than: OlderOption = None,
    newer_than: NewerOption = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the oldest first.")] = 50,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """List dead letters, the oldest first; with --json one object a line."""
    now = utc_now()
    which = Filter(
        states=tuple(state) if state else UNRESOLVED,
        channel=channel,
        code=code,
        definition=definition,
        refused_by=_queue(subscription),
        **_times(now, older_than, newer_than, None),
    )

    async def work() -> list[DeadLetter]:
        async with _office(settings(config), tenant) as office:
            return await office.letters.page(which, limit + 1)

    found = run(work())
    if json:
        for each in found[:limit]:
            print_json(printing.as_object(each))
    elif found:
        console.print(printing.table(found[:limit], now))
    else:
        console.print("no dead letters")
    if len(found) > limit:
        errors.print(f"there are more; --limit {limit} shows the oldest")


@app.command()
def show(
    dead_letter: Annotated[UUID, typer.Argument(help="Id of a dead letter.")],
    *,
    payload: Annotated[bool, typer.Option("--payload", help="Show the received bytes as well; audited.")] = False,
    save: Annotated[
        Path | None, typer.Option("--save", help="Write the received bytes to this new file; audited.")
    ] = None,
    by: ByOption = None,
    tenant: TenantOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Explain one dead letter: reason, place, findings, policy, lineage, and the page that says what to do.

    The received bytes are shown or saved only when asked for; who looked is kept in the audit log.
    """
    looking = payload or save is not None

    async def work() -> tuple[Office, list[DeadLetter], bytes | None]:
        async with _office(settings(config), tenant) as office:
            lineage = await office.letters.lineage(dead_letter)
            body = await office.letters.view(dead_letter, _who(by)) if looking and lineage else None
            return office, lineage, body

    office, lineage, body = run(work())
    letter = next((each for each in lineage if each.id == dead_letter), None)
    if letter is None:
        fail(f"there is no dead letter {dead_letter}", INVALID)
    text = printing.harmless(body.decode(errors="backslashreplace")) if payload and body is not None else None
    if json:
        related = [str(each.id) for each in lineage]
        print_json({**printing.as_object(letter), "lineage": related} | ({} if text is None else {"payload": text}))
    else:
        console.print(printing.explanation(letter, office.policy(letter.code), lineage, utc_now()))
        console.print("", printing.runbook(office.runbook(letter.code)))
        if text is not None:
            console.print(Text(f"\n{text}"), soft_wrap=True)
    if save is not None and body is not None:
        _save(save, body)


@app.command("replay")
def replay_letters(
    ids: IdsArgument = None,
    *,
    because: BecauseOption,
    by: ByOption = None,
    role: Annotated[Role, typer.Option(envvar="DLQ_ROLE", help="What you may replay.")] = Role.OPERATOR,
    other: Annotated[Path | None, typer.Option("--with", help="Replay these bytes instead (one id).")] = None,
    tenant: TenantOption = None,
    channel: ChannelOption = None,
    code: CodeOption = None,
    definition: DefinitionOption = None,
    subscription: SubscriptionOption = None,
    older_than: OlderOption = None,
    newer_than: NewerOption = None,
    before: BeforeOption = None,
    rate: Annotated[float, typer.Option(min=0.01, max=10_000, help="At most so many a second.")] = 50,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for what comes of them.")] = False,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait for each, with --wait.")] = 60,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Ask for the replay of dead letters: of those named, or of every open one that fits a filter.

    A worker carries it out. Each dead letter is replayed at most once, however often and by however many it is asked
    for. A filter means what has failed until now; what fails later does not join. An interrupted run says how to go on.

    Exit code: 0 each is replayed or will be, 1 some are not (with --wait: or failed again).
    """
    now = utc_now()
    which = Filter(
        channel=channel,
        code=code,
        definition=definition,
        refused_by=_queue(subscription),
        **_times(now, older_than, newer_than, before),
    )
    selection = _checked(lambda: select(ids or (), which, now))
    order = Order(Decision(_who(by), _reason(because)), role, rate, _instead(other, ids or ()))

    async def work() -> bool:
        good = True
        async with _office(settings(config), tenant) as office:
            chosen = await selection.freeze(office)
            async for answer in _answers(office, chosen, order, timeout if wait else None, dry_run=dry_run):
                _print_answer(answer, json=json)
                good = good and answer.result.good
        return good

    try:
        good = run(work())
    except KeyboardInterrupt:
        until = selection.which.created_before
        fail(_how_to_go_on(None if ids or until is None else until), INVALID)
    raise typer.Exit(OK if good else INVALID)


@app.command()
def discard(
    ids: IdsArgument = None,
    *,
    because: BecauseOption,
    by: ByOption = None,
    tenant: TenantOption = None,
    channel: ChannelOption = None,
    code: CodeOption = None,
    definition: DefinitionOption = None,
    subscription: SubscriptionOption = None,
    older_than: OlderOption = None,
    newer_than: NewerOption = None,
    before: BeforeOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Give dead letters up for good: those named, or every open one that fits a filter. They stay readable.

    Exit code: 0 each is discarded, 1 some are not, because they were replayed or do not exist.
    """
    now = utc_now()
    which = Filter(
        channel=channel,
        code=code,
        definition=definition,
        refused_by=_queue(subscription),
        **_times(now, older_than, newer_than, before),
    )
    selection = _checked(lambda: select(ids or (), which, now))
    decision = Decision(_who(by), _reason(because))

    async def work() -> list[Answer]:
        async with _office(settings(config), tenant) as office:
            chosen = await selection.freeze(office)
            if dry_run:
                return [Answer(each, Result.DISCARDED, "would be discarded if open") for each in chosen]
            return _discarded(chosen, await office.letters.discard(chosen, decision))

    answers = run(work())
    for answer in answers:
        _print_answer(answer, json=json)
    raise typer.Exit(OK if all(answer.result is Result.DISCARDED for answer in answers) else INVALID)


@asynccontextmanager
async def _office(given: Settings, tenant: str | None) -> AsyncIterator[Office]:
    async with database(given) as opened, open_office(OfficeConfig(opened, PlainCodec(), tenant)) as office:
        yield office


async def _answers(
    office: Office, chosen: Sequence[UUID], order: Order, timeout_s: float | None, *, dry_run: bool
) -> AsyncIterator[Answer]:
    """One answer each: what would happen, what was asked for, or (with a timeout) what came of it."""
    if dry_run:
        for each in chosen:
            refusal = await replaying.allowed(office, each, order.role)
            yield refusal or Answer(each, Result.REQUESTED, "would be requested")
        return
    asked: list[Answer] = []
    try:
        async for answer in replaying.replay(office, chosen, order):
            if timeout_s is None:
                yield answer
            asked.append(answer)
    except ValueError as error:
        fail(str(error))
    for answer in asked if timeout_s is not None else ():
        yield await replaying.outcome(office, answer, timeout_s or 0.0)


def _times(
    now: datetime, older_than: timedelta | None, newer_than: timedelta | None, before: datetime | None
) -> _Times:
    ends = [each for each in (before, now - older_than if older_than else None) if each is not None]
    return {
        "created_before": min(ends, default=None),
        "created_since": now - newer_than if newer_than else None,
    }


def _queue(subscription: str | None) -> str | None:
    """The queue an event was refused from; a name with a dot is one, as of a queue of a core."""
    return subscription if subscription is None or "." in subscription else subscribed(subscription)


def _checked(make: Callable[[], _T]) -> _T:
    try:
        return make()
    except ValueError as error:
        fail(str(error))


def _who(by: str | None) -> str:
    if by is None:
        try:
            by = getpass.getuser()
        except (KeyError, OSError):
            fail("this login has no name; say who you are with --by")
    return by.strip() or fail("--by is empty")


def _reason(because: str) -> str:
    return because.strip() or fail("--because is empty; say why, for whoever reads the audit log")


def _instead(file: Path | None, ids: Sequence[UUID]) -> bytes | None:
    if file is None:
        return None
    if len(ids) != 1:
        fail("--with replaces the bytes of one dead letter; name exactly one id")
    try:
        return file.read_bytes() or fail(f"{file} is empty")
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}")


def _save(file: Path, body: bytes) -> None:
    """Write to a new file that its owner alone can read."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(body)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}")
    errors.print(f"{len(body)} bytes written to {file}", markup=False)


def _discarded(chosen: Sequence[UUID], decided: Decided) -> list[Answer]:
    answers = []
    for each in chosen:
        state = None if each in decided.done else decided.others.get(each)
        if each in decided.done or state is DeadLetterState.DISCARDED:
            text = "discarded" if each in decided.done else "was discarded already"
            answers.append(Answer(each, Result.DISCARDED, text))
        elif state is None:
            answers.append(Answer(each, Result.UNKNOWN, "there is no such dead letter"))
        else:
            answers.append(Answer(each, Result.ALREADY, f"is {state.value}, too late to discard"))
    return answers


def _print_answer(answer: Answer, *, json: bool) -> None:
    if json:
        print_json(printing.answer_object(answer))
    else:
        child = f" {answer.child}" if answer.child else ""
        console.print(f"{answer.id}  {answer.result.value}: {answer.text}{child}", markup=False, soft_wrap=True)


def _how_to_go_on(frozen_at: datetime | None) -> str:
    words = ["dlq", *sys.argv[1:]]
    if frozen_at is not None and "--before" not in words:
        words += ["--before", frozen_at.isoformat()]
    return f"interrupted; what was asked for stays asked for. Go on with:\n{shlex.join(words)}"
