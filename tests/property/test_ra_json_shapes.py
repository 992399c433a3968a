"""A message whose shape was met before reads as one that is walked, whatever its values and however it is written."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from broker.catalogue.catalogue import Catalogue
from broker.catalogue.model import Schema
from broker.law import folder
from broker.parse import Limits, Parsed, parse
from broker.transform.ra_json import Shapes, to_object
from tests.support.generated import minimal, randomly

CATALOGUE = Catalogue(folder("schemas/iso20022"))
DEFINITIONS = CATALOGUE.definitions()
LIMITS = Limits(1_000_000, 100_000, 64, 64, 100_000)
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"
SIMPLE = (
    f'<?xml version="1.0"?>\n<Document xmlns="{NAMESPACE}"><FIToFICstmrCdtTrf><GrpHdr><MsgId>{{}}</MsgId>'
    "<CreDtTm> 2026-01-01T00:00:00 </CreDtTm></GrpHdr></FIToFICstmrCdtTrf></Document>"
)


def read(xml: bytes) -> Parsed:
    """Parse a message of a known definition."""
    parsed = parse(xml, LIMITS, CATALOGUE)
    assert isinstance(parsed, Parsed)
    return parsed


def schema(parsed: Parsed) -> Schema:
    """The schema of what was parsed."""
    return CATALOGUE.schema(parsed.definition)


def refilled(xml: bytes, values: random.Random) -> bytes:
    """A message of the same shape with other values."""
    return re.sub(rb">[^<\s][^<]*<", lambda _: b">%d <" % values.randrange(10**9), xml)


@settings(max_examples=150)
@given(definition=st.sampled_from(DEFINITIONS), seed=st.integers(0, 2**32))
def test_any_message_reads_as_it_is_walked(definition: str, seed: int) -> None:
    """For any definition, the first, second and third message of a shape give what the walk gives."""
    given_schema = CATALOGUE.schema(definition)
    shapes = Shapes()
    values = random.Random(seed)
    for first in (minimal(given_schema, seed), randomly(given_schema, seed, most=60)):
        for xml in (first, refilled(first, values), refilled(first, values)):
            parsed = read(xml)
            part = (parsed.document, schema(parsed))
            assert shapes.read(parsed.text, [part]) == to_object(*part), xml


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("plain", True),
        (" spaces at both ends ", True),
        ("é漢\U0001f4b6", True),
        ("a > b", True),
        ("\ue0000\ue001", True),
        ("a &amp; b", False),
        ("a<!-- -->b", False),
        ("<![CDATA[a]]>", False),
        ("a<?b c?>d", False),
        ("a\r\nb", False),
        ("", True),
    ],
)
def test_a_value_that_stands_as_it_is_needs_no_walk(value: str, known: bool) -> None:  # noqa: FBT001 - a parameter
    """Text is read past the tree where it is the value itself; written any other way, the tree says what it is."""
    shapes = Shapes()
    for text in (value, value, value):
        parsed = read(SIMPLE.format(text).encode())
        part = (parsed.document, schema(parsed))

        found = shapes.read(parsed.text, [part])

        assert found == to_object(*part)
    assert any(shapes._readers.values()) is known


def test_two_parts_of_one_message_are_read_at_once() -> None:
    """The header beside a document keeps its own values, and its wrapper's white space is no value."""
    shapes = Shapes()
    header = '<AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><BizMsgIdr>{}</BizMsgIdr></AppHdr>'
    for number in ("1", "2", "3"):
        body = SIMPLE.format(f"m{number}").partition("\n")[2]
        parsed = read(f"<Envelope>\n  {header.format(number)}\n  {body}\n</Envelope>".encode())
        assert parsed.header is not None
        parts = [(parsed.header, CATALOGUE.schema("head.001.001.02")), (parsed.document, schema(parsed))]

        found = shapes.read(parsed.text, parts)

        assert found == to_object(*parts[0]) | to_object(*parts[1])
        assert found["AppHdr"] == {"BizMsgIdr": number}
    assert all(shapes._readers.values())


def test_an_attribute_belongs_to_the_shape() -> None:
    """A value of an attribute is never taken from another message, even where it has a sign that closes a tag."""
    xml = SIMPLE.format("m").replace("<MsgId>", '<MsgId kind="{}">')
    shapes = Shapes()
    for kind in ("a", "b > c", "d > e", "d > e"):
        parsed = read(xml.format(kind).encode())
        part = (parsed.document, schema(parsed))
        assert shapes.read(parsed.text, [part]) == to_object(*part)


def test_the_tree_is_left_as_it_was() -> None:
    """Writing a reader marks the tree's values, and takes the marks back."""
    xml = SIMPLE.format("m").encode()
    shapes = Shapes()
    for _ in range(2):
        parsed = read(xml)
        before = etree.tostring(parsed.document)
        shapes.read(parsed.text, [(parsed.document, schema(parsed))])
        assert etree.tostring(parsed.document) == before


def test_the_eldest_shape_is_forgotten() -> None:
    """The number of shapes that are remembered has a limit."""
    shapes = Shapes(most=2)
    for tags in ("", "<NbOfTxs>1</NbOfTxs>", "<NbOfTxs>1</NbOfTxs><CtrlSum>1</CtrlSum>"):
        parsed = read(SIMPLE.format("m").replace("</GrpHdr>", f"{tags}</GrpHdr>").encode())
        shapes.read(parsed.text, [(parsed.document, schema(parsed))])

    assert len(shapes._readers) == 2
    assert not any("CreDtTm</CreDtTm></GrpHdr>" in shape for shape in shapes._readers)


def test_what_is_large_is_walked() -> None:
    """A message over the limit leaves nothing behind, and neither does one whose text is not at hand."""
    shapes = Shapes()
    for text in (b"", None):
        parsed = read(SIMPLE.format("m" * 20_000).encode())
        part = (parsed.document, schema(parsed))
        assert shapes.read(parsed.text if text is None else text, [part]) == to_object(*part)
    assert not shapes._readers
