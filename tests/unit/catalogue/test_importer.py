"""XSD becomes a model; what the model cannot hold is refused and named."""

import hashlib

import pytest

from broker.catalogue.importer import definition_of, read_xsd
from broker.catalogue.model import AmountType, AnyContent, ChoiceGroup, ChoiceType, Element, SequenceType, SimpleType
from broker.errors import CatalogueError
from tests.support.small_xsd import SMALL, varied

TEXT = '<xs:simpleType name="Max35Text">\n    <xs:restriction base="xs:string">'


def test_everything_the_standard_uses_is_read() -> None:
    """Sequence, choice, choice within a sequence, amount, any, every facet: all arrive in the model."""
    imported = read_xsd(SMALL.encode())

    schema = imported.schema
    assert imported.sha256 == hashlib.sha256(SMALL.encode()).hexdigest()
    assert (schema.definition, schema.root) == ("demo.001.001.01", Element("Document", "Document"))
    assert schema.types["GreetingV01"] == SequenceType(
        "GreetingV01",
        (
            Element("Id", "Max35Text"),
            Element("Tm", "DateTime", 0),
            Element("Amt", "Amount", 0, 3),
            ChoiceGroup((Element("Agt", "Code"), Element("Clnt", "Max35Text", 0))),
            Element("Who", "WhoChoice", 1, None),
            Element("Bin", "Binary", 0),
            Element("Envlp", "Envelope", 0),
        ),
    )
    assert isinstance(schema.types["WhoChoice"], ChoiceType)
    assert schema.types["Envelope"] == SequenceType("Envelope", (AnyContent("##any", "lax"),))
    assert schema.types["Amount"] == AmountType("Amount", "Amount_SimpleType", "CurrencyCode")
    assert schema.types["Amount_SimpleType"] == SimpleType(
        "Amount_SimpleType", "decimal", total_digits=5, fraction_digits=2, min_inclusive="0", max_inclusive="999"
    )
    assert schema.types["Code"] == SimpleType("Code", "string", enumeration=("HIGH", "NORM"))


def test_a_restriction_of_a_named_type_joins_the_facets() -> None:
    """A scheme's type that narrows another holds the facets of both."""
    text = varied(
        TEXT,
        '<xs:simpleType name="Latin"><xs:restriction base="xs:string"><xs:pattern value="[a-z]+"/></xs:restriction>'
        f"</xs:simpleType>{TEXT.replace('xs:string', 'Latin')}",
    )

    declared = read_xsd(text.encode()).schema.types["Max35Text"]

    assert declared == SimpleType("Max35Text", "string", ("[a-z]+",), min_length=1, max_length=35)


def test_a_built_in_type_gets_a_name() -> None:
    """An element of a built-in type is an element of a type that narrows nothing."""
    schema = read_xsd(varied('name="Nm" type="Max35Text"', 'name="Nm" type="xs:string"').encode()).schema

    assert schema.types["XMLString"] == SimpleType("XMLString", "string")


def test_prefixes_annotations_and_notes_of_tools_do_not_matter() -> None:
    """Another prefix for XML Schema, documentation and attributes of other namespaces say nothing."""
    text = varied(
        "<xs:sequence>\n      <xs:any",
        '<xs:annotation xmlns:t="urn:t" t:note="1"><xs:documentation>Any.</xs:documentation></xs:annotation>'
        "<xs:sequence>\n      <xs:any",
    )
    text = text.replace("xs:", "schema:").replace("xmlns:xs=", "xmlns:schema=")

    assert read_xsd(text.encode()).schema == read_xsd(SMALL.encode()).schema


def test_sequences_in_sequences_are_one() -> None:
    """A sequence inside a sequence adds no meaning."""
    text = varied(
        '<xs:element name="Greetng" type="GreetingV01"/>',
        '<xs:sequence><xs:element name="Greetng" type="GreetingV01"/></xs:sequence>',
    )

    assert read_xsd(text.encode()).schema == read_xsd(SMALL.encode()).schema


@pytest.mark.parametrize(
    ("namespace", "definition"),
    [
        ("urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08", "pacs.008.001.08"),
        ("http://bank.example/de/pain.001.001.03.ch.02.xsd", "pain.001.001.03.ch.02"),
        ("urn:iso:std:iso:20022:xsd:pain.001.001.01", "pain.001.001.01"),
        ("urn:swift:xsd:$pain.001.001.02", "$pain.001.001.02"),
    ],
)
def test_a_namespace_names_its_definition(namespace: str, definition: str) -> None:
    """The name is the last part of the namespace."""
    assert definition_of(namespace) == definition


