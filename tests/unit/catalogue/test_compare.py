"""What sets two definitions apart: each kind of change is found, named by kind, place and words."""

import pytest

from broker.catalogue.change import Kind
from broker.catalogue.compare import beyond, differences
from broker.catalogue.importer import read_xsd
from tests.support.small_xsd import SMALL, varied

ROOT = "/Document/Greetng"
BIN = '<xs:element name="Bin" type="Binary" minOccurs="0"/>'
ENVLP = '<xs:element name="Envlp" type="Envelope" minOccurs="0"/>'
GAP = "\n      "
WHO = '<xs:element name="Who"'
NEW = '<xs:element name="Nw" type="Flag"/>'
CHANGES = [
    ('name="Bin" type="Binary" minOccurs="0"', 'name="Nw" type="Binary" minOccurs="0"', Kind.ADDED, f"{ROOT}/Nw"),
    (BIN, "", Kind.REMOVED, f"{ROOT}/Bin"),
    ('maxOccurs="3"', 'maxOccurs="4"', Kind.WIDENED, f"{ROOT}/Amt"),
    ('maxOccurs="3"', "", Kind.NARROWED, f"{ROOT}/Amt"),
    ('maxOccurs="unbounded"', 'maxOccurs="9"', Kind.NARROWED, f"{ROOT}/Who"),
    ('type="DateTime" minOccurs="0"', 'type="DateTime"', Kind.NARROWED, f"{ROOT}/Tm"),
    ('name="Amt" type="Amount" minOccurs="0"', 'name="Amt" type="Amount" minOccurs="2"', Kind.NARROWED, f"{ROOT}/Amt"),
    (f"{BIN}{GAP}{ENVLP}", f"{ENVLP}{GAP}{BIN}", Kind.CHANGED, ROOT),
    ('<xs:element name="Flg" type="Flag"/>', "", Kind.REMOVED, f"{ROOT}/Who/Flg"),
    ("      <xs:choice>\n        ", '      <xs:choice minOccurs="0">\n        ', Kind.WIDENED, f"{ROOT}/Agt"),
    (f"</xs:choice>{GAP}{WHO}", f"{NEW}</xs:choice>{GAP}{WHO}", Kind.ADDED, f"{ROOT}/Nw"),
    ("##any", "urn:a", Kind.CHANGED, f"{ROOT}/Envlp/*"),
    ('processContents="lax"', 'processContents="skip"', Kind.CHANGED, f"{ROOT}/Envlp/*"),
    ('name="Ccy"', 'name="Cur"', Kind.CHANGED, f"{ROOT}/Amt"),
    ("[A-Z]{3}", "[A-Z]{4}", Kind.CHANGED, f"{ROOT}/Amt/@Ccy"),
    ('base="xs:dateTime"', 'base="xs:date"', Kind.CHANGED, f"{ROOT}/Tm"),
    ('name="Nm" type="Max35Text"', 'name="Nm" type="Amount"', Kind.CHANGED, f"{ROOT}/Who/Nm"),
    ('<xs:enumeration value="NORM"/>', "", Kind.NARROWED, f"{ROOT}/Agt"),
    ('<xs:enumeration value="NORM"/>', '<xs:enumeration value="NORM"/><xs:enumeration value="X"/>', Kind.WIDENED,
     f"{ROOT}/Agt"),
    ('<xs:maxLength value="35"/>', '<xs:maxLength value="36"/>', Kind.WIDENED, f"{ROOT}/Id"),
    ('<xs:totalDigits value="5"/>', '<xs:totalDigits value="4"/>', Kind.NARROWED, f"{ROOT}/Amt"),
    ('<xs:fractionDigits value="2"/>', "", Kind.WIDENED, f"{ROOT}/Amt"),
    ('<xs:minInclusive value="0"/>', '<xs:minInclusive value="1"/>', Kind.NARROWED, f"{ROOT}/Amt"),
    ('<xs:maxInclusive value="999"/>', "", Kind.WIDENED, f"{ROOT}/Amt"),
    ('targetNamespace="urn:iso:std:iso:20022:tech:xsd:demo.001.001.01"', 'targetNamespace="urn:iso:demo.001.001.02"',
     Kind.CHANGED, "/"),
    ('<xs:element name="Document"', '<xs:element name="Dcmnt"', Kind.CHANGED, "/"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "kind", "path"), CHANGES)
