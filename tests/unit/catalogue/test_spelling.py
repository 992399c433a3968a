"""Patterns and sequences in one spelling, their meaning kept."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.catalogue import spelling
from broker.catalogue.model import ChoiceGroup, ChoiceType, Element, SequenceType

PIECES = [
    "[A-Z]{2,2}",
    "[+]",
    r"[\+]",
    "(ab){0,1}",
    "x{1,1}",
    "y{1}",
    "[0-9]{1,}",
    "z{0,}",
    r"[{2,2}]",
    r"\{2,2}",
    "a|b",
]


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("[A-Z]{3,3}", "[A-Z]{3}"),
        ("[BEOVW]{1,1}[0-9]{2,2}|DUM", "[BEOVW][0-9]{2}|DUM"),
        ("([A-Z0-9]{3,3}){0,1}", "([A-Z0-9]{3})?"),
        (r"[\+]{0,1}[0-9]{1,15}", r"\+?[0-9]{1,15}"),
        ("[+]{0,1}[0-9]{1,15}", r"\+?[0-9]{1,15}"),
        ("[0-9]{1,}", "[0-9]+"),
        (r"[{2,2}]\{2,2}", r"[{2,2}]\{2,2}"),
        (r"\p{Lu}{2,2}", r"\p{Lu}{2}"),
    ],
)
def test_a_pattern_has_one_spelling(written: str, spelled: str) -> None:
    """Repetitions and classes are shortened, and nothing inside a class or behind an escape is touched."""
    assert spelling.pattern(written) == spelled


@given(st.lists(st.sampled_from(PIECES), max_size=4).map("".join), st.text("ABab+xyz0129{}2,", max_size=8))
def test_another_spelling_admits_the_same(pattern: str, text: str) -> None:
    """A text matches the pattern as it was written if and only if it matches it as it is spelled."""
    spelled = spelling.pattern(pattern)

    assert bool(re.fullmatch(pattern, text)) == bool(re.fullmatch(spelled, text))
    assert spelling.pattern(spelled) == spelled


def test_a_choice_alone_in_a_sequence_is_a_choice() -> None:
    """A sequence that holds one required choice and nothing else says no more than the choice."""
    elements = (Element("A", "X"), Element("B", "Y"))

    assert spelling.complex_type("T", (ChoiceGroup(elements),)) == ChoiceType("T", elements)


@pytest.mark.parametrize("group", [ChoiceGroup((Element("A", "X"),), 0), ChoiceGroup((Element("A", "X"),), 1, 2)])
def test_a_choice_with_a_cardinality_stays_in_its_sequence(group: ChoiceGroup) -> None:
    """A choice that may be absent or repeat is more than a choice."""
    assert spelling.complex_type("T", (group,)) == SequenceType("T", (group,))
