"""The lifecycle is one table: the migrations' CHECKs repeat its states and the page is made from it."""

import re
from enum import StrEnum

import pytest

from broker.message.lifecycle import (
    DEAD_LETTER,
    MESSAGE,
    PUBLICATION,
    DeadLetterState,
    MessageState,
    PublicationState,
    Transitions,
)
from tests.support.lifecycle_page import PAGE, render
from tests.support.tree import files

TABLES: list[tuple[type[StrEnum], Transitions]] = [
    (MessageState, MESSAGE),
    (DeadLetterState, DEAD_LETTER),
    (PublicationState, PUBLICATION),
]


@pytest.mark.parametrize(("states", "table"), TABLES)
def test_every_state_is_reached(states: type[StrEnum], table: Transitions) -> None:
    """Each state is one that some transition leads to, and no transition leads elsewhere."""
    assert {str(state) for state in table.values()} == {state.value for state in states}


@pytest.mark.parametrize(("states", "table"), TABLES)
def test_every_transition_starts_at_the_beginning_or_a_state(states: type[StrEnum], table: Transitions) -> None:
    """No transition starts from what is not a state."""
    assert {before for before, _ in table} <= {None, *(state.value for state in states)}


@pytest.mark.parametrize(("name", "states"), [("message", MessageState), ("dead_letter", DeadLetterState)])
def test_the_database_checks_the_same_states(name: str, states: type[StrEnum]) -> None:
    """The CHECK on the state column of the newest migration lists the states of the enumeration, in any order."""
    migrations = "".join(file.read_text() for file in files("broker/store/migrations") if file.suffix == ".sql")
    table = migrations.split(f"CREATE TABLE broker.{name} (", 1)[1].split("\n)", 1)[0]
    check = re.search(r"state text NOT NULL CHECK \(state IN \(([^)]*)\)\)", table)
    assert check is not None
    assert set(re.findall(r"'([^']*)'", check.group(1))) == {state.value for state in states}


def test_the_page_is_made_from_the_tables() -> None:
    """docs/lifecycle.md is what the tables give; `python -m tests.support.lifecycle_page` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == render()
