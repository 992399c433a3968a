"""What is surely a value of a type: a quick look that never takes a wrong value for a right one.

libxml2 decides what is valid. Of the values that a type allows these looks know the usual ones: of numbers those
without a sign, of days all but 29 February, of patterns those of letters, digits and ranges. Whatever they do not know
is not wrong, and is to be asked of libxml2.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from broker.catalogue.model import SimpleType

Look = Callable[[str], object]
"""Something true for what is surely right; anything else says nothing."""

_SIGN: Final = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"  # XML 1.0, 2.2: what is not a Char, surrogates aside
_DAY: Final = (
    "[12][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
_ZONE: Final = "(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])?"
_BASES: Final = {
    "boolean": "true|false|0|1",
    "date": _DAY + _ZONE,
    "dateTime": f"{_DAY}T{_TIME}{_ZONE}",
    "time": _TIME + _ZONE,
    "gYear": "[12][0-9]{3}",
    "gYearMonth": "[12][0-9]{3}-(?:0[1-9]|1[0-2])",
}
# Patterns that mean in Python what they mean in XML Schema (part 2, appendix F), and match nothing beyond ASCII.
_SAFE: Final = re.compile(
    r"(?:\[(?:[A-Za-z0-9()+]|[A-Za-z0-9]-[A-Za-z0-9]|\\-)+\]|[A-Za-z0-9-]|\\[+.]|[()|?+]|\{[0-9,]+\})+"
)
_DIGITS: Final = 18  # where a number says nothing of its own

SPACE: Final[Look] = re.compile(r"[ \t\n]+").fullmatch
"""White space between elements."""

TEXT: Final[Look] = re.compile(f"{_SIGN}+").fullmatch
"""Any text that XML allows."""


def nothing(_: str) -> bool:
    """Know no value."""
    return False


@lru_cache(maxsize=4096)
def surely(type_: SimpleType) -> Look:
    """Give the look for a type's values, as they stand in the message."""
    if type_.min_inclusive not in {None, "0"} or type_.max_inclusive is not None:
        return nothing
    if type_.enumeration:
        return nothing if type_.patterns else frozenset(type_.enumeration).__contains__
    pattern = _pattern(type_)
    return nothing if pattern is None else re.compile(pattern).fullmatch


def _pattern(type_: SimpleType) -> str | None:
    if type_.base == "string":
        return _of_text(type_)
    if type_.patterns:
        return None
    return _of_number(type_) if type_.base == "decimal" else _BASES.get(type_.base)


def _of_text(type_: SimpleType) -> str | None:
    length = f"{{{type_.min_length or 0},{'' if type_.max_length is None else type_.max_length}}}"
    if not type_.patterns:
        return f"{_SIGN}{length}"
    if not all(_SAFE.fullmatch(each) for each in type_.patterns):
        return None
    return rf"(?={_SIGN}{length}\Z)(?:{'|'.join(type_.patterns)})"


def _of_number(type_: SimpleType) -> str:
    digits = _DIGITS if type_.total_digits is None else type_.total_digits
    fraction = digits - 1 if type_.fraction_digits is None else type_.fraction_digits
    whole = f"[0-9]{{1,{digits}}}"
    return rf"{whole}|(?=[0-9.]{{3,{digits + 1}}}\Z)[0-9]+\.[0-9]{{1,{fraction}}}" if fraction else whole
