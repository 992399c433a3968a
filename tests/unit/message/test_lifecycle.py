"""The lifecycle tables: what can happen, and what cannot happen twice."""

from itertools import pairwise

import pytest

from broker.message.lifecycle import DEAD_LETTER, MESSAGE, PUBLICATION, DeadLetterState, MessageState, Transitions

ENDS = [
    (MESSAGE, {MessageState.ACCEPTED, MessageState.DISCARDED}),
    (DEAD_LETTER, {DeadLetterState.REPLAYED, DeadLetterState.DISCARDED}),
    (PUBLICATION, {"confirmed"}),
]


@pytest.mark.parametrize(("table", "ends"), ENDS)
def test_what_has_ended_stays_ended(table: Transitions, ends: set[str]) -> None:
    """Exactly the ends have no transition away from them: an accepted message stays accepted."""
    assert set(table.values()) - {before for before, _ in table} == ends


@pytest.mark.parametrize(("table", "ends"), ENDS)
def test_every_state_can_come_to_an_end(table: Transitions, ends: set[str]) -> None:
    """From each state some path leads to an end: nothing is stuck for good."""
    reaching = set(ends)
    for _ in table:
        reaching |= {before for (before, _), after in table.items() if before is not None and after in reaching}
    assert reaching == set(table.values())


def test_an_operator_decides_once() -> None:
    """A requested, replayed or discarded dead letter has no transition by an operator: it is replayed at most once."""
    by_operator = {before for before, by in DEAD_LETTER if by.startswith("operator")}
    assert by_operator == {DeadLetterState.WAITING, DeadLetterState.PARKED}


@pytest.mark.parametrize("table", [MESSAGE, DEAD_LETTER, PUBLICATION])
def test_a_table_reads_from_the_beginning_on(table: Transitions) -> None:
    """Beginnings come first, and a state is reached in an earlier line than it is left."""
    lines = list(table.items())
    assert all(later[0][0] is not None for earlier, later in pairwise(lines) if earlier[0][0] is not None)
    for number, ((before, _), _) in enumerate(lines):
        assert before is None or before in {after for _, after in lines[: number + 1]}
