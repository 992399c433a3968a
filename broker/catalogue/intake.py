"""Models go into the catalogue's folder.

Owns what happens to what is already there: the same facts are one type, differing facts of one name become variants,
and what nothing uses any more goes. Owns, too, what may not go in: another content under a name that is taken, and a
usage guideline that allows what its official definition does not. Deterministic: the same models in the same order
give the same files.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from broker.catalogue.compare import beyond
from broker.catalogue.entry import Entry, variant_key
from broker.catalogue.folder import DEFINITIONS, Folder, references, write_folder
from broker.catalogue.importer import Imported
from broker.catalogue.model import Element, Schema, SequenceType, Type
from broker.catalogue.xsd import compile_xsd
from broker.errors import CatalogueError

_GUIDELINE: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Taken:
    """A model to take in, and where its facts come from in words."""

    imported: Imported
    source: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How a model may be taken in: as the guideline of this name, or in place of what the catalogue says."""

    guideline: str | None = None
    replace: bool = False


def admit(folder: Path, imported: Imported, terms: Terms) -> Imported:
    """Judge one model against the catalogue in ``folder`` and give it back under the name it will have.

    Raises CatalogueError where it cannot be compiled, where its name or namespace belongs to other content (unless
    ``terms.replace``), and where a guideline has no official definition or allows more than it.
    """
    compile_xsd(imported.schema)
    present = Folder(folder) if (folder / DEFINITIONS).exists() else None
    schema, entries = imported.schema, present.entries if present else {}
    if terms.guideline is not None:
        schema = replace(schema, definition=_narrowed(present, schema, terms.guideline))
    for entry in entries.values():
        same_name, same_namespace = entry.definition == schema.definition, entry.namespace == schema.namespace
        if same_name and not same_namespace:
            raise CatalogueError(
                f"{schema.definition} has the namespace {entry.namespace} in the catalogue; give a name"
            )
        if same_namespace and not same_name and "@" not in entry.definition + schema.definition:
            raise CatalogueError(f"the namespace {schema.namespace} is {entry.definition}'s in the catalogue")
    known = entries.get(schema.definition)
    if present and known and not terms.replace and present.schema(known) != schema:
        raise CatalogueError(f"the catalogue says otherwise of {schema.definition}; replace it, or name a guideline")
    return replace(imported, schema=schema)


def take_in(folder: Path, models: Iterable[Taken]) -> None:
    """Add the models to the catalogue in ``folder``, or replace what it says of the same definitions.

    An empty folder becomes a catalogue. Raises CatalogueError where what is there cannot be read.
    """
    entries: dict[str, Entry] = {}
    types: dict[str, Type] = {}
    if (folder / DEFINITIONS).exists():
        present = Folder(folder)
        entries = dict(present.entries)
        types = {key: present.type(key) for key in present.type_keys()}
    for taken in models:
        entry = _entry(taken, types)
        entries[entry.definition] = entry
    used = {key for entry in entries.values() for key in used_keys(entry, types)}
    write_folder(folder, entries, {key: types[key] for key in types if key in used})


def used_keys(entry: Entry, types: dict[str, Type]) -> set[str]:
    """The keys of all types a definition reaches; ``types`` maps every key of the catalogue to its type."""
    tag, wraps, content = entry.content.partition("=")
    used: set[str] = set()
    waiting = [content if wraps else tag]
    while waiting:
        name = waiting.pop()
        key = entry.variants.get(name, name)
        if key not in used:
            used.add(key)
            waiting.extend(references(types[key]))
    return used


def _narrowed(present: Folder | None, schema: Schema, guideline: str) -> str:
    """The name of a guideline, once it is shown to narrow the official definition of its namespace."""
    if _GUIDELINE.fullmatch(guideline) is None:
        raise CatalogueError(f"{guideline!r} cannot name a guideline: lower-case letters, digits, dots and dashes")
    official = next(
        (each for each in (present.entries if present else {}).values()
         if each.namespace == schema.namespace and "@" not in each.definition),
        None,
    )  # fmt: skip
    if present is None or official is None:
        raise CatalogueError(
            f"no definition has the namespace {schema.namespace}; a guideline narrows one that is there"
        )
    wider = beyond(present.schema(official), schema)
    if wider:
        shown = "; ".join(f"{each.path} {each.text}" for each in wider[:_SHOWN])
        raise CatalogueError(f"not narrower than {official.definition} at {len(wider)} places: {shown}")
    return f"{official.definition}@{guideline}"


def _entry(taken: Taken, types: dict[str, Type]) -> Entry:
    """Make the line of a definition; ``types`` gains what it lacks."""
    schema = taken.imported.schema
    content, wrapper = _content(schema)
    variants: dict[str, str] = {}
    for name, declared in schema.types.items():
        if name == wrapper:
            continue
        key = _key(name, declared, types)
        types[key] = declared
        if key != name:
            variants[name] = key
    return Entry(
        schema.definition, schema.root.tag, content, taken.imported.sha256, schema.namespace, taken.source, variants
    )


def _content(schema: Schema) -> tuple[str, str | None]:
    """The content column, and the name of the root's type where the column says all of it."""
    match schema.types[schema.root.type]:
        case SequenceType(name, (Element(tag, type_name, 1, 1),)) if name == schema.root.tag:
            return f"{tag}={type_name}", name
        case _:
            return schema.root.type, None


def _key(name: str, declared: Type, types: dict[str, Type]) -> str:
    """The key under which a type stands, or the first free one."""
    number = 1
    while types.get(variant_key(name, number), declared) != declared:
        number += 1
    return variant_key(name, number)
