"""What every write of one transaction shares: the connection, the codec and the instant.

Rows go in as columns (``unnest`` of arrays): one round trip for any number of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson

from broker.errors import StoreRefusedError
from broker.message.finding import Finding
from broker.store.codec import Codec
from broker.store.database import Connection

Clock = Callable[[], datetime]
"""Gives the present as an aware UTC instant."""

_NO_FINDINGS: Final = "[]"


@dataclass(frozen=True, slots=True)
class Writing:
    """One transaction's writes. ``at`` is the aware UTC instant they are dated with."""

    connection: Connection
    codec: Codec
    at: datetime

    @property
    def day(self) -> date:
        """The UTC day, which names the partitions."""
        return self.at.date()


def utc_now() -> datetime:
    """Give the present."""
    return datetime.now(UTC)


def columns(rows: Iterable[tuple[object, ...]]) -> list[list[Any] | None]:
    """Turn rows into columns; no rows give none. A column in which nothing is said is None: ``unnest`` fills it up."""
    return [None if column.count(None) == len(column) else list(column) for column in zip(*rows, strict=True)]


def storable(text: str | None) -> str | None:
    """Make a text that a peer chose storable: PostgreSQL has neither NUL nor lone surrogates.

    Otherwise a hostile header would keep even the dead letter of its message from being written.
    """
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def findings_json(findings: tuple[Finding, ...]) -> str:
    """Give findings as JSON text. Raises StoreRefusedError where one holds what is not Unicode."""
    if not findings:
        return _NO_FINDINGS
    try:
        return orjson.dumps([each.as_dict() for each in findings]).decode()
    except orjson.JSONEncodeError:
        raise StoreRefusedError("a finding that is not Unicode cannot be stored") from None
