"""RA JSON of messages of one shape: a reader that puts values where the walk over the tree would have put them.

The RA JSON of two messages of one shape differs in the values alone. So the tree is walked once with a mark in place of
each value, and from where the marks are found a reader is written. What the walk gives, the reader gives: it is made of
the walk. Where the transactions of a message have shapes of their own, so have they readers of their own.

Must not know what a value means.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Reader = Callable[[Sequence[str], Sequence[Sequence[object]]], dict[str, object]]
"""Gives the RA JSON of a message by its values and its runs of transactions, each as RA JSON; or of a transaction."""

_OPEN: Final = "\ue000"  # of the private use area
_CLOSE: Final = "\ue001"
_MARK: Final = re.compile(f"( ?){_OPEN}([0-9]+){_CLOSE}( ?)")


def marks(count: int) -> list[str]:
    """Give what is put in the place of so many values before the walk."""
    return [f" {_OPEN}{number}{_CLOSE} " for number in range(count)]


def reader(walked: Mapping[str, object], own: Sequence[int], item: str | None = None) -> Reader | None:
    """Write the reader of a message, or of a transaction, from its RA JSON with marks for values.

    ``own`` are the numbers of the marks that are its values; ``item`` is the name of the transactions that are given to
    it. None where values do not come through the walk whole.
    """
    writing = _Writing({number: place for place, number in enumerate(own)}, item)
    try:
        source = writing.source(walked)
    except ValueError:
        return None
    # Tags of the catalogue and numbers go into the source, nothing of a message: what does not vary is a constant.
    written: Reader = eval(f"lambda values, runs: {source}", {"constants": writing.constants})  # noqa: S307 - see above
    return written


def runs_of(walked: object, item: str) -> list[list[dict[str, object]]]:
    """Find the runs of transactions in RA JSON, in their order."""
    found: list[list[dict[str, object]]] = []
    if isinstance(walked, dict):
        for name, value in walked.items():
            found += [value] if name == item and isinstance(value, list) else runs_of(value, item)
    elif isinstance(walked, list):
        for value in walked:
            found += runs_of(value, item)
    return found


@dataclass(slots=True)
class _Writing:
    places: Mapping[int, int]
    item: str | None
    runs: int = 0
    constants: list[str] = field(default_factory=list)

    def source(self, value: Any) -> str:  # noqa: ANN401 - RA JSON
        """The Python that makes a value. Raises ValueError where a mark stands among other text, or is another's."""
        if isinstance(value, dict):
            return f"{{{', '.join([f'{name!r}: {self._member(name, each)}' for name, each in value.items()])}}}"
        if isinstance(value, list):
            return f"[{', '.join([self.source(each) for each in value])}]"
        mark = _MARK.fullmatch(value)
        if mark:
            place = self.places.get(int(mark[2]))
            if place is None:
                raise ValueError("a value of another part")
            return f"values[{place}]" if mark[1] and mark[3] else f"values[{place}].strip()"
        if _OPEN in value:
            raise ValueError("a value does not come through the walk whole")
        self.constants.append(value)
        return f"constants[{len(self.constants) - 1}]"

    def _member(self, name: str, value: object) -> str:
        if name != self.item or not isinstance(value, list):
            return self.source(value)
        self.runs += 1
        return f"runs[{self.runs - 1}]"
