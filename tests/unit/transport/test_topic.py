"""Topic patterns, as AMQP 0-9-1 defines them."""

import pytest

from broker.transport.directory.topic import matches


@pytest.mark.parametrize(
    ("pattern", "key", "expected"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.b.c", False),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("*", "", False),
        ("#", "", True),
        ("#", "a.b.c", True),
        ("a.#", "a", True),
        ("a.#.z", "a.z", True),
        ("a.#.z", "a.b.c.z", True),
        ("a.#.z", "a.b.c", False),
        ("#.b.#", "a.b.c", True),
        ("*.#", "", False),
        ("a..b", "a..b", True),
        ("a.*.b", "a..b", True),
        ("", "", True),
        ("", "a", False),
        ("A", "a", False),
    ],
)
def test_patterns(pattern: str, key: str, *, expected: bool) -> None:
    """A star is one word, a hash any number of them, everything else itself."""
    assert matches(pattern, key) is expected
