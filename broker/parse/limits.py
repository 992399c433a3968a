"""How large a message may be: bytes, elements, attributes, depth and text, each a named failure.

What arrives is hostile until it is measured, and measuring must cost next to nothing for the message of 2 KB that is
the rule. So each check first asks whether the limit *can* be exceeded, of the length or by one count over the bytes,
and only then looks exactly. Markup is counted in the bytes before the parser builds anything; depth and text, which
bytes do not show, are measured in the tree by libxml2's own XPath. Nothing here walks a tree in Python.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lxml.etree import XPath, _Element

from broker.message.failure import Failure, FailureCode

DOCUMENT_TYPE: Final = (b"<!DOCTYPE", b"<!ENTITY")

_SHORTEST_ELEMENT: Final = len(b"<a/>")
_FROM_EQUALS_TO_NEXT_MARKUP: Final = re.compile(rb"=[^<]*")
_START_TAG: Final = re.compile(rb"<[^\s<>/!?\"'=][^<>\"']*(?:\"[^<\"]*\"[^<>\"']*|'[^<']*'[^<>\"']*)*")
_ATTRIBUTE: Final = re.compile(rb"=\s*(?:\"[^<\"]*\"|'[^<']*')")
# What is never closed hides the rest: without \Z each of many openings would be searched to the end for its closing.
_HIDDEN: Final = re.compile(rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_DEEPEST: Final = 255  # libxml2's xmlParserMaxDepth, less the document itself
_LONGEST_TEXT: Final = 10_000_000  # libxml2's XML_MAX_TEXT_LENGTH


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one message; each may be met and not exceeded.

    ``max_bytes`` counts what is received, ``max_attributes`` those of one element, namespace declarations included,
    ``max_depth`` nested elements, ``max_text_characters`` one element's text. libxml2 itself stops at a depth of 255
    and a text of 10,000,000 bytes: higher values here change nothing.
    """

    max_bytes: int
    max_elements: int
    max_attributes: int
    max_depth: int
    max_text_characters: int


def refuse_size(body: bytes, limits: Limits) -> Failure | None:
    """Refuse the received bytes where there are none or too many."""
    if not body or body.isspace():
        return Failure(FailureCode.RECEIVE_EMPTY, "The message is empty.")
    if len(body) > limits.max_bytes:
        text = f"The message has {len(body):,} bytes; at most {limits.max_bytes:,} are accepted."
        return Failure(FailureCode.RECEIVE_TOO_LARGE, text)
    return None


def refuse_markup(utf8: bytes, limits: Limits) -> Failure | None:
    """Refuse, before the parser sees it, a document type, too many elements, or too many attributes of one element.

    ``utf8`` is the whole message in UTF-8. A document type is refused wherever its letters stand, in a comment or
    CDATA section too: the standard has no use for it.
    """
    if b"<!" in utf8:
        for declaration in DOCUMENT_TYPE:
            if declaration in utf8:
                text = f"The message has a {declaration.decode()}> declaration; ISO 20022 messages have none."
                return Failure(FailureCode.PARSE_DOCTYPE, text)
    if len(utf8) // _SHORTEST_ELEMENT > limits.max_elements:
        elements = _start_tags(utf8)
        if elements > limits.max_elements:
            elements = _start_tags(_visible(utf8))
        if elements > limits.max_elements:
            text = f"The message has {elements:,} elements; at most {limits.max_elements:,} are accepted."
            return Failure(FailureCode.PARSE_TOO_MANY_ELEMENTS, text)
    if utf8.count(b"=") > limits.max_attributes:
        return _refuse_attributes(utf8, limits.max_attributes)
    return None


def refuse_tree(root: _Element, utf8: bytes, limits: Limits) -> Failure | None:
    """Refuse a tree that is too deep or has a text that is too long; ``utf8`` is what it was made of."""
    size = len(utf8)
    # An element with others in it has a start tag and an end tag.
    if utf8.count(b"<") > 2 * limits.max_depth and _elements_at(limits.max_depth + 1)(root):
        return too_deep(limits)
    limit = limits.max_text_characters
    # Where markup is hidden a text may go on across it, so that the run of bytes says nothing.
    if size > limit and (_hides_markup(utf8) or longest_run(utf8, limit)) and _texts_over(limit)(root):
        return text_too_long(limits)
    return None


def too_deep(limits: Limits) -> Failure:
    """The failure of a message nested too deep; the depth itself is not measured."""
    depth = min(limits.max_depth, _DEEPEST)
    return Failure(FailureCode.PARSE_TOO_DEEP, f"Elements are nested deeper than the {depth} accepted.")


def text_too_long(limits: Limits) -> Failure:
    """The failure of a message with a text over the limit."""
    length = min(limits.max_text_characters, _LONGEST_TEXT)
    text = f"A text is longer than the {length:,} characters accepted."
    return Failure(FailureCode.PARSE_TEXT_TOO_LONG, text)


def longest_run(utf8: bytes, over: int) -> bool:
    """Whether more than ``over`` bytes stand between one ``<`` and the next: so much can one text or tag have.

    Looks at one byte in ``over``, so that it costs nothing where markup is dense.
    """
    place = 0
    while place + over < len(utf8):
        markup = utf8.rfind(b"<", place + 1, place + over + 1)
        if markup < 0:
            return True
        place = markup
    return False


def _start_tags(utf8: bytes) -> int:
    return utf8.count(b"<") - utf8.count(b"</") - utf8.startswith(b"<?")


def _hides_markup(utf8: bytes) -> bool:
    return b"<!" in utf8 or utf8.find(b"<?", 1) >= 0


def _visible(utf8: bytes) -> bytes:
    """The message without comments, CDATA sections and processing instructions, in which a ``<`` is no markup."""
    return _HIDDEN.sub(b"", utf8) if _hides_markup(utf8) else utf8


def _refuse_attributes(utf8: bytes, limit: int) -> Failure | None:
    utf8 = _visible(utf8)
    for run in _FROM_EQUALS_TO_NEXT_MARKUP.finditer(utf8):
        if run.group().count(b"=") <= limit:
            continue
        tag = _START_TAG.match(utf8, utf8.rfind(b"<", 0, run.start()))
        attributes = len(_ATTRIBUTE.findall(tag.group())) if tag else 0
        if attributes > limit:
            text = f"An element has {attributes:,} attributes; at most {limit} are accepted."
            return Failure(FailureCode.PARSE_TOO_MANY_ATTRIBUTES, text)
    return None


@lru_cache(maxsize=8)
def _elements_at(depth: int) -> XPath:
    return XPath("boolean(" + "/*" * depth + ")")


@lru_cache(maxsize=8)
def _texts_over(limit: int) -> XPath:
    return XPath(f"boolean(//text()[string-length() > {limit}] | //@*[string-length() > {limit}])")
