"""Reads the text of a mapping file into the language's values. Knows the grammar; not schemas, not models."""

import re
from typing import NamedTuple

from broker.transform.mapping.items import read_items, read_path, read_sources
from broker.transform.mapping.lines import Line, read_lines
from broker.transform.mapping.problems import Problems, nearest
from broker.transform.mapping.syntax import Claim, Event, Extension, Key, MappingFile, Over, Part, Source, Table

_CLAIM = re.compile(r"([a-z]{4}\.\d{3}\.\d{3}\.)(\d{2})(?: to (\d{2}))?")
_EXTENSION = re.compile(r"([a-z][a-z0-9_]*) is (list of )?(.+)")
_OPENINGS = ("claims", "message", "event", "part", "table", "over", "extension")


class _Over(NamedTuple):
    events: list[Event]
    parts: list[Part]
    tables: list[Table]


def read_mapping(name: str, text: str, problems: Problems) -> MappingFile:
    """Give what the file says. What cannot be read is noted in ``problems`` and left out."""
    claims: list[Claim] = []
    events: list[Event] = []
    parts: list[Part] = []
    tables: list[Table] = []
    extensions: list[Extension] = []
    over = _Over([], [], [])
    message: str | None = None
    for line in read_lines(name, text, problems):
        opening, _, rest = line.text.partition(" ")
        rest = rest.strip()
        match opening:
            case "claims":
                claims.append(_claim(line, rest, problems))
            case "message":
                message = rest
            case "event":
                events.append(_event(line, rest, problems))
            case "part":
                parts.append(_part(line, rest, problems))
            case "table":
                tables.append(_table(line, rest, problems))
            case "over":
                _read_over(line, rest, over, problems)
            case "extension":
                extensions += _extension(line, rest, problems)
            case _:
                words = ", ".join(_OPENINGS)
                problems.add(
                    line.place, f"a line at the margin begins with one of {words}{nearest(opening, _OPENINGS)}"
                )
    laid = Over(tuple(over.events), tuple(over.parts), tuple(over.tables), tuple(extensions))
    return MappingFile(name, tuple(claims), message, tuple(events), tuple(parts), tuple(tables), laid)


def _claim(line: Line, rest: str, problems: Problems) -> Claim:
    match = _CLAIM.fullmatch(rest)
    if match is None:
        problems.add(line.place, "expected `claims pacs.008.001.08` or `claims pacs.008.001.02 to 14`")
        return Claim((), line.place)
    stem, first, last = match.groups()
    numbers = range(int(first), int(last or first) + 1)
    if not numbers:
        problems.add(line.place, "the first version claimed is after the last")
    return Claim(tuple(f"{stem}{number:02d}" for number in numbers), line.place)


def _event(line: Line, rest: str, problems: Problems) -> Event:
    each: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    subject: tuple[Source, ...] = ()
    read_only = False
    fields: list[Line] = []
    for child in line.children:
        if child.text.startswith("for each "):
            walk, *said = child.text.removeprefix("for each ").split(",")
            each = tuple(walk.strip().split("/"))
            keys = _keys(said, each, child, problems)
        elif child.text.startswith("subject "):
            subject = read_sources(child.text.removeprefix("subject "), child.place, problems)
        elif child.text == "read only":
            read_only = True
        else:
            fields.append(child)
    return Event(rest, each, keys, read_only, subject, read_items(fields, problems), line.place)


def _read_over(line: Line, rest: str, over: "_Over", problems: Problems) -> None:
    kind, _, name = rest.partition(" ")
    if kind == "part" and name:
        over.parts.append(Part(name.strip(), "", read_items(line.children, problems), line.place))
    elif kind == "table" and name:
        over.tables.append(_table(line, name.strip(), problems))
    elif name or not kind:
        problems.add(line.place, "expected `over EVENT`, `over part NAME` or `over table NAME`")
    else:
        event = _event(line, rest, problems)
        if event.each or event.read_only:
            problems.add(line.place, "what there is one event for, and which way it goes, is said below, not over it")
        over.events.append(event)


def _extension(line: Line, rest: str, problems: Problems) -> list[Extension]:
    match = _EXTENSION.fullmatch(rest)
    if match is None:
        problems.add(line.place, "expected `extension NAME is KIND` or `extension NAME is list of KIND`")
        return []
    name, many, kind = match.groups()
    return [Extension(name, kind, many is not None, line.place)]


def _keys(said: list[str], each: tuple[str, ...], line: Line, problems: Problems) -> tuple[Key, ...]:
    keys: list[Key] = []
    for text in said:
        tag, by, where = (piece.strip() for piece in text.partition(" by "))
        if not by:
            problems.add(line.place, f"{text.strip()!r} is no key; expected `TAG by PATH`, as in `PmtInf by PmtInfId`")
        elif tag not in each[:-1]:
            problems.add(line.place, f"for each does not pass {tag} on its way{nearest(tag, each[:-1])}")
        elif path := read_path(where, line.place, problems):
            keys.append(Key(tag, path))
    return tuple(keys)


def _part(line: Line, rest: str, problems: Problems) -> Part:
    name, is_, model = rest.partition(" is ")
    if not is_:
        problems.add(line.place, "expected `part NAME is Model`")
    return Part(name.strip(), model.strip(), read_items(line.children, problems), line.place)


def _table(line: Line, rest: str, problems: Problems) -> Table:
    rows: dict[str, str] = {}
    otherwise: str | None = None
    for child in line.children:
        code, equals, word = (piece.strip() for piece in child.text.partition("="))
        if child.text.startswith("otherwise "):
            otherwise = child.text.removeprefix("otherwise ").strip()
        elif not equals or not code or not word:
            problems.add(child.place, "expected `CODE = word` or `otherwise word`")
        elif code in rows:
            problems.add(child.place, f"{code} stands twice in the table")
        else:
            rows[code] = word
    return Table(rest, rows, otherwise, line.place)
