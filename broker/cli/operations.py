"""`broker migrate`, `broker send` and `broker status`: what an operator does with the servers."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from broker.cli.output import INVALID, OK, ConfigOption, JsonOption, console, fail, print_json, run, settings
from broker.errors import ConfigurationError
from broker.message.identity import digest
from broker.outside import database, transport
from broker.queues import queues, subscribed
from broker.store.migrate import migrate as apply_migrations
from broker.store.status import Status, parents
from broker.store.status import read as read_status
from broker.transport import topology
from broker.transport.seam import Publication, PublishResult, Transport


def migrate(*, json: JsonOption = False, config: ConfigOption = None) -> None:
    """Bring the database's schema up to date. Safe to repeat, and to run from several machines at once."""
    given = settings(config)

    async def work() -> list[str]:
        dsn = given.secret("database_url")
        if dsn is not None:
            return await apply_migrations(dsn)
        async with database(given):
            return []

    applied = run(work())
    if json:
        print_json({"applied": applied})
    else:
        console.print(f"applied: {', '.join(applied)}" if applied else "nothing to apply: the schema is up to date")


def send(
    files: Annotated[list[Path], typer.Argument(help="XML messages to put in.", exists=True, dir_okay=False)],
    *,
    channel: Annotated[str, typer.Option("--channel", help="The channel whose inbound queue takes them.")],
    command: Annotated[bool, typer.Option("--command", help="The files are JSON commands for the core.")] = False,
    config: ConfigOption = None,
) -> None:
    """Put messages on a channel's inbound queue, as a core would, or JSON commands on its command queue.

    Exit code: 0 the queue took every one, 1 it refused one (it is full), 3 the transport is away.
    """
    given = settings(config)
    if channel not in given.channels:
        fail(f"no channel {channel!r}; configured are: {', '.join(given.channels)}")
    queue = topology.commands(channel) if command else topology.inbound(channel)

    bodies = [file.read_bytes() for file in files]

    async def work() -> list[PublishResult]:
        carrier = transport(given)
        try:
            await carrier.open()
            await carrier.declare(queues(given))
            return await carrier.publish(
                # The same bytes sent twice are one message: an operator who repeats a command pays nobody twice.
                [Publication("", queue, f"sha256:{digest(body).hex()}", body) for body in bodies]
            )
        finally:
            await carrier.close()

    results = run(work())
    for file, result in zip(files, results, strict=True):
        console.print(f"{result.value}  {file}", markup=False, soft_wrap=True)
    raise typer.Exit(OK if all(result is PublishResult.CONFIRMED for result in results) else INVALID)


def status(*, json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show queues, outbox, dead letters, audit log and workers: depths, lag and rates.

    Workers under one parent are counted together: how many it keeps, how many live, how many died and were restarted.
    Exit code: 0 healthy, 1 no worker lives or something lags, 3 the database or the transport is away.
    """
    given = settings(config)

    async def work() -> tuple[Status, dict[str, int | None]]:
        async with database(given) as opened:
            read = await read_status(opened)
            wanted = await subscribed(opened)
        carrier = transport(given)
        try:
            await carrier.open()
            names = [each.name for each in queues(given, wanted).queues]
            return read, {name: await _depth(carrier, name) for name in names}
        finally:
            await carrier.close()

    read, depths = run(work())
    if json:
        families = {name: asdict(each) for name, each in parents(read.workers).items()}
        print_json({**asdict(read), "queues": depths, "parents": families})
    else:
        _print_status(read, depths)
    lags = (read.outbox_oldest_s or 0) > given.relay.unhealthy_lag_s
    raise typer.Exit(OK if any(each.live for each in read.workers) and not lags else INVALID)


async def _depth(carrier: Transport, queue: str) -> int | None:
    """Messages ready in a queue; None: no worker has declared it yet."""
    try:
        return await carrier.depth(queue)
    except ConfigurationError:
        return None


def _print_status(read: Status, depths: dict[str, int | None]) -> None:
    table = Table("queue", "ready", title="queues")
    for name, depth in depths.items():
        table.add_row(name, "not declared" if depth is None else str(depth))
    console.print(table)
    store = Table("what", "now", title="store")
    oldest = "-" if read.outbox_oldest_s is None else f"{read.outbox_oldest_s:.1f} s"
    store.add_row("publications unconfirmed", str(read.outbox_depth))
    store.add_row("the oldest of them", oldest)
    store.add_row("audit entries not yet in the tree", str(read.audit_waiting))
    store.add_row("messages a second, last minute", f"{read.messages_per_s:.1f}")
    store.add_row("publications a second, last minute", f"{read.publications_per_s:.1f}")
    for state, letters in read.dead_letters.items():
        store.add_row(f"dead letters {state}", str(letters))
    console.print(store)
    workers = Table("worker", "since", "lanes", "says", title="workers")
    for each in read.workers:
        if each.live:
            lanes = sum(lane.owner == each.worker_id and lane.leased for lane in read.lanes)
            workers.add_row(each.worker_id, f"{each.started_at:%Y-%m-%d %H:%M:%S}", str(lanes), str(dict(each.status)))
    console.print(workers)
    for name, kept in parents(read.workers).items():
        console.print(f"{name} keeps {kept.workers} workers: {kept.live} live, {kept.restarts} restarted", markup=False)
