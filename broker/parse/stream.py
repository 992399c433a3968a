"""A message of any length as a stream of slices, each a small document: the head of the message and some transactions.

Theory of operation
- The file goes through ``utf8_stream`` into libxml2's push parser, a slice of bytes at a time. Nothing is resolved,
  loaded or fetched, as in ``tree``.
- A transaction that has ended is moved out of the parser's tree into a copy of what stands before it (group header, and
  the head of its batch or statement). That small document is what validation and transformation know: a whole message
  with few transactions.
- A transaction stays where it is until another follows it: the parser may still be adding the text after it. The first
  of each group stays for good, and holds its place in the *skeleton*, the message without its transactions.
- So memory holds the skeleton, one slice of bytes and one of transactions, each within a named limit.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from lxml import etree
from lxml.etree import XPath, _Element

from broker.catalogue import Catalogue
from broker.message.failure import Failure, FailureCode
from broker.parse.limits import Limits, too_deep
from broker.parse.location import locate, split
from broker.parse.message import Parsed, header_facts
from broker.parse.tree import malformed
from broker.parse.utf8_stream import Utf8Stream

if TYPE_CHECKING:
    from broker.message.finding import Finding

_PARSER: Final = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,  # what libxml2 limits without it is one text and the depth, and ours are lower
    "recover": False,
    "remove_comments": True,
    "remove_pis": True,
    "remove_blank_text": False,
    "strip_cdata": True,
    "ns_clean": False,
    "collect_ids": False,
}
_DOCUMENT: Final = "Document"
_UNKNOWN_ENTITY: Final = re.compile(rb"&(?!(?:lt|gt|amp|quot|apos);)[^\s;<&#]+;")
_LAST_LINE: Final = 65_535  # libxml2 keeps a line in 16 bits


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """The bounds of a message that is never held whole.

    ``message`` bounds all of it. ``slice_bytes`` and ``slice_items`` are how much is worked on at a time;
    ``part_bytes`` may stand between the ends of two transactions, and in so many ``groups`` they may be.
    """

    message: Limits
    slice_bytes: int
    slice_items: int
    part_bytes: int
    groups: int


@dataclass(frozen=True, slots=True)
class Items:
    """Where a definition's transactions are: ``(message, item)`` or ``(message, group, item)``, as tags."""

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """Some transactions in a row, in a document of their own with the head of the message and of their group.

    ``group`` is the place of their group among its like, ``first`` that of the first transaction in its group and
    ``position`` the same in the message, all from 1.
    """

    document: _Element
    items: tuple[_Element, ...]
    group: int
    first: int
    position: int


