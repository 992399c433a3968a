"""RA JSON of messages of one shape: a reader that puts values where the walk over the tree would have put them.

The RA JSON of two messages of one shape differs in the values alone. So the tree is walked once with a mark in place of
each value, and from where the marks are found a reader is written. What the walk gives, the reader gives: it is made of
the walk.

Must not know what a value means.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

Reader = Callable[[Sequence[str]], dict[str, object]]
"""Gives the RA JSON of a message by its values."""

_OPEN: Final = "\ue000"  # of the private use area
_CLOSE: Final = "\ue001"
_MARK: Final = re.compile(f"( ?){_OPEN}([0-9]+){_CLOSE}( ?)")


def reader(walk: Reader, values: int) -> Reader | None:
    """Write the reader of a shape with so many ``values``; ``walk`` gives the RA JSON of a message with those values.

    None where values do not come through the walk whole.
    """
    constants: list[str] = []
    try:
        source = _source(walk([f" {_OPEN}{number}{_CLOSE} " for number in range(values)]), constants)
    except ValueError:
        return None
    # Tags of the catalogue and numbers go into the source, nothing of a message: what does not vary is a constant.
    written: Reader = eval(f"lambda values: {source}", {"constants": constants})  # noqa: S307 - see above
    return written


def _source(value: Any, constants: list[str]) -> str:  # noqa: ANN401 - RA JSON
    """The Python that makes a value. Raises ValueError where a mark stands among other text."""
    if isinstance(value, dict):
        return f"{{{', '.join([f'{name!r}: {_source(each, constants)}' for name, each in value.items()])}}}"
    if isinstance(value, list):
        return f"[{', '.join([_source(each, constants) for each in value])}]"
    mark = _MARK.fullmatch(value)
    if mark:
        return f"values[{mark[2]}]" if mark[1] and mark[3] else f"values[{mark[2]}].strip()"
    if _OPEN in value:
        raise ValueError("a value does not come through the walk whole")
    constants.append(value)
    return f"constants[{len(constants) - 1}]"
