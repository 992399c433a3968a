"""The catalogue examined: whether it holds together, and says what the XSDs say that it was checked against.

Owns the examination; changes nothing. What is wrong comes back as text: a damaged catalogue is what this is for.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker.catalogue.compare import differences
from broker.catalogue.entry import Entry
from broker.catalogue.folder import Folder, render_folder
from broker.catalogue.importer import read_xsd
from broker.catalogue.intake import used_keys
from broker.catalogue.model import Schema
from broker.catalogue.xsd import compile_xsd, write_xsd
from broker.errors import CatalogueError

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: a definition or a file, and what is wrong with it."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was examined: definitions in all, those compared with an XSD, those with none to compare, what is wrong."""

    definitions: int
    compared: int
    not_compared: tuple[str, ...]
    wrong: tuple[Wrong, ...]


def check(path: Path, xsd_folder: Path | None = None) -> Report:
    """Examine the catalogue in ``path``.

    Every definition is assembled, compiled and read back from its own XSD; the files must be spelled as they would be
    written, and hold no type that nothing uses. With ``xsd_folder`` each definition is compared with the XSD there
    that has the recorded sha256, or else its name. Raises CatalogueError where the folder holds no catalogue.
    """
    folder = Folder(path)
    wrong: list[Wrong] = []
    missing: list[str] = []
    sources = _sources(xsd_folder) if xsd_folder else {}
    for entry in folder.entries.values():
        try:
            schema = folder.schema(entry)
            compile_xsd(schema)
            if read_xsd(write_xsd(schema).encode(), entry.definition).schema != schema:
                wrong.append(Wrong(entry.definition, "its own XSD, read back, says something else"))
            source = sources.get(entry.sha256) or sources.get(f"{entry.definition}.xsd")
            if source is None:
                missing.append(entry.definition)
            else:
                wrong.extend(Wrong(entry.definition, text) for text in _against(entry, schema, source))
        except CatalogueError as problem:
            wrong.append(Wrong(entry.definition, str(problem)))
    wrong.extend(_files(folder))
    return Report(len(folder.entries), len(folder.entries) - len(missing), tuple(missing), tuple(wrong))


def _sources(folder: Path) -> dict[str, Path]:
    """The XSDs of a folder, each by its file name and by its sha256."""
    files = sorted(folder.glob("*.xsd"))
    digests = {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in files}
    return {file.name: file for file in files} | digests


def _against(entry: Entry, schema: Schema, source: Path) -> Iterator[str]:
    imported = read_xsd(source.read_bytes(), entry.definition)
    if imported.sha256 != entry.sha256:
        yield f"{source.name} has the sha256 {imported.sha256}, not the one it was checked against"
    if imported.schema == schema:
        return
    found = differences(imported.schema, schema)
    for each in found[:_SHOWN]:
        yield f"against {source.name}: {each.kind} {each.path} {each.text}"
    if len(found) > _SHOWN:
        yield f"against {source.name}: {len(found) - _SHOWN} more differences"
    if not found:
        yield f"against {source.name}: types are named otherwise"


def _files(folder: Folder) -> Iterator[Wrong]:
    try:
        types = {key: folder.type(key) for key in folder.type_keys()}
        used = {key for entry in folder.entries.values() for key in used_keys(entry, types)}
    except CatalogueError as problem:
        yield Wrong(str(folder.path), str(problem))
        return
    except KeyError:
        return  # a type that is missing was named when its definition was assembled
    yield from (Wrong(key, "no definition uses this type") for key in types if key not in used)
    for name, text in render_folder(folder.entries, types).items():
        if (folder.path / name).read_text(encoding="utf-8") != text:
            yield Wrong(name, "the file is not spelled as it would be written")
