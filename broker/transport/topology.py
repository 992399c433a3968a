"""The one table of queues and exchanges that a broker declares, whichever transport carries them.

It owns names, arguments and bindings. It must not know how they are declared, nor what the messages mean.

    core ──► iso20022.in.<channel> ──► broker ──► iso20022.events ──► subscriptions
                                                        └─ no binding ──► iso20022.unrouted
                   broker ──► iso20022.events-with-ra-json ──► subscriptions that ask for RA JSON
                              the same event without, if nobody takes it so ──► iso20022.taken, which keeps nothing
    microservice ──► iso20022.commands.<channel> ──► broker ──► iso20022.out.<channel> ──► core
    what the broker could not settle in delivery_limit tries ──► iso20022.safety-net ──► broker, as a dead letter
    event that a microservice refuses, or could not settle ──► iso20022.refused ──► broker, as a dead letter

Every queue is a replicated (quorum) queue that refuses the publisher when full, so nobody loses a message without
hearing "no". Dead-lettering is at-least-once. It goes by an exchange of its own, under the name of the queue a message
fell from as its routing key: a sender could forge a header, not that. The last resorts dead-letter nowhere, so
there is no cycle. Messages land in the safety net only when our own handling of bad messages has failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from broker.transport.seam import ExchangeSpec, QueueSpec, Topology

EVENTS = "iso20022.events"
EVENTS_WITH_RA_JSON = "iso20022.events-with-ra-json"
TAKEN = "iso20022.taken"
UNROUTED = "iso20022.unrouted"
SAFETY_NET = "iso20022.safety-net"
REFUSED = "iso20022.refused"

REPLAY_OF = "replay-of"
"""Header of an event that goes again to the one queue it was refused from: the id of the dead letter."""

# RabbitMQ 4 drops after 20 deliveries where nothing is said; there is no "never" that 3.10 and 4 both know.
_NEVER = 1_000_000_000

# A queue that takes messages and keeps none: they expire as they come.
_DROPS: dict[str, str | int] = {"x-queue-type": "classic", "x-message-ttl": 0}


def inbound(channel: str) -> str:
    """Name the queue in which a core puts the messages of a channel."""
    return f"iso20022.in.{channel}"


def commands(channel: str) -> str:
    """Name the queue in which microservices put the JSON commands for a channel."""
    return f"iso20022.commands.{channel}"


def outbound(channel: str) -> str:
    """Name the queue from which a core takes the messages of a channel."""
    return f"iso20022.out.{channel}"


def subscribed(subscription: str) -> str:
    """Name the queue from which a microservice takes the events of a subscription."""
    return f"{EVENTS}.{subscription}"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A queue of events. ``patterns`` match ``<tenant>.<event type>``: ``*`` is one word, ``#`` any number of them.

    ``with_ra_json`` are the patterns of events that come with the message's RA JSON, and not without.
    """

    queue: str
    patterns: tuple[str, ...] = ("#",)
    with_ra_json: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """Lengths in messages over which a publisher is refused, and deliveries after which the safety net takes one."""

    inbound_max_length: int = 100_000
    outbound_max_length: int = 1_000_000
    delivery_limit: int = 100


def topology(
    channels: Sequence[str],
    subscriptions: Sequence[Subscription] = (),
    limits: QueueLimits | None = None,
) -> Topology:
    """Give everything to declare for these channels and subscriptions, in the order of declaration."""
    limits = limits or QueueLimits()
    last = _last_resort(limits.outbound_max_length)
    return Topology(
        exchanges=(
            ExchangeSpec(UNROUTED, "fanout"),
            ExchangeSpec(SAFETY_NET, "fanout"),
            ExchangeSpec(REFUSED, "fanout"),
            ExchangeSpec(EVENTS, "topic", alternate=UNROUTED),
            ExchangeSpec(EVENTS_WITH_RA_JSON, "topic", alternate=UNROUTED),
        ),
        queues=(
            QueueSpec(SAFETY_NET, last, bindings=((SAFETY_NET, ""),)),
            QueueSpec(REFUSED, last, bindings=((REFUSED, ""),)),
            QueueSpec(UNROUTED, last, bindings=((UNROUTED, ""),)),
            *(_taken_in(name(channel), limits) for name in (inbound, commands) for channel in channels),
            *(_given_out(outbound(channel), limits) for channel in channels),
            *(_given_out(one.queue, limits, _bindings(one)) for one in subscriptions),
            QueueSpec(TAKEN, _DROPS, bindings=_taken(subscriptions)),
        ),
    )


def _bindings(one: Subscription) -> tuple[tuple[str, str], ...]:
    with_ra_json = ((EVENTS_WITH_RA_JSON, pattern) for pattern in one.with_ra_json)
    return (*((EVENTS, pattern) for pattern in one.patterns), *with_ra_json)


def _taken(subscriptions: Sequence[Subscription]) -> tuple[tuple[str, str], ...]:
    """What somebody takes with RA JSON is not unrouted where nobody takes it without."""
    patterns = dict.fromkeys(pattern for one in subscriptions for pattern in one.with_ra_json)
    return tuple((EVENTS, pattern) for pattern in patterns)


def _arguments(max_length: int, delivery_limit: int) -> dict[str, str | int]:
    return {
        "x-queue-type": "quorum",
        "x-max-length": max_length,
        "x-overflow": "reject-publish",
        "x-delivery-limit": delivery_limit,
    }


def _taken_in(queue: str, limits: QueueLimits) -> QueueSpec:
    arguments = _arguments(limits.inbound_max_length, limits.delivery_limit)
    return QueueSpec(queue, arguments | _dead_letters(SAFETY_NET, queue))


def _given_out(queue: str, limits: QueueLimits, bindings: tuple[tuple[str, str], ...] = ()) -> QueueSpec:
    arguments = _arguments(limits.outbound_max_length, limits.delivery_limit)
    return QueueSpec(queue, arguments | _dead_letters(REFUSED, queue), bindings)


def _dead_letters(exchange: str, routing_key: str) -> dict[str, str | int]:
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-routing-key": routing_key,
        "x-dead-letter-strategy": "at-least-once",
    }


def _last_resort(max_length: int) -> dict[str, str | int]:
    return {
        "x-queue-type": "quorum",
        "x-max-length": max_length,
        "x-overflow": "reject-publish",
        "x-delivery-limit": _NEVER,
    }
