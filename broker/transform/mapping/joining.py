"""Writes the events of one message into one message: the one of the message as a whole first, then its items in order.

Each item gets an element of its own. What repeats on the way there is shared by items of one key (``PmtInf by
PmtInfId``), with each other and with what the message's own event says of it. Every place is said once, or alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from broker.catalogue.model import Schema
from broker.message.finding import Finding, Severity
from broker.transform.mapping.bound import BoundConstant, BoundEvent, BoundField, BoundGroup, BoundItem, BoundPath
from broker.transform.mapping.choosing import Write
from broker.transform.mapping.inward import InwardCompiler, Read
from broker.transform.mapping.keys import Tags, says_key
from broker.transform.mapping.outward import Build, OutwardCompiler, target
from broker.transform.mapping.placing import CONTRADICTION, Scopes, Trouble, down, look, place
from broker.transform.mapping.schema_view import Step
from broker.transform.mapping.syntax import Way

_NESTED = 2
"""Steps to the items of which at most one is shared; with more, an outer element may be told by an inner one."""

Said = tuple[str, Mapping[str, Any], str]
"""An event to write: its type, its canonical data as its model gives it, and the data's place (``$``, ``$[2]``)."""
_Index = dict[tuple[int, str], dict[Any, dict[str, Any]]]
"""Elements that repeat, by the object that holds them (its identity), their tag, and their key."""


@dataclass(frozen=True, slots=True)
class _KeyField:
    """A field that says a key: its place in the data, what makes RA JSON of it, and the tags from there to the key.

    ``creates``: an item that names a new key makes a new element; otherwise it joins the one without a key.
    """

    names: Tags
    build: Build
    rest: Tags
    creates: bool


_Key = tuple[Tags, tuple[_KeyField, ...]]
"""The tags that lead to a key, and the fields that say it."""


@dataclass(frozen=True, slots=True)
class _Around:
    """A field that what is shared on the way may say: its place in the data, and what is said of it there.

    ``only``: it can be said there alone, so that items which say different things of it share nothing.
    """

    names: Tags
    read: Read
    only: bool


@dataclass(frozen=True, slots=True)
class _Way:
    """One event's way out, compiled. ``keys``: one for each step but the last."""

    each: tuple[Step, ...]
    keys: tuple[_Key | None, ...]
    write: Write
    counts: tuple[BoundPath, ...]
    around: tuple[_Around, ...]


class Joining:
    """Makes messages of one definition; the writer of an event is compiled when first needed."""

    def __init__(self, schema: Schema, events: Iterable[BoundEvent], readers: InwardCompiler) -> None:
        """``events`` are those the definition can be made of."""
        self._definition = schema.definition
        self._readers = readers
        self._compiler = OutwardCompiler(schema, readers)
        self._events = {event.event_type: event for event in events}
        self._ways: dict[str, _Way] = {}

    def join(self, events: Sequence[Said]) -> tuple[dict[str, Any], Trouble]:
        """Give the content of the message element, and what is noted."""
        trouble = Trouble(self._definition)
        root: dict[str, Any] = {}
        index: _Index = {}
        counted: dict[tuple[int, BoundPath], tuple[dict[str, Any], int]] = {}
        for event_type, data, at in self._in_order(events, trouble):
            way = self._way(event_type)
            scopes = self._scopes(way, data, root, index)
            if scopes is None:
                trouble.too_many(at, 1)
                continue
            for field in way.around if len(way.each) > _NESTED else ():
                if look(data, field.names) is None and field.read(scopes[-1], scopes) is not None:
                    trouble.contradiction(".".join((at, *field.names)), "/".join(step.tag for step in way.each[:-1]))
            way.write(data, scopes, at, trouble)
            for path in way.counts:
                node, number = counted.get((id(scopes[path.scope]), path), (scopes[path.scope], 0))
                counted[id(node), path] = node, number + 1
        _count(counted, trouble)
        return root, trouble

    def _in_order(self, events: Sequence[Said], trouble: Trouble) -> Iterator[Said]:
        whole = [event for event in events if not self._events[event[0]].each]
        for _, _, at in whole[1:]:
            text = "a message has one event of the message as a whole"
            trouble.findings.append(Finding(CONTRADICTION, Severity.ERROR, at, 0, text))
        yield from whole[:1]
        yield from (event for event in events if self._events[event[0]].each)

    def _scopes(self, way: _Way, data: Mapping[str, Any], root: dict[str, Any], index: _Index) -> Scopes | None:
        """The objects around a new item, the item's own the last; None where there is room for one and it is taken."""
        levels = list(zip(way.each[:-1], way.keys, strict=True))
        scopes = _nameless(root, levels, data, way.around) or _known(root, levels, data, index) or [root]
        for step, key in levels[len(scopes) - 1 :]:
            scopes.append(_shared(scopes[-1], step, key, data, index) if step.many else down(scopes[-1], step))
        for step in way.each[-1:]:
            item: dict[str, Any] = {}
            if not step.many and step.tag in scopes[-1]:
                return None
            if step.many:
                scopes[-1].setdefault(step.tag, []).append(item)
            else:
                scopes[-1][step.tag] = item
            scopes.append(item)
        return tuple(scopes)

    def _way(self, event_type: str) -> _Way:
        way = self._ways.get(event_type)
        if way is None:
            event = self._events[event_type]
            keys = (self._key(event, number, key) for number, key in enumerate(event.keys[:-1], 1))
            write = self._compiler.event(event)
            around = tuple(self._around(event.items, len(event.each)))
            way = self._ways[event_type] = _Way(event.each, tuple(keys), write, tuple(_counts(event.items)), around)
        return way

    def _around(self, items: Iterable[BoundItem], here: int, above: Tags = ()) -> Iterator[_Around]:
        for item in items:
            if isinstance(item, BoundGroup):
                yield from self._around(item.items, here, (*above, item.name))
            elif isinstance(item, BoundField) and item.way is not Way.INWARD:
                shared = tuple(source for source in item.sources if 0 < source.path.scope < here)
                if shared:
                    read = self._readers.field(replace(item, sources=shared), here)
                    yield _Around((*above, item.name), read, target(item, here) in shared)

    def _key(self, event: BoundEvent, scope: int, key: Tags | None) -> _Key | None:
        if key is None:
            return None
        fields = tuple(
            _KeyField(
                names,
                self._compiler.build(item, source),
                key[len(source.path.steps) :],
                source is target(item, len(event.each)),
            )
            for names, item, source in says_key(event.items, scope, key)
        )
        return key, fields


