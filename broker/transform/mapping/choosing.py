"""Which of several ways a value is written: branches of a schema's choice, places of a list that say what they hold.

Each way is tried apart. One counts if what it writes says nothing but the value; of those the one that loses least is
taken, the first of equals.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from broker.transform.mapping.bound import BoundField, BoundGroup, BoundItem, BoundPath
from broker.transform.mapping.inward import Read
from broker.transform.mapping.placing import Scopes, Trouble
from broker.transform.mapping.schema_view import SchemaView
from broker.transform.mapping.syntax import Way

Items = tuple[BoundItem, ...]
Write = Callable[[Any, Scopes, str, Trouble], None]
_Choice = tuple[int, tuple[str, ...], frozenset[str]]
"""A choice of the schema: the scope it is looked for from, the tags that lead to it, those of its branches."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way to write a value; ``read`` tells what then stands there. ``type_name`` is that of the element here."""

    write: Write
    read: Read
    type_name: str


def choose(
    options: Iterable[tuple[int, Option]], value: Mapping[str, Any], depth: int, view: SchemaView, *, whole: bool
) -> int | None:
    """Give the number of the best option, None where there is none. ``depth``: how many scopes there are.

    ``whole``: one that lacks what its schema demands is none; else it is the last resort, and the schema will say so.
    """
    ranks: list[tuple[bool, int, int]] = []
    for number, option in options:
        scopes: Scopes = tuple({} for _ in range(depth))
        kept = Trouble("")
        option.write(value, scopes, "", kept)
        lacking = not _whole_below(scopes[-1], option.type_name, view)
        true = not kept.findings and _within(option.read(scopes[-1], scopes) or {}, value)
        if any(scopes) and true and not (whole and lacking):
            ranks.append((lacking, len(kept.losses), number))
    return min(ranks)[2] if ranks else None


def branches(items: Sequence[BoundItem]) -> tuple[Items, ...]:
    """Give the items once for each branch of the choice that their alternatives stand in, the narrowest first.

    Nothing where there is no such choice: then every value has one place.
    """
    choice = next(
        (
            choice
            for item in _fields(items)
            for choice in (_choice(source.path) for source in item.sources)
            if choice is not None and len({_branch(source.path, choice) for source in item.sources} - {None}) > 1
        ),
        None,
    )
    if choice is None:
        return ()
    tags = {_branch(source.path, choice): None for item in _fields(items) for source in item.sources}
    ways = (tuple(_in_branch(items, choice, tag)) for tag in tags if tag is not None)
    return tuple(sorted(ways, key=lambda way: sum(1 for _ in _fields(way))))


def tells(slots: Iterable[Iterable[BoundItem]]) -> bool:
    """Whether places of a list say what they hold, so that an item cannot go to just any of them."""
    return any(item.way is Way.INWARD for slot in slots for item in _fields(slot))


def _fields(items: Iterable[BoundItem]) -> Iterator[BoundField]:
    for item in items:
        if isinstance(item, BoundField):
            yield item
        elif isinstance(item, BoundGroup):
            yield from _fields(item.items)


def _choice(path: BoundPath) -> _Choice | None:
    """The first choice on a path; one of repeating elements has room for all."""
    for index, step in enumerate(path.steps):
        if step.many:
            return None
        if step.branches:
            return path.scope, tuple(step.tag for step in path.steps[:index]), step.branches
    return None


def _branch(path: BoundPath, choice: _Choice) -> str | None:
    """The branch of a choice that a path takes; None where it does not lead there."""
    return path.steps[len(choice[1])].tag if _choice(path) == choice else None


def _in_branch(items: Iterable[BoundItem], choice: _Choice, tag: str) -> Iterator[BoundItem]:
    for item in items:
        if isinstance(item, BoundField):
            sources = tuple(source for source in item.sources if _branch(source.path, choice) in (None, tag))
            if sources:
                yield replace(item, sources=sources)
        elif isinstance(item, BoundGroup):
            inner = tuple(_in_branch(item.items, choice, tag))
            if inner:
                yield replace(item, items=inner)
        else:
            yield item


def _within(said: Any, value: Any) -> bool:  # noqa: ANN401 - canonical data
    """Whether something says no more than a value, nor anything else."""
    if isinstance(said, Mapping):
        return isinstance(value, Mapping) and all(key in value and _within(said[key], value[key]) for key in said)
    if isinstance(said, list | tuple):
        return len(said) <= len(value) and all(_within(each, value[number]) for number, each in enumerate(said))
    return bool(said == value)


def _whole_below(node: Mapping[str, Any], type_name: str, view: SchemaView) -> bool:
    """Whether what stands in an element has all that its schema demands; the element itself may get more."""
    for tag, held in node.items():
        step, child = view.children(type_name)[tag]
        for each in held if step.many else (held,):
            if not isinstance(each, Mapping) or not (children := view.children(child)):
                continue
            for inner, (demanded, _) in children.items():
                there = demanded.branches & each.keys() if demanded.branches else not demanded.always or inner in each
                if not there:
                    return False
            if not _whole_below(each, child, view):
                return False
    return True