def test_each_kind_of_change_is_found_where_it_is(old: str, new: str, kind: Kind, path: str) -> None:
    """A changed definition differs from the original by a difference of that kind at that path."""
    text = varied(old, new)
    if "targetNamespace" in old:
        text = text.replace('xmlns="urn:iso:std:iso:20022:tech:xsd:demo.001.001.01"', 'xmlns="urn:iso:demo.001.001.02"')

    found = differences(read_xsd(SMALL.encode()).schema, read_xsd(text.encode()).schema)

    assert (kind, path) in {(each.kind, each.path) for each in found}


@pytest.mark.parametrize(("old", "new", "kind", "path"), CHANGES)
def test_a_change_undone_has_the_opposite_kind(old: str, new: str, kind: Kind, path: str) -> None:
    """Read the other way round, added is removed and widened is narrowed."""
    opposite = {
        Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED,
        Kind.WIDENED: Kind.NARROWED, Kind.NARROWED: Kind.WIDENED, Kind.CHANGED: Kind.CHANGED,
    }  # fmt: skip
    text = varied(old, new)
    if "targetNamespace" in old:
        text = text.replace('xmlns="urn:iso:std:iso:20022:tech:xsd:demo.001.001.01"', 'xmlns="urn:iso:demo.001.001.02"')

    found = differences(read_xsd(text.encode()).schema, read_xsd(SMALL.encode()).schema)

    assert opposite[kind] in {each.kind for each in found}


def test_the_same_has_no_differences() -> None:
    """A definition does not differ from itself."""
    schema = read_xsd(SMALL.encode()).schema

    assert differences(schema, schema) == ()


def test_a_type_called_otherwise_is_no_difference() -> None:
    """Names of types constrain nothing."""
    renamed = SMALL.replace("Max35Text", "UpTo35").replace("WhoChoice", "Person")

    assert differences(read_xsd(SMALL.encode()).schema, read_xsd(renamed.encode()).schema) == ()


def test_a_shared_difference_is_said_once_with_the_number_of_its_places() -> None:
    """Three elements lead to the text that grew: one difference, at the shortest path, three places."""
    wider = varied('<xs:maxLength value="35"/>', '<xs:maxLength value="36"/>')

    (found,) = differences(read_xsd(SMALL.encode()).schema, read_xsd(wider.encode()).schema)

    assert found.as_dict() == {
        "kind": "widened", "path": f"{ROOT}/Id", "places": 3, "text": "length 1..35, now 1..36",
    }  # fmt: skip


def test_a_sequence_that_becomes_a_choice_is_a_change() -> None:
    """The way members stand together is part of what a type says."""
    text = SMALL.replace(
        '    <xs:choice>\n      <xs:element name="Nm"', '    <xs:sequence>\n      <xs:element name="Nm"'
    )
    text = text.replace("    </xs:choice>\n  </xs:complexType>", "    </xs:sequence>\n  </xs:complexType>")

    found = differences(read_xsd(SMALL.encode()).schema, read_xsd(text.encode()).schema)

    assert [each.text for each in found] == ["a choice of elements, now a sequence of elements"]


def test_an_element_that_leaves_its_choice_is_a_change() -> None:
    """Whom an element excludes is part of what a type says."""
    text = varied('        <xs:element name="Clnt" type="Max35Text" minOccurs="0"/>\n      </xs:choice>',
                  '      </xs:choice>\n        <xs:element name="Clnt" type="Max35Text" minOccurs="0"/>')  # fmt: skip

    found = differences(read_xsd(SMALL.encode()).schema, read_xsd(text.encode()).schema)

    assert (Kind.CHANGED, "one of Agt Clnt, now in no choice") in {(each.kind, each.text) for each in found}


def test_a_narrower_guideline_has_nothing_beyond() -> None:
    """Fewer codes, shorter text and an optional element left out all narrow."""
    text = varied('<xs:maxLength value="35"/>', '<xs:maxLength value="3"/>', varied(BIN, ""))

    assert beyond(read_xsd(SMALL.encode()).schema, read_xsd(text.encode()).schema) == ()


def test_a_missing_mandatory_element_is_beyond() -> None:
    """A guideline whose messages the official definition refuses does not narrow it."""
    text = varied('<xs:element name="Id" type="Max35Text"/>', "")

    (found,) = beyond(read_xsd(SMALL.encode()).schema, read_xsd(text.encode()).schema)

    assert found.path == f"{ROOT}/Id"
