"""A second opinion on a document, from a validator that shares no code with libxml2: the package xmlschema.

Some forty times slower, so it is asked for (`broker validate --second-opinion`), never on a message's way. It is handed
trees only: given a text it might take it for a path, and nothing may make it fetch a schema that a message names.
"""

from functools import lru_cache
from typing import Final

import xmlschema
from lxml import etree

from broker.catalogue import Catalogue
from broker.message.finding import Finding, Severity
from broker.validate.subject import Subject

RULE: Final = "second-opinion.differs"
_KEPT: Final = 20


def second_opinion(subject: Subject, catalogue: Catalogue, *, schema_valid: bool) -> Finding | None:
    """Give a warning where xmlschema's verdict on the document is not ``schema_valid``; None where both agree."""
    wrong = next(iter(_schema(subject.definition, catalogue).iter_errors(subject.document)), None)
    if (wrong is None) == schema_valid:
        return None
    text = (
        "xmlschema finds the document valid, libxml2 does not."
        if wrong is None
        else "libxml2 finds the document valid, xmlschema does not."
    )
    return Finding(RULE, Severity.WARNING, (wrong.path if wrong else None) or "", 0, text)


@lru_cache(_KEPT)
def _schema(definition: str, catalogue: Catalogue) -> xmlschema.XMLSchema10:
    tree = etree.fromstring(catalogue.xsd(definition).encode())
    return xmlschema.XMLSchema10(tree, allow="none", defuse="never", use_fallback=False)
