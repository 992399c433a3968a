"""Limits and choices of a subscriber, each with a default."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SubscriberConfig:
    """What a service may choose.

    ``unknown`` is what happens to events no handler takes: ``ignore`` acknowledges them with a log line. ``batch``
    counts events that may take effect in one transaction: several are much faster, and where one of them fails each is
    taken alone from the beginning, so that a handler may run twice. ``prefetch`` counts events held for this process,
    at least a batch. ``attempts`` counts tries of a handler that raises, with random waits between them that grow from
    ``first_wait_s`` to ``longest_wait_s``. ``returns`` counts how often an event may come back unsettled before it is
    taken for what ends the process. A handler is cancelled after ``handler_timeout_s``. ``statement_cache`` False is
    for PgBouncer in transaction mode.
    """

    unknown: Literal["ignore", "refuse"] = "ignore"
    batch: int = 1
    prefetch: int = 20
    attempts: int = 5
    returns: int = 5
    first_wait_s: float = 0.2
    longest_wait_s: float = 10.0
    handler_timeout_s: float = 25.0
    statement_cache: bool = True
