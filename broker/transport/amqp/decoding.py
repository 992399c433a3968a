"""Decoding of what foreign senders put into AMQP properties, such that no value of theirs ends the connection.

pamqp refuses a property that is not UTF-8, a timestamp beyond the year 9999 and a header table with either. RabbitMQ
lets all three through, and one such message would end the consuming connection at each of its redeliveries, with every
innocent message that was on its way. The library offers no other place for this than its table of decoders.
"""

import datetime as dt
from typing import Any

from pamqp import decode

_NO_TIME = dt.datetime.fromtimestamp(0, tz=dt.UTC)


def tolerate_foreign_properties() -> None:
    """Put the tolerant decoders in place of the strict ones. Idempotent."""
    decode.METHODS["shortstr"] = _short_text
    decode.METHODS["timestamp"] = _timestamp
    decode.METHODS["table"] = _table


def _short_text(value: bytes) -> tuple[int, str]:
    """Text, with bytes that are no UTF-8 written out in hexadecimal: different values stay different."""
    end = value[0] + 1
    return end, value[1:end].decode("utf-8", "backslashreplace")


def _timestamp(value: bytes) -> tuple[int, dt.datetime]:
    try:
        return decode.timestamp(value)
    except (ValueError, OverflowError, OSError):
        return 8, _NO_TIME


def _table(value: bytes) -> tuple[int, dict[str, Any]]:
    """The table, or an empty one where something in it cannot be decoded."""
    try:
        return decode.field_table(value)
    except (ValueError, OverflowError, OSError):
        return 4 + int.from_bytes(value[:4], "big"), {}
