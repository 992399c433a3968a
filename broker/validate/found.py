"""What was found in a message, masked: enough to mend it, nothing that identifies a person.

Shown as they stand are amounts, dates, indicators and short codes. An identifier is shown by its shape
(``DE89 3704`` as ``AA99 9999``). Of any other text only the length is said. In doubt, mask.
"""

import re
from typing import Final

from broker.catalogue.model import SimpleType

_NUMBER: Final = re.compile(r"(?!(?:\D*\d){19})[+\-0-9., ]{1,24}")  # of more digits may be an account
_DATE: Final = r"(?:\d{4}-\d{1,2}(?:-\d{1,2})?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})"
_REST: Final = r"[0-9:.,+\-Z]{0,24}"
_MOMENT: Final = re.compile(
    rf"{_DATE}(?:[T ]\d{{1,2}}[:.]\d{{2}}{_REST}|Z|[+-]\d{{2}}:\d{{2}})?|\d{{1,2}}:\d{{2}}{_REST}", re.ASCII
)
_CODE: Final = re.compile(r"[A-Za-z0-9]{1,4}")
_INDICATOR: Final = re.compile(r"(?i)true|false|yes|no|[a-z0-9]")
_NAME: Final = re.compile(r"[^\x00-\x20\x7f<>&\"']{1,80}")
_DEFINITION: Final = re.compile(r"[A-Za-z]{4}\.[A-Za-z0-9.]{3,30}")
_LONGEST_SHAPE: Final = 50
_CODE_NAMES: Final = ("Code", "CodeSet")

_SHOWN_AS_IT_STANDS: Final = {
    "decimal": _NUMBER,
    "boolean": _INDICATOR,
    "date": _MOMENT,
    "dateTime": _MOMENT,
    "time": _MOMENT,
    "gYear": _NUMBER,
    "gYearMonth": _MOMENT,
}


def found_value(text: str, type_: SimpleType) -> str:
    """Say what stands where a value of ``type_`` is expected."""
    if not text.strip():
        return "white space alone" if text else "nothing"
    plain = _CODE if type_.base == "string" and _is_code(text, type_) else _SHOWN_AS_IT_STANDS.get(type_.base)
    if plain is not None and len(text) <= _LONGEST_SHAPE and plain.fullmatch(text):
        return f'"{text}"'
    if type_.base == "string" and not type_.patterns and not type_.enumeration:
        return _length(text)
    return f"{_length(text)} of the shape {shape(text)}"


def shape(text: str) -> str:
    """The shape of an identifier: letters as A or a, digits as 9, ASCII signs as they are, the rest as ``?``."""
    shown = "".join(_shape_of(letter) for letter in text[:_LONGEST_SHAPE])
    return f"{shown}…" if len(text) > _LONGEST_SHAPE else shown


def shown_name(name: str) -> str:
    """The name of an element or a namespace as a sender wrote it; its length where it is not one."""
    return name if _NAME.fullmatch(name) else _length(name)


def shown_definition(name: str) -> str:
    """The name of a definition as a sender wrote it; its length where it does not look like one."""
    return name if _DEFINITION.fullmatch(name) else _length(name)


def _is_code(text: str, type_: SimpleType) -> bool:
    if type_.enumeration:
        return bool(_CODE.fullmatch(text))
    return type_.name.partition("@")[0].endswith(_CODE_NAMES)


def _shape_of(letter: str) -> str:
    if letter.isdigit():
        return "9"
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    return letter if letter.isascii() and letter.isprintable() else "?"


def _length(text: str) -> str:
    return "1 character" if len(text) == 1 else f"{len(text):,} characters"
