"""The parts alone: what others make of the same pacs.008, for ``bench.iso_work`` to put beside the floor in its rounds.

Each does what it offers and no more: most of them check less than the floor does.
"""

import io
from collections.abc import Callable
from xml.etree import ElementTree as ET

import xmlschema
import xmltodict
from lxml import etree, objectify
from pyiso20022.pacs import pacs_008_001_08
from xsdata.formats.dataclass.parsers import XmlParser


def peers(body: bytes, xsd: str) -> dict[str, Callable[[], object]]:
    """Others' work by name, on the same bytes; ``xsd`` is the schema of their definition."""
    schema = xmlschema.XMLSchema(io.StringIO(xsd))
    text, objects = body.decode(), XmlParser()

    def valid() -> None:
        assert not list(schema.iter_errors(text))

    return {
        "lxml: parse": lambda: etree.fromstring(body),
        "lxml.objectify: parse": lambda: objectify.fromstring(body),
        "ElementTree: parse": lambda: ET.fromstring(body),
        "xmltodict: parse into dicts": lambda: xmltodict.parse(body),
        "xsdata and pyiso20022: parse into dataclasses": lambda: objects.from_bytes(body, pacs_008_001_08.Document),
        "xmlschema: parse and validate": valid,
        "xmlschema: parse, validate, to_dict": lambda: schema.to_dict(text),
    }
