"""The command itself: a folder, the settings of an embedded broker, the story, the exit code."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from shutil import which
from typing import Annotated

import typer
from rich.console import Console

from broker.cli.demo.cast import cast
from broker.cli.demo.stage import Stage
from broker.cli.demo.story import CHANNEL, SUBSCRIPTION, Story
from broker.cli.output import INVALID, OK, run
from broker.observability import logs
from broker.outside import database
from broker.settings import Settings, load
from broker.wiring import Worker

_NEXT = """\
Where to go next
  broker run                     the same, for good, in ./var: drop XML into
                                 var/queues/iso20022.in.core
  broker validate FILE…          what is wrong with a message, and where
  broker convert FILE --to event what microservices read of it
  dlq list                       what waits for a person
  broker audit verify            that nobody changed the log
  README.md                      how cores connect, how microservices
                                 subscribe, guarantees and their limits"""


def demo(
    *,
    messages: Annotated[int, typer.Option(min=20, help="How many messages to feed.")] = 300,
    seed: Annotated[int, typer.Option(help="Same seed, same messages.")] = 20022,
    keep: Annotated[Path | None, typer.Option("--keep", help="Keep everything in this (new) folder.")] = None,
) -> None:
    """Show the main job on this machine: an embedded PostgreSQL, folders as queues, invented messages.

    Feeds messages of seven kinds, some bad in different ways; shows the events, the dead letters, one of them mended
    and replayed, a JSON command turned into XML, and the audit log verified.

    Exit code: 0 only if everything shown really held, else 1.
    """
    with ExitStack() as stack:
        home = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="broker-demo-")))
        home.mkdir(parents=True, exist_ok=True)
        log = stack.enter_context((home / "broker.log").open("w"))
        logs.configure("info", log)
        holds = run(_tell(home, messages, seed))
    if keep:
        Console().print(f"Everything is kept in {keep}; its log is broker.log.")
    raise typer.Exit(OK if holds else INVALID)


async def _tell(home: Path, messages: int, seed: int) -> bool:
    stage = Stage(Console(highlight=False, width=None if sys.stdout.isatty() else 120))
    async with database(_settings(home)) as opened:
        worker = Worker(_settings(home, opened.dsn), "demo")
        story = Story(worker.bench, stage, cast(worker.bench.catalogue, seed, messages))
        await story.tell(worker, opened)
    stage.heading("What was shown, and whether it held")
    stage.claims(story.claims.made)
    stage.say(_NEXT)
    if which("broker") is None:
        stage.say(f'  For the shell to find them: export PATH="{Path(sys.executable).parent}:$PATH"')
    return story.claims.hold


def _settings(home: Path, dsn: str | None = None) -> Settings:
    """An embedded broker with one channel and one subscription; the machine's own settings do not matter here."""
    file = home / "broker.toml"
    file.write_text(
        f'home = "{home}"\n[channels.{CHANNEL}]\ntenant = "demo-bank"\n[subscriptions.{SUBSCRIPTION}]\nevents = ["#"]\n'
    )
    return load(file, environment={} if dsn is None else {"BROKER_DATABASE_URL": dsn})
