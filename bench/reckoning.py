"""What the measured figures come to at other rates: docs/scaling.md's arithmetic, done from one run of `make bench`.

Multiplication and nothing else; what it leaves out is said on the page.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from bench.end_to_end import OURS, medians
from bench.flow.contest import PARTS
from bench.flow.workload import PACS_008

RATES = (1_000, 10_000, 100_000)
_BUSY = 0.7  # of a core that is planned with
_REPLICAS = 3
_DAY_S = 86_400
_KEPT_FOR_GOOD = {"inbox", "message", "audit_entry", "audit_leaf", "audit_tile"}
_WAITING = {"outbox_pending", "audit_pending"}

Row = tuple[str, Sequence[str]]


def rows(figures: Mapping[str, Any]) -> list[Row]:
    """Each line: what it is, and its value at each of the rates."""
    cpu = medians(figures["end_to_end"][PACS_008]["rounds"])[OURS]
    return [
        *(_cores(part, cpu[part]) for part in PARTS),
        *_queues(figures["serial"], figures["volume"]),
        *_network(figures["volume"]),
        *_database(figures["volume"]),
    ]


def _cores(part: str, us: float) -> Row:
    cores = [f"{rate * us / 1e6 / _BUSY:,.1f}" for rate in RATES]
    return f"{part}: cores, at {us:,.0f} µs a message and {_BUSY:.0%} busy", cores


def _queues(serial: Mapping[str, float], volume: Mapping[str, Any]) -> list[Row]:
    slower = min(serial["queue_takes_per_s"], serial["queue_gives_per_s"])
    entries, each = serial["audit_entries_per_s"], volume["audit_entries"]
    inbound, events = (
        [f"{ceil(rate * count / (slower * _BUSY)):,}" for rate in RATES] for count in (1, volume["publications"])
    )
    return [
        (f"inbound queues, of {slower:,.0f} messages a second each", inbound),
        ("queues for every event", events),
        (
            f"tenants, of {entries:,.0f} audit entries a second each",
            [f"{ceil(rate * each / (entries * _BUSY)):,}" for rate in RATES],
        ),
    ]


def _network(volume: Mapping[str, Any]) -> list[Row]:
    carried = volume["amqp_in_bytes"] + volume["amqp_out_bytes"]
    return [
        ("network, RabbitMQ and workers: Mbit/s", [f"{rate * carried * 8 / 1e6:,.0f}" for rate in RATES]),
        (
            f"network, between {_REPLICAS} nodes of RabbitMQ: Mbit/s",
            [f"{rate * carried * (_REPLICAS - 1) * 8 / 1e6:,.0f}" for rate in RATES],
        ),
    ]


def _database(volume: Mapping[str, Any]) -> list[Row]:
    tables = {name: each["rows"] + each["indexes"] for name, each in volume["tables"].items() if name not in _WAITING}
    kept = sum(size for name, size in tables.items() if name in _KEPT_FOR_GOOD)
    days = {f"{name}, dropped by day": tables.get(name, 0) for name in ("message_body", "outbox")}
    growth = {"inbox, messages, audit log: kept": kept, **days}
    return [
        ("write-ahead log: MB/s", [f"{rate * volume['wal_bytes'] / 1e6:,.0f}" for rate in RATES]),
        ("transactions a second", [f"{rate * volume['commits']:,.0f}" for rate in RATES]),
        *(
            (f"{name}: GB a day", [f"{rate * size * _DAY_S / 1e9:,.0f}" for rate in RATES])
            for name, size in growth.items()
        ),
    ]
