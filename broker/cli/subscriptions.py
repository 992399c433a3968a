"""`broker subscriptions`: which events go into which microservice's queue; asked for, listed, given up.

Owns options, printing and the order of the two steps, what is kept and what is declared; both may be repeated. Those of
the settings are listed, and changed in the settings.
"""

import asyncio
import getpass
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from broker.cli.output import INVALID, OK, ConfigOption, JsonOption, console, fail, print_json, run, settings
from broker.errors import ConfigurationError
from broker.outside import database, transport
from broker.queues import queues
from broker.settings import Settings
from broker.store.codec import PlainCodec
from broker.store.subscriptions import EVERYBODY, Subscription, Subscriptions, Wanted
from broker.transform.canonical.registry import EVENTS
from broker.transform.mapping.problems import nearest
from broker.transport.directory.topic import matches
from broker.transport.seam import Topology, Transport
from broker.transport.topology import subscribed

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")

app = typer.Typer(
    name="subscriptions",
    no_args_is_help=True,
    help="Which events go into which microservice's queue: list, add, remove.",
)

NameArgument = Annotated[str, typer.Argument(help="Its queue is iso20022.events.NAME.", show_default=False)]
TenantsOption = Annotated[
    list[str] | None, typer.Option("--tenant", help="This tenant's events; may be repeated. Default: every tenant's.")
]
ByOption = Annotated[str | None, typer.Option("--by", help="Who; default: the login name. Audited.")]


@dataclass(frozen=True, slots=True)
class _Opened:
    subscriptions: Subscriptions
    carrier: Transport


@app.command("list")
def list_subscriptions(*, json: JsonOption = False, config: ConfigOption = None) -> None:
    """List the subscriptions of the settings and those asked for by command, with the events that wait in each queue.

    With --json one object a subscription and line: {"name", "queue", "from": "settings" | "command", "patterns",
    "ra_json", "added_by", "added_at", "ready"}; ready is null where the queue is not declared yet.

    Exit code: 0 listed, 2 settings are wrong, 3 the database or the transport is away.
    """
    given = settings(config)

    async def work() -> list[dict[str, object]]:
        async with _opened(given) as opened:
            found = [*_of_settings(given), *map(_of_command, await opened.subscriptions.all())]
            return [{**each, "ready": await _ready(opened.carrier, str(each["queue"]))} for each in found]

    listed = run(work())
    for each in listed:
        if json:
            print_json(each)
        else:
            ready = "not declared" if each["ready"] is None else f"{each['ready']} wait"
            more = "  with RA JSON" if each["ra_json"] else ""
            console.print(f"{each['name']}  ({each['from']}, {ready}){more}", markup=False, soft_wrap=True)
            for pattern in each["patterns"]:  # type: ignore[attr-defined]  # a tuple of texts
                console.print(f"  {pattern}", markup=False, soft_wrap=True)
    if not listed and not json:
        console.print("no subscriptions")


