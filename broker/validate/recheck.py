"""Whether all is well with a message whose elements were met before, by its values alone.

Once a message was found valid, the next with the same elements and attributes can only differ in its values. So what
belongs to the elements is found once: by which type each value is judged, and which elements the rules look at. Of the
next message only values are looked at; the rules, which look at elements, are given a likeness of the tree.

The answer is yes or nothing: what is not surely right is to be validated from its bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import Protocol

from lxml.etree import _Element

from broker.catalogue import Catalogue, Schema
from broker.catalogue.model import AmountType, SimpleType, Type
from broker.validate.facets import SPACE, TEXT, Look, nothing, surely
from broker.validate.place import declared, local_name
from broker.validate.rules import Standing
from broker.validate.subject import Subject


class Place(Protocol):
    """Where a value stands in a tree: in an element, or after one."""

    @property
    def element(self) -> _Element:
        """The element."""

    @property
    def after(self) -> bool:
        """Whether the value stands after it."""

    @property
    def text(self) -> str:
        """The value."""


class Likeness(list["Likeness"]):
    """As much of lxml's element as rules look at: a list of its children, with tag, attributes, parent and text."""

    __slots__ = ("_attributes", "_by_tag", "_parent", "tag", "text")

    def __init__(self, element: _Element, parent: "Likeness | None") -> None:
        """Take the element's own; children are added by whoever makes them."""
        super().__init__()
        self.tag: str = element.tag
        self.text: str | None = element.text
        self._parent = parent
        self._attributes = dict(element.attrib) if element.attrib else None
        self._by_tag: dict[tuple[str, ...], list[Likeness]] | None = None

    def get(self, name: str) -> str | None:
        """Give an attribute."""
        return None if self._attributes is None else self._attributes.get(name)

    def getparent(self) -> "Likeness | None":
        """Give the element around it."""
        return self._parent

    def iterchildren(self, *tags: str) -> Iterator["Likeness"]:
        """Give the children of these tags."""
        if self._by_tag is None:
            self._by_tag = {}
        found = self._by_tag.get(tags)
        if found is None:
            found = self._by_tag[tags] = [child for child in self if child.tag in tags]
        return iter(found)


class Recheck:
    """Judges messages of one shape by one definition. Not for several threads."""

    def __init__(self, subject: Subject, catalogue: Catalogue, places: Sequence[Place]) -> None:
        """``subject`` is a message in which ``validate`` finds nothing; ``places`` are those of its values."""
        likenesses: dict[_Element, Likeness] = {}
        _liken(subject.document.getroottree().getroot(), None, likenesses)
        looks = _Looks(subject, catalogue)
        self._valid: Sequence[str] = [place.text for place in places]
        self._looks = [looks.at(place) for place in places]
        self._in_element = [not place.after for place in places]
        self._holders = [likenesses[place.element] for place in places if not place.after]
        self._rules = [Standing(root, schema, likenesses) for root, schema in looks.parts]

    def passes(self, values: Sequence[str]) -> bool:
        """Whether ``validate`` surely finds nothing in the message of these values."""
        if len(values) != len(self._looks):
            return False
        for look, before, value in zip(self._looks, self._valid, values, strict=True):
            if value != before and not look(value):
                return False
        self._valid = values
        for holder, value in zip(self._holders, compress(values, self._in_element), strict=True):
            holder.text = value
        return not any(rules.broken() for rules in self._rules)


def _liken(element: _Element, parent: Likeness | None, likenesses: dict[_Element, Likeness]) -> Likeness:
    made = likenesses[element] = Likeness(element, parent)
    made += [_liken(child, made, likenesses) for child in element]
    return made


class _Looks:
    """By which look each value of a message is judged."""

    def __init__(self, subject: Subject, catalogue: Catalogue) -> None:
        """Find the type of each element of header and document."""
        facts = subject.header_facts
        self.parts = [(subject.document, catalogue.schema(subject.definition))]
        if subject.header is not None and facts is not None:
            self.parts.append((subject.header, catalogue.schema(facts.definition)))
        self._header = subject.header
        self._types: dict[_Element, tuple[Type | None, Schema]] = {}
        for root, schema in self.parts:
            self._find(root, schema.types[schema.root.type], schema)

    def _find(self, element: _Element, type_: Type | None, schema: Schema) -> None:
        self._types[element] = type_, schema
        start = f"{{{schema.namespace}}}"
        types: Mapping[str, str] = {start + each.tag: each.type for each in declared(type_)}
        for child in element:
            name = types.get(child.tag)
            self._find(child, None if name is None else schema.types[name], schema)

    def at(self, place: Place) -> Look:
        """Give the look at a place; outside header and document any text may stand, within ``xs:any`` who knows."""
        element = place.element.getparent() if place.after else place.element
        if element is None or element not in self._types:
            return TEXT
        type_, schema = self._types[element]
        if element.getparent() is self._header is not None and local_name(element) == "MsgDefIdr":
            return frozenset({place.text}).__contains__  # which must name the document's definition
        if isinstance(type_, AmountType):
            type_ = schema.types[type_.value]
        if isinstance(type_, SimpleType):
            return surely(type_)
        return nothing if type_ is None else SPACE
