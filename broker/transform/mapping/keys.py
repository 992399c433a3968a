"""What tells apart the elements that repeat on the way to an event's items (``for each PmtInf/…, PmtInf by PmtInfId``).

Items that say the same key stand in the same element on the way out, and what the message's own event says of that
element joins them there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from broker.transform.mapping.bound import BoundField, BoundGroup, BoundItem, BoundSource
from broker.transform.mapping.library import Library
from broker.transform.mapping.schema_view import Lost, SchemaView, Step
from broker.transform.mapping.syntax import Event, Way

Tags = tuple[str, ...]


def bind_keys(
    event: Event, steps: Sequence[Step], scopes: Sequence[str], view: SchemaView, library: Library
) -> tuple[Tags | None, ...]:
    """Give, for each step to the items, the tags that lead to its key; None where it has none in this definition.

    ``scopes`` are the types from the message inward, one more than there are steps.
    """
    by_tag = {key.tag: key.path for key in event.keys}
    keys: list[Tags | None] = []
    for step, type_name in zip(steps, scopes[1:], strict=True):
        path = by_tag.get(step.tag)
        found = None if path is None else view.resolve(type_name, path.steps)
        if path is None or found is None or isinstance(found, Lost):
            if path is not None and isinstance(found, Lost):
                library.lose(path, found)
            keys.append(None)
            continue
        library.lead(path)
        if found.many or view.base(found.type_name) is None:
            library.problems.add(event.place, f"{path} is no key: a key is one scalar value")
        keys.append(path.steps)
    return tuple(keys)


def check_keys(
    event: Event,
    steps: Sequence[Step],
    keys: Sequence[Tags | None],
    items: Iterable[BoundItem],
    library: Library,
) -> None:
    """Note what repeats on the way to the items without a key, and a key that no field of the event says."""
    declared = {key.tag for key in event.keys}
    bound = tuple(items)
    for number, (step, key) in enumerate(zip(steps[:-1], keys, strict=False), 1):
        if step.many and step.tag not in declared:
            text = f"{step.tag} repeats on the way to {steps[-1].tag}: say `, {step.tag} by PATH`, what tells it apart"
            library.problems.add(event.place, text)
        elif key is not None and not any(says_key(bound, number, key)):
            library.problems.add(event.place, f"no field says {step.tag}/{'/'.join(key)}, the key of {step.tag}")


def check_ways(events: Sequence[Event], library: Library) -> None:
    """Note an event type that leads back to several places: a message could not be made of it in one way."""
    ways = Counter(event.event_type for event in events if not event.read_only)
    for event in events:
        if not event.read_only and ways[event.event_type] > 1:
            text = f"{event.event_type} leads back to several places: say `read only` in all but one"
            library.problems.add(event.place, text)


def says_key(
    items: Iterable[BoundItem], scope: int, key: Tags, above: Tags = ()
) -> Iterator[tuple[Tags, BoundField, BoundSource]]:
    """Give the fields that say a key: the field's place in the data, the field, and the source that leads to the key.

    ``scope`` is that of the element with the key; a source says the key where it leads there or to what holds it.
    """
    for item in items:
        if isinstance(item, BoundGroup):
            yield from says_key(item.items, scope, key, (*above, item.name))
        elif isinstance(item, BoundField) and item.way is not Way.INWARD:
            for source in item.sources:
                tags = tuple(step.tag for step in source.path.steps)
                if source.path.scope == scope and key[: len(tags)] == tags and (len(tags) == len(key) or source.part):
                    yield (*above, item.name), item, source
