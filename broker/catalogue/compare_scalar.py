"""What sets two scalars apart: base and facets, each facet on its own.

Owns the direction of a change of facets: whether more texts are valid than before, or fewer. Whether one pattern admits
all that another does is not asked: another pattern is a change.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from broker.catalogue.change import Change, Kind, of_bounds
from broker.catalogue.model import SimpleType


def scalar_changes(old: SimpleType, new: SimpleType) -> Iterator[Change]:
    """Give every change from one scalar to another; nothing where they admit the same."""
    if old.base != new.base:
        yield Change(Kind.CHANGED, f"{old.base}, now {new.base}")
    if bool(old.enumeration) != bool(new.enumeration):
        yield _closed(old, new) if new.enumeration else _opened(old, new)
        return
    lengths = (old.min_length or 0, old.max_length), (new.min_length or 0, new.max_length)
    if lengths[0] != lengths[1]:
        shown = _range(*lengths[0]), _range(*lengths[1])
        yield of_bounds("length", *lengths, shown)
    yield from _most("total digits", old.total_digits, new.total_digits)
    yield from _most("fraction digits", old.fraction_digits, new.fraction_digits)
    yield from _bound("minimum", old.min_inclusive, new.min_inclusive, lambda was, now: now > was)
    yield from _bound("maximum", old.max_inclusive, new.max_inclusive, lambda was, now: now < was)
    yield from _patterns(old.patterns, new.patterns)
    yield from _codes(old.enumeration, new.enumeration)


def _most(what: str, old: int | None, new: int | None) -> Iterator[Change]:
    if old != new:
        yield of_bounds(f"{what} at most", (0, old), (0, new), (_limit(old), _limit(new)))


def _bound(
    what: str, old: str | None, new: str | None, narrows: Callable[[Decimal, Decimal], bool]
) -> Iterator[Change]:
    if old == new or (old is not None and new is not None and Decimal(old) == Decimal(new)):
        return
    narrower = old is None or (new is not None and narrows(Decimal(old), Decimal(new)))
    yield Change(Kind.NARROWED if narrower else Kind.WIDENED, f"{what} {_limit(old)}, now {_limit(new)}")


def _patterns(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    if old == new:
        return
    text = f"pattern {_any_of(old)}, now {_any_of(new)}"
    if not old or (new and set(new) < set(old)):
        yield Change(Kind.NARROWED, text)
    else:
        yield Change(Kind.WIDENED if not new or set(new) > set(old) else Kind.CHANGED, text)


def _codes(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    gained, lost = sorted(set(new) - set(old)), sorted(set(old) - set(new))
    if gained:
        yield Change(Kind.WIDENED, f"codes added: {' '.join(gained)}")
    if lost:
        yield Change(Kind.NARROWED, f"codes removed: {' '.join(lost)}")


def _opened(codes: SimpleType, text: SimpleType) -> Change:
    """A closed list of codes gives way to any text of a form."""
    kind = Kind.WIDENED if _admits_all(text, codes.enumeration) else Kind.CHANGED
    return Change(kind, f"only the codes {' '.join(codes.enumeration)}, now any text {_form(text)}")


def _closed(text: SimpleType, codes: SimpleType) -> Change:
    """Any text of a form gives way to a closed list of codes."""
    kind = Kind.NARROWED if _admits_all(text, codes.enumeration) else Kind.CHANGED
    return Change(kind, f"any text {_form(text)}, now only the codes {' '.join(codes.enumeration)}")


def _admits_all(text: SimpleType, codes: tuple[str, ...]) -> bool:
    """Whether every code has the length and the form of the text. Codes are plain: Python reads the patterns alike."""
    low, high = text.min_length or 0, text.max_length
    return all(low <= len(code) and (high is None or len(code) <= high) for code in codes) and (
        not text.patterns or all(any(re.fullmatch(each, code) for each in text.patterns) for code in codes)
    )


def _form(text: SimpleType) -> str:
    pattern = f", pattern {_any_of(text.patterns)}" if text.patterns else ""
    return f"of length {_range(text.min_length or 0, text.max_length)}{pattern}"


def _range(low: int, high: int | None) -> str:
    return f"{low}..{'*' if high is None else high}"


def _limit(value: str | int | None) -> str:
    return "not limited" if value is None else str(value)


def _any_of(patterns: tuple[str, ...]) -> str:
    return " or ".join(patterns) or "not limited"
