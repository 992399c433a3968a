"""The exported XSD: libxml2 compiles it, and it accepts and refuses what the model says."""

import pytest
from lxml import etree

from broker.catalogue.importer import read_xsd
from broker.catalogue.model import ChoiceGroup, Element, Schema, SequenceType, SimpleType, Type
from broker.catalogue.xsd import compile_xsd, write_xsd
from broker.errors import CatalogueError
from tests.support.small_xsd import SMALL

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:demo.001.001.01"
BODY = "<Id>1</Id><Agt>HIGH</Agt><Who><Nm>Ada</Nm></Who>"


def test_an_export_reads_back_as_it_was() -> None:
    """Import, export, import: the same model."""
    schema = read_xsd(SMALL.encode()).schema

    assert read_xsd(write_xsd(schema).encode()).schema == schema


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        (BODY, True),
        (BODY.replace("HIGH", "LOW"), False),
        (BODY.replace("<Id>1</Id>", ""), False),
        (BODY.replace("<Agt>HIGH</Agt>", "<Clnt>Bo</Clnt>"), True),
        (BODY.replace("<Agt>HIGH</Agt>", ""), True),
        (BODY.replace("<Agt>HIGH</Agt>", "<Agt>HIGH</Agt><Clnt>Bo</Clnt>"), False),
        (BODY.replace("<Nm>Ada</Nm>", "<Nm>Ada</Nm><Flg>1</Flg>"), False),
        (BODY.replace("<Agt>", '<Amt Ccy="EUR">5.10</Amt><Agt>'), True),
        (BODY.replace("<Agt>", "<Amt>5.10</Amt><Agt>"), False),
        (BODY.replace("<Agt>", '<Amt Ccy="EUR">1000</Amt><Agt>'), False),
        (BODY.replace("<Agt>", '<Amt Ccy="EUR">5.101</Amt><Agt>'), False),
    ],
)
def test_the_compiled_export_judges_as_the_model_says(body: str, valid: bool) -> None:  # noqa: FBT001 - a table's column
    """Order, choice, empty choice, attribute, bounds and digits hold in the compiled validator."""
    validator = compile_xsd(read_xsd(SMALL.encode()).schema)

    document = etree.fromstring(f'<Document xmlns="{NAMESPACE}"><Greetng>{body}</Greetng></Document>')

    assert validator.validate(document) is valid


def test_special_characters_survive() -> None:
    """A pattern or a code with XML's own characters is escaped."""
    text = SimpleType("T", "string", ("[<>&\"']+",), ())
    code = SimpleType("C", "string", (), ("a&b", 'say "hi"'))
    root = SequenceType("Document", (Element("A", "T"), Element("B", "C")))
    schema = Schema("x", "urn:x", Element("Document", "Document"), {"C": code, "Document": root, "T": text})

    assert read_xsd(write_xsd(schema).encode(), "x").schema == schema


def test_a_schema_that_libxml2_refuses_is_named() -> None:
    """An ambiguous content model is a broken catalogue."""
    elements = Element("A", "T", 0), ChoiceGroup((Element("A", "T"), Element("B", "T")))
    types: dict[str, Type] = {"Document": SequenceType("Document", elements), "T": SimpleType("T", "string")}

    with pytest.raises(CatalogueError, match=r"a\.b cannot be compiled"):
        compile_xsd(Schema("a.b", "urn:x", Element("Document", "Document"), types))
