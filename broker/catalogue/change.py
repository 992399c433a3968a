"""A change between two versions of something a definition says: its kind and its words."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a change does to the messages that are valid.

    ``added``: an element that was not there; ``removed``: one that is no longer; ``widened``: more values or
    occurrences are valid; ``narrowed``: fewer; ``changed``: other ones, or more in one way and fewer in another.
    """

    ADDED = "added"
    REMOVED = "removed"
    WIDENED = "widened"
    NARROWED = "narrowed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, without its place."""

    kind: Kind
    text: str


def of_bounds(what: str, old: tuple[int, int | None], new: tuple[int, int | None], shown: tuple[str, str]) -> Change:
    """A change of a range (least, most; None: unbounded), shown as text before and after."""
    (old_low, old_high), (new_low, new_high) = old, new
    wider = new_low < old_low or (old_high is not None and (new_high is None or new_high > old_high))
    narrower = new_low > old_low or (new_high is not None and (old_high is None or new_high < old_high))
    text = f"{what} {shown[0]}, now {shown[1]}"
    if wider and narrower:
        return Change(Kind.CHANGED, text)
    return Change(Kind.WIDENED if wider else Kind.NARROWED, text)
