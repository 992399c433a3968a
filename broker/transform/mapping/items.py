"""Reads the lines of an event or a part: fields and their sources, groups, slots, constants."""

import re
from collections.abc import Sequence

from broker.transform.mapping.lines import Line
from broker.transform.mapping.problems import Place, Problems
from broker.transform.mapping.syntax import Condition, Constant, Field, Group, Item, Path, Slots, Source, Take, Way

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_STEP = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_FIELD = re.compile(r"([a-z][a-z0-9_]*)\s*(=|<-|->)\s*(.+)")
_CONSTANT = re.compile(r'(?:"([^"]*)"|count)\s*->\s*(\S+)')
_CONVERTER = re.compile(r"(.+?)\s+as\s+([a-z][a-z0-9_]*)")
_TEXT = re.compile(r'"([^"]+)"\s+when\s+(?:(first|last)\s+)?(\S+)')
_SOURCE = re.compile(r"(?:(each|first|last|only)\s+)?(\S+)(?:\s+when\s+(\S+)\s+is\s+(not\s+)?(.+))?")


def read_items(lines: Sequence[Line], problems: Problems) -> tuple[Item, ...]:
    """Give the items of an event, a part or a group, in their order."""
    items = (_item(line, problems) for line in lines)
    return tuple(item for item in items if item is not None)


def _item(line: Line, problems: Problems) -> Item | None:
    if constant := _CONSTANT.fullmatch(line.text):
        path = read_path(constant[2], line.place, problems)
        return None if path is None else Constant(constant[1], path, line.place)
    if field := _FIELD.fullmatch(line.text):
        if line.children:
            problems.add(line.children[0].place, "nothing can stand under a field")
        name, arrow, rest = field.groups()
        converter = None
        if match := _CONVERTER.fullmatch(rest):
            rest, converter = match.groups()
        return Field(name, read_sources(rest, line.place, problems), converter, Way(arrow), line.place)
    if _NAME.fullmatch(line.text):
        if line.children and line.children[0].text.startswith("- "):
            return Slots(line.text, _slots(line.children, problems), line.place)
        return Group(line.text, read_items(line.children, problems), line.place)
    text = 'expected `name = source`, `name <- source`, `name -> source`, `"text" -> path`, or a name alone'
    problems.add(line.place, text)
    return None


def _slots(lines: Sequence[Line], problems: Problems) -> tuple[tuple[Item, ...], ...]:
    slots = []
    for line in lines:
        if not line.text.startswith("- "):
            problems.add(line.place, "each place of the list begins with `- `")
            continue
        first = Line(line.text.removeprefix("- ").strip(), line.indent, line.place)
        slots.append(read_items([first, *line.children], problems))
    return tuple(slots)


def read_sources(text: str, place: Place, problems: Problems) -> tuple[Source, ...]:
    """Give the sources of ``A | each B | C when D is E``."""
    sources = (_source(piece.strip(), place, problems) for piece in text.split("|"))
    return tuple(source for source in sources if source is not None)


def _source(text: str, place: Place, problems: Problems) -> Source | None:
    if match := _TEXT.fullmatch(text):
        said, take, where = match.groups()
        path = read_path(where, place, problems)
        return None if path is None else Source(path, Take(take) if take else None, text=said)
    match = _SOURCE.fullmatch(text)
    if match is None:
        problems.add(place, f"{text!r} is not a source; expected a path such as `PmtId/UETR`, or `each PATH`")
        return None
    take, where, when, negated, values = match.groups()
    path = read_path(where, place, problems)
    condition = None
    if when is not None:
        tested = read_path(when, place, problems)
        listed = tuple(value.strip() for value in values.split(","))
        condition = None if tested is None else Condition(tested, listed, negated is not None)
    return None if path is None else Source(path, Take(take) if take else None, condition)


def read_path(text: str, place: Place, problems: Problems) -> Path | None:
    """Give the path of ``A/B``, ``/A``, ``../A`` or ``.``; None, and a problem, where it is none."""
    if text == ".":
        return Path(())
    rest, up = text, 0
    absolute = rest.startswith("/")
    rest = rest.removeprefix("/")
    while rest.startswith("../"):
        rest, up = rest.removeprefix("../"), up + 1
    steps = tuple(rest.split("/"))
    if not all(_STEP.fullmatch(step) for step in steps):
        problems.add(place, f"{text!r} is not a path; a path is made of ISO tags joined by /")
        return None
    return Path(steps, absolute, up)
