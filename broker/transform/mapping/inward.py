"""Compiles what was bound into closures that read RA JSON objects: no question of the mapping is asked per message.

A reader takes a node (an RA JSON object) and the scopes around it, and gives the canonical object. It expects what
schema validation accepts; on anything else it raises AttributeError, KeyError, TypeError or ValueError, or reads what
is there. Fields come out in the order of the file, those of one element together.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby
from typing import Any

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
)
from broker.transform.mapping.schema_view import Step
from broker.transform.mapping.shape import Shape
from broker.transform.mapping.syntax import Table, Take, Way
from broker.transform.mapping.unrolling import Fill, Line, unrolled
from broker.transform.mapping.values import INWARD

Node = Any
"""An RA JSON object or scalar; its shape was settled when the mapping was bound."""
Scopes = tuple[Node, ...]
Read = Callable[[Node, Scopes], Any]
Convert = Callable[[Any], Any]
_Near = tuple[str, tuple[str, ...], Convert | None]
"""A field that is one element (or one list) below here: its name, the tags that lead there, its converter."""


class InwardCompiler:
    """Compiles events; parts are compiled once each, for all definitions whose types are the same."""

    def __init__(self) -> None:
        """Nothing is compiled yet."""
        self._parts: dict[BoundPart, Convert] = {}

    def event(self, event: BoundEvent) -> Read:
        """Compile the reader of an event's data: takes the item and the scopes from the message inward."""
        return self._object(event.items, len(event.each), always=True)

    def subject(self, event: BoundEvent) -> Read:
        """Compile the reader of an event's subject: text or None."""
        here = len(event.each)
        return _first([_source(source, here, None) for source in event.subject])

    def object(self, items: Iterable[BoundItem], here: int) -> Read:
        """Compile the reader of some items of an object: takes the node and the scopes; None where all are absent."""
        return self._object(items, here, always=False)

    def field(self, item: BoundField, here: int) -> Read:
        """Compile the reader of one field: takes the node and the scopes; None where the field is absent."""
        make = _each if item.shape.many else _source
        return _first([make(source, here, self._convert(item, source)) for source in item.sources])

    def _part(self, part: BoundPart) -> Convert:
        if part not in self._parts:
            if part.scalar:
                fields = [item for item in part.items if isinstance(item, BoundField)]
                converts = [(item.name, self._convert(item, item.sources[0])) for item in fields]
                self._parts[part] = _scalar_part(converts)
            else:
                self._parts[part] = self._object(part.items, 0, always=True)
        return self._parts[part]

    def _object(self, items: Iterable[BoundItem], here: int, *, always: bool) -> Fill:
        """``always``: give an empty object rather than nothing, because the element itself was there."""
        lines: list[Line] = []
        near: list[_Near] = []
        for item in items:
            if isinstance(item, BoundConstant) or (isinstance(item, BoundField) and item.way is Way.OUTWARD):
                continue
            found = self._near(item, here) if isinstance(item, BoundField) else None
            if found is not None:
                near.append(found)
                continue
            lines += _block(near)
            near = []
            lines.append(Line(item.name, read=self._far(item, here)))
        return unrolled((*lines, *_block(near)), always=always)

    def _near(self, item: BoundField, here: int) -> "_Near | None":
        """The field as tags and a converter, where it is no more than that; else None."""
        source = item.sources[0]
        *above, last = source.path.steps or (None,)
        simple = len(item.sources) == 1 and source.when is None and source.path.scope == here
        if last is None or not simple or any(step.many for step in above if step):
            return None
        convert = self._convert(item, source)
        tags = tuple(step.tag for step in source.path.steps)
        if item.shape.many:
            return item.name, tags, _listed(convert) if last.many else _alone(convert)
        return None if last.many else (item.name, tags, convert)

    def _far(self, item: BoundItem, here: int) -> Read:
        if isinstance(item, BoundSlots):
            return _slots([self._object(slot, here, always=False) for slot in item.slots])
        if isinstance(item, BoundGroup):
            return self._object(item.items, here, always=False)
        assert isinstance(item, BoundField)
        return self.field(item, here)

    def _convert(self, item: BoundField, source: BoundSource) -> Convert | None:
        if source.text is not None:
            return partial(_text, source.text)
        if source.part is not None:
            return self._part(source.part)
        return scalar(item.shape, item.table)


def _text(text: str, _: Node) -> str:
    return text


def scalar(shape: Shape, table: Table | None) -> Convert | None:
    """What turns a scalar of a message into that of an event; None where it stays as it is."""
    if table is None:
        return INWARD.get(shape.kind) if shape.kind else None
    rows, otherwise = table.rows, table.otherwise
    if otherwise is None or otherwise == "absent":
        return rows.get
    if otherwise == "as written":
        return lambda code: rows.get(code, code)
    return lambda code: rows.get(code, otherwise)


