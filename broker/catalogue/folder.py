"""The files of the catalogue: ``definitions.txt`` and ``types/*.txt``.

Owns where a type stands and how files are read and written; what a line says is text.py's and entry.py's. The text of
all types is held as it was read; a type is parsed when it is first asked for and then shared by all definitions.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from broker.catalogue.entry import Entry, read_entries, write_entries
from broker.catalogue.model import AmountType, ChoiceGroup, Element, Schema, SequenceType, SimpleType, Type
from broker.catalogue.text import is_scalar, read_type, write_type
from broker.errors import CatalogueError

DEFINITIONS: Final = "definitions.txt"
TYPES: Final = "types"
SCALARS: Final = "scalars"

_SCALARS_HEADING: Final = "# Scalars and amounts: name, base, facets. docs/catalogue.md explains every column."
_COMPLEX_HEADING: Final = "# Complex types: cardinality, tag, type. docs/catalogue.md explains every column."


class Folder:
    """The catalogue's folder. ``entries`` is read at once; the types' text at the first type asked for."""

    def __init__(self, path: Path) -> None:
        """Read the definitions' lines. Raises CatalogueError where the folder holds no catalogue."""
        self.path = path
        try:
            self.entries = read_entries((path / DEFINITIONS).read_text(encoding="utf-8"))
        except OSError as problem:
            raise CatalogueError(f"{path} holds no catalogue: {problem.strerror}") from problem
        self._texts: dict[str, str] = {}
        self._types: dict[str, Type] = {}

    def schema(self, entry: Entry) -> Schema:
        """Assemble a definition: its root and every type reached from it. Raises CatalogueError at a missing type."""
        types: dict[str, Type] = {}
        tag, wraps, content = entry.content.partition("=")
        root = Element(entry.root, entry.root if wraps else tag)
        if wraps:
            types[entry.root] = SequenceType(entry.root, (Element(tag, content),))
        waiting = [content if wraps else tag]
        while waiting:
            name = waiting.pop()
            if name not in types:
                types[name] = self.type(entry.variants.get(name, name))
                waiting.extend(references(types[name]))
        return Schema(entry.definition, entry.namespace, root, dict(sorted(types.items())))

    def type(self, key: str) -> Type:
        """Give the type under a key, the same object every time. Raises CatalogueError where there is none."""
        if key not in self._types:
            self._types[key] = read_type(self._text(key), key.partition("~")[0])
        return self._types[key]

    def type_keys(self) -> tuple[str, ...]:
        """The keys of all types, in the files' order."""
        if not self._texts:
            self._texts = read_types(self.path / TYPES)
        return tuple(self._texts)

    def _text(self, key: str) -> str:
        if not self._texts:
            self._texts = read_types(self.path / TYPES)
        try:
            return self._texts[key]
        except KeyError:
            raise CatalogueError(f"{self.path}: no type {key} is defined") from None


def references(declared: Type) -> Iterator[str]:
    """The names of the types a type refers to, in its order."""
    match declared:
        case SimpleType():
            return
        case AmountType():
            yield declared.value
            yield declared.currency
        case SequenceType():
            for particle in declared.particles:
                if isinstance(particle, Element):
                    yield particle.type
                elif isinstance(particle, ChoiceGroup):
                    yield from (element.type for element in particle.elements)
        case _:
            yield from (element.type for element in declared.elements)


def read_types(folder: Path) -> dict[str, str]:
    """Read the text of every type, by key. Raises CatalogueError where two files define the same."""
    texts: dict[str, str] = {}
    count = 0
    for file in sorted(folder.glob("*.txt")):
        blocks = _blocks(file)
        count += len(blocks)
        texts.update(blocks)
    if len(texts) != count:
        raise CatalogueError(f"{folder}: a type is defined in two places")
    return texts


def render_folder(entries: Mapping[str, Entry], types: Mapping[str, Type]) -> dict[str, str]:
    """Give the text of every file of a catalogue by its path within the folder. The same facts give the same text."""
    files: dict[str, list[str]] = {}
    for key in sorted(types):
        text = write_type(types[key], key)
        files.setdefault(SCALARS if is_scalar(text) else key[0].upper(), []).append(text)
    rendered = {DEFINITIONS: write_entries(entries.values())}
    for stem, texts in files.items():
        heading, gap = (_SCALARS_HEADING, "\n") if stem == SCALARS else (_COMPLEX_HEADING, "\n\n")
        rendered[f"{TYPES}/{stem}.txt"] = f"{heading}\n\n{gap.join(texts)}\n"
    return rendered


def write_folder(path: Path, entries: Mapping[str, Entry], types: Mapping[str, Type]) -> None:
    """Write the whole catalogue; files that no longer hold anything are removed."""
    rendered = render_folder(entries, types)
    (path / TYPES).mkdir(parents=True, exist_ok=True)
    for stale in (path / TYPES).glob("*.txt"):
        if f"{TYPES}/{stale.name}" not in rendered:
            stale.unlink()
    for name, text in rendered.items():
        (path / name).write_text(text, encoding="utf-8")


def _blocks(file: Path) -> dict[str, str]:
    _, _, body = file.read_text(encoding="utf-8").rstrip("\n").partition("\n\n")
    texts = body.split("\n" if file.stem == SCALARS else "\n\n")
    blocks = {text.split(None, 1)[0]: text for text in texts}
    if len(blocks) != len(texts):
        raise CatalogueError(f"{file}: a type is defined twice")
    return blocks
