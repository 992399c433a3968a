"""Which dead letters an operator means: named by id, or all open ones that fit a filter.

A selection by filter is frozen by an instant: nothing that fails later joins it, so a bulk replay that was interrupted
goes on with the same set when it is given again with that instant.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from rapidfuzz import process

from broker.message.failure import FailureCode
from broker.store.dead_letters import Filter
from dlq.office import Office

_AGE = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Selection:
    """``ids`` where they are named, else ``which``."""

    ids: tuple[UUID, ...]
    which: Filter

    async def freeze(self, office: Office) -> list[UUID]:
        """Give the ids, each once: as named, or of the open dead letters that fit, the oldest first."""
        return list(dict.fromkeys(self.ids)) if self.ids else await office.letters.frozen(self.which)


def select(ids: Sequence[UUID], which: Filter, now: datetime) -> Selection:
    """Make a selection, frozen at ``now`` unless the filter ends earlier.

    Raises ValueError where nothing was selected, or both ids and a filter were given.
    """
    if ids and which != Filter():
        raise ValueError("give ids or a filter, not both")
    if not ids and which == Filter():
        raise ValueError("say which: one or more ids, or a filter such as --code or --channel")
    return Selection(tuple(ids), replace(which, created_before=min(which.created_before or now, now)))


def age(text: str) -> timedelta:
    """Read an age: ``90s``, ``15m``, ``2h``, ``7d``. Raises ValueError."""
    match = _AGE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an age; write 90s, 15m, 2h or 7d")
    return timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})


def instant(text: str) -> datetime:
    """Read an instant in ISO 8601; one without offset is UTC. Raises ValueError."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not an instant; write 2026-01-31T23:59:59Z") from error
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def failure_code(text: str) -> FailureCode:
    """Read a failure code. Raises ValueError naming the nearest."""
    try:
        return FailureCode(text)
    except ValueError as error:
        nearest = process.extractOne(text, [code.value for code in FailureCode])
        raise ValueError(f"no failure code {text!r}; did you mean {nearest[0]}?") from error
