"""Whether what is written on the way back can be whole: each element that a version demands has a line that fills it.

In elements that are written at all, those that must be there are looked for; what no line writes would make every
message invalid, which is better told when the files are loaded.
"""

from collections.abc import Iterable, Iterator

from broker.transform.mapping.bound import (
    BoundConstant,
    BoundEvent,
    BoundField,
    BoundGroup,
    BoundItem,
    BoundPart,
    BoundSlots,
)
from broker.transform.mapping.schema_view import SchemaView
from broker.transform.mapping.suiting import writable
from broker.transform.mapping.syntax import Way

Tags = tuple[str, ...]
_Written = dict[Tags, BoundPart | None]
"""Places that lines write to, or inside; with the part where one is applied there."""


class Completeness:
    """Looks for what no line writes; each part is looked at once for all definitions whose types are the same."""

    def __init__(self) -> None:
        """Nothing is looked at yet."""
        self._parts: dict[BoundPart, tuple[Tags, ...]] = {}

    def unwritten(self, events: Iterable[BoundEvent], view: SchemaView) -> Iterator[str]:
        """Give the places (``GrpHdr/MsgId``) that a message made of these events lacks; none where none leads back."""
        written: _Written = {}
        message = ""
        for event in events:
            if not event.read_only:
                prefixes = [tuple(step.tag for step in event.each[:depth]) for depth in range(len(event.each) + 1)]
                _note(event.items, prefixes, written)
                message = event.message
        if written:
            root = view.children(view.root)[message][1]
            yield from ("/".join(path) for path in self._lacking(root, (), written, view))

    def _lacking(self, type_name: str, above: Tags, written: _Written, view: SchemaView) -> Iterator[Tags]:
        for tag, (step, child) in view.children(type_name).items():
            path = (*above, tag)
            part = written.get(path)
            if part is not None:
                lacks = ((*path, *rest) for rest in self._of_part(part, child, view))
                yield from (place for place in lacks if place not in written)
            elif path in written:
                yield from self._lacking(child, path, written, view)
            elif step.always:
                yield path

    def _of_part(self, part: BoundPart, type_name: str, view: SchemaView) -> tuple[Tags, ...]:
        if part not in self._parts:
            self._parts[part] = ()  # a part inside itself
            written: _Written = {}
            _note(part.items, [()], written)
            self._parts[part] = tuple(self._lacking(type_name, (), written, view))
        return self._parts[part]


def _note(items: Iterable[BoundItem], prefixes: list[Tags], written: _Written) -> None:
    for item in items:
        if isinstance(item, BoundGroup):
            _note(item.items, prefixes, written)
        elif isinstance(item, BoundSlots):
            for slot in item.slots:
                _note(slot, prefixes, written)
        elif isinstance(item, BoundConstant):
            _add((*prefixes[item.path.scope], *(step.tag for step in item.path.steps)), None, written)
        elif item.way is not Way.INWARD:
            _note_field(item, prefixes, written)


def _note_field(item: BoundField, prefixes: list[Tags], written: _Written) -> None:
    source = next((each for each in item.sources if writable(each, len(prefixes) - 1)), item.sources[0])
    part = None if source.part is None or source.part.scalar else source.part
    here = prefixes[source.path.scope]
    if part is not None and not source.path.steps:  # `. as account`: its fields are ours
        _note(part.items, [here], written)
    else:
        _add((*here, *(step.tag for step in source.path.steps)), part, written)


def _add(path: Tags, part: BoundPart | None, written: _Written) -> None:
    for length in range(len(path)):
        written.setdefault(path[:length])
    if part is not None or path not in written:
        written[path] = part
