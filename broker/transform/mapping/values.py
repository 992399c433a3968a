"""How one scalar changes form, each way: a closed list, one pair of functions a kind.

Inward takes RA JSON's lexical strings as schema validation left them; outward takes what a canonical model accepted.
Digits are never changed. Times become UTC where they carry an offset (RFC 3339) and stay local where they do not.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

from broker.transform.canonical.form import Kind

Convert = Callable[[Any], Any]

BASES: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.TEXT: frozenset({"string", "date", "gYear", "gYearMonth", "base64Binary"}),
    Kind.DATE: frozenset({"date"}),
    Kind.TIME: frozenset({"time"}),
    Kind.DECIMAL: frozenset({"decimal"}),
    Kind.COUNT: frozenset({"string", "decimal"}),
    Kind.YES_NO: frozenset({"boolean"}),
    Kind.INSTANT: frozenset({"dateTime"}),
    Kind.MONEY: frozenset(),
}
"""XML Schema bases that can hold a kind; money is an amount type with its currency instead."""

_MIDNIGHT: Final = "T24:00:00"
_OFFSET_LENGTH: Final = 6


def money_in(value: Mapping[str, str]) -> dict[str, str]:
    """``{"amt", "Ccy"}`` → ``{"currency", "amount"}``."""
    return {"currency": value["Ccy"], "amount": value["amt"]}


def money_out(value: Mapping[str, str]) -> dict[str, str]:
    """``{"currency", "amount"}`` → ``{"amt", "Ccy"}``."""
    return {"amt": value["amount"], "Ccy": value["currency"]}


def yes_no_in(value: str) -> bool:
    """The four lexical forms of xs:boolean → true or false."""
    return value in ("true", "1")


def yes_no_out(value: bool) -> str:  # noqa: FBT001 - the value itself
    """True or false → ``"true"``, ``"false"``."""
    return "true" if value else "false"


def count_in(value: str) -> int | None:
    """``"7"`` (or a whole xs:decimal such as ``"7."``) → 7; None for what is no number (lenient channels)."""
    try:
        return int(value) if value.isdecimal() else int(Decimal(value))
    except (ArithmeticError, ValueError):
        return None


def instant_in(value: str) -> dict[str, str]:
    """An xs:dateTime → the one of ``utc``, ``local`` and ``as_written`` that says it (see canonical Instant)."""
    if value[4:5] != "-" or value[0] == "-" or value[:4] == "0000":  # five digits of year, or before the year 1
        return {"as_written": value}
    if _MIDNIGHT not in value:
        if value[-1] == "Z":
            return {"utc": value}
        if value[-_OFFSET_LENGTH : -_OFFSET_LENGTH + 1] not in ("+", "-"):
            return {"local": value}
    return _shifted(value)


def _shifted(value: str) -> dict[str, str]:
    zone = "Z" if value[-1] == "Z" else value[-_OFFSET_LENGTH:] if value[-_OFFSET_LENGTH] in "+-" else ""
    clock, dot, fraction = value.removesuffix(zone).partition(".")
    try:
        moment = datetime.fromisoformat(clock.replace(_MIDNIGHT, "T00:00:00")).replace(tzinfo=UTC)
        if _MIDNIGHT in clock:
            moment += timedelta(days=1)
        if zone not in ("", "Z"):
            moment -= _offset(zone)
    except (OverflowError, ValueError):  # beyond the calendar, or no time at all on a lenient channel
        return {"as_written": value}
    text = f"{moment.isoformat()[:19]}{dot}{fraction}"
    if not zone:
        return {"local": text}
    return {"utc": f"{text}Z"} if zone == "Z" else {"utc": f"{text}Z", "offset": zone}


def _offset(zone: str) -> timedelta:
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))


def instant_out(value: Mapping[str, str]) -> str:
    """Write an Instant as xs:dateTime, with the offset it once had."""
    if "utc" not in value:
        return value.get("local") or value["as_written"]
    zone = value.get("offset")
    if zone is None:
        return value["utc"]
    clock, dot, fraction = value["utc"].removesuffix("Z").partition(".")
    try:
        moment = datetime.fromisoformat(clock).replace(tzinfo=UTC).astimezone(timezone(_offset(zone)))
    except (OverflowError, ValueError):  # an offset of a day or more, or out of the calendar: say it in UTC
        return value["utc"]
    return f"{moment.isoformat()[:19]}{dot}{fraction}{zone}"


INWARD: Final[Mapping[Kind, Convert]] = {
    Kind.MONEY: money_in,
    Kind.YES_NO: yes_no_in,
    Kind.COUNT: count_in,
    Kind.INSTANT: instant_in,
}
"""Kinds not listed stay as they are."""

OUTWARD: Final[Mapping[Kind, Convert]] = {
    Kind.MONEY: money_out,
    Kind.YES_NO: yes_no_out,
    Kind.COUNT: str,
    Kind.INSTANT: instant_out,
}
"""As ``INWARD``, the other way."""
