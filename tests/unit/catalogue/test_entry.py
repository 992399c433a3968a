"""A definition's line: its seven columns, read and written."""

import pytest

from broker.catalogue.entry import Entry, namespace_of, read_entries, variant_key, write_entries
from broker.errors import CatalogueError

OFFICIAL = Entry(
    "pacs.008.001.08", "Document", "A=B", "ab" * 32, "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08", "from here"
)
DIALECT = Entry(
    "pain.001.ch", "Document", "A=B", "cd" * 32, "http://bank.example/pain.001.ch.xsd", "a.xsd", {"Max4": "Max4~2"}
)


@pytest.mark.parametrize("entry", [OFFICIAL, DIALECT])
def test_an_entry_reads_back_as_it_was(entry: Entry) -> None:
    """A line says all there is, the namespace of a dialect and the variants included."""
    assert Entry.parse(str(entry)) == entry


def test_the_standards_namespace_is_not_repeated() -> None:
    """A namespace that follows from the name is a dash."""
    assert OFFICIAL.namespace not in str(OFFICIAL)
    assert DIALECT.namespace in str(DIALECT)


def test_a_named_variant_shares_its_definitions_namespace() -> None:
    """What follows the at-sign is no part of the namespace."""
    assert namespace_of("pacs.008.001.08@mine") == OFFICIAL.namespace


def test_entries_are_sorted_and_commented() -> None:
    """The file opens with what its columns are; the order of taking in leaves no trace."""
    text = write_entries([DIALECT, OFFICIAL])

    assert text.startswith("#")
    assert list(read_entries(text)) == ["pacs.008.001.08", "pain.001.ch"]


def test_a_definition_with_two_lines_is_refused() -> None:
    """Which of the two holds could not be told."""
    with pytest.raises(CatalogueError, match=r"pacs\.008\.001\.08 has two lines"):
        read_entries(f"{OFFICIAL}\n{OFFICIAL}\n")


def test_a_line_with_too_few_columns_is_refused() -> None:
    """A line cut short is shown."""
    with pytest.raises(CatalogueError, match="7 columns"):
        Entry.parse("pacs.008.001.08 Document")


def test_the_first_variant_goes_by_the_name_alone() -> None:
    """Only what truly differs carries a number."""
    assert (variant_key("Max4", 1), variant_key("Max4", 2)) == ("Max4", "Max4~2")
