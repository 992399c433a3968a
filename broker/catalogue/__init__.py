"""The catalogue: what every message definition of ISO 20022 says, and everything that follows from it.

The folder ``schemas/iso20022`` holds the facts in a text form of our own; from them this room derives, on demand and
cached, the type model, the XSD, the compiled validator and the JSON Schema. Read in this order:

    model.py        the type model: what a definition can say at all
    text.py         a type as text and back; entry.py the same for a definition's line
    folder.py       the files of the catalogue: read lazily, written whole
    catalogue.py    ``Catalogue``: what every other room asks
    xsd.py          model → XSD                json_schema.py  model → JSON Schema (draft 2020-12)
    importer.py     XSD → model                intake.py       models → the folder
    compare.py      two models → words         tree.py         a definition as a tree

It knows nothing of messages: a definition has no bytes, no header, no findings.
"""

from broker.catalogue.catalogue import Catalogue
from broker.catalogue.model import Schema

__all__ = ["Catalogue", "Schema"]
