"""XML → RA JSON of messages whose shape was met before: one split of the text instead of a walk over the tree.

A message's *shape* is its text without the values: declaration, elements, attributes and their order. A core sends few
shapes and fills them again and again; the RA JSON of two messages of one shape differs in the values alone. So when a
shape comes a second time, the tree is walked once with a mark in place of each value, and from where the marks are
found a reader is written that puts values there. What the walk gives, the reader gives: it is made of the walk.

A message whose text does not stand as it is in its values (entities, CDATA, comments, carriage returns), or that is
large, is walked as ever. Owns the readers, which are bounded in number; must not know what a value means.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from broker.catalogue.model import Schema
from broker.transform.ra_json.reading import to_object

if TYPE_CHECKING:
    from lxml.etree import _Element

Part = tuple["_Element", Schema]
"""A root element (of the header, or of the document) and the schema that it is read by."""
_Reader = Callable[[Sequence[str]], dict[str, object]]

_VALUE: Final = re.compile(r">([^<]+)<")
_MOST_BYTES: Final = 16_384
_MOST_SHAPES: Final = 500
_OPEN: Final = "\ue000"  # of the private use area
_CLOSE: Final = "\ue001"
_MARK: Final = re.compile(f"( ?){_OPEN}([0-9]+){_CLOSE}( ?)")


class Shapes:
    """Reads valid messages, and remembers how to read each shape that came twice. Not for several threads."""

    def __init__(self, most: int = _MOST_SHAPES) -> None:
        """Remember up to ``most`` shapes; beyond, the eldest is forgotten."""
        self._most = most
        self._readers: dict[str, _Reader | Literal[False] | None] = {}  # None: met once; False: to be walked

    def read(self, text: bytes, parts: Sequence[Part]) -> dict[str, object]:
        """Give RA JSON of schema-valid ``parts``, as ``to_object`` gives it of each; ``text`` is the message in UTF-8.

        Empty where the text is not at hand: then the parts are walked.
        """
        if not 0 < len(text) <= _MOST_BYTES or not _as_it_stands(text):
            return _walked(parts)
        # White space after the declaration is no value: nothing closes before it, once the declaration is gone.
        pieces = _VALUE.split(text[text.find(b"?>") + 2 if text.startswith(b"<?") else 0 :].decode())
        shape, values = "\0".join(pieces[::2]), pieces[1::2]
        reader = self._readers.get(shape)
        if reader:
            return reader(values)
        found = _walked(parts)
        if shape not in self._readers:
            self._remember(shape, None)
        elif reader is None:
            self._remember(shape, _reader(parts, values) or False)
        return found

    def _remember(self, shape: str, reader: _Reader | Literal[False] | None) -> None:
        if len(self._readers) >= self._most and shape not in self._readers:
            del self._readers[next(iter(self._readers))]
        self._readers[shape] = reader


def _as_it_stands(text: bytes) -> bool:
    """Whether every value stands in the text as it is: a regular expression would look ten times as long."""
    return b"&" not in text and b"\r" not in text and b"<!" not in text and text.find(b"<?", 1) < 0


def _walked(parts: Sequence[Part]) -> dict[str, object]:
    found: dict[str, object] = {}
    for element, schema in parts:
        found |= to_object(element, schema)
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands: in an element, or after one."""

    element: "_Element"
    after: bool

    @property
    def text(self) -> str:
        """What stands there."""
        return (self.element.tail if self.after else self.element.text) or ""

    def put(self, text: str) -> None:
        """Put something else there."""
        if self.after:
            self.element.tail = text
        else:
            self.element.text = text


def _reader(parts: Sequence[Part], values: Sequence[str]) -> _Reader | None:
    """Write the reader of a shape from one message of it; None where values do not come through the walk whole."""
    root = parts[0][0].getroottree().getroot()
    places = [place for place in _places(root) if place.text]
    if [place.text for place in places] != list(values):
        return None
    for number, place in enumerate(places):
        place.put(f" {_OPEN}{number}{_CLOSE} ")
    marked = _walked(parts)
    for place, value in zip(places, values, strict=True):
        place.put(value)
    constants: list[str] = []
    try:
        source = _source(marked, constants)
    except ValueError:
        return None
    # Tags of the catalogue and numbers go into the source, nothing of a message: what does not vary is a constant.
    reader: _Reader = eval(f"lambda values: {source}", {"constants": constants})  # noqa: S307 - see above
    return reader


def _places(element: "_Element") -> Iterator[_Place]:
    """Every place where text may stand, in the order of the document."""
    yield _Place(element, after=False)
    for child in element:
        yield from _places(child)
        yield _Place(child, after=True)


def _source(value: Any, constants: list[str]) -> str:  # noqa: ANN401 - RA JSON
    """The Python that makes a value. Raises ValueError where a mark stands among other text."""
    if isinstance(value, dict):
        return f"{{{', '.join([f'{name!r}: {_source(each, constants)}' for name, each in value.items()])}}}"
    if isinstance(value, list):
        return f"[{', '.join([_source(each, constants) for each in value])}]"
    mark = _MARK.fullmatch(value)
    if mark:
        return f"values[{mark[2]}]" if mark[1] and mark[3] else f"values[{mark[2]}].strip()"
    if _OPEN in value:
        raise ValueError("a value does not come through the walk whole")
    constants.append(value)
    return f"constants[{len(constants) - 1}]"
