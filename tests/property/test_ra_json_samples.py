"""RA JSON on messages of others: each schema-valid one in ``ISO20022_SAMPLES_DIR`` survives the way there and back."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from lxml import etree

from broker.catalogue.catalogue import Catalogue
from broker.law import folder
from broker.message.failure import Failure
from broker.parse import Limits, Parsed, parse
from broker.transform.ra_json import to_json, to_object, to_xml

FOLDER = os.environ.get("ISO20022_SAMPLES_DIR")
LIMITS = Limits(50_000_000, 5_000_000, 64, 64, 9_000_000)
COLLAPSED = re.compile(r"\s*([-+0-9.:TZ]+|true|false)\s*")
CATALOGUE = Catalogue(folder("schemas/iso20022"))

Node = tuple[str, str | None, str, tuple["Node", ...]]


def node(element: etree._Element) -> Node:
    """An element as expanded name, currency, text and children: what the message says, not how it is spelled.

    Aside: prefixes, white space between elements, what XML Schema collapses around numbers and dates, and the
    ``xsi:`` hints, which belong to no message definition.
    """
    children = tuple(node(child) for child in element.iterchildren("*"))
    text = element.text if element.text and not children and not element.text.isspace() else ""
    collapsed = COLLAPSED.fullmatch(text)
    return element.tag, element.get("Ccy"), collapsed[1] if collapsed else text, children


def valid_parts(parsed: Parsed) -> Iterator[tuple[etree._Element, str]]:
    """The document and the header, each where it satisfies its schema, with its definition."""
    for part in (parsed.document, parsed.header):
        definition = None if part is None else CATALOGUE.by_namespace(etree.QName(part).namespace or "")
        if definition and CATALOGUE.validator(definition).validate(part):
            yield part, definition


@pytest.mark.skipif(not FOLDER, reason="ISO20022_SAMPLES_DIR is not set: no messages of others were compared")
def test_valid_samples_survive() -> None:
    """XML → JSON → XML says the same for each valid document and header; the JSON satisfies the published schema."""
    compared = {"documents": 0, "headers": 0, "both in one": 0}
    for path in sorted(path for path in Path(FOLDER or "").rglob("*") if path.is_file()):
        parsed = parse(path.read_bytes(), LIMITS, CATALOGUE)
        parts = [] if isinstance(parsed, Failure) else list(valid_parts(parsed))
        for part, definition in parts:
            made = to_object(part, CATALOGUE.schema(definition))
            written = to_xml(made, definition, CATALOGUE)

            assert isinstance(written, bytes), (path.name, written)
            assert node(etree.fromstring(written)) == node(part), path.name
            assert Draft202012Validator(CATALOGUE.json_schema(definition)).is_valid(made), path.name
            compared["documents" if "AppHdr" not in made else "headers"] += 1
        if isinstance(parsed, Parsed) and len(parts) > 1:
            written = to_xml(
                to_json(parsed, CATALOGUE), parsed.definition, CATALOGUE, wrapper="Envelope", header=parts[1][1]
            )

            assert isinstance(written, bytes), (path.name, written)
            back = parse(written, LIMITS, CATALOGUE)
            assert isinstance(back, Parsed), path.name
            assert to_json(back, CATALOGUE) == to_json(parsed, CATALOGUE), path.name
            compared["both in one"] += 1
    print(f"RA JSON: valid messages of others, there and back, all equal: {compared}")  # noqa: T201  says what was compared
    assert all(compared.values())