def _block(near: Sequence[_Near]) -> list[Line]:
    """Lines for neighbours in the file: those that begin with the same tag look that up once."""
    lines: list[Line] = []
    for tag, group in groupby(near, key=lambda field: field[1][0]):
        fields = list(group)
        direct = [(name, convert) for name, tags, convert in fields if len(tags) == 1]
        deeper = [(name, tags[1:], convert) for name, tags, convert in fields if len(tags) > 1]
        lines += [Line(name, tag, convert) for name, convert in direct]
        if deeper:
            lines.append(Line(tag=tag, below=tuple(_block(deeper))))
    return lines


def _listed(convert: Convert | None) -> Convert | None:
    if convert is None:
        return None

    def read(values: Node) -> list[Any] | None:
        return [made for value in values if (made := convert(value)) is not None] or None

    return read


def _alone(convert: Convert | None) -> Convert:
    def read(value: Node) -> list[Any] | None:
        made = value if convert is None else convert(value)
        return None if made is None else [made]

    return read


def _scalar_part(fields: list[tuple[str, Convert | None]]) -> Convert:
    def read(value: Node) -> dict[str, Any]:
        return {name: value if convert is None else convert(value) for name, convert in fields}

    return read


def _slots(slots: list[Read]) -> Read:
    def read(node: Node, scopes: Scopes) -> list[Any] | None:
        found = [value for slot in slots if (value := slot(node, scopes)) is not None]
        return found or None

    return read


def _first(reads: list[Read]) -> Read:
    if len(reads) == 1:
        return reads[0]

    def read(node: Node, scopes: Scopes) -> Any:  # noqa: ANN401 - whatever the field holds
        for each in reads:
            value = each(node, scopes)
            if value is not None:
                return value
        return None

    return read


def _source(source: BoundSource, here: int, convert: Convert | None) -> Read:
    find = _walk_all(source.path, here) if source.path.many else _walk(source.path, here)
    if source.path.many:
        find = _pick(find, source.take)
    holds = _holds(source.when, here)

    def read(node: Node, scopes: Scopes) -> Any:  # noqa: ANN401 - whatever the field holds
        value = find(node, scopes)
        if value is None or (holds is not None and not holds(value, node, scopes)):
            return None
        return value if convert is None else convert(value)

    return read


def _each(source: BoundSource, here: int, convert: Convert | None) -> Read:
    find = _walk_all(source.path, here)
    holds = _holds(source.when, here)
    itself = not source.path.steps  # `each .` is an item only where there is something of it here

    def read(node: Node, scopes: Scopes) -> list[Any] | None:
        values = find(node, scopes)
        if holds is not None:
            values = [value for value in values if holds(value, node, scopes)]
        if convert is not None:
            values = [made for value in values if (made := convert(value)) is not None]
        if itself:
            values = [value for value in values if value != {}]
        return values or None

    return read


def _pick(find: Read, take: Take | None) -> Read:
    def read(node: Node, scopes: Scopes) -> Node:
        values = find(node, scopes)
        if not values or (take is Take.ONLY and len(values) > 1):
            return None
        return values[-1 if take is Take.LAST else 0]

    return read


def _walk(path: BoundPath, here: int) -> Read:
    """Follow a path that does not repeat: its value or None."""
    tags = tuple(step.tag for step in path.steps)
    scope = path.scope
    outer = scope != here

    def read(node: Node, scopes: Scopes) -> Node:
        if outer:
            node = scopes[scope]
        for tag in tags:
            node = node.get(tag)
            if node is None:
                return None
        return node

    return read


def _walk_all(path: BoundPath, here: int) -> Read:
    """Follow a path that may repeat: a list of its values, in the message's order."""
    scope = path.scope
    outer = scope != here
    steps = path.steps

    def read(node: Node, scopes: Scopes) -> list[Node]:
        return walk_steps(scopes[scope] if outer else node, steps)

    return read


def walk_steps(node: Node, steps: Iterable[Step]) -> list[Node]:
    """Every node at the end of the steps, in the message's order."""
    nodes = [node]
    for step in steps:
        tag = step.tag
        if step.many:
            nodes = [each for node in nodes for each in node.get(tag, ())]
        else:
            nodes = [each for node in nodes if (each := node.get(tag)) is not None]
    return nodes


def _holds(when: BoundCondition | None, here: int) -> Callable[[Node, Node, Scopes], bool] | None:
    if when is None:
        return None
    values, negated = when.values, when.negated
    if when.path is None:
        return lambda value, _node, _scopes: (value in values) is not negated
    find = _walk_all(when.path, here)
    return lambda _value, node, scopes: any(each in values for each in find(node, scopes)) is not negated
