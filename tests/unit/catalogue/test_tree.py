"""A definition as a tree of lines."""

from broker.catalogue.importer import read_xsd
from broker.catalogue.model import Element, Schema, SequenceType, SimpleType
from broker.catalogue.tree import write_tree
from tests.support.small_xsd import SMALL


def test_the_tree_shows_cardinality_type_facets_and_choices() -> None:
    """Every line of the small definition, as a person reads it."""
    assert list(write_tree(read_xsd(SMALL.encode()).schema)) == [
        "demo.001.001.01  urn:iso:std:iso:20022:tech:xsd:demo.001.001.01",
        "Document [1] Document",
        "  Greetng [1] GreetingV01",
        "    Id [1] Max35Text string length 1..35",
        "    Tm [0..1] DateTime dateTime",
        "    Amt [0..3] Amount decimal total 5 fraction 2 min 0 max 999, Ccy: string pattern [A-Z]{3}",
        "    one of [1]",
        "      | Agt [1] Code string codes HIGH NORM",
        "      | Clnt [0..1] Max35Text string length 1..35",
        "    Who [1..*] WhoChoice",
        "      | Nm [1] Max35Text string length 1..35",
        "      | BIC [1] BICIdentifier string pattern [A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?",
        "      | Flg [1] Flag boolean",
        "    Bin [0..1] Binary base64Binary length 1..100",
        "    Envlp [0..1] Envelope",
        "      any element [1] ##any lax",
    ]


def test_depth_limits_what_is_opened() -> None:
    """One level below the root, and no further."""
    lines = list(write_tree(read_xsd(SMALL.encode()).schema, 1))

    assert lines[1:] == ["Document [1] Document", "  Greetng [1] GreetingV01"]


def test_a_type_within_itself_is_not_opened_again() -> None:
    """A recursive definition has a finite tree."""
    node = SequenceType("Node", (Element("Nm", "Text"), Element("Sub", "Node", 0, None)))
    schema = Schema("x", "urn:x", Element("Root", "Node"), {"Node": node, "Text": SimpleType("Text", "string")})

    assert list(write_tree(schema))[1:] == [
        "Root [1] Node",
        "  Nm [1] Text string",
        "  Sub [0..*] Node (as above)",
    ]