@app.command()
def add(
    name: NameArgument,
    *,
    event: Annotated[
        list[str], typer.Option("--event", help="A type, or a pattern such as iso20022.payment.#; may be repeated.")
    ],
    tenant: TenantsOption = None,
    ra_json: Annotated[bool, typer.Option("--ra-json", help="With the RA JSON beside the canonical data.")] = False,
    by: ByOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Ask for events: keep it, and declare the queue with its bindings. Running workers need not be restarted.

    With --ra-json events begin to come within some seconds, when the workers have looked.

    Given again for the same tenants it says anew what they get. With --json one object {"name", "queue", "patterns"}.

    Exit code: 0 asked for and declared, 2 a name, tenant or type is wrong, 3 the database or the transport is away:
    repeat the command then.
    """
    given = settings(config)
    _check_name(name, given)
    tenants = _tenants(tenant) or [EVERYBODY]
    types = _types(event)
    wanted = [Wanted(name, each, types, ra_json) for each in tenants]

    async def work() -> tuple[str, ...]:
        async with _opened(given) as opened:
            every = [each.wanted for each in await opened.subscriptions.all()]
            now = [*(each for each in every if each.name != name or each.tenant not in tenants), *wanted]
            # Unbound before it is forgotten, as in remove: a command that was interrupted is whole when repeated.
            await _declare(opened.carrier, given, every, now)
            await opened.subscriptions.put(wanted, _who(by))
            return tuple(pattern for each in now if each.name == name for pattern in each.patterns)

    patterns = run(work())
    if json:
        print_json({"name": name, "queue": subscribed(name), "patterns": patterns})
    else:
        console.print(f"{subscribed(name)} takes {', '.join(patterns)}", markup=False, soft_wrap=True)


@app.command()
def remove(
    name: NameArgument,
    *,
    tenant: TenantsOption = None,
    by: ByOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Give up a subscription, or some tenants' events in it. Nothing more comes; the queue goes once it is empty.

    With --json one object {"name", "queue", "removed", "gone"}: removed are the patterns given up, gone says whether
    the queue is not there any more.

    Exit code: 0 given up, 1 the queue stays because events wait in it or somebody takes them: repeat the command then;
    2 it is a subscription of the settings, 3 the database or the transport is away.
    """
    given = settings(config)
    _check_name(name, given)
    tenants = _tenants(tenant)

    async def work() -> tuple[list[Wanted], list[Wanted], bool]:
        async with _opened(given) as opened:
            every = [each.wanted for each in await opened.subscriptions.all()]
            left = [each for each in every if each.name == name and tenants and each.tenant not in tenants]
            # Unbound before it is forgotten: only what is kept says what is bound.
            await _declare(opened.carrier, given, every, [*(each for each in every if each.name != name), *left])
            gone = await opened.subscriptions.remove(name, tenants or None, _who(by))
            return gone, left, not left and await opened.carrier.remove(subscribed(name))

    removed, left, gone = run(work())
    if json:
        patterns = [pattern for each in removed for pattern in each.patterns]
        print_json({"name": name, "queue": subscribed(name), "removed": patterns, "gone": gone})
    elif left:
        console.print(f"{subscribed(name)} is left to {', '.join(each.tenant for each in left)}", markup=False)
    elif gone:
        console.print(f"{subscribed(name)} is gone", markup=False)
    else:
        console.print(
            f"nothing more comes into {subscribed(name)}, which stays: events wait in it or somebody consumes from it",
            markup=False,
            soft_wrap=True,
        )
    raise typer.Exit(OK if left or gone else INVALID)


async def _declare(carrier: Transport, given: Settings, before: Sequence[Wanted], now: Sequence[Wanted]) -> None:
    """Declare what is wanted now, and take away the bindings that are not wanted any more."""
    wanted = queues(given, now)
    await carrier.declare(wanted)
    still = _bindings(wanted)
    for queue, bindings in _bindings(queues(given, before)).items():
        stale = bindings - still.get(queue, set())
        if stale:
            await carrier.unbind(queue, sorted(stale))


def _bindings(topology: Topology) -> dict[str, set[tuple[str, str]]]:
    return {each.name: set(each.bindings) for each in topology.queues}


@asynccontextmanager
async def _opened(given: Settings) -> AsyncIterator[_Opened]:
    async with database(given) as where:
        subscriptions = Subscriptions(where, PlainCodec())
        carrier = transport(given)
        try:
            await carrier.open()
            yield _Opened(subscriptions, carrier)
        finally:
            await asyncio.gather(carrier.close(), subscriptions.close())


async def _ready(carrier: Transport, queue: str) -> int | None:
    try:
        return await carrier.depth(queue)
    except ConfigurationError:
        return None


def _of_settings(given: Settings) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "queue": subscribed(name),
            "from": "settings",
            "patterns": each.events,
            "ra_json": each.ra_json,
            "added_by": None,
            "added_at": None,
        }
        for name, each in given.subscriptions.items()
    ]


def _of_command(each: Subscription) -> dict[str, object]:
    return {
        "name": each.wanted.name,
        "queue": subscribed(each.wanted.name),
        "from": "command",
        "patterns": each.wanted.patterns,
        "ra_json": each.wanted.ra_json,
        "added_by": each.added_by,
        "added_at": each.added_at,
    }


def _check_name(name: str, given: Settings) -> None:
    if _NAME.fullmatch(name) is None:
        fail(f"{name!r} cannot be a name: use a-z, digits and hyphens, beginning with a letter, 63 at most")
    if name in given.subscriptions:
        fail(f"{name} is a subscription of the settings; change it there, and restart the workers")


def _tenants(given: list[str] | None) -> list[str]:
    chosen = list(dict.fromkeys(given or ()))
    for each in chosen:
        if each != EVERYBODY and _NAME.fullmatch(each) is None:
            fail(f"{each!r} cannot be a tenant: use a-z, digits and hyphens, beginning with a letter, 63 at most")
    return chosen


def _types(given: list[str]) -> tuple[str, ...]:
    """Each takes some type there is; what takes none is a slip."""
    for each in given:
        if not any(matches(each, known) for known in EVENTS):
            fail(f"there is no event type {each}{nearest(each, EVENTS)}; see `broker events list`")
    return tuple(dict.fromkeys(given))


def _who(by: str | None) -> str:
    try:
        return (by or getpass.getuser()).strip() or fail("--by is empty")
    except (KeyError, OSError):
        fail("this login has no name; say who you are with --by")
