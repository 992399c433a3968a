"""``header.*``: the business application header by its own schema, and against the document it stands beside.

``MsgDefIdr`` "contains the MessageIdentifier that defines the BusinessMessage" (head.001, every version): it is the
document's definition, and a header that says another was written for another message.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from lxml.etree import _Element

from broker.catalogue import Catalogue
from broker.message.finding import Finding, Severity
from broker.message.header import BusinessHeader
from broker.validate.found import shown_definition
from broker.validate.schema import explained
from broker.validate.subject import Subject
from broker.validate.wide import reports_on

DEFINITION: Final = "header.definition"
UNKNOWN: Final = "header.schema.unknown"
_PATH: Final = "/AppHdr"


def check(subject: Subject, catalogue: Catalogue) -> Iterable[Finding]:
    """Check the header of a message that has one."""
    if subject.header is None or subject.header_facts is None:
        return ()
    facts = subject.header_facts
    if facts.definition not in catalogue:
        return (_unknown(subject.header, facts),)
    reports = reports_on(subject.header, catalogue.validator(facts.definition), subject.size)
    found = () if reports is None else explained(reports, catalogue.schema(facts.definition), "header.schema")
    base = subject.definition.partition("@")[0]  # a usage guideline narrows the definition and keeps its name
    return [*found, *_agreement(subject.header, facts, base)]


def _unknown(header: _Element, facts: BusinessHeader) -> Finding:
    found = f"a header of {shown_definition(facts.definition)}" if facts.definition else "a header without a namespace"
    text = f"found {found}, which is not in the catalogue; expected head.001.001.01 to .04"
    return Finding(UNKNOWN, Severity.ERROR, _PATH, header.sourceline or 0, text)


def _agreement(header: _Element, facts: BusinessHeader, definition: str) -> Iterator[Finding]:
    said = facts.message_definition
    if said and said != definition:  # an empty one breaks the header's schema
        element = next(header.iterchildren("{*}MsgDefIdr"), None)
        line = 0 if element is None else element.sourceline
        text = f"found {shown_definition(said)}; expected {definition}, the definition of the document"
        yield Finding(DEFINITION, Severity.ERROR, f"{_PATH}/MsgDefIdr", line, text)
