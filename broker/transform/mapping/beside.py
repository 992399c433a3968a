"""The RA JSON that an event was made of, for those who want it beside the canonical data.

An item's event gets the item's own element and where that stands; the event of the message as a whole gets the message
without the elements that have events of their own, and with its header. Nothing is copied but what changes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from broker.transform.mapping.event import Beside
from broker.transform.mapping.schema_view import Step

Walk = Sequence[Step]
"""The way from the message element to an event's items; empty: the message as a whole."""


def whole(ra: Mapping[str, Any], message: str, walks: Iterable[Walk]) -> Beside:
    """Give the message without its items. ``message`` is the element below ``Document``, ``walks`` lead to items."""
    root, document = next((tag, content) for tag, content in ra.items() if tag != "AppHdr")
    content = document.get(message, {})
    for walk in walks:
        content = _without(content, walk) if walk else content
    return Beside({**ra, root: {**document, message: content}})


def items(root: str, message: str, content: Mapping[str, Any], walk: Walk) -> Iterator[Beside]:
    """Give the element of each item, in the message's order. ``content`` is what the message element holds."""
    found = [(f"/{root}/{message}", content)]
    for step in walk:
        found = [
            (f"{path}/{step.tag}[{number}]" if step.many else f"{path}/{step.tag}", element)
            for path, above in found
            for number, element in enumerate(_children(above, step), 1)
        ]
    return (Beside({walk[-1].tag: element}, path) for path, element in found)


def _children(above: Mapping[str, Any], step: Step) -> Sequence[Any]:
    if step.many:
        children: Sequence[Any] = above.get(step.tag, ())
        return children
    return [above[step.tag]] if step.tag in above else ()


def _without(node: Mapping[str, Any], walk: Walk) -> dict[str, Any]:
    """The node as it is, but for the elements that the walk leads to."""
    step, *rest = walk
    if not rest:
        return {tag: content for tag, content in node.items() if tag != step.tag}
    if step.tag not in node:
        return dict(node)
    held = node[step.tag]
    return {**node, step.tag: [_without(each, rest) for each in held] if step.many else _without(held, rest)}
