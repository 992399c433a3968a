"""The walk without a database: which entry it names, and that what it remembers has a limit."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.audit import walk as walking
from broker.audit.leaf import entry
from broker.audit.ledger import Row
from broker.audit.merkle import TILE_WIDTH, Tree, leaf_hash
from broker.audit.verdict import Fault, Problem
from broker.audit.walk import Walk
from tests.support.audit_log import AT, TENANT


def row(index: int) -> Row:
    """An entry as a sequencer leaves it."""
    message = UUID(int=index)
    leaf = entry("accepted", TENANT, AT, message, {}, {}, b"")
    return Row(index, 100 + index, leaf_hash(leaf), TENANT, "accepted", message, leaf)


ROWS = [row(index) for index in range(600)]
TILES = {
    number: b"".join(each.recorded for each in ROWS[number * TILE_WIDTH : (number + 1) * TILE_WIDTH])
    for number in range(2)
}


def root(size: int) -> bytes:
    """The root of the first entries as they were written."""
    return Tree().append(each.recorded for each in ROWS[:size]).root()


def judged(rows: Sequence[Row], heads: Sequence[int], full_tiles: int = 2) -> Problem | None:
    """Walk over rows, held against heads of these sizes, and give the first problem."""
    walk = Walk(full_tiles)
    for size in heads:
        problem = walk.take(rows[walk.size : size], TILES if full_tiles else {})
        problem = problem or (walk.judge(root(size), "head") if walk.size == size else walk.ended(size, "head"))
        if problem is not None:
            return problem
    return None


def renumbered(rows: Sequence[Row]) -> list[Row]:
    """The same rows at contiguous indexes."""
    return [replace(each, index=index) for index, each in enumerate(rows)]


@given(
    heads=st.lists(st.integers(1, 600), min_size=1, max_size=5), at=st.integers(0, 599), full=st.sampled_from([0, 2])
)
def test_first_changed_entry_is_named_wherever_heads_are(heads: list[int], at: int, full: int) -> None:
    """A changed entry is named by the first head that covers it, and by none before."""
    wrong = entry("rejected", TENANT, AT, ROWS[at].message_id, {}, {}, b"")
    rows = [*ROWS[:at], replace(ROWS[at], leaf=wrong, kind="rejected"), *ROWS[at + 1 :]]

    problem = judged(rows, sorted(heads), full)

    assert problem == (
        None
        if max(heads) <= at
        else Problem(Fault.CHANGED, at, at, "its content does not have the hash that was recorded beside its index")
    )


@given(first=st.integers(0, 598), data=st.data())
def test_first_of_two_that_changed_places_is_named(first: int, data: st.DataObject) -> None:
    """However far apart they were, and with or without tiles, the first of the two is named."""
    other = data.draw(st.integers(first + 1, 599))
    rows = list(ROWS)
    rows[first], rows[other] = rows[other], rows[first]

    for full in (0, 2):
        problem = judged(renumbered(rows), [600], full)
        assert problem is not None
        assert (problem.fault, problem.first, problem.last) == (Fault.REORDERED, first, first)


@given(at=st.integers(0, 511))
def test_removed_entry_is_named_though_the_rest_moved_up(at: int) -> None:
    """From a removed entry on, nothing stands where its tile says."""
    problem = judged(renumbered([*ROWS[:at], *ROWS[at + 1 :]]), [600])

    assert problem is not None
    assert (problem.first, problem.last) == (at, at)


def test_what_no_witness_tells_is_enclosed_by_the_heads() -> None:
    """An entry that was changed with its hash lies between the last head that matched and the first that does not."""
    wrong = entry("accepted", TENANT, AT, ROWS[7].message_id, {"place": 1}, {}, b"")
    rows = [*ROWS[:7], replace(ROWS[7], leaf=wrong, recorded=leaf_hash(wrong)), *ROWS[8:]]

    problem = judged(rows, [5, 9, 20], full_tiles=0)

    assert problem is not None
    assert (problem.fault, problem.first, problem.last) == (Fault.CHANGED, 5, 8)


def test_wrong_hash_beside_a_right_entry_is_named() -> None:
    """The hash beside the index is part of the log: proofs are made of it."""
    rows = [*ROWS[:3], replace(ROWS[3], recorded=bytes(32)), *ROWS[4:]]

    for full in (0, 2):
        problem = judged(rows, [300], full)
        assert problem is not None
        assert (problem.fault, problem.first) == (Fault.CHANGED, 3)


@pytest.mark.parametrize("leaf", [b"", b"[]", b"{}", b"\xff"])
def test_leaf_that_cannot_be_read_is_named(leaf: bytes) -> None:
    """An entry that hashes right and is no leaf was not written by the broker."""
    rows = [*ROWS[:3], replace(ROWS[3], leaf=leaf, recorded=leaf_hash(leaf))]
    walk = Walk(0)
    walk.take(rows, {})

    problem = walk.judge(Tree().append(leaf_hash(each.leaf or b"") for each in rows).root(), "head")

    assert problem is not None
    assert (problem.fault, problem.first) == (Fault.CHANGED, 3)


def test_memory_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a head for long, the order of writing is not tried any more, and the entries are still enclosed."""
    monkeypatch.setattr(walking, "_REMEMBERED", 100)
    rows = list(ROWS)
    rows[3], rows[15] = rows[15], rows[3]

    problem = judged(renumbered(rows), [600], full_tiles=0)

    assert problem is not None
    assert (problem.fault, problem.first, problem.last) == (Fault.CHANGED, 0, 599)
