"""``validate``: every family of rules over one message."""

import math
from collections.abc import Callable, Iterable
from typing import Final

from broker.catalogue import Catalogue
from broker.message.finding import Finding
from broker.validate import header, schema
from broker.validate.rules import Run, check_tree
from broker.validate.subject import Subject

Family = Callable[[Subject, Catalogue], Iterable[Finding]]

FAMILIES: Final[tuple[Family, ...]] = (header.check, schema.check)
"""The families in the order of the message: what comes first is told first where lines are equal."""


def validate(subject: Subject, catalogue: Catalogue, run: Run | None = None) -> tuple[Finding, ...]:
    """Give what is wrong or odd in a message, by line, unknown lines last; nothing for a message that is right.

    What parsing found about its bytes is not repeated here. Values that may identify a person are
    masked. Equal messages give equal findings. Raises nothing for what a message holds. ``run`` is given where the
    document is a slice of a message: what the rules remember of the slices before it.
    """
    findings: list[Finding] = []
    for check in FAMILIES:
        findings += check(subject, catalogue)
    # The rules are for the parts that their schemas accept: in others a value may be anything.
    header_facts = subject.header_facts
    sound_header = not _any(findings, "header.schema.")
    sound_document = not _any(findings, "schema.")
    if subject.header is not None and header_facts is not None and sound_header:
        findings += check_tree(subject.header, catalogue.schema(header_facts.definition))
    if sound_document:
        findings += check_tree(subject.document, catalogue.schema(subject.definition), run)
    findings.sort(key=_line)  # stable: within a line the order of the families and of the schema's report stays
    return tuple(findings)


def _any(findings: Iterable[Finding], family: str) -> bool:
    return any(finding.rule.startswith(family) for finding in findings)


def _line(finding: Finding) -> float:
    return finding.line or math.inf
