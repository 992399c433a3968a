"""``parse``: the received bytes of one message to its tree, definition and header."""

from dataclasses import dataclass

from lxml.etree import _Element

from broker.catalogue import Catalogue
from broker.message.failure import Failure
from broker.message.finding import Finding
from broker.message.header import BusinessHeader
from broker.parse.encoding import to_utf8
from broker.parse.header import read_header
from broker.parse.limits import Limits, refuse_size
from broker.parse.location import locate, split
from broker.parse.tree import to_tree


@dataclass(frozen=True, slots=True)
class Parsed:
    """A well-formed message of a known definition; whether it is valid is not known yet.

    ``document`` is the definition's root element (``Document``, or ``AppHdr`` or ``Xchg`` sent alone), in its wrapper
    where there is one. ``header`` is the ``AppHdr`` beside it and ``header_facts`` what it says. ``wrapper`` is the
    outermost element in Clark notation, None for a bare document. ``findings`` are warnings about the bytes, of which
    there are ``size`` in UTF-8: what a message can hold, and what looking at it can cost, is bounded by it.
    """

    document: _Element
    definition: str
    size: int
    header: _Element | None = None
    header_facts: BusinessHeader | None = None
    wrapper: str | None = None
    findings: tuple[Finding, ...] = ()


def parse(body: bytes, limits: Limits, catalogue: Catalogue) -> Parsed | Failure:
    """Parse one message as it was received.

    Gives the tree, or the first reason to refuse it (``receive.empty``, ``receive.too-large``, ``parse.*``,
    ``identify.*``). Never raises for what a message holds. Equal bytes give equal results; nothing is fetched.
    """
    refused = refuse_size(body, limits)
    if refused is not None:
        return refused
    utf8 = to_utf8(body)
    if isinstance(utf8, Failure):
        return utf8
    root = to_tree(utf8.text, limits)
    if isinstance(root, Failure):
        return root
    located = locate(root, catalogue)
    if isinstance(located, Failure):
        return located
    return Parsed(
        located.document,
        located.definition,
        len(utf8.text),
        located.header,
        None if located.header is None else header_facts(located.header, catalogue),
        located.wrapper,
        () if utf8.finding is None else (utf8.finding,),
    )


def header_facts(header: _Element, catalogue: Catalogue) -> BusinessHeader:
    """What a header says, by the definition that its namespace names."""
    namespace, _ = split(header.tag)
    # A header version that is not in the catalogue is read all the same; validation says that it is unknown.
    return read_header(header, catalogue.by_namespace(namespace) or namespace.rpartition(":")[2])
