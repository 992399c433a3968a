"""JSON bytes → object, strictly: what RFC 8259 leaves to the reader is refused here or marked for a finding.

Owns the only JSON reader of messages. Duplicate names (RFC 8259, section 4, leaves them open) mark their object, and
numbers are marked unread, since no value of RA JSON is a number; both become findings with a path when the object is
walked. Whole numbers of ordinary size are read: canonical data counts things. Must not know the type model.
"""

import json
from dataclasses import dataclass

from broker.message.finding import Finding, Severity

_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Repeated:
    """Stands for an object in which a name occurs twice."""


@dataclass(frozen=True, slots=True)
class Number:
    """Stands for a number, NaN or an infinity; its digits are not read."""


def read_json(body: bytes) -> object | Finding:
    """Read JSON in UTF-8; a finding ``json.malformed`` where it is not that, or is nested beyond all measure."""
    try:
        read: object = json.loads(
            body.decode(), object_pairs_hook=_object, parse_int=_whole, parse_float=_number, parse_constant=_number
        )
    except UnicodeDecodeError:
        return _malformed(0, "expected UTF-8")
    except json.JSONDecodeError as error:
        return _malformed(error.lineno, f"expected JSON: {error.msg} at column {error.colno}")
    except RecursionError:
        return _malformed(0, "is nested too deep")
    else:
        return read


def _object(pairs: list[tuple[str, object]]) -> object:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Repeated()


def _whole(digits: str) -> int | Number:
    return int(digits) if len(digits) <= _MOST_DIGITS else Number()


def _number(_: str) -> Number:
    return Number()


def _malformed(line: int, text: str) -> Finding:
    return Finding("json.malformed", Severity.ERROR, "", line, text)
