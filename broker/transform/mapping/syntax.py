"""The mapping language as values: what a file says, line by line, before anybody asks whether it fits a schema.

docs/mappings.md describes the language. Nothing here knows a message definition or a canonical model.
"""

from dataclasses import dataclass
from enum import StrEnum

from broker.transform.mapping.problems import Place


class Take(StrEnum):
    """Which of several occurrences a source means."""

    EACH = "each"
    FIRST = "first"
    LAST = "last"
    ONLY = "only"


class Way(StrEnum):
    """Which way a field goes, by the sign between its name and its sources."""

    BOTH = "="
    INWARD = "<-"
    OUTWARD = "->"


@dataclass(frozen=True, slots=True)
class Path:
    """Where to look: from the message's root (``/GrpHdr``), from ``up`` items further out (``../Dbtr``), or from here.

    ``steps`` are ISO tags; none of them at all is ``.``, the value here.
    """

    steps: tuple[str, ...]
    absolute: bool = False
    up: int = 0

    def __str__(self) -> str:
        """The path as a file writes it."""
        start = "/" if self.absolute else "../" * self.up
        return start + "/".join(self.steps) or "."


@dataclass(frozen=True, slots=True)
class Condition:
    """``when PATH is [not] A, B``; the path ``.`` means the source's own value."""

    path: Path
    values: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One place a value may come from. Of several, the first that is present in the message counts.

    With a ``text`` (``"TEXT" when PATH``) that is the value, wherever the path leads to something.
    """

    path: Path
    take: Take | None = None
    when: Condition | None = None
    text: str | None = None

    def __str__(self) -> str:
        """The source as a file writes it, without its condition."""
        return f"{self.take} {self.path}" if self.take else str(self.path)


@dataclass(frozen=True, slots=True)
class Field:
    """``name = sources as X``; with ``<-`` instead of ``=`` it is only read, with ``->`` only written."""

    name: str
    sources: tuple[Source, ...]
    converter: str | None
    way: Way
    place: Place


@dataclass(frozen=True, slots=True)
class Constant:
    """``"text" -> path``: written on the way out, not read. ``count -> path`` has no text: it writes how many items."""

    text: str | None
    path: Path
    place: Place


@dataclass(frozen=True, slots=True)
class Group:
    """A name alone on its line, with the fields of a part of the event under it."""

    name: str
    items: tuple["Item", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Slots:
    """A list whose items have places of their own in the message (``IntrmyAgt1`` to ``3``); each ``-`` is one."""

    name: str
    slots: tuple[tuple["Item", ...], ...]
    place: Place


Item = Field | Constant | Group | Slots


@dataclass(frozen=True, slots=True)
class Part:
    """A named, shared piece: how one canonical model reads from whatever type it is applied to."""

    name: str
    model: str
    items: tuple[Item, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Table:
    """A code table. ``otherwise``: the word for codes not listed, ``absent``, ``as written`` or None (none may be)."""

    name: str
    rows: dict[str, str]
    otherwise: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Key:
    """``TAG by PATH``: what tells elements of that tag apart on the way to the items; the path begins inside one."""

    tag: str
    path: Path


@dataclass(frozen=True, slots=True)
class Event:
    """One event type: once a message, or once for each item found by walking ``each``.

    ``keys`` tell apart what repeats on the way there. ``read_only``: there is no way from this event back to a message.
    """

    event_type: str
    each: tuple[str, ...]
    keys: tuple[Key, ...]
    read_only: bool
    subject: tuple[Source, ...]
    items: tuple[Item, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Claim:
    """The message definitions a file speaks for, in its own words expanded to names."""

    definitions: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Extension:
    """``extension NAME is KIND``: a field of a bank's own, that events have under ``extensions``; ``many``: a list."""

    name: str
    kind: str
    many: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Over:
    """What a file lays over the files below it: lines for events, parts and tables that are there, and new fields.

    Its events say lines and perhaps a subject, its parts no model; its tables, rows and perhaps ``otherwise``.
    """

    events: tuple[Event, ...] = ()
    parts: tuple[Part, ...] = ()
    tables: tuple[Table, ...] = ()
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A file whole. ``message`` is the element below Document; a file of shared pieces claims nothing.

    The claims of a file that lays lines over events say for which definitions; without claims it is for all.
    """

    name: str
    claims: tuple[Claim, ...]
    message: str | None
    events: tuple[Event, ...]
    parts: tuple[Part, ...]
    tables: tuple[Table, ...]
    over: Over = Over()
