"""The table of queues and exchanges."""

from broker.transport.topology import (
    EVENTS,
    EVENTS_WITH_RA_JSON,
    REFUSED,
    SAFETY_NET,
    TAKEN,
    UNROUTED,
    QueueLimits,
    Subscription,
    commands,
    inbound,
    outbound,
    topology,
)

WHOLE = topology(
    ["core-a", "core-b"],
    [Subscription("fraud", ("bank-a.#", "*.status")), Subscription("archive", (), ("*.status", "#"))],
    QueueLimits(10, 20, 5),
)
KEEPING = [queue for queue in WHOLE.queues if queue.name != TAKEN]


def test_names() -> None:
    """Every channel has its three queues, beside the safety net, the refused, the unrouted and the subscriptions."""
    queues = {f(channel) for f in (inbound, commands, outbound) for channel in ("core-a", "core-b")}
    assert {queue.name for queue in WHOLE.queues} == queues | {SAFETY_NET, REFUSED, UNROUTED, TAKEN, "fraud", "archive"}
    assert [exchange.name for exchange in WHOLE.exchanges] == [
        *(UNROUTED, SAFETY_NET, REFUSED, EVENTS, EVENTS_WITH_RA_JSON)
    ]


def test_every_queue_is_safe() -> None:
    """Every queue that keeps messages is replicated, bounded, refuses when full and says how often it delivers."""
    for queue in KEEPING:
        arguments = queue.arguments
        assert arguments["x-queue-type"] == "quorum"
        assert arguments["x-overflow"] == "reject-publish"
        assert int(arguments["x-max-length"]) > 0
        assert int(arguments["x-delivery-limit"]) > 0


def test_dead_letters_have_one_way() -> None:
    """What comes in falls into the safety net under its queue's name, what goes out into the refused; no cycle."""
    for queue in KEEPING:
        if queue.name in {SAFETY_NET, REFUSED, UNROUTED}:
            assert "x-dead-letter-exchange" not in queue.arguments
        else:
            taken_in = queue.name.startswith((inbound(""), commands("")))
            way = (SAFETY_NET if taken_in else REFUSED, queue.name)
            assert (queue.arguments["x-dead-letter-exchange"], queue.arguments["x-dead-letter-routing-key"]) == way
            assert queue.arguments["x-dead-letter-strategy"] == "at-least-once"


def test_bindings_name_what_is_declared() -> None:
    """Every binding and every alternate is of an exchange that comes before it."""
    declared = {exchange.name for exchange in WHOLE.exchanges}
    assert {exchange for queue in WHOLE.queues for exchange, _ in queue.bindings} == declared
    assert [exchange.alternate for exchange in WHOLE.exchanges] == [None, None, None, UNROUTED, UNROUTED]


def test_what_is_taken_with_ra_json_is_not_unrouted_without() -> None:
    """A subscription that asks for RA JSON is bound for that alone; a queue that keeps nothing takes the rest."""
    bindings = {queue.name: queue.bindings for queue in WHOLE.queues}
    assert bindings["archive"] == ((EVENTS_WITH_RA_JSON, "*.status"), (EVENTS_WITH_RA_JSON, "#"))
    assert bindings[TAKEN] == ((EVENTS, "*.status"), (EVENTS, "#"))
    assert next(queue.arguments for queue in WHOLE.queues if queue.name == TAKEN)["x-message-ttl"] == 0


def test_limits() -> None:
    """What comes in and what goes out have lengths of their own."""
    lengths = {queue.name: queue.arguments["x-max-length"] for queue in KEEPING}
    assert lengths[inbound("core-a")] == lengths[commands("core-a")] == 10
    assert lengths[outbound("core-a")] == lengths["fraud"] == 20
