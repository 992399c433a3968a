"""The text form of one type: what is written reads back, and what cannot be read is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.catalogue.model import (
    AmountType,
    AnyContent,
    ChoiceGroup,
    ChoiceType,
    Element,
    SequenceType,
    SimpleType,
    Type,
)
from broker.catalogue.text import BASES, read_occurs, read_type, write_occurs, write_type
from broker.errors import CatalogueError

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
OCCURS = st.tuples(st.integers(0, 3), st.none() | st.integers(3, 20))
ELEMENTS = st.builds(lambda tag, name, occurs: Element(tag, name, *occurs), NAMES, NAMES, OCCURS)
GROUPS = st.builds(
    lambda elements, occurs: ChoiceGroup(tuple(elements), *occurs), st.lists(ELEMENTS, min_size=1, max_size=3), OCCURS
)
ANYS = st.builds(
    lambda namespace, process, occurs: AnyContent(namespace, process, *occurs),
    st.sampled_from(["##any", "urn:x"]),
    st.sampled_from(["lax", "skip"]),
    OCCURS,
)
NUMBERS = st.none() | st.integers(0, 99)
TYPES: st.SearchStrategy[Type] = st.one_of(
    st.builds(
        SimpleType,
        NAMES,
        st.sampled_from(sorted(BASES)),
        st.lists(VALUES, max_size=2).map(tuple),
        st.lists(VALUES, max_size=4).map(tuple),
        NUMBERS,
        NUMBERS,
        NUMBERS,
        NUMBERS,
        st.none() | VALUES,
        st.none() | VALUES,
    ),
    st.builds(AmountType, NAMES, NAMES, NAMES, NAMES),
    st.builds(SequenceType, NAMES, st.lists(st.one_of(ELEMENTS, GROUPS, ANYS), min_size=1, max_size=5).map(tuple)),
    st.builds(ChoiceType, NAMES, st.lists(ELEMENTS, min_size=1, max_size=5).map(tuple)),
)


@given(TYPES)
def test_every_type_reads_back_as_it_was(declared: Type) -> None:
    """Whatever the model can hold, its text reads back as the same type."""
    text = write_type(declared, declared.name)

    assert read_type(text, declared.name) == declared


@given(OCCURS)
def test_a_cardinality_reads_back_as_it_was(occurs: tuple[int, int | None]) -> None:
    """A cardinality survives being written."""
    assert read_occurs(write_occurs(*occurs)) == occurs


def test_a_scalar_is_one_line_with_its_facets() -> None:
    """Name, base, then facets in a fixed order; codes last."""
    declared = SimpleType("Rate", "decimal", ("[0-9]+ ",), (), None, None, 11, 10, "0", "9")

    words = write_type(declared, "Rate~2").split()

    assert " ".join(words) == "Rate~2 decimal total 11 fraction 10 min 0 max 9 pattern [0-9]+&#32;"


def test_a_complex_type_is_a_block_of_lines() -> None:
    """One line an element with its cardinality first; a choice within a sequence is set in."""
    choice = ChoiceGroup((Element("A", "X"), Element("B", "Y", 0)))
    declared = SequenceType("Thing", (Element("Id", "Max35Text"), choice, Element("C", "Z", 1, None)))

    lines = write_type(declared, "Thing").split("\n")

    assert [line.split() for line in lines] == [
        ["Thing"],
        ["1", "Id", "Max35Text"],
        ["1", "<choice>"],
        ["1", "A", "X"],
        ["0..1", "B", "Y"],
        ["1..*", "C", "Z"],
    ]
    assert [len(line) - len(line.lstrip()) for line in lines] == [0, 2, 2, 4, 4, 2]


@pytest.mark.parametrize(
    "text",
    [
        "Thing  float",
        "Thing  string  size 3",
        "Thing  string  length x..3",
        "Thing  string  pattern",
        "Thing  amount  Value Ccy",
        "Thing\n  1  Id",
        "Thing\n  one  Id  Max35Text",
        "Thing",
    ],
)
def test_a_damaged_type_is_named(text: str) -> None:
    """Text that says nothing the model can hold is an error that names the type."""
    with pytest.raises(CatalogueError, match="type Thing"):
        read_type(text, "Thing")
