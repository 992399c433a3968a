"""What a type of the standard allows, in words."""

import re
from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz, process

from broker.catalogue.model import SimpleType

_MOST_LISTED: Final = 12
_SHOWN_OF_MORE: Final = 5
_LEAST_LIKENESS: Final = 70  # of 100

_LONGEST_TRIED: Final = 64  # characters: what identifies is no longer

_BASES: Final = {
    "boolean": "true, false, 1 or 0",
    "date": "a date such as 2025-01-31",
    "dateTime": "a date and time such as 2025-01-31T09:30:00.000+01:00",
    "time": "a time such as 09:30:00",
    "gYear": "a year such as 2025",
    "gYearMonth": "a month such as 2025-01",
    "base64Binary": "base64",
}
_UUID_V4: Final = "-4[a-f0-9]{3}-[89ab]"
_UUID: Final = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-([0-9a-fA-F])[0-9a-fA-F]{3}-([0-9a-fA-F])[0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
)


def expected_value(type_: SimpleType) -> str:
    """Say what a value of ``type_`` may be."""
    if type_.enumeration:
        return one_of(type_.enumeration)
    if type_.base == "decimal":
        return _number(type_)
    words = _BASES.get(type_.base, "")
    if type_.base == "string" and (type_.min_length is not None or type_.max_length is not None or not type_.patterns):
        words = _length(type_)
    patterns = f"the pattern {' or '.join(type_.patterns)}" if type_.patterns else ""
    return " and ".join(part for part in (words, patterns) if part)


def one_of(names: Sequence[str]) -> str:
    """Name the alternatives; where there are many, how many and the first of them."""
    if len(names) == 1:
        return names[0]
    if len(names) <= _MOST_LISTED:
        return f"one of {', '.join(names)}"
    return f"one of {len(names)}: {', '.join(names[:_SHOWN_OF_MORE])} …"


def hint(text: str, type_: SimpleType) -> str:
    """What most likely went wrong, where that can be said; empty otherwise. Begins with a semicolon."""
    if len(text) > _LONGEST_TRIED:
        return ""
    if type_.enumeration:
        near = nearest(text, type_.enumeration)
        return f"; nearest is {near}" if near else ""
    if text != text.strip():
        return "; white space stands around it"
    if any(_UUID_V4 in pattern for pattern in type_.patterns):
        return _uuid_hint(text)
    if text.upper() != text and any(_fits(text.upper(), pattern) for pattern in type_.patterns):
        return "; it is right in capital letters"
    return ""


def nearest(name: str, names: Sequence[str]) -> str:
    """The name most like ``name``; empty where none is like it. A name that begins with the other is like it."""
    if not name or len(name) > _LONGEST_TRIED:
        return ""
    lengthened = [known for known in names if known.startswith(name) or name.startswith(known)]
    if lengthened:
        return lengthened[0]
    found = process.extractOne(name, names, scorer=fuzz.ratio, processor=str.upper, score_cutoff=_LEAST_LIKENESS)
    return found[0] if found else ""


def _uuid_hint(text: str) -> str:
    match = _UUID.fullmatch(text)
    if match is None:
        return "; it is not a UUID of 36 characters"
    if text != text.lower():
        return "; its letters must be lower case"
    if match[1] != "4":
        return f"; it is a UUID of version {match[1]}, and version 4 is needed"
    return f"; its 20th character is {match[2]}, and 8, 9, a or b is needed"


def _fits(text: str, pattern: str) -> bool:
    try:
        return bool(re.fullmatch(pattern, text))
    except re.error:  # a dialect's pattern may be one that only XML Schema knows
        return False


def _length(type_: SimpleType) -> str:
    least, most = type_.min_length, type_.max_length
    if most is None:
        return f"at least {least} characters" if least else "text"
    if least == most:
        return f"{most} characters"
    return f"{least} to {most} characters" if least else f"at most {most} characters"


def _number(type_: SimpleType) -> str:
    words = ["a number"]
    if type_.total_digits is not None:
        words.append(f"at most {type_.total_digits} digits")
    if type_.fraction_digits is not None:
        fraction = f"at most {type_.fraction_digits}" if type_.fraction_digits else "none"
        words.append(f"{fraction} of them after the point")
    if type_.min_inclusive is not None:
        words.append(f"not under {type_.min_inclusive}")
    if type_.patterns:
        words.append(f"the pattern {' or '.join(type_.patterns)}")
    return ", ".join(words)
