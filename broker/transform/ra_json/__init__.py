"""RA JSON: an ISO 20022 message as JSON without loss, and back.

Owns the representation (``docs/ra-json.md``) in both directions, driven by the type model of the catalogue: plans are
compiled once per definition and there is no code per message. Knows nothing of channels, mappings or canonical events.

The convention is the ISO 20022 Technical Support Group's recommendation *Generation of JSON Schema Draft 2020-12 for
ISO 20022:2013* of 2025-03-21.
"""

from broker.transform.ra_json.reading import CONVENTION, Readable, to_json, to_loose_object, to_object
from broker.transform.ra_json.shapes import Reader, marks, reader, runs_of
from broker.transform.ra_json.source import read_json
from broker.transform.ra_json.writing import to_xml

__all__ = [
    "CONVENTION",
    "Readable",
    "Reader",
    "marks",
    "read_json",
    "reader",
    "runs_of",
    "to_json",
    "to_loose_object",
    "to_object",
    "to_xml",
]