class MessageStream:
    """One reading of one file. Use: ``begin``, ``slices`` to their end, then what is known of the whole."""

    def __init__(self, file: BinaryIO, limits: StreamLimits, catalogue: Catalogue) -> None:
        """``file`` stands at its beginning."""
        self.definition = ""
        self.counts: dict[int, int] = {}
        """Transactions by the place of their group, from 1, of groups that have any; complete at the end."""
        self._limits = limits
        self._catalogue = catalogue
        self._bytes = Utf8Stream(file, limits.message, limits.slice_bytes)
        self._texts = self._bytes.slices()
        self._first = b""
        self._parser: etree.XMLPullParser | None = None
        self._root: _Element | None = None
        self._too_deep = XPath("boolean(" + "/*" * (limits.message.max_depth + 1) + ")")

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file; complete at the end."""
        return self._bytes.digest

    @property
    def size(self) -> int:
        """Length of the file in bytes; complete at the end."""
        return self._bytes.size

    @property
    def finding(self) -> "Finding | None":
        """What is said of the encoding."""
        return self._bytes.finding

    @property
    def transactions(self) -> int:
        """Transactions read up to now."""
        return sum(self.counts.values())

    def drain(self) -> None:
        """Read what is left of a message that was refused, for digest and size alone."""
        self._bytes.drain()

    def begin(self) -> Failure | None:
        """Read so far that the definition is known, within the first slice of bytes."""
        first = next(self._texts)
        if isinstance(first, Failure):
            return first
        self._first = first
        at = _Place()
        at.feed(first)
        if entity := at.unknown_entity():
            return entity
        looking = etree.XMLPullParser(events=("start",), **_PARSER)
        try:
            looking.feed(first)
        except etree.XMLSyntaxError as error:
            return _malformed(error, self._limits.message)
        root: _Element | None = None
        for _, element in looking.read_events():
            root = element if root is None else root
            namespace, name = split(element.tag)
            definition = self._catalogue.by_namespace(namespace)
            if name == _DOCUMENT or (definition is not None and not definition.startswith("head.")):
                self.definition = definition or ""
                break
        if self.definition:
            return None
        located = None if root is None else locate(root, self._catalogue)
        if isinstance(located, Failure):
            return located
        text = f"No document begins within the first {self._limits.slice_bytes:,} bytes."
        return Failure(FailureCode.IDENTIFY_NO_DOCUMENT, text)

    def slices(self, items: Items) -> Iterator[Slice | Failure]:
        """Give the transactions, slice by slice; a slice is good until the next is asked for. A Failure is the last."""
        namespace = self._catalogue.schema(self.definition).namespace
        tags = tuple(f"{{{namespace}}}{tag}" for tag in items.tags)
        self._parser = parser = etree.XMLPullParser(events=("end",), tag=tags[-1:], **_PARSER)
        gathering = _Gathering(tags, f"{{{namespace}}}{_DOCUMENT}", self._limits, self.counts)
        fed = 0
        at = _Place()
        try:
            for text in self._feed():
                if isinstance(text, Failure):
                    yield text
                    return
                at.feed(text)
                if entity := at.unknown_entity():
                    yield _after(entity, self.transactions)
                    return
                parser.feed(text)
                fed += len(text)
                for _, element in parser.read_events():
                    yield from self._within(gathering.take(element, fed))
                    fed = 0
                if fed > self._limits.part_bytes or len(self.counts) > self._limits.groups:
                    yield self._too_large(fed)
                    return
            self._root = parser.close()
        except etree.XMLSyntaxError as error:
            ended = self.transactions + sum(gathering.holds(each) for _, each in parser.read_events())
            yield _after(_malformed(error, self._limits.message), ended)
            return
        yield from self._within(gathering.end())

    def skeleton(self) -> Parsed | Failure:
        """Give the message with one transaction left in each group; asked for at the end."""
        assert self._root is not None, "the slices come first"
        if self._too_deep(self._root):
            return too_deep(self._limits.message)
        located = locate(self._root, self._catalogue)
        if isinstance(located, Failure):
            return located
        header = located.header
        facts = None if header is None else header_facts(header, self._catalogue)
        findings = () if self.finding is None else (self.finding,)
        size = min(self.size, self._limits.part_bytes * (1 + len(self.counts)))
        return Parsed(located.document, located.definition, size, header, facts, located.wrapper, findings)

    def _feed(self) -> Iterator[bytes | Failure]:
        yield self._first
        yield from self._texts

    def _within(self, slices: Iterator[Slice]) -> Iterator[Slice | Failure]:
        for each in slices:
            yield too_deep(self._limits.message) if self._too_deep(each.document) else each

    def _too_large(self, fed: int) -> Failure:
        if fed > self._limits.part_bytes:
            where = f"After transaction {self.transactions:,} come more than the {self._limits.part_bytes:,} bytes"
        else:
            where = f"The transactions are in more than the {self._limits.groups:,} groups"
        return Failure(FailureCode.RECEIVE_TOO_LARGE, f"{where} that are accepted.")


class _Gathering:
    """Moves transactions into small documents."""

    def __init__(self, tags: tuple[str, ...], document: str, limits: StreamLimits, counts: dict[int, int]) -> None:
        self._tags = tags
        self._document = document
        self._limits = limits
        self._counts = counts
        self._held: _Element | None = None
        self._first: _Element | None = None
        self._group: _Element | None = None
        self._copy: _Element | None = None
        self._held_at = 0
        self._bytes = 0
        self._place = 0
        self._given = 0
        self._given_before = 0

    def take(self, item: _Element, size: int) -> Iterator[Slice]:
        """Take a transaction that ended ``size`` bytes after the last; the one before it may go now."""
        if not self.holds(item):
            return
        group = item.getparent()
        if group is not self._group:
            yield from self.end()
            self._begin(group, item)
            self._first = item
        elif self._held is not None:
            self._let_go(self._held)
            assert self._copy is not None
            full = len(self._copy) - self._held_at >= self._limits.slice_items
            if full or self._bytes > self._limits.slice_bytes:
                yield from self._slice()
        self._held = item
        self._bytes += size
        self._counts[self._place] += 1

    def end(self) -> Iterator[Slice]:
        """Give what is left of the group, which has ended."""
        if self._held is not None and self._copy is not None:
            self._let_go(self._held)
            yield from self._slice()
        self._held = None

    def _let_go(self, item: _Element) -> None:
        """Move a transaction to the slice; the first of a group stays in the skeleton."""
        assert self._copy is not None
        self._copy.append(copy.deepcopy(item) if item is self._first else item)

    def holds(self, item: _Element) -> bool:
        """Whether an element of that name is a transaction, by where it stands."""
        parent = item
        for tag in reversed(self._tags[:-1]):
            above = parent.getparent()
            if above is None or above.tag != tag:
                return False
            parent = above
        return True

    def _begin(self, group: _Element, item: _Element) -> None:
        """Copy what stands before the first transaction: of the message, and of the group where there are groups."""
        self._place = self._place_of(group)
        self._counts[self._place] = 0
        self._group, self._given_before, self._given = group, self._given_before + self._given, 0
        message = group if len(self._tags) == 2 else group.getparent()  # noqa: PLR2004  no groups
        document = etree.Element(self._document, nsmap=message.nsmap)
        document.sourceline = _line(message)
        copied = _shell(message, document)
        if message is not group:
            copied.extend(_before(group))
            copied = _shell(group, copied)
        copied.extend(_before(item))
        self._copy, self._held_at = copied, len(copied)

    def _place_of(self, group: _Element) -> int:
        place = 1
        for each in group.itersiblings(group.tag, preceding=True):
            if each is self._group:
                return self._place + place
            place += 1
        return place

    def _slice(self) -> Iterator[Slice]:
        assert self._copy is not None
        items = tuple(self._copy[self._held_at :])
        first = self._given + 1
        root = self._copy.getroottree().getroot()
        yield Slice(root, items, self._place, first, self._given_before + first)
        self._given += len(items)
        self._bytes = 0
        del self._copy[self._held_at :]


def _before(element: _Element) -> list[_Element]:
    """Copies of what stands before an element, without what is called like it."""
    return [copy.deepcopy(each) for each in element.itersiblings(preceding=True) if each.tag != element.tag][::-1]


def _shell(element: _Element, parent: _Element) -> _Element:
    made = etree.SubElement(parent, element.tag, dict(element.attrib), nsmap=element.nsmap)
    made.sourceline = _line(element)
    return made


def _line(element: _Element) -> int:
    return min(element.sourceline or 0, _LAST_LINE)


@dataclass(slots=True)
class _Place:
    """How far the parser was fed, and what it must not be fed: an entity that XML does not have.

    At one, lxml's push parser ends the document without an error, and takes what it is fed next for another. So it is
    looked for in the bytes, in CDATA and comments too.
    """

    earlier: bytes = b""
    last: bytes = b""
    lines: int = 0
    column: int = 0

    def feed(self, text: bytes) -> None:
        """Take the next slice; the one before it is kept, since an entity may begin in it."""
        lines = self.earlier.count(b"\n")
        self.lines += lines
        self.column = len(self.earlier) - self.earlier.rfind(b"\n") - 1 + (0 if lines else self.column)
        self.earlier, self.last = self.last, text

    def unknown_entity(self) -> Failure | None:
        """The failure of the first entity in both slices that XML does not have; None where there is none."""
        if b"&" not in self.last and b"&" not in self.earlier:
            return None
        text = self.earlier + self.last
        found = _UNKNOWN_ENTITY.search(text)
        if found is None:
            return None
        before = text[: found.end()]
        column = len(before) - before.rfind(b"\n") + (0 if b"\n" in before else self.column)
        return malformed(etree.ErrorTypes.ERR_UNDECLARED_ENTITY, (self.lines + before.count(b"\n") + 1, column))


def _malformed(error: etree.XMLSyntaxError, limits: Limits) -> Failure:
    if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return too_deep(limits)
    return malformed(error.code, error.position)


def _after(failure: Failure, transactions: int) -> Failure:
    where = f" It is after transaction {transactions:,}." if transactions else ""
    return Failure(failure.code, failure.text + where)
