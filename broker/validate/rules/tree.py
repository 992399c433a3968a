"""The looks that rules take at a tree: elements at a path, and the number in one. Tags are in Clark notation."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from lxml.etree import _Element

_NUMBER: Final = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*")  # of xs:decimal; Python takes more

Path = tuple[str, ...]
"""Tags from child to child."""


def path(start: str, names: str) -> Path:
    """Make a path of local names (``PmtInf/CdtTrfTxInf``) of the namespace that tags ``start`` with."""
    return tuple(start + name for name in names.split("/"))


def every(element: _Element, along: Path) -> Sequence[_Element]:
    """Give the elements at a path, in the order of the document."""
    found = [element]
    for tag in along:
        found = [child for parent in found for child in parent.iterchildren(tag)]
    return found


def first(element: _Element, along: Path) -> _Element | None:
    """Give the first element at a path whose steps are each the first; None where there is none."""
    found: _Element | None = element
    for tag in along:
        if found is None:
            return None
        found = next(found.iterchildren(tag), None)
    return found


def text_at(element: _Element, along: Path) -> str | None:
    """Give the text of the first element at a path."""
    found = first(element, along)
    return None if found is None else found.text


def number(element: _Element | None) -> Decimal | None:
    """Give the number that stands in an element; None where there is no element or no number in it."""
    text = "" if element is None else element.text or ""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def children(element: _Element) -> dict[str, _Element]:
    """Give an element's children by tag; of those that repeat, the last."""
    return {child.tag: child for child in element}


def local(element: _Element) -> str:
    """Give an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
