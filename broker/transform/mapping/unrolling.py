"""Writes the Python of an object's reader: one look-up a field, nothing to loop over and nothing to decide.

A loop over the fields of a model costs a third more, because most fields of a model are absent from most messages.
The text is made of field names and tags, each an identifier by the language's grammar and quoted by ``repr`` besides;
converters and other readers go in as objects.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Fill = Callable[..., Any]
"""``fill(node, scopes=())``: the canonical object of an RA JSON object."""


@dataclass(frozen=True, slots=True)
class Line:
    """One field, or several below one tag.

    With a ``tag``: the element here, through ``convert`` where there is one; or, with ``below``, the fields inside it.
    Without: whatever ``read(node, scopes)`` finds. None means absent.
    """

    name: str = ""
    tag: str | None = None
    convert: Callable[[Any], Any] | None = None
    read: Callable[..., Any] | None = None
    below: tuple["Line", ...] = ()


def unrolled(lines: Iterable[Line], *, always: bool) -> Fill:
    """Give the reader of an object with these fields; ``always``: an empty object rather than None."""
    objects: dict[str, Any] = {}
    body = "".join(f"    {line}\n" for line in _statements(lines, "node", objects))
    end = "return out" if always else "return out or None"
    text = f"def fill(node, scopes=()):\n    out = {{}}\n{body}    {end}\n"
    exec(compile(text, "<mapping>", "exec"), objects)  # noqa: S102 - see the docstring: nothing of a message is in it
    fill: Fill = objects["fill"]
    return fill


def _statements(lines: Iterable[Line], node: str, objects: dict[str, Any]) -> Iterator[str]:
    for line in lines:
        number = len(objects)
        value = f"v{number}"
        if line.tag is None:
            objects[f"f{number}"] = line.read
            yield f"{value} = f{number}(node, scopes)"
        else:
            objects[f"f{number}"] = line.convert
            yield f"{value} = {node}.get({line.tag!r})"
        yield f"if {value} is not None:"
        if line.below:
            yield from (f"    {inner}" for inner in _statements(line.below, value, objects))
        elif line.convert is None:
            yield f"    out[{line.name!r}] = {value}"
        else:
            yield f"    {value} = f{number}({value})"
            yield f"    if {value} is not None:"
            yield f"        out[{line.name!r}] = {value}"
