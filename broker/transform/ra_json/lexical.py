"""Whether a text is in the lexical space of a simple type (XML Schema Part 2), said in words a person can act on.

Owns the checks of scalars on the way from JSON to XML. A check gives what was expected, never what was found: values
identify people. Must not know where in a message the value stands.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from broker.catalogue.model import SimpleType

Check = Callable[[str], tuple[str, str] | None]
"""Gives None where the text is good, else the rule it breaks and what was expected."""

_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR = r"(?P<year>-?(?:[1-9][0-9]{4,8}|[0-9]{4}))"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_DAY = r"(?P<day>0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"

_FORMS = {
    "decimal": (r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", "a decimal number without exponent"),
    "boolean": (r"true|false|1|0", "true, false, 1 or 0"),
    "date": (f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}", "a date as in 2024-02-29"),
    "dateTime": (f"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_ZONE}", "a date and time as in 2024-02-29T10:15:00Z"),
    "time": (f"{_CLOCK}{_ZONE}", "a time as in 10:15:00"),
    "gYear": (f"{_YEAR}{_ZONE}", "a year as in 2024"),
    "gYearMonth": (f"{_YEAR}-{_MONTH}{_ZONE}", "a year and month as in 2024-02"),
    "base64Binary": (
        r"(?:(?:[A-Za-z0-9+/]\s*){4})*(?:(?:[A-Za-z0-9+/]\s*){2}=\s*=|(?:[A-Za-z0-9+/]\s*){3}=)?\s*",
        "base64",
    ),
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BEYOND_PYTHON = re.compile(r"\\[a-zA-Z]|\[[^\]]*-\[|\(\?")  # XML Schema's own classes and subtraction
_PLAIN = 2  # characters and length
_DAYS_OF_FEBRUARY = 29
_DAYS = (31, _DAYS_OF_FEBRUARY, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def checker(kind: SimpleType) -> Check:
    """Compile the check of a simple type: characters, lexical form, then facets, stopping at the first that fails."""
    checks = tuple(_checks(kind))
    if len(checks) == 1:
        return checks[0]

    def check(text: str) -> tuple[str, str] | None:
        for one in checks:
            wrong = one(text)
            if wrong is not None:
                return wrong
        return None

    return _unless_plain(kind, check) if len(checks) == _PLAIN and kind.base == "string" else check


def _unless_plain(kind: SimpleType, check: Check) -> Check:
    """Ask one question of an ordinary text of a bounded length, which most values of most messages are."""
    low, high = kind.min_length or 0, kind.max_length
    if kind.patterns or high is None:
        return check
    return lambda text: None if low <= len(text) <= high and text.isascii() and text.isprintable() else check(text)


def _checks(kind: SimpleType) -> Iterator[Check]:
    if kind.enumeration:
        yield _enumerated(kind.enumeration)
        return
    yield _characters
    if kind.min_length is not None or kind.max_length is not None:
        yield _length(kind)
    if kind.base in _FORMS:
        yield _form(kind.base)
    if kind.patterns:
        yield _patterns(kind.patterns)
    if kind.total_digits is not None or kind.fraction_digits is not None:
        yield _digits(kind)
    if kind.min_inclusive is not None:
        yield _minimum(kind.min_inclusive)


def _enumerated(values: tuple[str, ...]) -> Check:
    known = frozenset(values)
    shown = ", ".join(values[:12]) + (", …" if len(values) > 12 else "")  # noqa: PLR2004  a readable dozen
    return lambda text: None if text in known else ("json.enumeration", f"expected one of {shown}")


def _characters(text: str) -> tuple[str, str] | None:
    if text.isascii() and text.isprintable():
        return None
    return ("json.character", "expected characters that XML 1.0 permits") if _NOT_XML.search(text) else None


def _length(kind: SimpleType) -> Check:
    low, high = kind.min_length or 0, kind.max_length
    unit = "octets" if kind.base == "base64Binary" else "characters"

    def check(text: str) -> tuple[str, str] | None:
        size = len(text)
        if unit == "octets":
            packed = "".join(text.split())
            size = len(packed) // 4 * 3 - packed[-2:].count("=")
        if size < low:
            return "json.length", f"expected at least {low} {unit}, found {size}"
        if high is not None and size > high:
            return "json.length", f"expected at most {high} {unit}, found {size}"
        return None

    return check


def _form(base: str) -> Check:
    pattern, expected = _FORMS[base]
    compiled = re.compile(pattern)
    with_day = "day" in compiled.groupindex

    def check(text: str) -> tuple[str, str] | None:
        match = compiled.fullmatch(text)
        if match is None or (with_day and not _is_a_day(match)):
            return "json.form", f"expected {expected}"
        return None

    return check


def _is_a_day(match: re.Match[str]) -> bool:
    year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= _DAYS[month - 1] and (leap or (month, day) != (2, _DAYS_OF_FEBRUARY))


def _patterns(patterns: tuple[str, ...]) -> Check:
    """Several patterns of one type are alternatives (XML Schema Part 2, 4.3.4.3)."""
    if any(_BEYOND_PYTHON.search(pattern) for pattern in patterns):
        return lambda _: None  # a dialect's pattern in a syntax of its own: the schema's validator decides
    compiled = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
    wrong = "json.pattern", f"expected the form {' or '.join(patterns)}"
    return lambda text: None if compiled.fullmatch(text) else wrong


def _digits(kind: SimpleType) -> Check:
    total, fraction = kind.total_digits, kind.fraction_digits

    def check(text: str) -> tuple[str, str] | None:
        whole, _, part = text.lstrip("+-").partition(".")
        whole, part = whole.lstrip("0"), part.rstrip("0")
        if total is not None and len(whole) + len(part) > total:
            return "json.digits", f"expected at most {total} digits"
        if fraction is not None and len(part) > fraction:
            return "json.digits", f"expected at most {fraction} digits after the point"
        return None

    return check


def _minimum(lowest: str) -> Check:
    least = Decimal(lowest)
    return lambda text: None if Decimal(text) >= least else ("json.minimum", f"expected {lowest} or more")
