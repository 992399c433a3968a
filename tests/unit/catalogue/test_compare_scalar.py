"""What sets two scalars apart, facet by facet."""

import pytest

from broker.catalogue.change import Change, Kind
from broker.catalogue.compare_scalar import scalar_changes
from broker.catalogue.model import SimpleType


def _text(*, low: int | None = None, high: int | None = None, patterns: str = "", codes: str = "") -> SimpleType:
    return SimpleType("T", "string", tuple(patterns.split()), tuple(codes.split()), low, high)


@pytest.mark.parametrize(
    ("old", "new", "kind", "words"),
    [
        (_text(low=1, high=4), _text(low=0, high=4), Kind.WIDENED, "length 1..4, now 0..4"),
        (_text(high=4), _text(), Kind.WIDENED, "length 0..4, now 0..*"),
        (_text(low=1, high=4), _text(low=2, high=5), Kind.CHANGED, "length 1..4, now 2..5"),
        (_text(), _text(patterns="[a]"), Kind.NARROWED, "pattern not limited, now [a]"),
        (_text(patterns="[a]"), _text(), Kind.WIDENED, "pattern [a], now not limited"),
        (_text(patterns="[a]"), _text(patterns="[a] [b]"), Kind.WIDENED, "pattern [a], now [a] or [b]"),
        (_text(patterns="[a] [b]"), _text(patterns="[b]"), Kind.NARROWED, "pattern [a] or [b], now [b]"),
        (_text(patterns="[a]"), _text(patterns="[b]"), Kind.CHANGED, "pattern [a], now [b]"),
        (_text(codes="A B"), _text(low=1, high=4), Kind.WIDENED, "only the codes A B, now any text of length 1..4"),
        (_text(codes="ABC"), _text(low=1, high=2), Kind.CHANGED, "only the codes ABC, now any text of length 1..2"),
        (_text(low=1, high=4), _text(codes="A B"), Kind.NARROWED, "any text of length 1..4, now only the codes A B"),
        (
            _text(patterns="[a-z]"),
            _text(codes="A"),
            Kind.CHANGED,
            "length 0..*, pattern [a-z], now only the codes A",
        ),
    ],
)
def test_a_changed_facet_has_its_kind_and_its_words(old: SimpleType, new: SimpleType, kind: Kind, words: str) -> None:
    """One facet, one change; a list of codes against a form is judged as a whole."""
    (change,) = scalar_changes(old, new)

    assert change.kind is kind
    assert change.text.endswith(words)


def test_codes_gained_and_lost_are_two_changes() -> None:
    """More is valid in one way and less in another: both are said."""
    assert list(scalar_changes(_text(codes="A B"), _text(codes="B C"))) == [
        Change(Kind.WIDENED, "codes added: C"),
        Change(Kind.NARROWED, "codes removed: A"),
    ]


def test_a_bound_written_otherwise_is_no_change() -> None:
    """0 and 0.00 are one number."""
    old, new = (SimpleType("T", "decimal", min_inclusive=bound, max_inclusive="9") for bound in ("0", "0.00"))

    assert list(scalar_changes(old, new)) == []


def test_a_bound_moved_is_a_change() -> None:
    """A higher minimum narrows, a higher maximum widens."""
    old = SimpleType("T", "decimal", min_inclusive="0", max_inclusive="9")
    new = SimpleType("T", "decimal", min_inclusive="1", max_inclusive="10")

    assert list(scalar_changes(old, new)) == [
        Change(Kind.NARROWED, "minimum 0, now 1"),
        Change(Kind.WIDENED, "maximum 9, now 10"),
    ]
