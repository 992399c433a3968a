"""Compiles what was bound into closures that build RA JSON from canonical data: the same lines, read backwards.

A value goes to the first source of its field that can be written. Where a field may also be said further out (``A |
/GrpHdr/A``), it is written only if reading would not give it already: what the message says for all its items is not
repeated in each. What the definition cannot hold is a loss, with the value's place in the canonical data; nothing is
cut silently. Whether what was built is complete is for the schema to say, afterwards.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from broker.catalogue.model import AmountType, Schema, SimpleType
from broker.transform.mapping.bound import (
    BoundConstant,
    BoundEvent,
    BoundField,
    BoundGroup,
    BoundItem,
    BoundPart,
    BoundPath,
    BoundSlots,
    BoundSource,
)
from broker.transform.mapping.choosing import Option, Write, branches, choose, tells
from broker.transform.mapping.inward import InwardCompiler, Read
from broker.transform.mapping.placing import Scopes, Trouble, down, look, place, put
from broker.transform.mapping.schema_view import SchemaView
from broker.transform.mapping.suiting import writable
from broker.transform.mapping.syntax import Way
from broker.transform.mapping.values import OUTWARD, Convert
from broker.transform.ra_json.lexical import Check, checker

Build = Callable[[Any, str, Trouble], Any]
"""Takes a canonical value, its place and what is noted; gives RA JSON, None where there is nothing left to say."""


class OutwardCompiler:
    """Compiles the writers of one definition; parts are compiled once each."""

    def __init__(self, schema: Schema, readers: InwardCompiler) -> None:
        """``readers`` tell what is said already."""
        self._types = schema.types
        self._view = SchemaView(schema, {})
        self._readers = readers
        self._parts: dict[BoundPart, Build] = {}
        self._checks: dict[str, Check] = {}

    def event(self, event: BoundEvent) -> Write:
        """Compile the writer of an event's data."""
        tags = (event.message, *(step.tag for step in event.each))
        found = self._view.resolve(self._view.root, tags)
        return self._object(event.items, len(event.each), found.type_name)

    def _object(self, items: Sequence[BoundItem], here: int, type_name: str) -> Write:
        """``here`` is the innermost scope, and ``type_name`` the type of the element there."""
        if options := [self._option(way, here, type_name) for way in branches(items)]:
            return _in_one_branch(options, here, self._view)
        writers: dict[str, Write] = {}
        derived: dict[str, Read] = {}
        constants: list[BoundConstant] = []
        for item in items:
            if isinstance(item, BoundConstant):
                constants.append(item)
            elif isinstance(item, BoundSlots):
                writers[item.name] = self._slots(item, here, type_name)
            elif isinstance(item, BoundGroup):
                writers[item.name] = self._object(item.items, here, type_name)
            elif item.way is Way.INWARD:
                derived[item.name] = self._readers.field(item, here)
            else:
                writers[item.name] = self._field(item, here)
        for name in writers:
            derived.pop(name, None)
        return _object(writers, derived, [each for each in constants if each.text is not None])

    def build(self, item: BoundField, source: BoundSource) -> Build:
        """Compile what makes RA JSON of one value of a field, for one of its sources."""
        if source.part is not None:
            return self._part(source.part, source.path.type_name)
        if isinstance(self._types[source.path.type_name], AmountType):
            return self._money(source.path.type_name)
        check = self._check(source.path.type_name)
        if item.table is not None:
            return _coded({word: code for code, word in item.table.rows.items()}, item.table.otherwise, check)
        return _scalar(OUTWARD.get(item.shape.kind) if item.shape.kind else None, check)

    def _field(self, item: BoundField, here: int) -> Write:
        source = target(item, here)
        build = self.build(item, source)
        write = _list(source.path, build) if item.shape.many else _one(source.path, build, self._remains(source))
        alone = all(each.path.scope == here for each in item.sources)
        if alone or (source.path.scope == here and source.path.always):  # what must be there is said whatever is shared
            return write
        return _unless_said(write, self._readers.field(item, here), source.path, shared=source.path.scope != here)

    def _remains(self, source: BoundSource) -> dict[str, Any] | None:
        """What is written of an element that must be there when all that was to be in it is lost."""
        steps = source.path.steps
        if source.part is None or source.part.scalar or not steps or not steps[-1].always:
            return None
        return {tag: {} for tag in _containers(source.part.items)}

    def _option(self, items: Sequence[BoundItem], here: int, type_name: str) -> Option:
        return Option(self._object(items, here, type_name), self._readers.object(items, here), type_name)

    def _slots(self, item: BoundSlots, here: int, type_name: str) -> Write:
        if tells(item.slots):
            return _in_places_that_tell([self._option(slot, here, type_name) for slot in item.slots], here, self._view)
        writers = [self._object(slot, here, type_name) for slot in item.slots]

        def write(values: Sequence[Any], scopes: Scopes, at: str, trouble: Trouble) -> None:
            for index, value in enumerate(values):
                if index < len(writers):
                    writers[index](value, scopes, f"{at}[{index}]", trouble)
                else:
                    trouble.too_many(f"{at}[{index}]", len(writers))

        return write

    def _part(self, part: BoundPart, type_name: str) -> Build:
        if part not in self._parts:
            write = None if part.scalar else self._object(part.items, 0, type_name)
            self._parts[part] = self._scalar_part(part) if write is None else _node(write, part.items)
        return self._parts[part]

    def _scalar_part(self, part: BoundPart) -> Build:
        fields = [item for item in part.items if isinstance(item, BoundField) and item.way is not Way.INWARD]
        builds = {item.name: self.build(item, target(item, 0)) for item in fields}

        def build(value: Mapping[str, Any], at: str, trouble: Trouble) -> Any:  # noqa: ANN401 - as the field
            made = None
            for name, each in value.items():
                if name in builds:
                    made = builds[name](each, f"{at}.{name}", trouble)
                else:
                    trouble.no_place(f"{at}.{name}")
            return made

        return build

    def _money(self, type_name: str) -> Build:
        kind = self._types[type_name]
        assert isinstance(kind, AmountType)
        amount, currency = self._check(kind.value), self._check(kind.currency)

        def build(value: Mapping[str, str], at: str, trouble: Trouble) -> dict[str, str] | None:
            wrong = amount(value["amount"]) or currency(value["currency"])
            if wrong is not None:
                trouble.unfit(at, wrong)
                return None
            return {"amt": value["amount"], kind.attribute: value["currency"]}

        return build

    def _check(self, type_name: str) -> Check:
        if type_name not in self._checks:
            kind = self._types[type_name]
            assert isinstance(kind, SimpleType)
            self._checks[type_name] = checker(kind)
        return self._checks[type_name]


