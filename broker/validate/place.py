"""Where a report belongs: libxml2's path as an element, its path in ISO names, and its types in the model."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lxml.etree import XPath, _Element

from broker.catalogue import Schema
from broker.catalogue.model import ChoiceType, Element, SequenceType, Type
from broker.validate.found import shown_name

_STEP: Final = re.compile(r"([^\[\]]+)(?:\[(\d+)\])?")


@dataclass(frozen=True, slots=True)
class Place:
    """An element of a message; ``type`` and ``parent_type`` are None where the schema does not describe it.

    ``path`` is in ISO names with positions where an element repeats; ``parent_path`` is empty at the root.
    """

    element: _Element
    path: str
    parent_path: str
    type: Type | None
    parent_type: Type | None


def find_place(root: _Element, path: str, schema: Schema) -> Place:
    """Find the element libxml2 reported by ``path``, which begins at ``root``, the root of ``schema``'s definition."""
    element = root
    names = [shown_name(_name(root))]
    parent_type: Type | None = None
    type_: Type | None = schema.types[schema.root.type]
    for step in path.split("/")[2:]:
        child = _step(element, step)
        if child is None:
            break
        element = child
        names.append(shown_name(_name(child)) + _position(child))
        parent_type, type_ = type_, _type_of(child, type_, schema)
    return Place(element, "/" + "/".join(names), "/" + "/".join(names[:-1]), type_, parent_type)


def declared(type_: Type | None) -> Iterator[Element]:
    """The child elements a type declares, in order; those of its choices among them."""
    if isinstance(type_, ChoiceType):
        yield from type_.elements
    elif isinstance(type_, SequenceType):
        for particle in type_.particles:
            if isinstance(particle, Element):
                yield particle
            else:
                yield from getattr(particle, "elements", ())  # xs:any declares none


def in_namespace_of(element: _Element, other: _Element) -> bool:
    """Whether two elements are of one namespace."""
    return bool(element.tag.rpartition("}")[0] == other.tag.rpartition("}")[0])


def local_name(element: _Element) -> str:
    """An element's name without its namespace."""
    return _name(element)


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _step(element: _Element, step: str) -> _Element | None:
    """One step as xmlGetNodePath writes it: ``*[3]`` counts all children, ``p:Nm[2]`` those of that prefix and name."""
    match = _STEP.fullmatch(step)
    if match is None:
        return None
    name, number = match[1], int(match[2] or 1)
    if name == "*":
        return element[number - 1] if number <= len(element) else None
    found = _named(name, number)(element)
    return found[0] if found else None


@lru_cache(maxsize=512)
def _named(name: str, number: int) -> XPath:
    """Look in libxml2 and not in Python: a bulk message has siblings by the hundred thousand."""
    return XPath(f"*[name() = '{name}'][{number}]")  # a name has no quotes


def _position(element: _Element) -> str:
    if element.getprevious() is None and element.getnext() is None:
        return ""  # as most are; to look for others of its name costs ten times as much
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    if before == 0 and next(element.itersiblings(element.tag), None) is None:
        return ""
    return f"[{before + 1}]"


def _type_of(child: _Element, parent_type: Type | None, schema: Schema) -> Type | None:
    name = _name(child)
    for element in declared(parent_type):
        if element.tag == name:
            return schema.types[element.type]
    # Within xs:any a whole message of the same definition may stand.
    return schema.types[schema.root.type] if child.tag == f"{{{schema.namespace}}}{schema.root.tag}" else None
