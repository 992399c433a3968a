"""``Mappings``: loads the files, checks them against the catalogue, turns messages into canonical events and back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock
from typing import Any

from pydantic import ValidationError

from broker.catalogue.catalogue import Catalogue
from broker.message.finding import Finding, Severity
from broker.transform.canonical.form import Canonical
from broker.transform.canonical.registry import GENERIC
from broker.transform.loss import Loss
from broker.transform.mapping import beside
from broker.transform.mapping.binding import bind_event
from broker.transform.mapping.bound import BoundEvent
from broker.transform.mapping.completeness import Completeness
from broker.transform.mapping.event import Beside, CanonicalEvent
from broker.transform.mapping.fitting import fitting
from broker.transform.mapping.inward import InwardCompiler, Read, Scopes
from broker.transform.mapping.joining import Joining, Said
from broker.transform.mapping.keys import check_ways
from broker.transform.mapping.library import Library, outside_paths, report_useless
from broker.transform.mapping.overlay import extended, laid_over
from broker.transform.mapping.problems import Place, Problems, nearest
from broker.transform.mapping.reading import read_mapping
from broker.transform.mapping.schema_view import SchemaView, Step
from broker.transform.mapping.shape import models
from broker.transform.mapping.syntax import Event, MappingFile, Part, Table

SUFFIX = ".map"


@dataclass(frozen=True, slots=True)
class _Plan:
    """One event of one definition, compiled."""

    event_type: str
    each: tuple[Step, ...]
    data: Read
    subject: Read


@dataclass(frozen=True, slots=True)
class _Definition:
    """All events of one definition: the name of its message element, and the plans, the message's own first."""

    message: str
    plans: tuple[_Plan, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A message made of events, as RA JSON, and what its definition could not hold of them."""

    ra: dict[str, object]
    losses: tuple[Loss, ...] = ()


class Mappings:
    """The mapping files of one folder, checked whole when loaded; definitions are compiled when first met.

    Files that were ``checked`` against this catalogue before are only read: a definition is bound when first met, too,
    since binding all of them takes longer than all else that a process does before its first message.
    """

    def __init__(
        self, folder: Path, catalogue: Catalogue, below: "Mappings | None" = None, *, checked: bool = False
    ) -> None:
        """Load every ``*.map`` under the folder, laid over the mappings ``below`` where there are some.

        Raises MappingError naming each problem with file and line.
        """
        if below is not None:
            below.whole()
        self._catalogue = catalogue
        self._tokens: dict[tuple[object, ...], int] = {}
        above = _read(folder, "" if below is None else f"{folder.name}/", problems := Problems())
        self.over: tuple[Event, ...] = (
            *(below.over if below else ()),
            *(event for file in above for event in file.over.events),
        )
        """What a bank's own folders lay over events, the lowest first."""
        self.files: tuple[MappingFile, ...] = laid_over(below.files if below else (), above, problems)
        self._problems = problems
        self._library = _library(self.files, problems)
        self._below = below  # whose paths, known by identity, stay where they are
        self._claimed = {each: file for file in self.files for claim in file.claims for each in claim.definitions}
        self._bound: dict[str, tuple[BoundEvent, ...]] = {}
        self._binding = RLock()  # a bulk message has a thread of its own
        self._is_whole = False
        if below is not None:
            self._library.learn(below._library)  # noqa: SLF001 - of its own class
            if not any(file.over.parts or file.over.tables for file in above):
                self._bound |= _unchanged(below, self.files)
        self._kept = frozenset(self._bound)
        self._item_tags: dict[str, str | None] = {}
        self._compiler = InwardCompiler()
        self._compiled: dict[str, _Definition] = {}
        self._joinings: dict[str, Joining] = {}
        self._completeness = Completeness()
        if checked:
            problems.refuse()
        else:
            self.whole()

    def whole(self) -> None:
        """Bind every definition and check every line. Idempotent; raises MappingError naming each problem."""
        with self._binding:
            if not self._is_whole:
                self._bind_all()
                report_useless(self.files, self._library)
                self._problems.refuse()
                self._is_whole = True

    def definitions(self) -> tuple[str, ...]:
        """The definitions that files claim, sorted; any other gives a generic event."""
        return tuple(sorted(self._claimed))

    def bound(self, definition: str) -> tuple[BoundEvent, ...]:
        """What the files say of a definition, bound to it; empty where no file claims it."""
        found = self._bound.get(definition)
        if found is not None:
            return found
        file = self._claimed.get(definition)
        return () if file is None else self._bind(definition, file)

    def outward(self, definition: str) -> tuple[str, ...]:
        """The event types that a definition can be made of."""
        return tuple(event.event_type for event in self.bound(definition) if not event.read_only)

    def of_items(self, definition: str) -> BoundEvent | None:
        """The event that each item of a message causes; None where none does, or items of several kinds."""
        found = [event for event in self.bound(definition) if event.each]
        return found[0] if len(found) == 1 else None

    def item_tag(self, definition: str) -> str | None:
        """The tag of an item, of a definition with an event for each of its items; None: of any other."""
        if definition not in self._claimed:
            return None
        if definition not in self._item_tags:
            event = self.of_items(definition)
            self._item_tags[definition] = event.each[-1].tag if event and event.each[-1].many else None
        return self._item_tags[definition]

    def events(self, definition: str, ra: Mapping[str, object], *, valid: bool = True) -> list[CanonicalEvent]:
        """Give the events of a message, the one of the message as a whole first, then one an item in its order.

        ``ra`` is the message's RA JSON, with or without a header beside the document. ``valid`` False says that it did
        not pass its schema: what does not fit is left out. A definition that no file claims gives one generic event.
        """
        if definition not in self._claimed:
            return [CanonicalEvent(GENERIC, None, 0, {"ra_json": ra})]
        compiled = self._compiled.get(definition) or self._compile(definition)
        root = self._document(definition, ra, valid=valid)[1].get(compiled.message, {})
        events: list[CanonicalEvent] = []
        business_id: str | None = None
        position = 0  # counted through: the items of a message may have several places in it
        for plan in compiled.plans:
            for scopes in _items(root, plan.each):
                position += 1 if plan.each else 0
                here = scopes[-1]
                data = plan.data(here, scopes)
                business_id = business_id or data.get("message", {}).get("id")
                event = CanonicalEvent(plan.event_type, plan.subject(here, scopes), position, data, business_id)
                events.append(event)
        return events

    def with_ra_json(
        self, definition: str, ra: Mapping[str, object], events: Sequence[CanonicalEvent], *, valid: bool = True
    ) -> list[CanonicalEvent]:
        """Give events that ``events`` made of this message, or some of them, with the RA JSON of each beside it."""
        compiled = self._compiled.get(definition)
        if compiled is None:
            return [replace(event, beside=Beside(ra)) for event in events]
        root, document = self._document(definition, ra, valid=valid)
        walks = [plan.each for plan in compiled.plans]
        content = document.get(compiled.message, {})
        of_items = [item for walk in walks if walk for item in beside.items(root, compiled.message, content, walk)]
        whole = beside.whole({**ra, root: document}, compiled.message, walks)
        return [replace(event, beside=of_items[event.position - 1] if event.position else whole) for event in events]

    def to_message(
        self, events: Sequence[tuple[str, Mapping[str, object]]], definition: str
    ) -> Written | tuple[Finding, ...]:
        """Make one message of a definition from the events of one message, or say why that cannot be.

        ``events`` are pairs of event type and canonical data, as ``events`` gives them: at most one of the message as a
        whole, and items, whose order is kept. Data is checked by the event's model first. Values that the definition
        cannot hold are losses of what comes back; findings (``mapping.contradiction``, ``mapping.no-way-out``,
        ``canonical.*``) have their place in the data, ``$[2].debtor`` where there are several events. What comes out
        is still to be checked by the schema.
        """
        ways = {event.event_type: event for event in self.bound(definition) if not event.read_only}
        said: list[Said] = []
        findings: list[Finding] = []
        for number, (event_type, data) in enumerate(events):
            at = "$" if len(events) == 1 else f"$[{number}]"
            checked = _canonical(self._library.events[event_type], data, at) if event_type in ways else None
            if checked is None:
                known = nearest(event_type, ways) or f"; it is made of {', '.join(ways) or 'no event'}"
                text = f"{definition} cannot be made of {event_type}{known}"
                findings.append(_finding("mapping.no-way-out", "" if at == "$" else at, text))
            elif isinstance(checked, tuple):
                findings += checked
            else:
                said.append((event_type, checked, at))
        if findings or not said:
            return tuple(findings) or (_finding("mapping.no-way-out", "", f"{definition} cannot be made of no event"),)
        if definition not in self._joinings:
            schema = self._catalogue.schema(definition)
            self._joinings[definition] = Joining(schema, ways.values(), self._compiler)
        content, trouble = self._joinings[definition].join(said)
        root, message = self._catalogue.schema(definition).root.tag, ways[said[0][0]].message
        return tuple(trouble.findings) or Written({root: {message: content}}, tuple(trouble.losses))

    def to_ra(
        self, event_type: str, data: Mapping[str, object], definition: str
    ) -> dict[str, object] | tuple[Finding, ...]:
        """Give the message of one event alone; what the definition cannot hold is a finding."""
        made = self.to_message([(event_type, data)], definition)
        if isinstance(made, tuple):
            return made
        return tuple(each.as_finding(Severity.ERROR) for each in made.losses) or made.ra

    def _document(self, definition: str, ra: Mapping[str, object], *, valid: bool) -> tuple[str, dict[str, Any]]:
        """The tag of the document and what is in it; of an invalid message what fits."""
        root, document = next((tag, content) for tag, content in ra.items() if tag != "AppHdr")
        if not valid:
            view = SchemaView(self._catalogue.schema(definition), self._tokens)
            document = fitting(document, view.root, view) or {}
        return root, document  # type: ignore[return-value]  # RA JSON: an object

    def _bind(self, definition: str, file: MappingFile) -> tuple[BoundEvent, ...]:
        """Bind one definition, unless another thread has just done so."""
        with self._binding:
            if definition not in self._bound:
                view = SchemaView(self._catalogue.schema(definition), self._tokens)
                bound = (bind_event(event, file, view, self._library) for event in file.events)
                self._bound[definition] = tuple(event for event in bound if event is not None)
            return self._bound[definition]

    def _bind_all(self) -> None:
        """Bind every definition but those that are kept as they were bound below, and note what is wrong."""
        problems = self._problems
        seen: set[str] = set()
        for file in self.files:
            check_ways(file.events, self._library)
            for claim in file.claims:
                for definition in claim.definitions:
                    if definition not in self._catalogue:
                        known = nearest(definition, self._catalogue.definitions())
                        problems.add(claim.place, f"the catalogue has no {definition}{known}")
                    elif definition in seen:
                        problems.add(claim.place, f"{definition} is claimed twice")
                    elif definition not in self._kept:
                        self._bind(definition, file)
                        self._check_whole(file, SchemaView(self._catalogue.schema(definition), self._tokens))
                    seen.add(definition)

    def _check_whole(self, file: MappingFile, view: SchemaView) -> None:
        """Note what a message lacks that is made of the file's events; a bank's lines may be there to read only."""
        if self._below is None:
            for lacking in self._completeness.unwritten(self._bound[view.definition], view):
                text = f"no line writes {lacking}, which {view.definition} demands; or say `read only`"
                self._problems.add(next(event.place for event in file.events if not event.read_only), text)

    def _compile(self, definition: str) -> _Definition:
        compiler = self._compiler
        events = sorted(self.bound(definition), key=lambda event: len(event.each))
        plans = tuple(
            _Plan(event.event_type, event.each, compiler.event(event), compiler.subject(event)) for event in events
        )
        compiled = self._compiled[definition] = _Definition(events[0].message, plans)
        return compiled


def _read(folder: Path, before: str, problems: Problems) -> tuple[MappingFile, ...]:
    """Read the files; ``before`` goes before their names where problems are told."""
    paths = sorted(folder.rglob(f"*{SUFFIX}"))
    if before and not paths:
        problems.add(Place(before, 0), f"there is no {SUFFIX} file in {folder}")
    named = [(before + path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths]
    return tuple(read_mapping(name, _text(name, content, problems), problems) for name, content in named)


def _text(name: str, content: bytes, problems: Problems) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(Place(name, content.count(b"\n", 0, error.start) + 1), "not UTF-8; save the file as UTF-8")
        return ""


def _unchanged(below: Mappings, files: Sequence[MappingFile]) -> dict[str, tuple[BoundEvent, ...]]:
    """What is bound below of files over which nothing was laid."""
    known = {id(file) for file in below.files}
    same = (claim for file in files if id(file) in known for claim in file.claims)
    return {each: below.bound(each) for claim in same for each in claim.definitions}


def _library(files: Sequence[MappingFile], problems: Problems) -> Library:
    parts: dict[str, Part] = {}
    tables: dict[str, Table] = {}
    for file in files:
        for table in file.tables:
            _once(table, {**parts, **tables}, problems)
            tables[table.name] = table
        for part in file.parts:
            _once(part, {**parts, **tables}, problems)
            parts[part.name] = part
            if part.model not in models():
                problems.add(part.place, f"there is no model {part.model}{nearest(part.model, models())}")
            for place in outside_paths(part):
                problems.add(place, "a part cannot look outside itself: its paths begin with a tag")
    return Library(parts, tables, problems, extended(files, problems))


def _once(piece: Part | Table, known: Mapping[str, Part | Table], problems: Problems) -> None:
    if piece.name in known:
        problems.add(piece.place, f"{piece.name} is defined twice")


def _items(root: Any, steps: Sequence[Step]) -> Iterator[Scopes]:  # noqa: ANN401 - RA JSON
    found: list[Scopes] = [(root,)]
    for step in steps:
        tag, many = step.tag, step.many
        found = [
            (*scopes, item)
            for scopes in found
            for item in (scopes[-1].get(tag, ()) if many else [scopes[-1][tag]] if tag in scopes[-1] else ())
        ]
    return iter(found)


def _canonical(model: type[Canonical], data: Mapping[str, object], at: str) -> dict[str, Any] | tuple[Finding, ...]:
    """The data as its model gives it (members of null left out), or what the model finds wrong with it."""
    try:
        return model.model_validate(data).model_dump(mode="json", exclude_none=True)
    except ValidationError as problem:
        return tuple(_invalid(each, at) for each in problem.errors(include_url=False, include_input=False))


def _invalid(error: Any, at: str) -> Finding:  # noqa: ANN401 - pydantic's own mapping
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"])
    return _finding(f"canonical.{error['type'].replace('_', '-')}", f"{at}{place}", error["msg"])


def _finding(rule: str, path: str, text: str) -> Finding:
    return Finding(rule, Severity.ERROR, path, 0, text)