def target(item: BoundField, here: int) -> BoundSource:
    """Where a field is written: the first of its sources that can be."""
    return next(source for source in item.sources if writable(source, here))


def _object(writers: Mapping[str, Write], derived: Mapping[str, Read], constants: Sequence[BoundConstant]) -> Write:
    def write(value: Mapping[str, Any], scopes: Scopes, at: str, trouble: Trouble) -> None:
        for name, each in value.items():
            writer = writers.get(name)
            if writer is not None:
                writer(each, scopes, f"{at}.{name}", trouble)
            elif name not in derived:
                trouble.no_place(f"{at}.{name}")
        for name, read in derived.items():
            if name in value and read(scopes[-1], scopes) != value[name]:
                trouble.no_place(f"{at}.{name}")  # it follows from other values, and these say something else
        for constant in constants:
            if not place(scopes, constant.path, constant.text):
                trouble.contradiction(at, _shown(constant.path))

    return write


def _in_one_branch(options: Sequence[Option], here: int, view: SchemaView) -> Write:
    """All fields go to the branch of a choice that holds the most of them."""

    def write(value: Mapping[str, Any], scopes: Scopes, at: str, trouble: Trouble) -> None:
        chosen = choose(enumerate(options), value, here + 1, view, whole=False)
        if chosen is not None:
            options[chosen].write(value, scopes, at, trouble)
        for name in value if chosen is None else ():
            trouble.no_place(f"{at}.{name}")

    return write


def _in_places_that_tell(options: Sequence[Option], here: int, view: SchemaView) -> Write:
    """Each item goes to the place, of those that are free, that says of it what it says itself."""

    def write(values: Sequence[Any], scopes: Scopes, at: str, trouble: Trouble) -> None:
        free = dict(enumerate(options))
        for index, value in enumerate(values):
            chosen = choose(free.items(), value, here + 1, view, whole=True)
            if chosen is None:
                trouble.no_place(f"{at}[{index}]")
            else:
                free.pop(chosen).write(value, scopes, f"{at}[{index}]", trouble)

    return write


def _one(path: BoundPath, build: Build, remains: dict[str, Any] | None) -> Write:
    tag = path.steps[0].tag if len(path.steps) == 1 and not path.steps[0].many else None

    def write(value: Any, scopes: Scopes, at: str, trouble: Trouble) -> None:  # noqa: ANN401 - as the field
        made = build(value, at, trouble)
        if made is None and remains is not None:
            made = {tag: dict(content) for tag, content in remains.items()}
        if made is None:
            return
        if tag is not None and tag not in (node := scopes[path.scope]):
            node[tag] = made
        elif not place(scopes, path, made):
            trouble.contradiction(at, _shown(path))

    return write


