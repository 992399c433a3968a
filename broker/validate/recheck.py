"""Whether all is well with a message whose elements were met before, by its values alone.

Once a message was found valid, the next with the same elements and attributes can only differ in its values. So what
belongs to the elements is found once: by which type each value is judged, and which elements the rules look at. Of the
next message only values are looked at; the rules, which look at elements, are given a likeness of the tree.

A message with several transactions is judged in parts: its frame, and each transaction by what belongs to the elements
of one like it. Their likenesses are put together before the rules look at any.

The answer is yes or nothing: what is not surely right is to be validated from its bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import NamedTuple, Protocol

from lxml.etree import _Element

from broker.catalogue import Catalogue, Schema
from broker.catalogue.model import AmountType, Element, SequenceType, SimpleType, Type
from broker.validate.facets import SPACE, TEXT, Look, nothing, surely
from broker.validate.place import declared, local_name
from broker.validate.rules import Check, Run, looks_at
from broker.validate.subject import Subject


class ValuePlace(Protocol):
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

    __slots__ = ("_attributes", "_by_tag", "parent", "tag", "text")

    def __init__(self, tag: str, attributes: Mapping[str, str] | None, parent: "Likeness | None") -> None:
        """Stand in ``parent``, without text and children."""
        super().__init__()
        self.tag = tag
        self.text: str | None = None
        self.parent = parent
        self._attributes = attributes
        self._by_tag: dict[tuple[str, ...], list[Likeness]] | None = None
        if parent is not None:
            parent.append(self)

    def get(self, name: str) -> str | None:
        """Give an attribute."""
        return None if self._attributes is None else self._attributes.get(name)

    def getparent(self) -> "Likeness | None":
        """Give the element around it."""
        return self.parent

    def iterchildren(self, *tags: str) -> Iterator["Likeness"]:
        """Give the children of these tags."""
        if self._by_tag is None:
            self._by_tag = {}
        found = self._by_tag.get(tags)
        if found is None:
            found = self._by_tag[tags] = [child for child in self if child.tag in tags]
        return iter(found)

    def hold(self, children: Sequence["Likeness"]) -> None:
        """Have other children."""
        self[:] = children
        self._by_tag = None

    def alike(self, parent: "Likeness | None") -> "Likeness":
        """Give another like it, without text and children."""
        return Likeness(self.tag, self._attributes, parent)


class Piece:
    """A message, the frame of one, or a transaction: its likeness, and what is looked at in it."""

    def __init__(
        self, nodes: Sequence[Likeness], values: Sequence[tuple[Look, Likeness | None, str]], rules: "_Rules"
    ) -> None:
        """``nodes`` are its likenesses, each before what is in it; ``values`` the look at each, its holder, and it."""
        self.root = nodes[0]
        self._nodes = nodes
        self._looks = [look for look, _, _ in values]
        self._in_element = [holder is not None for _, holder, _ in values]
        self._holders = [holder for _, holder, _ in values if holder is not None]
        self._valid: Sequence[str] = [value for _, _, value in values]
        self.rules = rules

    def takes(self, values: Sequence[str]) -> bool:
        """Take the values, where each is surely one of its type."""
        if len(values) != len(self._looks):
            return False
        for look, before, value in zip(self._looks, self._valid, values, strict=True):
            if value != before and not look(value):
                return False
        self._valid = values
        for holder, value in zip(self._holders, compress(values, self._in_element), strict=True):
            holder.text = value
        return True

    def alike(self) -> "Piece":
        """Give another like it."""
        made: dict[int, Likeness] = {}
        for node in self._nodes:
            made[id(node)] = node.alike(made.get(id(node.parent)))
        holders = iter(self._holders)
        own = [made[id(next(holders))] if in_element else None for in_element in self._in_element]
        values = list(zip(self._looks, own, self._valid, strict=True))
        return Piece(list(made.values()), values, [(check, made[id(node)]) for check, node in self.rules])


_Rules = Sequence[tuple[Check, Likeness]]


class _Run(NamedTuple):
    """Where transactions stand in the frame: between ``before`` and ``after`` in ``holder``; ``kind`` is their type."""

    kind: str
    holder: Likeness
    before: Sequence[Likeness]
    after: Sequence[Likeness]


class Recheck:
    """Judges messages with the same frame by one definition. Not for several threads."""

    def __init__(self, frame: Piece, runs: Sequence[_Run]) -> None:
        """Hold what ``learn`` has found."""
        self._frame = frame
        self._runs = runs

    def kinds(self, runs: Sequence[int]) -> list[str]:
        """Give the type of each transaction of a message with so many in each run."""
        return [run.kind for run, count in zip(self._runs, runs, strict=True) for _ in range(count)]

    def passes(self, values: Sequence[str], items: Sequence[tuple[Piece, Sequence[str]]], runs: Sequence[int]) -> bool:
        """Whether ``validate`` surely finds nothing in the message of these values.

        ``items`` are its transactions, each with a piece of its own kind.
        """
        if not self._frame.takes(values) or not all(piece.takes(own) for piece, own in items):
            return False
        at = 0
        for run, count in zip(self._runs, runs, strict=True):
            these = [piece.root for piece, _ in items[at : at + count]]
            for root in these:
                root.parent = run.holder
            run.holder.hold([*run.before, *these, *run.after])
            at += count
        remembered = Run()
        if any(check(likeness, remembered) for check, likeness in self._frame.rules):
            return False
        return not any(check(likeness, remembered) for piece, _ in items for check, likeness in piece.rules)


class Learnt(NamedTuple):
    """What belongs to the elements of a message: of the whole or its frame, and of each transaction.

    ``numbers`` says which of the places are those of each transaction, and last of the frame.
    """

    recheck: Recheck
    items: Sequence[Piece]
    numbers: Sequence[Sequence[int]]


def learn(
    subject: Subject, catalogue: Catalogue, places: Sequence[ValuePlace], runs: Sequence[Sequence[_Element]]
) -> Learnt | None:
    """Find what belongs to the elements of a message in which ``validate`` finds nothing.

    ``places`` are those of its values, ``runs`` its transactions as far as they are to be judged on their own. None
    where the definition does not allow any number of these.
    """
    looks = _Looks(subject, catalogue)
    if not all(looks.any_number(run) for run in runs):
        return None
    items = {element: number for number, element in enumerate(each for run in runs for each in run)}
    tree = _Tree(subject.document.getroottree().getroot(), items)
    numbers = tree.numbers(places)
    values = [[(looks.at(places[number]), places[number]) for number in own] for own in numbers]
    rules = [each for root, schema in looks.parts for each in looks_at(root, schema, whole=not runs)]
    *pieces, frame = tree.pieces(values, rules)
    return Learnt(Recheck(frame, [tree.run(run, looks.kind(run[0])) for run in runs]), pieces, numbers)


class _Tree:
    """The likeness of a tree, and which of its transactions each element belongs to."""

    def __init__(self, root: _Element, items: Mapping[_Element, int]) -> None:
        """``items`` numbers the transactions, from 0; the frame has the number after the last."""
        self._frame = len(items)
        self._items = items
        self._owner: dict[_Element, int] = {}
        self._likeness: dict[_Element, Likeness] = {}
        self._nodes: list[list[Likeness]] = [[] for _ in range(self._frame + 1)]
        for element in root.iter():
            parent = element.getparent()
            owner = items.get(element, self._frame if parent is None else self._owner[parent])
            attributes = dict(element.attrib) if element.attrib else None
            made = Likeness(element.tag, attributes, None if parent is None else self._likeness[parent])
            made.text = element.text
            self._owner[element], self._likeness[element] = owner, made
            self._nodes[owner].append(made)

    def numbers(self, places: Sequence[ValuePlace]) -> list[list[int]]:
        """Give the numbers of the places in each transaction, and last in the frame.

        White space between two transactions is nobody's.
        """
        found: list[list[int]] = [[] for _ in self._nodes]
        for number, place in enumerate(places):
            element = place.element
            if not place.after:
                found[self._owner[element]].append(number)
            elif element not in self._items or element.getnext() not in self._items:
                around = element.getparent()
                found[self._frame if around is None else self._owner[around]].append(number)
        return found

    def pieces(
        self, values: Sequence[Sequence[tuple[Look, ValuePlace]]], rules: Sequence[tuple[Check, _Element]]
    ) -> list[Piece]:
        """Give the transactions, and last the frame."""
        held = [
            [(look, None if place.after else self._likeness[place.element], place.text) for look, place in own]
            for own in values
        ]
        ruled: list[list[tuple[Check, Likeness]]] = [[] for _ in self._nodes]
        for check, element in rules:
            ruled[self._owner[element]].append((check, self._likeness[element]))
        return [Piece(*each) for each in zip(self._nodes, held, ruled, strict=True)]

    def run(self, elements: Sequence[_Element], kind: str) -> _Run:
        """Say where a run of transactions stands."""
        holder = elements[0].getparent()
        assert holder is not None
        start, end = holder.index(elements[0]), holder.index(elements[-1]) + 1
        before, after = ([self._likeness[each] for each in some] for some in (holder[:start], holder[end:]))
        return _Run(kind, self._likeness[holder], before, after)


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

    def kind(self, element: _Element) -> str:
        """Give the name of an element's type."""
        type_ = self._types[element][0]
        return "" if type_ is None else type_.name

    def any_number(self, run: Sequence[_Element]) -> bool:
        """Whether more elements may follow each other in a run, or fewer, and none of them elsewhere."""
        holder = run[0].getparent()
        if holder is None or holder not in self._types or len(list(holder.iterchildren(run[0].tag))) != len(run):
            return False
        type_, name = self._types[holder][0], local_name(run[0])
        declared_so = (
            each for each in getattr(type_, "particles", ()) if isinstance(each, Element) and each.tag == name
        )
        return isinstance(type_, SequenceType) and any(each.max_occurs is None for each in declared_so)

    def at(self, place: ValuePlace) -> Look:
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
