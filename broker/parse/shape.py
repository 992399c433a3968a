"""The shape of a message: its text without the values, and where in its tree the values stand.

A *shape* is declaration, elements, attributes and their order. A core sends few shapes and fills them again and again.
Two texts of one shape are parsed into the same tree but for its values, as long as these stand in the text as they are
(no entities, CDATA, comments or carriage returns): so once one was parsed, the next is known by one split of its text.

Must not know what a value means, or whether it is valid.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from lxml.etree import _Element

from broker.parse.limits import Limits

MOST_BYTES: Final = 16_384
"""The text of a shape: few messages that are larger have the same elements as another."""

_VALUE: Final = re.compile(r">([^<]+)<")
_DEFINITION: Final = re.compile(r"=[\"'][^\"'<>]*:xsd:((?!head)[a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2})[\"']")
_SPACE: Final = " \t\n"


ItemTag = Callable[[str], str | None]
"""Gives the tag of a definition's transactions; None where it has none, or is not known."""


class Shape(NamedTuple):
    """The ``markup`` around the values, with NUL in the place of each, and the ``values`` in their order.

    Of a message with several transactions in a row this is the frame alone, with one empty transaction in the place of
    each run. ``items`` are the transactions, in their order, ``runs`` how many of them follow each other.
    """

    markup: str
    values: list[str]
    items: Sequence["Shape"] = ()
    runs: Sequence[int] = ()


def shape_of(body: bytes, limits: Limits, tag_of: ItemTag) -> Shape | None:
    """Part a message into markup and values; None where it is large or does not stand in UTF-8 as it is.

    ``tag_of`` gives the tag of a definition's transactions, so that messages with more or fewer of them have the same
    parts. Nothing is known of whether it is well-formed: a text has the shape of a message that was parsed, or it has
    another. Nor is it known whether XML allows each character of a value.
    """
    most = min(MOST_BYTES, limits.max_bytes, limits.max_text_characters)
    if len(body) > most or not _as_it_stands(body):
        return None
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    named = _DEFINITION.search(text)
    tag = None if named is None else tag_of(named[1])
    return (tag and _in_parts(text, tag)) or whole(text)


def whole(text: str) -> Shape:
    """Give the shape of a text without taking its transactions apart."""
    # White space after the declaration is no value: nothing closes before it, once the declaration is apart.
    start = text.find("?>") + 2 if text.startswith("<?") else 0
    pieces = _VALUE.split(text[start:])
    return Shape(text[:start] + "\0".join(pieces[::2]), pieces[1::2])


def _in_parts(text: str, tag: str) -> Shape | None:
    """Take the transactions out of a text; None where there are not several, or they are not like any others.

    What a transaction means must not depend on prefixes or namespaces that are declared around it.
    """
    opening, closing = f"<{tag}>", f"</{tag}>"
    at = text.find(opening)
    if at < 0 or text.find(opening, at + 1) < 0:
        return None
    around: list[str] = []
    items: list[Shape] = []
    runs: list[int] = []
    end = 0
    while at >= 0:
        before = text[end:at]
        if runs and not before.strip(_SPACE):
            runs[-1] += 1
        else:
            around.append(before)
            runs.append(1)
        end = text.find(closing, at) + len(closing)
        if end < len(closing):
            return None
        item = whole(text[at:end])
        if ":" in item.markup:
            return None
        items.append(item)
        at = text.find(opening, end)
    frame = whole((opening + closing).join([*around, text[end:]]))
    return Shape(frame.markup, frame.values, items, runs)


def _as_it_stands(body: bytes) -> bool:
    """Whether every value stands in the text as it is: a regular expression would look ten times as long.

    One sign is found several times as fast as two; so the rare one is looked for first.
    """
    return (
        body.startswith(b"<")
        and b"&" not in body
        and b"\r" not in body
        and (b"!" not in body or b"<!" not in body)
        and (b"]" not in body or b"]]>" not in body)
        and (body.find(b"?", body.find(b"?>") + 2) < 0 or body.find(b"<?", 1) < 0)
    )


class Place(NamedTuple):
    """Where a value stands: in an element, or ``after`` one."""

    element: _Element
    after: bool

    @property
    def text(self) -> str:
        """What stands there; empty where nothing does."""
        return (self.element.tail if self.after else self.element.text) or ""

    def put(self, text: str) -> None:
        """Put something else there."""
        if self.after:
            self.element.tail = text
        else:
            self.element.text = text


def places(document: _Element, values: Sequence[str]) -> list[Place] | None:
    """Give the place of each value in the tree of a message; None where its text is not the tree's, value by value."""
    found = [place for place in _places(document.getroottree().getroot()) if place.text]
    return found if [place.text for place in found] == list(values) else None


def _places(element: _Element) -> Iterator[Place]:
    """Every place where text may stand, in the order of the document."""
    yield Place(element, after=False)
    for child in element:
        yield from _places(child)
        yield Place(child, after=True)
