"""The XML parser: well-formed UTF-8 to a tree, with nothing resolved, loaded or fetched.

Comments and processing instructions are dropped, because ``100<!-- -->.00`` would read as ``100`` otherwise; CDATA
becomes text. What is malformed is told by libxml2's error code and place alone: its messages quote the document.
"""

from typing import Final

from lxml import etree
from lxml.etree import _Element

from broker.message.failure import Failure, FailureCode
from broker.parse.limits import Limits, longest_run, refuse_markup, refuse_tree, text_too_long, too_deep

# The encoding is settled before: whatever the declaration says, the bytes are UTF-8.
_PARSER: Final = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    attribute_defaults=False,
    huge_tree=False,
    recover=False,
    remove_comments=True,
    remove_pis=True,
    remove_blank_text=False,  # white space is part of what a signature covers
    strip_cdata=True,
    ns_clean=False,
    collect_ids=False,
)
_LONGEST_TEXT_BYTES: Final = 9_999_000  # libxml2's XML_MAX_TEXT_LENGTH, less the tag before the text

_E: Final = etree.ErrorTypes
_WORDS: Final = {
    _E.ERR_DOCUMENT_EMPTY: "there is no element",
    _E.ERR_DOCUMENT_END: "something follows the end of the root element",
    _E.ERR_TAG_NAME_MISMATCH: "an end tag does not match its start tag",
    _E.ERR_TAG_NOT_FINISHED: "it ends before the last element is closed, as if it were cut off",
    _E.ERR_GT_REQUIRED: "a tag is not closed by >",
    _E.ERR_LT_IN_ATTRIBUTE: "a < stands in an attribute; write &lt;",
    _E.ERR_NAME_REQUIRED: "a name is missing, or a < or & stands in text; write &lt; or &amp;",
    _E.ERR_ENTITYREF_SEMICOL_MISSING: "an & stands in text; write &amp;",
    _E.ERR_UNDECLARED_ENTITY: "an entity is used that XML does not have; only lt, gt, amp, quot and apos exist",
    _E.ERR_INVALID_CHAR: "a character stands there that XML does not allow",
    _E.ERR_INVALID_CHARREF: "a character reference is not a character XML allows",
    _E.ERR_ATTRIBUTE_REDEFINED: "an attribute occurs twice",
    _E.ERR_ATTRIBUTE_NOT_STARTED: "an attribute's value has no quotes",
    _E.ERR_MISPLACED_CDATA_END: "]]> stands in text; write ]]&gt;",
    _E.ERR_NAME_TOO_LONG: "a name is longer than any name is",
    _E.ERR_RESERVED_XML_NAME: "an XML declaration stands in the middle",
    _E.NS_ERR_UNDEFINED_NAMESPACE: "a namespace prefix is used that nothing declares",
}


def to_tree(utf8: bytes, limits: Limits) -> _Element | Failure:
    """Give the root of a well-formed message within its limits. ``utf8`` is UTF-8 whatever its declaration says."""
    refused = refuse_markup(utf8, limits)
    if refused is not None:
        return refused
    try:
        root = etree.fromstring(utf8, _PARSER)
    except etree.XMLSyntaxError as error:
        return _malformed(error.code, error.position, utf8, limits)
    return refuse_tree(root, utf8, limits) or root


def _malformed(code: int | None, position: tuple[int, int], utf8: bytes, limits: Limits) -> Failure:
    if code == _E.ERR_RESOURCE_LIMIT:
        # One code for both of libxml2's own limits; the bytes tell which of them was met.
        return text_too_long(limits) if longest_run(utf8, _LONGEST_TEXT_BYTES) else too_deep(limits)
    return malformed(code, position)


def malformed(code: int | None, position: tuple[int, int]) -> Failure:
    """The failure of a message that is not well-formed, by libxml2's error code and place."""
    what = _WORDS.get(code, f"libxml2 error {code}")
    line, column = position
    return Failure(FailureCode.PARSE_MALFORMED, f"Not well-formed XML at line {line}, column {column}: {what}.")
