"""Which queues there are under these settings, what comes into each and whose it is.

Owns no more than the joining of settings, subscriptions asked for by command, and the table of the topology; nothing is
declared here, and nothing is consumed.
"""

from collections.abc import Sequence

from broker.ingest.route import Route
from broker.message.envelope import Direction
from broker.settings import Settings
from broker.store.codec import PlainCodec
from broker.store.database import Database
from broker.store.subscriptions import Subscriptions, Wanted
from broker.transport import topology
from broker.transport.seam import Topology

_NOBODY = "unknown"  # tenant and channel of a message that fell into the safety net from nobody knows where


def routes(settings: Settings) -> dict[str, Route]:
    """Whose messages each queue holds that the broker consumes."""
    table = {topology.SAFETY_NET: Route(_NOBODY, _NOBODY, Direction.INBOUND)}
    for name, channel in settings.channels.items():
        table[topology.inbound(name)] = Route(channel.tenant, name, Direction.INBOUND)
        table[topology.commands(name)] = Route(channel.tenant, name, Direction.OUTBOUND)
    return table


def subscriptions(settings: Settings, wanted: Sequence[Wanted] = ()) -> list[topology.Subscription]:
    """Every subscription of these settings, and those asked for by command."""
    said = [(name, each.events, each.ra_json) for name, each in settings.subscriptions.items()]
    patterns: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for name, events, ra_json in (*said, *((each.name, each.patterns, each.ra_json) for each in wanted)):
        patterns.setdefault(name, ({}, {}))[ra_json].update(dict.fromkeys(events))
    return [
        topology.Subscription(topology.subscribed(name), tuple(plain), tuple(with_ra_json))
        for name, (plain, with_ra_json) in patterns.items()
    ]


def queues(settings: Settings, wanted: Sequence[Wanted] = ()) -> Topology:
    """Every queue and exchange of these settings, and of the subscriptions asked for by command."""
    given = settings.queues
    limits = topology.QueueLimits(given.in_max_messages, given.out_max_messages, given.delivery_limit)
    return topology.topology(list(settings.channels), subscriptions(settings, wanted), limits)


async def subscribed(opened: Database) -> list[Wanted]:
    """Read what was asked for by command."""
    subscriptions = Subscriptions(opened, PlainCodec())
    try:
        return [each.wanted for each in await subscriptions.all()]
    finally:
        await subscriptions.close()
