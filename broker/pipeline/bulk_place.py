"""Where in a bulk message a finding stands: in which transaction, or before them, or after them."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from lxml.etree import _Element

from broker.catalogue import Schema
from broker.message.finding import Finding
from broker.parse.stream import Items

WITH_GROUPS: Final = 3  # tags: message, group, item
HEAD, ITEMS, TAIL = 0, 1, 2
"""The parts of a group in their order."""

_OF_ORDER: Final = frozenset({"order", "occurrence", "unexpected", "namespace"})  # about where a transaction stands
_INDEX: Final = re.compile(r"\[(\d+)\]$")


class ItemPaths:
    """The paths of one definition's transactions."""

    def __init__(self, schema: Schema, items: Items) -> None:
        """``items`` says where they are."""
        self.grouped = len(items.tags) == WITH_GROUPS
        self.root = f"/{schema.root.tag}"
        self.path = "/".join((self.root, *items.tags))
        self._first = "/".join((self.root, *items.tags[:2])) + "[1]/"
        numbered = (rf"{tag}(?:\[\d+\])?" for tag in items.tags)
        self._item = re.compile("/".join(("", schema.root.tag, *numbered)) + "(?![^/])")

    def inside(self, finding: Finding) -> tuple[int, str] | None:
        """The number of the transaction among its like, from 1, and the path from it on; None for what is around."""
        match = self._item.match(finding.path)
        if match is None:
            return None
        rest = finding.path[match.end() :]
        if not rest and finding.rule.rpartition(".")[2] in _OF_ORDER:
            return None
        number = _INDEX.search(match.group())
        return (int(number[1]) if number else 1), rest

    def of_first(self, path: str) -> str:
        """The path in the slices of the first group of what stands in its head or before it."""
        return path.replace(self._first, self._first.removesuffix("[1]/") + "/") if self.grouped else path

    def named(self, rest: str, place: tuple[int, int], groups: int, counts: Mapping[int, int]) -> str:
        """The path in the whole message of what is ``rest`` away from a transaction: ``place`` is group and number."""
        group, number = place
        *above, item = self.path.split("/")
        if groups > 1:
            above[-1] += f"[{group}]"
        if counts[group] > 1:
            item += f"[{number}]"
        return "/".join((*above, item)) + rest


class Around:
    """Tells whether a place stands before the transactions or after them."""

    def __init__(self, document: _Element, items: Items) -> None:
        """``document`` is the message with one transaction in each group."""
        tags = items.tags
        self._document = document
        self._children: dict[_Element, dict[str, list[tuple[int, _Element]]]] = {}
        self._path = f"/{_name(document)}/{tags[0]}/"
        self._grouped = len(tags) == WITH_GROUPS
        self.groups = sum(1 for each in document[0] if _name(each) == tags[1]) if self._grouped else 1
        self._outer = _tail(document[0], tags[1])
        self._inner = [_tail(each, tags[2]) for each in document[0] if _name(each) == tags[1]] if self._grouped else []
        self._group = re.compile(rf"{tags[1]}(?:\[(\d+)\])?/([^/\[]+)")

    def place(self, path: str) -> tuple[int, int]:
        """Group (0: before all, one more than there are: after all) and phase."""
        if not path.startswith(self._path):
            return 0, HEAD
        rest = path.removeprefix(self._path)
        match = self._group.match(rest) if self._grouped else None
        if match is not None:
            number = int(match[1] or 1)
            return number, TAIL if match[2] in self._inner[number - 1] else HEAD
        after = re.split(r"[/\[]", rest, maxsplit=1)[0] in self._outer
        return (self.groups + 1, TAIL) if after else (0, HEAD)

    def order(self, path: str) -> tuple[int, ...]:
        """What sorts paths in the order of the document, as far as they lead."""
        element, places = self._document, []
        for step in path.split("/")[2:]:
            name, _, number = step.partition("[")
            if element not in self._children:
                self._children[element] = _by_name(element)
            like = self._children[element].get(name, [])
            at = int(number[:-1]) - 1 if number else 0
            if at >= len(like):
                break
            place, element = like[at]
            places.append(place)
        return tuple(places)


def _by_name(element: _Element) -> dict[str, list[tuple[int, _Element]]]:
    found: dict[str, list[tuple[int, _Element]]] = defaultdict(list)
    for place, each in enumerate(element):
        found[_name(each)].append((place, each))
    return found


def _tail(holder: _Element, tag: str) -> frozenset[str]:
    """The names that stand only after the last element of a name."""
    names = [_name(each) for each in holder]
    if tag not in names:
        return frozenset()
    last = len(names) - names[::-1].index(tag)
    return frozenset(names[last:]) - frozenset(names[:last])


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]
