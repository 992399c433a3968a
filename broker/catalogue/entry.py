"""A definition's line in the catalogue: what its root is, which variants it uses, where its facts come from.

Owns ``definitions.txt``; knows nothing of types but their names. One line a definition, seven columns::

    pacs.008.001.08  Document  FIToFICstmrCdtTrf=FIToFICustomerCreditTransferV08  <sha256>  -  -  where from

The third column is the root's content: ``tag=type`` where the root holds that one element and nothing else (all of the
standard's ``Document`` types), or the name of the root's type. The fifth is the namespace, ``-`` for the one the
standard assigns; the sixth the variants used, ``Type~2,Other~3``, or ``-``; the last, free text, the source.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from broker.errors import CatalogueError
from broker.message.definition import NAMESPACE_PREFIX

HEADING: Final = """\
# The message definitions, one a line; the types they refer to are in types/. docs/catalogue.md explains every column.
# definition, root, content of the root, sha256 of the XSD it was checked against, namespace, variants, source
"""
_COLUMNS: Final = 7
_ABSENT: Final = "-"
_VARIANT: Final = "~"


@dataclass(frozen=True, slots=True)
class Entry:
    """One definition. ``variants`` maps a type's name to the key of the variant this definition uses."""

    definition: str
    root: str
    content: str
    sha256: str
    namespace: str
    source: str
    variants: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read a line. Raises CatalogueError where it has too few columns."""
        columns = line.split(None, _COLUMNS - 1)
        if len(columns) != _COLUMNS:
            raise CatalogueError(f"definitions.txt: {_COLUMNS} columns are needed in the line {line!r}")
        definition, root, content, sha256, namespace, variants, source = columns
        return cls(
            definition,
            root,
            content,
            sha256,
            namespace_of(definition) if namespace == _ABSENT else namespace,
            source,
            {} if variants == _ABSENT else {key.partition(_VARIANT)[0]: key for key in variants.split(",")},
        )

    def __str__(self) -> str:
        """Give the line."""
        namespace = _ABSENT if self.namespace == namespace_of(self.definition) else self.namespace
        variants = ",".join(sorted(self.variants.values())) or _ABSENT
        facts = f"{self.definition:<15}  {self.root:<8}  {self.content:<64}  {self.sha256}"
        return f"{facts}  {namespace}  {variants}  {self.source}"


def namespace_of(definition: str) -> str:
    """The namespace the standard assigns to a definition's name; a named variant (``…@name``) shares it."""
    return NAMESPACE_PREFIX + definition.partition("@")[0]


def variant_key(name: str, number: int) -> str:
    """The key of the ``number``-th variant of a type (from 2: the first goes by the name alone)."""
    return name if number == 1 else f"{name}{_VARIANT}{number}"


def read_entries(text: str) -> dict[str, Entry]:
    """Read the whole file, by definition. Raises CatalogueError where a definition has two lines."""
    entries: dict[str, Entry] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        entry = Entry.parse(line)
        if entry.definition in entries:
            raise CatalogueError(f"definitions.txt: {entry.definition} has two lines")
        entries[entry.definition] = entry
    return entries


def write_entries(entries: Iterable[Entry]) -> str:
    """Write the whole file, sorted by definition."""
    lines = (str(entry) for entry in sorted(entries, key=lambda each: each.definition))
    return HEADING + "\n".join(lines) + "\n"
