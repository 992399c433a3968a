"""The lexical checks agree with XML Schema's: libxml2 is asked about the same texts."""

from dataclasses import replace

import pytest
from lxml import etree

from broker.catalogue.catalogue import Catalogue
from broker.catalogue.model import SimpleType
from broker.law import folder
from broker.transform.ra_json.lexical import checker

TEXTS = {
    "decimal": [
        "0",
        "-0",
        "+1.50",
        ".5",
        "5.",
        "007",
        "1e3",
        "1,5",
        "-.25",
        "NaN",
        "INF",
        "1_0",
        "\u0661",
        "-",
        ".",
        "+",
    ],
    "boolean": ["true", "false", "1", "0", "True", "yes", "01"],
    "date": [
        "2024-02-29",
        "2023-02-29",
        "2000-02-29",
        "1900-02-29",
        "2024-13-01",
        "2024-04-31",
        "2024-01-01Z",
        "2024-01-01+14:00",
        "2024-01-01+14:01",
        "2024-01-01+15:00",
        "24-01-01",
        "12024-01-01",
        "-0044-03-15",
        "2024-1-1",
        "2024-01-01T00:00:00",
    ],
    "dateTime": [
        "2024-01-01T24:00:00",
        "2024-01-01T24:00:01",
        "2024-01-01T23:59:59.999Z",
        "2024-01-01T23:59:60",
        "2024-01-01",
        "2024-01-01T1:00:00",
        "2024-02-30T10:00:00",
        "2024-01-01T10:00:00:735",
        "2024-01-01T10:00:00-05:30",
    ],
    "time": ["10:15:00", "24:00:00", "24:00:00.0", "24:00:01", "10:15", "25:00:00", "10:15:00Z", "10:15:00."],
    "gYear": ["2024", "2024Z", "24", "12024", "2024-01"],
    "gYearMonth": ["2024-02", "2024-13", "2024-02Z", "2024"],
    "base64Binary": ["QUJD", "QUI=", "QQ==", "QUJ", "Q===", "QU JD", "Q@==", "", "QUI=QUJD"],
}


def accepts(base: str, text: str) -> bool:
    """Whether libxml2 accepts a text as the content of an element of that base."""
    schema = (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="e" type="xs:{base}"/></xs:schema>'
    )
    element = etree.Element("e")
    element.text = text
    verdict: bool = etree.XMLSchema(etree.fromstring(schema)).validate(element)
    return verdict


@pytest.mark.parametrize(("base", "text"), [(base, text) for base, texts in TEXTS.items() for text in texts])
def test_lexical_forms_are_those_of_xml_schema(base: str, text: str) -> None:
    """A text is refused where XML Schema refuses it and accepted where it accepts it."""
    assert (checker(SimpleType("T", base))(text) is None) == accepts(base, text)


@pytest.mark.parametrize(
    ("kind", "good", "bad", "rule"),
    [
        (SimpleType("T", "string", patterns=("[A-Z]{3}", "[0-9]{2}")), "42", "4", "json.pattern"),
        (SimpleType("T", "string", min_length=2, max_length=3), "💶💶", "💶", "json.length"),
        (SimpleType("T", "base64Binary", max_length=3), "QUJD", "QUJDRA==", "json.length"),
        (SimpleType("T", "decimal", total_digits=3, fraction_digits=1), "+0012.30", "12.34", "json.digits"),
        (SimpleType("T", "decimal", total_digits=3), "000123.000", "1234", "json.digits"),
        (SimpleType("T", "decimal", min_inclusive="1"), "1.0", "0.99", "json.minimum"),
        (SimpleType("T", "string", enumeration=tuple("ABCDEFGHIJKLMNOP")), "P", "Q", "json.enumeration"),
    ],
)
def test_each_facet_is_checked(kind: SimpleType, good: str, bad: str, rule: str) -> None:
    """A facet lets one value through and names its rule for another."""
    check = checker(kind)
    wrong = check(bad)

    assert check(good) is None
    assert wrong is not None
    assert wrong[0] == rule


def test_a_pattern_in_a_syntax_of_its_own_is_left_to_the_schema() -> None:
    """Character classes that Python reads differently are not judged here."""
    assert checker(SimpleType("T", "string", patterns=(r"\i\c*",)))("anything") is None


def test_every_pattern_of_the_standard_is_checked() -> None:
    """No type of the catalogue is left to the schema for its pattern: each refuses what no pattern accepts."""
    catalogue = Catalogue(folder("schemas/iso20022"))
    kinds = {
        kind
        for definition in catalogue.definitions()
        for kind in catalogue.schema(definition).types.values()
        if isinstance(kind, SimpleType) and kind.patterns
    }

    assert len(kinds) > 50
    assert [kind.name for kind in kinds if checker(replace(kind, base="string"))("§") is None] == []
