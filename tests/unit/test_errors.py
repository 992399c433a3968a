"""The error tree: as drawn, and each error says what a person does about it."""

import inspect
import re

import pytest

from broker import errors
from broker.errors import BrokerError

CLASSES = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, BrokerError)]


def _drawn() -> dict[str, str]:
    """Each name in the drawing with the name it hangs from, read from the depth of its line."""
    above: list[tuple[int, str]] = []
    parents = {}
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"^([ │├└─]*)(\w+Error)\b", line):
            depth = len(match.group(1))
            above = [each for each in above if each[0] < depth]
            if above:
                parents[match.group(2)] = above[-1][1]
            above.append((depth, match.group(2)))
    return parents


def test_the_tree_is_as_it_is_drawn() -> None:
    """The drawing at the top of the module shows each class under the one it derives from, and no other."""
    assert _drawn() == {each.__name__: each.__bases__[0].__name__ for each in CLASSES if each is not BrokerError}


@pytest.mark.parametrize("each", CLASSES)
def test_an_error_says_what_to_do(each: type[BrokerError]) -> None:
    """The docstring is a text for a person: one that ends like a sentence and is the class's own."""
    assert each.__doc__ is not None
    assert each.__doc__.endswith(".")
    assert all(each.__doc__ != base.__doc__ for base in each.__bases__)


@pytest.mark.parametrize("each", CLASSES)
def test_one_clause_catches_them_all(each: type[BrokerError]) -> None:
    """Each error is caught as BrokerError and shows the text it was raised with."""
    with pytest.raises(BrokerError, match="what happened"):
        raise each("what happened")
