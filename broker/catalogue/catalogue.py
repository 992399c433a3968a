"""``Catalogue``: what every other room asks about message definitions.

Start-up reads one line a definition; everything else is made when it is first asked for and then kept. A catalogue may
be shared by threads: making the same thing twice gives equal things, and one of them stays.
"""

from pathlib import Path

from lxml import etree

from broker.catalogue.entry import Entry
from broker.catalogue.folder import Folder
from broker.catalogue.json_schema import write_json_schema
from broker.catalogue.model import Schema
from broker.catalogue.xsd import compile_xsd, write_xsd
from broker.errors import CatalogueError


class Catalogue:
    """The definitions under one folder. Lookups by a name it does not have raise CatalogueError."""

    def __init__(self, folder: Path) -> None:
        """Read the definitions' lines. Raises CatalogueError where the folder holds no catalogue."""
        self._folder = Folder(folder)
        self._by_namespace: dict[str, str] = {}
        for entry in self._folder.entries.values():
            if "@" not in entry.definition:
                self._by_namespace[entry.namespace] = entry.definition
        self._schemas: dict[str, Schema] = {}
        self._validators: dict[str, etree.XMLSchema] = {}

    def definitions(self) -> tuple[str, ...]:
        """Every definition's name, sorted; named variants (``pacs.008.001.08@name``) among them."""
        return tuple(self._folder.entries)

    def __contains__(self, definition: str) -> bool:
        """Whether the catalogue has this definition."""
        return definition in self._folder.entries

    def by_namespace(self, namespace: str) -> str | None:
        """The definition an XML namespace belongs to, never a named variant; None where it is unknown."""
        return self._by_namespace.get(namespace)

    def entry(self, definition: str) -> Entry:
        """The definition's line: root, source, sha256 of the XSD it was checked against."""
        try:
            return self._folder.entries[definition]
        except KeyError:
            raise CatalogueError(f"{definition} is not in the catalogue; `broker schemas list` shows what is") from None

    def schema(self, definition: str) -> Schema:
        """The type model; types are shared between definitions."""
        if definition not in self._schemas:
            self._schemas[definition] = self._folder.schema(self.entry(definition))
        return self._schemas[definition]

    def validator(self, definition: str) -> etree.XMLSchema:
        """The compiled libxml2 validator (``lxml.etree.XMLSchema``) of the definition's XSD."""
        if definition not in self._validators:
            self._validators[definition] = compile_xsd(self.schema(definition))
        return self._validators[definition]

    def xsd(self, definition: str) -> str:
        """The XSD as text, made anew at each call."""
        return write_xsd(self.schema(definition))

    def json_schema(self, definition: str) -> dict[str, object]:
        """The JSON Schema of the definition's RA JSON, made anew at each call."""
        return write_json_schema(self.schema(definition))
