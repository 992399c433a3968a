"""The files of the catalogue: read lazily, types shared, damage named."""

from pathlib import Path

import pytest

from broker.catalogue.entry import Entry
from broker.catalogue.folder import Folder, references, render_folder, write_folder
from broker.catalogue.importer import read_xsd
from broker.catalogue.intake import Taken, take_in
from broker.catalogue.model import AmountType, SequenceType, SimpleType
from broker.errors import CatalogueError
from tests.support.small_xsd import SMALL


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    """A catalogue of one definition."""
    take_in(tmp_path, [Taken(read_xsd(SMALL.encode()), "ours")])
    return tmp_path


def test_a_definition_is_assembled_as_it_was_taken_in(place: Path) -> None:
    """What comes out of the folder is the model that went in."""
    folder = Folder(place)

    schema = folder.schema(folder.entries["demo.001.001.01"])

    assert schema == read_xsd(SMALL.encode()).schema


def test_opening_reads_no_types(place: Path) -> None:
    """The definitions can be listed while the types' files are missing."""
    for file in (place / "types").iterdir():
        file.unlink()

    folder = Folder(place)

    assert list(folder.entries) == ["demo.001.001.01"]


def test_a_type_is_one_object_for_all(place: Path) -> None:
    """Asking twice for a type gives the same object."""
    folder = Folder(place)

    assert folder.type("Max35Text") is folder.type("Max35Text")


def test_a_missing_type_is_named(place: Path) -> None:
    """A reference that leads nowhere is an error with the type's name."""
    (place / "types" / "W.txt").unlink()
    folder = Folder(place)

    with pytest.raises(CatalogueError, match="no type WhoChoice"):
        folder.schema(folder.entries["demo.001.001.01"])


def test_a_type_defined_twice_is_refused(place: Path) -> None:
    """Two definitions of one key, in one file or in two, are an error."""
    scalars = place / "types" / "scalars.txt"
    scalars.write_text(scalars.read_text() + "Flag  boolean\n")

    with pytest.raises(CatalogueError, match="defined twice"):
        Folder(place).type("Flag")


def test_a_type_defined_in_two_files_is_refused(place: Path) -> None:
    """The file a type stands in is not a name space."""
    (place / "types" / "Z.txt").write_text("# Complex types.\n\nWhoChoice\n  1  A  Flag\n")

    with pytest.raises(CatalogueError, match="two places"):
        Folder(place).type("Flag")


def test_a_folder_without_a_catalogue_is_refused(tmp_path: Path) -> None:
    """An empty folder is no catalogue."""
    with pytest.raises(CatalogueError, match="holds no catalogue"):
        Folder(tmp_path)


def test_writing_removes_files_that_hold_nothing(place: Path) -> None:
    """A file of types that are gone goes with them."""
    entry = Entry("a.b", "Document", "Flag", "0" * 64, "urn:a", "ours")

    write_folder(place, {"a.b": entry}, {"Flag": SimpleType("Flag", "boolean")})

    assert [file.name for file in (place / "types").iterdir()] == ["scalars.txt"]


def test_the_same_facts_give_the_same_files(place: Path) -> None:
    """Reading and rendering again changes nothing."""
    folder = Folder(place)
    types = {key: folder.type(key) for key in reversed(folder.type_keys())}

    rendered = render_folder(folder.entries, types)

    assert rendered == {str(file.relative_to(place)): file.read_text() for file in place.rglob("*.txt")}


def test_references_are_given_in_order() -> None:
    """An amount refers to its value and its currency; a sequence to its elements, those of a choice included."""
    types = read_xsd(SMALL.encode()).schema.types
    amount, greeting = types["Amount"], types["GreetingV01"]

    assert isinstance(amount, AmountType)
    assert list(references(amount)) == ["Amount_SimpleType", "CurrencyCode"]
    assert isinstance(greeting, SequenceType)
    assert list(references(greeting)) == [
        "Max35Text", "DateTime", "Amount", "Code", "Max35Text", "WhoChoice", "Binary", "Envelope",
    ]  # fmt: skip
