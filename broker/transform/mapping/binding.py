"""Binds what files say to one definition: which sources exist there, where they lead, whether they suit.

Everything that can be wrong with a mapping is found here, at load; problems go to the library's ``problems``.
"""

from collections.abc import Iterator

from broker.transform.canonical.form import Canonical
from broker.transform.mapping.bound import (
    BoundCondition,
    BoundConstant,
    BoundEvent,
    BoundField,
    BoundGroup,
    BoundItem,
    BoundPart,
    BoundPath,
    BoundSlots,
    BoundSource,
    lossy,
)
from broker.transform.mapping.keys import bind_keys, check_keys
from broker.transform.mapping.library import Library
from broker.transform.mapping.problems import nearest
from broker.transform.mapping.schema_view import Found, Lost, SchemaView
from broker.transform.mapping.shape import Shape, models, shapes
from broker.transform.mapping.suiting import (
    check_codes,
    check_occurrence,
    check_reversible,
    check_reversible_table,
    check_text,
    check_words,
    unsuitable,
)
from broker.transform.mapping.syntax import (
    Constant,
    Event,
    Field,
    Group,
    Item,
    MappingFile,
    Part,
    Path,
    Slots,
    Source,
    Table,
    Way,
)


def bind_event(event: Event, file: MappingFile, view: SchemaView, library: Library) -> BoundEvent | None:
    """Bind an event to a definition; None where it cannot be, which is then among the problems."""
    problems = library.problems
    model = library.events.get(event.event_type)
    if model is None:
        problems.add(
            event.place, f"there is no event type {event.event_type}{nearest(event.event_type, library.events)}"
        )
        return None
    root = _root(file, view)
    if isinstance(root, Lost):
        known = nearest(root.tag, root.known)
        problems.add(event.place, f"{view.definition} has no message element {root.tag}{known}")
        return None
    each = view.resolve(root.type_name, event.each)
    if isinstance(each, Lost):
        known = nearest(each.tag, each.known)
        problems.add(event.place, f"for each: {each.type_name} of {view.definition} has no {each.tag}{known}")
        return None
    scopes = [root.type_name]
    for step in event.each:
        scopes.append(view.children(scopes[-1])[step][1])
    binder = Binder(library, view, tuple(scopes), read_only=event.read_only)
    items = binder.items(event.items, model)
    keys = bind_keys(event, each.steps, tuple(scopes), view, library)
    if not event.read_only:
        check_keys(event, each.steps, keys, items, library)
    for name in missing(items, model):
        text = f"{name} of {event.event_type} is required but has no certain source in {view.definition}"
        problems.add(event.place, text)
    subject = binder.subject(event.subject)
    return BoundEvent(event.event_type, root.steps[0].tag, each.steps, keys, event.read_only, subject, items)


def _root(file: MappingFile, view: SchemaView) -> Found | Lost:
    """The message element, by the first of its names that the definition knows."""
    named = [view.resolve(view.root, (tag.strip(),)) for tag in (file.message or "").split("|")]
    return next((found for found in named if isinstance(found, Found)), named[0])


def _ways(item: Field | Group | Slots) -> set[tuple[str, Way]]:
    ways = (Way.INWARD, Way.OUTWARD) if not isinstance(item, Field) or item.way is Way.BOTH else (item.way,)
    return {(item.name, way) for way in ways}


def missing(items: tuple[BoundItem, ...], model: type[Canonical]) -> list[str]:
    """The fields a model requires that no item fills for certain."""
    filled = {item.name for item in items if not isinstance(item, BoundConstant) and item.certain}
    return [name for name, shape in shapes(model).items() if shape.required and name not in filled]


def _goes_with_all(name: str, items: tuple[BoundItem, ...]) -> bool:
    """Whether a field is there wherever any of these items is, because it has their sources."""
    sources = [(item.name == name, source) for item in _fields(items) for source in item.sources]
    own = {source.path for mine, source in sources if mine and source.when is None}
    return bool(own) and all(source.path in own for _, source in sources)


