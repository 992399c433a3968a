"""What is remembered of identifiers in messages that are never held whole."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from broker.validate.rules import Seen

_KEYS = st.lists(st.tuples(st.sampled_from("ab"), st.text(max_size=2) | st.none()), max_size=60)


@given(_KEYS)
def test_it_remembers_as_a_dictionary_does(keys: list[tuple[str, str | None]]) -> None:
    """Whatever comes in whatever order, the number given first is the one that is given again."""
    seen: dict[tuple[str, str | None], int] = {}
    compact = Seen()
    for number, key in enumerate(keys, 1):
        assert compact.setdefault(key, number) == seen.setdefault(key, number)


def test_a_hundred_thousand_identifiers_take_few_megabytes() -> None:
    """About twenty bytes each, and what the shelves take; none is forgotten, and none is found that was not there."""
    keys = [("EndToEndId", f"E-{number}") for number in range(100_000)]
    tracemalloc.start()
    seen = Seen()
    assert all(seen.setdefault(key, number) == number for number, key in enumerate(keys))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 6_000_000
    assert all(seen.setdefault(key, 0) == number for number, key in enumerate(keys))