@pytest.mark.parametrize("namespace", ["", "urn:", "http://bank.example/ ", "http://bank.example/a~2"])
def test_a_namespace_that_names_nothing_is_refused(namespace: str) -> None:
    """A namespace without a usable last part asks for a name."""
    with pytest.raises(CatalogueError, match="give a name"):
        definition_of(namespace)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('<xs:maxLength value="35"/>', '<xs:whiteSpace value="collapse"/>', "whiteSpace"),
        ('<xs:maxLength value="35"/>', '<xs:maxLength value="35" fixed="true"/>', "maxLength"),
        ('base="xs:dateTime"', 'base="xs:float"', "float"),
        ('base="xs:dateTime"', 'base="GreetingV01"', "GreetingV01"),
        ('base="xs:dateTime"', 'base="DateTime"', "itself"),
        ('base="xs:dateTime"', "", "base"),
        ('name="Greetng" type="GreetingV01"', 'name="Greetng" type="Missing"', "Missing"),
        ('name="Greetng" type="GreetingV01"', 'name="Greetng"', "Greetng without type"),
        ('name="Greetng" type="GreetingV01"', 'name="Greetng" type="GreetingV01" nillable="true"', "nillable"),
        ('name="Greetng" type="GreetingV01"', 'name="Greetng" type="o:A" xmlns:o="urn:o"', "another namespace"),
        ('<xs:element name="Greetng" type="GreetingV01"/>', '<xs:group ref="G"/>', "group"),
        ('<xs:complexType name="Envelope">', '<xs:complexType name="Envelope" mixed="true">', "mixed"),
        ('use="required"', 'use="optional"', "Ccy"),
        ('processContents="lax"', "", "strict"),
        ("##any", "##other", "##other"),
        ('<xs:any namespace="##any"', '<xs:element name="A" type="Code"/><xs:any namespace="##any"', "not alone"),
        ('processContents="lax"', 'processContents="lax" maxOccurs="2"', "not alone"),
        ('<xs:element name="Bin"', '<xs:element name="Id"', "Id in two places"),
        ('<xs:element name="Agt" type="Code"/>', '<xs:element name="Clnt" type="Code"/>', "twice"),
        ("      <xs:choice>\n        ", '      <xs:choice maxOccurs="2">\n        ', "repeats"),
        ("    <xs:sequence>\n      <xs:any", '    <xs:sequence minOccurs="0">\n      <xs:any', "cardinality"),
        ('type="Document"/>', 'type="Document" maxOccurs="2"/>', "global element"),
        ('type="Document"/>', 'type="Document"/><xs:element name="Other" type="Code"/>', "2 global elements"),
        ('elementFormDefault="qualified"', "", "elementFormDefault"),
        ('elementFormDefault="qualified"', 'elementFormDefault="qualified" blockDefault="#all"', "blockDefault"),
        ('<xs:element name="Document"', '<xs:import namespace="urn:x"/><xs:element name="Document"', "import"),
        ('<xs:simpleType name="Flag">', '<xs:simpleType name="Code">', "two types named Code"),
        ('<xs:extension base="Amount_SimpleType">', '<xs:extension base="Envelope">', "simple type"),
    ],
)  # fmt: skip
def test_what_cannot_be_represented_is_refused_by_name(old: str, new: str, named: str) -> None:
    """The error names the type or element and what about it cannot be kept."""
    with pytest.raises(CatalogueError) as refusal:
        read_xsd(varied(old, new).encode())

    assert named in str(refusal.value)


def test_patterns_on_both_levels_are_refused() -> None:
    """Two patterns that must both hold cannot be said as one list of alternatives."""
    text = varied(
        TEXT,
        '<xs:simpleType name="Latin"><xs:restriction base="xs:string"><xs:pattern value="[a-z]+"/></xs:restriction>'
        f'</xs:simpleType>{TEXT.replace("xs:string", "Latin")}<xs:pattern value="a.*"/>',
    )

    with pytest.raises(CatalogueError, match="beside the pattern of Latin"):
        read_xsd(text.encode())


@pytest.mark.parametrize("content", [b"", b"<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><xs:schema/>", b"\xff\xfe<"])
def test_what_is_no_xsd_is_refused(content: bytes) -> None:
    """A file that is not XML, not an XSD, or brings entities is refused."""
    with pytest.raises(CatalogueError):
        read_xsd(content)


def test_a_document_type_is_refused() -> None:
    """An XSD has no business with a DOCTYPE."""
    with pytest.raises(CatalogueError, match="DOCTYPE"):
        read_xsd(b"<!DOCTYPE schema>" + SMALL.encode())