def _fields(items: tuple[BoundItem, ...]) -> Iterator[BoundField]:
    for item in items:
        if isinstance(item, BoundField):
            yield item
        elif isinstance(item, BoundGroup):
            yield from _fields(item.items)


class Binder:
    """Binds items in one surrounding. ``scopes`` are the types from the message inward; a part has but its own."""

    def __init__(self, library: Library, view: SchemaView, scopes: tuple[str, ...], *, read_only: bool = False) -> None:
        """``library`` collects problems and what was of use; ``read_only`` items need not lead back."""
        self._library = library
        self._view = view
        self._scopes = scopes
        self._read_only = read_only

    def items(self, items: tuple[Item, ...], model: type[Canonical]) -> tuple[BoundItem, ...]:
        """Bind the items that fill a model, leaving out what this definition does not have."""
        wanted = shapes(model)
        bound: list[BoundItem | None] = []
        named: set[tuple[str, Way]] = set()
        for item in items:
            if isinstance(item, Constant):
                bound.append(self._constant(item))
            elif item.name not in wanted:
                known = nearest(item.name, wanted)
                self._library.problems.add(item.place, f"{model.__name__} has no field {item.name}{known}")
            elif named & (ways := _ways(item)):
                self._library.problems.add(item.place, f"{item.name} stands twice")
            else:
                named |= ways
                bound.append(self._item(item, wanted[item.name]))
        return tuple(item for item in bound if item is not None)

    def subject(self, sources: tuple[Source, ...]) -> tuple[BoundSource, ...]:
        """Bind the sources of an event's subject; only those that hold text can be one."""
        bound: list[BoundSource] = []
        for source in sources:
            path = self._path(source.path)
            if path is not None and self._view.base(path.type_name) == "string":
                self._library.lead(source.path)
                bound.append(BoundSource(path, source.take, self._condition(source, path), None))
        return tuple(bound)

    def _item(self, item: Field | Group | Slots, shape: Shape) -> BoundItem | None:
        if isinstance(item, Field):
            return self._field(item, shape)
        if shape.model is None or shape.many is not isinstance(item, Slots):
            need = "`each PATH` or lines beginning with `- `" if shape.many else "a source on its line"
            self._library.problems.add(item.place, f"{item.name} needs {need}")
            return None
        if isinstance(item, Slots):
            slots = (self.items(slot, shape.model) for slot in item.slots)
            filled = tuple(slot for slot in slots if slot)
            return BoundSlots(item.name, filled) if filled else None
        items = self.items(item.items, shape.model)
        if not items:
            return None
        for name in missing(items, shape.model):
            if _goes_with_all(name, items):
                continue
            text = f"{item.name}.{name} is required but has no certain source in {self._view.definition}"
            self._library.problems.add(item.place, text)
        return BoundGroup(item.name, items)

    def _constant(self, item: Constant) -> BoundConstant | None:
        path = self._path(item.path)
        if path is None:
            return None
        self._library.lead(item.path)
        return BoundConstant(item.text, path)

    def _field(self, item: Field, shape: Shape) -> BoundField | None:
        converter = self._converter(item, shape)
        sources: list[BoundSource] = []
        for source in item.sources:
            path = self._path(source.path)
            if path is None:
                continue
            part = self._suit(item, shape, converter, path) if source.text is None else None
            if isinstance(part, str):
                self._library.lose(source.path, part)
                continue
            check_occurrence(item, source, path, shape, self._library)
            settled = next((each for each in sources if each.certain and not lossy(converter)), None)
            if settled is None:
                self._library.lead(source.path)
            else:
                self._library.lose(source.path, f"{source.path} is never reached: {settled.path} is always there")
            if source.text is not None:
                check_text(item, shape, converter, self._library)
            sources.append(BoundSource(path, source.take, self._condition(source, path), part, source.text))
        if sources and not (self._read_only or item.way is Way.INWARD):
            check_reversible(item, sources, len(self._scopes) - 1, self._library)
        table = converter if isinstance(converter, Table) else None
        return BoundField(item.name, shape, tuple(sources), table, item.way, item.place) if sources else None

    def _converter(self, item: Field, shape: Shape) -> Part | Table | None:
        library, name = self._library, item.converter
        if name is None:
            if shape.model or shape.words:
                what = f"a part that makes {shape.model.__name__}" if shape.model else "a code table"
                library.problems.add(item.place, f"{item.name} needs `as` and the name of {what}")
            return None
        if table := library.tables.get(name):
            check_words(item, shape, table, library)
            if not (self._read_only or item.way is Way.INWARD):
                check_reversible_table(item, table, library)
            return table
        part = library.parts.get(name)
        if part is None:
            known = nearest(name, [*library.parts, *library.tables])
            library.problems.add(item.place, f"there is no part or table {name}{known}")
        elif shape.model is None or shape.model is not models().get(part.model):
            wanted = shape.model.__name__ if shape.model else shape.kind or "words"
            library.problems.add(item.place, f"{name} makes {part.model}, but {item.name} holds {wanted}")
        return part

    def _suit(
        self, item: Field, shape: Shape, converter: Part | Table | None, path: BoundPath
    ) -> BoundPart | str | None:
        """Give the part to apply, None for a scalar that suits, or why the source does not suit ("": told before)."""
        if shape.model is not None:
            return self.part(converter, path.type_name) if isinstance(converter, Part) else ""
        coded = isinstance(converter, Table)
        why = unsuitable(item, path.type_name, shape, self._view, coded=coded)
        if why is None and isinstance(converter, Table):
            check_codes(converter, path.type_name, self._view, self._library)
        return why

    def part(self, part: Part, type_name: str) -> BoundPart | str:
        """Apply a part to a type, or say why it does not suit that type. Equal types share what comes out."""
        library = self._library
        key = part.name, self._view.token(type_name)
        if key not in library.bound:
            model = models().get(part.model)
            for item in part.items:
                if isinstance(item, Constant) and item.text is None:
                    library.problems.add(item.place, "`count` stands in an event: a part is not an item")
            items = Binder(library, self._view, (type_name,)).items(part.items, model) if model else ()
            library.bound[key] = (
                BoundPart(part.name, items, scalar=not self._view.children(type_name))
                if items
                else f"nothing of part {part.name} is in {type_name}"
            )
            for name in missing(items, model) if items and model else ():
                text = f"{part.name}.{name} is required but has no certain source in {type_name}"
                library.problems.add(part.place, text)
        return library.bound[key]

    def _condition(self, source: Source, path: BoundPath) -> BoundCondition | None:
        if source.when is None:
            return None
        values = frozenset(source.when.values)
        if source.when.path == Path(()):
            self._library.test(source.when.path, self._view.enumeration(path.type_name))
            return BoundCondition(None, values, source.when.negated)
        tested = self._path(source.when.path)
        if tested is None:  # not in this definition: the condition holds only where it says `is not`
            return BoundCondition(None, frozenset(), source.when.negated)
        self._library.lead(source.when.path)
        self._library.test(source.when.path, self._view.enumeration(tested.type_name))
        return BoundCondition(tested, values, source.when.negated)

    def _path(self, path: Path) -> BoundPath | None:
        """Resolve a path; None where this definition does not have it, which is remembered."""
        scope = 0 if path.absolute else len(self._scopes) - 1 - path.up
        if scope < 0:
            self._library.lose(path, f"{path} goes further out than the message")
            return None
        found = self._view.resolve(self._scopes[scope], path.steps)
        if isinstance(found, Lost):
            self._library.lose(path, found)
            return None
        return BoundPath(scope, found.steps, found.type_name)
