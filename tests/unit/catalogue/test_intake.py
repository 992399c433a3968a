"""Models go into the catalogue: shared where they agree, variants where they differ, refused where they must not."""

from pathlib import Path

import pytest

from broker.catalogue import Catalogue
from broker.catalogue.importer import Imported, read_xsd
from broker.catalogue.intake import Taken, Terms, admit, take_in
from broker.errors import CatalogueError
from tests.support.small_xsd import SMALL, varied

NARROWER = varied('<xs:maxLength value="35"/>', '<xs:maxLength value="3"/>')
WIDER = varied('<xs:maxLength value="35"/>', '<xs:maxLength value="70"/>')
DIALECT = NARROWER.replace("urn:iso:std:iso:20022:tech:xsd:demo.001.001.01", "http://bank.example/demo.001.bank.xsd")


def _read(text: str) -> Imported:
    return read_xsd(text.encode())


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    """A catalogue of one definition."""
    take_in(tmp_path, [Taken(_read(SMALL), "ours")])
    return tmp_path


def test_an_entry_records_source_and_digest(place: Path) -> None:
    """Where the facts come from and which bytes they were read from stand in the line."""
    entry = Catalogue(place).entry("demo.001.001.01")

    assert (entry.source, entry.sha256, entry.content) == ("ours", _read(SMALL).sha256, "Greetng=GreetingV01")


def test_a_dialect_shares_what_agrees_and_keeps_what_differs(place: Path) -> None:
    """A type that says something else becomes a variant; the rest is the same types."""
    take_in(place, [Taken(admit(place, _read(DIALECT), Terms()), "a bank")])

    catalogue = Catalogue(place)
    assert catalogue.by_namespace("http://bank.example/demo.001.bank.xsd") == "demo.001.bank"
    assert dict(catalogue.entry("demo.001.bank").variants) == {"Max35Text": "Max35Text~2"}
    assert catalogue.schema("demo.001.bank") == _read(DIALECT).schema
    assert catalogue.schema("demo.001.001.01") == _read(SMALL).schema


def test_taking_in_again_changes_nothing(place: Path) -> None:
    """The same model twice leaves every file as it was."""
    before = {file: file.read_bytes() for file in place.rglob("*.txt")}

    take_in(place, [Taken(admit(place, _read(SMALL), Terms()), "ours")])

    assert {file: file.read_bytes() for file in place.rglob("*.txt")} == before


def test_what_nothing_uses_any_more_goes(place: Path) -> None:
    """A definition replaced takes its old types with it."""
    take_in(place, [Taken(_read(varied('<xs:element name="Bin" type="Binary" minOccurs="0"/>', "")), "ours")])

    assert "Binary" not in (place / "types" / "scalars.txt").read_text()


def test_a_guideline_becomes_a_named_variant(place: Path) -> None:
    """A narrower XSD of the same namespace is kept beside the official one."""
    admitted = admit(place, _read(NARROWER), Terms("bank"))

    assert admitted.schema.definition == "demo.001.001.01@bank"


@pytest.mark.parametrize(
    ("text", "terms", "why"),
    [
        (WIDER, Terms("bank"), "length 1..35, now 1..70"),
        (
            varied('type="DateTime" minOccurs="0"', 'type="DateTime" minOccurs="0" maxOccurs="2"'),
            Terms("bank"),
            "occurs",
        ),
        (varied('<xs:element name="Id" type="Max35Text"/>', ""), Terms("bank"), "mandatory element"),
        (NARROWER, Terms("Bad Name"), "cannot name a guideline"),
        (DIALECT, Terms("bank"), "no definition has the namespace"),
        (WIDER, Terms(), "says otherwise"),
    ],
)
def test_what_must_not_go_in_is_refused(place: Path, text: str, terms: Terms, why: str) -> None:
    """A guideline that allows more, a bad name, other content under a name that is taken: each says why."""
    with pytest.raises(CatalogueError, match=why):
        admit(place, _read(text), terms)


def test_a_replacement_is_taken_when_asked_for(place: Path) -> None:
    """Other content replaces what is there only on request."""
    take_in(place, [Taken(admit(place, _read(WIDER), Terms(replace=True)), "ours")])

    assert Catalogue(place).schema("demo.001.001.01") == _read(WIDER).schema


@pytest.mark.parametrize(
    ("name", "why"), [("demo.001.001.01", "has the namespace urn"), ("demo.009", "is demo.001.001.01's")]
)
def test_a_name_and_a_namespace_belong_together(place: Path, name: str, why: str) -> None:
    """A dialect cannot take a name that has another namespace, nor a namespace that has another name."""
    text = DIALECT if name == "demo.001.001.01" else SMALL

    with pytest.raises(CatalogueError, match=why):
        admit(place, read_xsd(text.encode(), name), Terms())


def test_an_ambiguous_schema_is_refused(place: Path) -> None:
    """What libxml2 cannot compile would fail at the first message, so it fails here."""
    text = varied('<xs:element name="Tm" type="DateTime" minOccurs="0"/>', '<xs:element name="1" type="DateTime"/>')

    with pytest.raises(CatalogueError, match="cannot be compiled"):
        admit(place, _read(text), Terms())
