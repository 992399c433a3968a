"""What all mapping files share while they are bound: parts, tables, and what has proved of use so far."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from broker.transform.canonical.form import Canonical
from broker.transform.canonical.registry import EVENTS
from broker.transform.mapping.bound import BoundPart
from broker.transform.mapping.problems import Place, Problems, nearest
from broker.transform.mapping.schema_view import Lost
from broker.transform.mapping.syntax import (
    Condition,
    Constant,
    Event,
    Field,
    Group,
    Item,
    MappingFile,
    Part,
    Path,
    Table,
)


@dataclass(slots=True)
class Library:
    """Parts and tables by name; where paths of the files led; the parts bound so far, by name and type token."""

    parts: Mapping[str, Part]
    tables: Mapping[str, Table]
    problems: Problems
    events: Mapping[str, type[Canonical]] = field(default_factory=lambda: EVENTS)
    """Event types and their models, with the fields of a bank's own where its files give them."""
    led: set[int] = field(default_factory=set)
    """Paths (by identity) that led somewhere suitable in at least one definition."""
    lost: dict[int, str] = field(default_factory=dict)
    """Paths (by identity) that did not, somewhere, and why."""
    codes: dict[str, set[str]] = field(default_factory=dict)
    """Codes that may come to a table, from all closed lists it was applied to."""
    open_tables: set[str] = field(default_factory=set)
    """Tables that were applied where any code may come."""
    tested: dict[int, set[str]] = field(default_factory=dict)
    """Codes that may come where a condition looks (its path, by identity), from closed lists; empty: any may."""
    bound: dict[tuple[str, int], BoundPart | str] = field(default_factory=dict)
    """A part bound to a type, or why it does not suit that type."""

    def learn(self, below: "Library") -> None:
        """Take over what was of use before a bank's own lines were laid over: that is no mistake of theirs."""
        self.led |= below.led
        self.open_tables |= below.open_tables
        self.tested |= {path: set(codes) for path, codes in below.tested.items()}
        for name, codes in below.codes.items():
            self.codes.setdefault(name, set()).update(codes)

    def lead(self, path: Path) -> None:
        """Note that a path is of use."""
        self.led.add(id(path))

    def test(self, path: Path, codes: Sequence[str]) -> None:
        """Note what may come where a condition looks: the codes of a closed list, or none where any may."""
        known = self.tested.setdefault(id(path), set(codes))
        if known and codes:
            known.update(codes)
        else:
            known.clear()

    def lose(self, path: Path, why: str | Lost) -> None:
        """Note why a path is of no use in some definition; told only if it is of use in none."""
        if isinstance(why, Lost):
            why = f"{path}: {why.type_name} has no {why.tag}{nearest(why.tag, why.known)}"
        self.lost.setdefault(id(path), why)


def report_useless(files: Sequence[MappingFile], library: Library) -> None:
    """Note every path that leads nowhere in all definitions claimed, and every table row that no code list has."""
    for place, path in _paths(files):
        if id(path) not in library.led and (why := library.lost.get(id(path))):
            library.problems.add(place, why)
    for place, when in _conditions(files):
        known = library.tested.get(id(when.path), set())
        for code in sorted(set(when.values) - known) if known else ():
            library.problems.add(place, f"{when.path} is never {code}{nearest(code, known)}")
    for table in library.tables.values():
        codes = library.codes.get(table.name)
        if codes and table.name not in library.open_tables:
            for code in sorted(table.rows.keys() - codes):
                library.problems.add(
                    table.place, f"{code} is in no code list that {table.name} reads{nearest(code, codes)}"
                )


def _paths(files: Sequence[MappingFile]) -> Iterator[tuple[Place, Path]]:
    for file in files:
        for event in file.events:
            yield from ((event.place, source.path) for source in event.subject)
            yield from ((event.place, key.path) for key in event.keys)
            yield from _paths_of(event.items)
        for part in file.parts:
            yield from _paths_of(part.items)


def _conditions(files: Sequence[MappingFile]) -> Iterator[tuple[Place, Condition]]:
    for file in files:
        pieces: tuple[Event | Part, ...] = (*file.events, *file.parts)
        for piece in pieces:
            fields = (item for item in _fields(piece.items) if isinstance(item, Field))
            sources = [(item.place, source) for item in fields for source in item.sources]
            if isinstance(piece, Event):
                sources += [(piece.place, source) for source in piece.subject]
            yield from ((place, source.when) for place, source in sources if source.when is not None)


def _paths_of(items: Sequence[Item]) -> Iterator[tuple[Place, Path]]:
    for item in _fields(items):
        if isinstance(item, Constant):
            yield item.place, item.path
            continue
        for source in item.sources:
            yield item.place, source.path
            if source.when is not None:
                yield item.place, source.when.path


def _fields(items: Sequence[Item]) -> Iterator[Field | Constant]:
    for item in items:
        if isinstance(item, Field | Constant):
            yield item
        elif isinstance(item, Group):
            yield from _fields(item.items)
        else:
            for slot in item.slots:
                yield from _fields(slot)


def outside_paths(part: Part) -> Iterator[Place]:
    """The places where a part looks outside itself, which it must not: it is applied in many surroundings."""
    return (place for place, path in _paths_of(part.items) if path.absolute or path.up)
