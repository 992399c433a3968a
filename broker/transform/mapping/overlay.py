"""A bank's own folder laid over the files below it: what it says of a field, a part or a code replaces what they say.

Works on what the files say, before anything is bound: what comes out is checked as any mapping is. It knows no schema.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pydantic import create_model

from broker.transform.canonical import form
from broker.transform.canonical.form import Canonical, Kind
from broker.transform.canonical.registry import EVENTS
from broker.transform.mapping.problems import Place, Problems, nearest
from broker.transform.mapping.syntax import (
    Claim,
    Constant,
    Event,
    Extension,
    Field,
    Group,
    Item,
    MappingFile,
    Over,
    Part,
    Path,
    Table,
)

EXTENSIONS: Final = "extensions"
"""The member of an event's data that holds the fields of a bank's own."""

_KINDS: Final[Mapping[str, Any]] = {
    Kind.TEXT: form.Text,
    Kind.DATE: form.Date,
    Kind.TIME: form.TimeOfDay,
    Kind.DECIMAL: form.Decimal,
    Kind.COUNT: form.Count,
    Kind.YES_NO: form.YesNo,
    Kind.MONEY: form.Money,
    Kind.INSTANT: form.Instant,
}


def laid_over(
    below: Sequence[MappingFile], above: Sequence[MappingFile], problems: Problems
) -> tuple[MappingFile, ...]:
    """Give the files below as changed by those above, and then those above with what they say themselves."""
    files = list(below)
    for file in above:
        for event in file.over.events:
            files = list(_over_event(files, event, file.claims, problems))
        files = _over_pieces(files, file.over, problems)
    return (*files, *(_own(file, problems) for file in above))


def extended(files: Sequence[MappingFile], problems: Problems) -> Mapping[str, type[Canonical]]:
    """Give the model of each event type, with the fields that ``extension`` lines declare where files fill them."""
    declared: dict[str, Extension] = {}
    for extension in (each for file in files for each in file.over.extensions):
        if extension.name in declared:
            problems.add(extension.place, f"extension {extension.name} is declared twice")
        elif extension.kind not in _KINDS:
            known = f"{nearest(extension.kind, _KINDS)}; there are {', '.join(_KINDS)}"
            problems.add(extension.place, f"an extension cannot be {extension.kind}{known}")
        declared[extension.name] = extension
    fields = {name: (_annotation(each), None) for name, each in declared.items() if each.kind in _KINDS}
    model = create_model("Extensions", __base__=Canonical, **fields)  # type: ignore[call-overload]  # names are data
    models = dict(EVENTS)
    filled: set[str] = set()
    for event_type, group in _groups(files):
        filled |= {item.name for item in group.items if isinstance(item, Field)}
        if not declared:
            problems.add(group.place, "declare each extension: `extension NAME is text` at the margin")
        elif event_type in EVENTS:
            base = EVENTS[event_type]
            models[event_type] = create_model(
                f"Extended{base.__name__}", __base__=base, extensions=(model | None, None)
            )
    for name in declared.keys() - filled:
        text = f"no event fills extension {name}: say it under `{EXTENSIONS}` of an event"
        problems.add(declared[name].place, text)
    return models


def merged(ours: Sequence[Item], theirs: Sequence[Item]) -> tuple[Item, ...]:
    """Give our items with theirs in the place of those of the same name; a group joins ours, what is new comes last."""
    laid: dict[str | Path, list[Item]] = {}
    for item in theirs:
        laid.setdefault(_key(item), []).append(item)
    items: list[Item] = []
    known = {_key(item): item for item in ours}
    for key, item in known.items():
        if key not in laid:
            items += (each for each in ours if _key(each) == key)
        elif isinstance(item, Group) and all(isinstance(each, Group) for each in laid[key]):
            inner = [one for each in laid[key] if isinstance(each, Group) for one in each.items]
            items.append(replace(item, items=merged(item.items, inner), place=laid[key][0].place))
        else:
            items += laid[key]
    return (*items, *(each for key, group in laid.items() if key not in known for each in group))


def _key(item: Item) -> str | Path:
    return item.path if isinstance(item, Constant) else item.name


def _over_event(
    files: Sequence[MappingFile], over: Event, claims: Sequence[Claim], problems: Problems
) -> Iterator[MappingFile]:
    """The files with an event changed; where that is for some definitions alone, they get a file of their own."""
    wanted = {definition: claim.place for claim in claims for definition in claim.definitions}
    givers = [file for file in files if any(event.event_type == over.event_type for event in file.events)]
    given = {each for file in givers for claim in file.claims for each in claim.definitions}
    if not givers:
        types = {event.event_type for file in files for event in file.events}
        text = f"no file below gives {over.event_type}{nearest(over.event_type, types)}"
        problems.add(over.place, text)
    for definition in wanted.keys() - given if givers else ():
        problems.add(wanted[definition], f"{over.event_type} is not given by {definition}{nearest(definition, given)}")
    for file in files:
        claims = _restricted(file.claims, lambda each: not wanted or each in wanted)
        if not claims or all(event.event_type != over.event_type for event in file.events):
            yield file
            continue
        changed = tuple(_laid(event, over) for event in file.events)
        rest = _restricted(file.claims, lambda each: bool(wanted) and each not in wanted)
        if rest:
            yield replace(file, claims=rest)
            yield replace(file, claims=claims, events=changed, parts=(), tables=(), over=Over())
        else:
            yield replace(file, events=changed)


def _laid(event: Event, over: Event) -> Event:
    if event.event_type != over.event_type:
        return event
    items, subject = merged(event.items, over.items), over.subject or event.subject
    return replace(event, items=items, subject=subject, place=over.place)


def _restricted(claims: Sequence[Claim], wanted: Callable[[str], bool]) -> tuple[Claim, ...]:
    kept = (replace(claim, definitions=tuple(filter(wanted, claim.definitions))) for claim in claims)
    return tuple(claim for claim in kept if claim.definitions)


def _over_pieces(files: Sequence[MappingFile], over: Over, problems: Problems) -> list[MappingFile]:
    if not _pieces(over):
        return list(files)
    parts = {part.name: part for part in over.parts}
    tables = {table.name: table for table in over.tables}
    known = {piece.name for file in files for piece in _pieces(file)}
    for piece in _pieces(over):
        if piece.name not in known:
            kind = "part" if isinstance(piece, Part) else "table"
            problems.add(piece.place, f"there is no {kind} {piece.name} below{nearest(piece.name, known)}")
    for name, times in Counter(piece.name for piece in _pieces(over)).items():
        if times > 1:
            place = next(piece.place for piece in _pieces(over) if piece.name == name)
            problems.add(place, f"over {name} stands twice; say it once")
    return [
        replace(
            file,
            parts=tuple(_over_part(part, parts.get(part.name)) for part in file.parts),
            tables=tuple(_over_table(table, tables.get(table.name)) for table in file.tables),
        )
        for file in files
    ]


def _pieces(file: MappingFile | Over) -> tuple[Part | Table, ...]:
    return (*file.parts, *file.tables)


def _over_part(part: Part, over: Part | None) -> Part:
    return part if over is None else replace(part, items=merged(part.items, over.items), place=over.place)


def _over_table(table: Table, over: Table | None) -> Table:
    if over is None:
        return table
    return Table(table.name, {**table.rows, **over.rows}, over.otherwise or table.otherwise, over.place)


def _own(file: MappingFile, problems: Problems) -> MappingFile:
    """What a file says itself: of what it lays over others, only the declarations are left."""
    if not file.over.events:
        return replace(file, over=Over(extensions=file.over.extensions))
    for event in file.events:
        text = "a file lays lines over events or gives events of its own; its claims are for one or the other"
        problems.add(event.place, text)
    return replace(file, claims=(), message=None, events=(), over=Over(extensions=file.over.extensions))


def _groups(files: Sequence[MappingFile]) -> Iterator[tuple[str, Group]]:
    for event in (each for file in files for each in file.events):
        for item in event.items:
            if isinstance(item, Group) and item.name == EXTENSIONS:
                yield event.event_type, item


def _annotation(extension: Extension) -> Any:  # noqa: ANN401 - an annotation may be any object
    kind: Any = _KINDS[extension.kind]
    return tuple[kind, ...] | None if extension.many else kind | None


def places(items: Sequence[Item], above: str = "") -> Iterator[tuple[str, Place]]:
    """Give the fields that items say, ``references.uetr``, with the line of each."""
    for item in items:
        if isinstance(item, Group):
            yield from places(item.items, f"{above}{item.name}.")
        elif not isinstance(item, Constant):
            yield above + item.name, item.place