def _nameless(
    root: dict[str, Any], levels: Sequence[tuple[Step, _Key | None]], data: Mapping[str, Any], around: Sequence[_Around]
) -> list[dict[str, Any]] | None:
    """The element that an item without a key shares: the first that has none and says nothing else of the item."""
    if len(levels) != 1 or not levels[0][0].many:
        return None
    (step, key), nodes = levels[0], root.get(levels[0][0].tag, ())
    if _wanted(key, data, {look(node, key[0]): node for node in nodes} if key else {}) is not None:
        return None
    for node in nodes:
        if key is None or look(node, key[0]) is None:
            said = ((field.read({}, (root, node, {})), look(data, field.names)) for field in around if field.only)
            if all(there is None or there == here for there, here in said):
                return [root, node]
    made: dict[str, Any] = {}
    root.setdefault(step.tag, []).append(made)
    return [root, made]


def _known(
    above: dict[str, Any], levels: Sequence[tuple[Step, _Key | None]], data: Mapping[str, Any], index: _Index
) -> list[dict[str, Any]] | None:
    """The objects down to an innermost shared one that is there already; None where none has the item's keys.

    An outer element that the item does not name may be any: the inner one tells.
    """
    if not levels:
        return [above]
    (step, key), inner = levels[0], levels[1:]
    if not step.many:
        options = [above[step.tag]] if step.tag in above else []
    else:
        by_key = _by_key(above, step, key, index)
        wanted = _wanted(key, data, by_key)
        named = wanted in by_key and (wanted is not None or not inner)
        options = [by_key[wanted]] if named else list(above.get(step.tag, ())) if inner else []
    found = (_known(option, inner, data, index) for option in options)
    return next(([above, *below] for below in found if below is not None), None)


def _shared(
    above: dict[str, Any], step: Step, key: _Key | None, data: Mapping[str, Any], index: _Index
) -> dict[str, Any]:
    """The element of the item's key, made where there is none."""
    by_key = _by_key(above, step, key, index)
    wanted = _wanted(key, data, by_key)
    if wanted not in by_key:
        by_key[wanted] = {}
        above.setdefault(step.tag, []).append(by_key[wanted])
    return by_key[wanted]


def _by_key(above: dict[str, Any], step: Step, key: _Key | None, index: _Index) -> dict[Any, dict[str, Any]]:
    by_key = index.get((id(above), step.tag))
    if by_key is None:
        by_key = index[id(above), step.tag] = {}
        for node in above.get(step.tag, ()):
            by_key.setdefault(look(node, key[0]) if key else None, node)
    return by_key


def _wanted(key: _Key | None, data: Mapping[str, Any], by_key: Mapping[Any, object]) -> Any:  # noqa: ANN401 - a scalar
    """The key that an item says; None where it says none that is there or may be made."""
    for field in key[1] if key else ():
        value = look(data, field.names)
        made = None if value is None else look(field.build(value, "", Trouble("")), field.rest)
        if made is not None and (made in by_key or field.creates):
            return made
    return None


def _count(counted: Mapping[tuple[int, BoundPath], tuple[dict[str, Any], int]], trouble: Trouble) -> None:
    for (_, path), (node, number) in counted.items():
        inside = BoundPath(0, path.steps, path.type_name)
        said = look(node, [step.tag for step in path.steps])
        if said is None:
            place((node,), inside, str(number))
        elif not said.isdecimal() or int(said) != number:
            shown = "/".join(step.tag for step in path.steps)
            text = f"{shown} is not the number of items, which is {number}"
            trouble.findings.append(Finding(CONTRADICTION, Severity.ERROR, "$", 0, text))


def _counts(items: Iterable[BoundItem]) -> Iterator[BoundPath]:
    for item in items:
        if isinstance(item, BoundConstant) and item.text is None:
            yield item.path
        elif isinstance(item, BoundGroup):
            yield from _counts(item.items)
