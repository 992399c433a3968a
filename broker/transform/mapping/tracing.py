"""Where each field of an event came from in one message: which element, which line of the mapping, which alternative.

Reads what was bound, slowly and telling all of it; the readers made of it (``inward``) are fast and tell nothing. Both
must agree, which the tests hold. Values are part of what is traced: showing them is for the caller to decide.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml.etree import _Element

from broker.transform.mapping.bound import (
    BoundCondition,
    BoundConstant,
    BoundEvent,
    BoundField,
    BoundItem,
    BoundPath,
    BoundSlots,
    BoundSource,
)
from broker.transform.mapping.inward import scalar
from broker.transform.mapping.problems import Place
from broker.transform.mapping.schema_view import Step
from broker.transform.mapping.syntax import Take, Way


@dataclass(frozen=True, slots=True)
class Traced:
    """One scalar of an event. ``path`` and ``line`` are in the message, ``place`` is the line of the mapping.

    ``alternative`` counts the sources of the field in this definition from 1, of ``alternatives``; ``table`` is the
    code table it was read by. ``value`` is as the event has it.
    """

    field: str
    path: str
    line: int
    place: Place
    alternative: int
    alternatives: int
    table: str | None
    value: Any


@dataclass(frozen=True, slots=True)
class _Node:
    """An element as RA JSON and as XML, and its path."""

    ra: Any
    element: _Element
    path: str


_Scopes = tuple[_Node, ...]


def trace(
    events: Iterable[BoundEvent],
    ra: Mapping[str, Any],
    document: _Element,
) -> Iterator[tuple[str, tuple[Traced, ...]]]:
    """Give each event of a message, as ``Mappings.events`` gives them, with what it came of: its type, and its fields.

    ``events`` are those bound to the message's definition. ``ra`` is its RA JSON and ``document`` the element that is
    the root of it; the message is valid.
    """
    root, content = next((tag, content) for tag, content in ra.items() if tag != "AppHdr")
    whole = _Node(content, document, f"/{root}")
    for event in sorted(events, key=lambda each: len(each.each)):
        found: list[_Scopes] = [(node,) for node in _down(whole, Step(event.message, many=False, always=True))]
        for step in event.each:
            found = [(*scopes, node) for scopes in found for node in _down(scopes[-1], step)]
        yield from ((event.event_type, tuple(_items(event.items, "", scopes))) for scopes in found)


def _items(items: Iterable[BoundItem], above: str, scopes: _Scopes) -> Iterator[Traced]:
    for item in items:
        if isinstance(item, BoundConstant):
            continue
        name = f"{above}.{item.name}" if above else item.name
        if isinstance(item, BoundField):
            yield from _field(item, name, scopes) if item.way is not Way.OUTWARD else ()
        elif isinstance(item, BoundSlots):
            yield from _slots(item, name, scopes)
        else:
            yield from _items(item.items, name, scopes)


def _slots(item: BoundSlots, name: str, scopes: _Scopes) -> Iterator[Traced]:
    filled = [slot for slot in item.slots if any(_is_there(each, scopes) for each in slot)]
    for number, slot in enumerate(filled):
        yield from _items(slot, f"{name}[{number}]", scopes)


def _is_there(item: BoundItem, scopes: _Scopes) -> bool:
    if isinstance(item, BoundConstant):
        return False
    if isinstance(item, BoundField):
        return item.way is not Way.OUTWARD and _chosen(item, scopes) is not None
    items = (each for slot in item.slots for each in slot) if isinstance(item, BoundSlots) else item.items
    return any(_is_there(each, scopes) for each in items)


def _field(item: BoundField, name: str, scopes: _Scopes) -> Iterator[Traced]:
    chosen = _chosen(item, scopes)
    if chosen is None:
        return
    number, nodes = chosen
    source = item.sources[number - 1]
    part, convert = source.part, scalar(item.shape, item.table)
    for index, node in enumerate(nodes):
        field = f"{name}[{index}]" if item.shape.many else name
        if part is not None:
            yield from _items(part.items, field, (node,))
            continue
        value = source.text or (node.ra if convert is None else convert(node.ra))
        table = None if item.table is None else item.table.name
        told = item.place, number, len(item.sources), table, value
        yield Traced(field, node.path, node.element.sourceline or 0, *told)


def _chosen(item: BoundField, scopes: _Scopes) -> tuple[int, list[_Node]] | None:
    """The first source that gives something, counted from 1, and what it gives."""
    convert = scalar(item.shape, item.table)
    for number, source in enumerate(item.sources, 1):
        nodes = [node for node in _found(source, scopes, each=item.shape.many) if _holds(source.when, node, scopes)]
        if source.part is None and convert is not None:
            nodes = [node for node in nodes if convert(node.ra) is not None]
        if nodes:
            return number, nodes
    return None


def _found(source: BoundSource, scopes: _Scopes, *, each: bool) -> list[_Node]:
    nodes = _walk(source.path, scopes)
    if each or not source.path.many:
        return nodes
    if source.take is Take.ONLY and len(nodes) > 1:
        return []
    return nodes[-1:] if source.take is Take.LAST else nodes[:1]


def _walk(path: BoundPath, scopes: _Scopes) -> list[_Node]:
    nodes = [scopes[path.scope]]
    for step in path.steps:
        nodes = [child for node in nodes for child in _down(node, step)]
    return nodes


def _down(node: _Node, step: Step) -> Iterator[_Node]:
    held = node.ra.get(step.tag)
    values = () if held is None else held if step.many else (held,)
    elements = node.element.iterchildren(f"{{*}}{step.tag}")
    for number, (value, element) in enumerate(zip(values, elements, strict=True), 1):
        index = f"[{number}]" if step.many else ""
        yield _Node(value, element, f"{node.path}/{step.tag}{index}")


def _holds(when: BoundCondition | None, node: _Node, scopes: _Scopes) -> bool:
    if when is None:
        return True
    tested = [node] if when.path is None else _walk(when.path, scopes)
    return any(each.ra in when.values for each in tested) is not when.negated