def _unless_said(write: Write, read: Read, path: BoundPath, *, shared: bool) -> Write:
    """Write only what reading would not give already; ``shared``: the place written to is one of several items."""
    tags = [step.tag for step in path.steps]

    def write_once(value: Any, scopes: Scopes, at: str, trouble: Trouble) -> None:  # noqa: ANN401 - as the field
        said = read(scopes[-1], scopes)
        if said == value:
            return
        if said is not None:
            alone: Scopes = tuple({} for _ in scopes)
            kept = Trouble(trouble.definition)
            write(value, alone, at, kept)
            left = read(alone[-1], alone)
            if left == said:  # what is left of it is said already
                trouble.losses += kept.losses
                return
            if left is None or (shared and look(scopes[path.scope], tags) is not None):
                trouble.contradiction(at, _shown(path))  # lost, it would read as what is said further out
                return
        write(value, scopes, at, trouble)

    return write_once


def _list(path: BoundPath, build: Build) -> Write:
    """The last element of the path that repeats takes the values; before it the first of each is meant."""
    repeats = max((index for index, step in enumerate(path.steps) if step.many), default=None)
    most = 1 if repeats is None else path.steps[repeats].most

    def write(values: Sequence[Any], scopes: Scopes, at: str, trouble: Trouble) -> None:
        made = [build(value, f"{at}[{index}]", trouble) for index, value in enumerate(values[:most])]
        for index in range(len(made), len(values)):
            trouble.too_many(f"{at}[{index}]", most or 0)
        kept = [each for each in made if each is not None]
        if not kept:
            return
        if repeats is None:
            agreed = place(scopes, path, kept[0])
        else:
            node = scopes[path.scope]
            for step in path.steps[:repeats]:
                if step.many and len(node.get(step.tag, ())) > 1:
                    trouble.no_place(at)  # in one of several elements, and the data does not say which
                    return
                node = down(node, step)
            agreed = _fill(node, path, repeats, kept)
        if not agreed:
            trouble.contradiction(at, _shown(path))

    return write


def _fill(node: dict[str, Any], path: BoundPath, repeats: int, values: list[Any]) -> bool:
    repeating, below = path.steps[repeats], path.steps[repeats + 1 :]
    if not below:
        return put(node, repeating.tag, values)
    agreed = True
    for number, value in enumerate(values):
        inner = down(node, repeating, number, below=below[0])
        for step in below[:-1]:
            inner = down(inner, step)
        agreed = put(inner, below[-1].tag, value) and agreed
    return agreed


def _node(write: Write, items: Iterable[BoundItem]) -> Build:
    containers = _containers(items)

    def build(value: Mapping[str, Any], at: str, trouble: Trouble) -> dict[str, Any] | None:
        node: dict[str, Any] = {}
        lost = len(trouble.losses)
        write(value, (node,), at, trouble)
        if not node and len(trouble.losses) > lost:
            return None  # nothing is left of it
        for tag in containers - node.keys():
            node[tag] = {}
        return node

    return build


def _containers(items: Iterable[BoundItem]) -> frozenset[str]:
    """Tags that hold fields and are always there, with content or without (``FinInstnId`` of an agent)."""
    paths = (source.path for item in items if isinstance(item, BoundField) for source in item.sources[:1])
    return frozenset(
        path.steps[0].tag for path in paths if len(path.steps) > 1 and path.steps[0].always and not path.steps[0].many
    )


def _scalar(convert: Convert | None, check: Check) -> Build:
    def build(value: Any, at: str, trouble: Trouble) -> str | None:  # noqa: ANN401 - any scalar
        text: str = value if convert is None else convert(value)
        wrong = check(text)
        if wrong is not None:
            trouble.unfit(at, wrong)
            return None
        return text

    return build


def _coded(codes: Mapping[str, str], otherwise: str | None, check: Check) -> Build:
    as_written = otherwise == "as written"

    def build(word: str, at: str, trouble: Trouble) -> str | None:
        code = codes.get(word, word if as_written else None)
        if code is None:
            trouble.no_place(at)
            return None
        wrong = check(code)
        if wrong is not None:
            trouble.unfit(at, wrong)
            return None
        return code

    return build


def _shown(path: BoundPath) -> str:
    return "/".join(step.tag for step in path.steps) or "the element"
