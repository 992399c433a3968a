"""A finding: one thing that is wrong or odd in a message, in words a person can act on.

A finding is a value, never an exception. It carries no personal data: whoever makes one masks what was found.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does: an error rejects on a strict channel, a warning is kept beside the accepted message."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    ``rule`` is a stable id (``schema.pattern``); ``path`` the place in ISO names with positions where an element
    repeats (``/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/PmtId/UETR``), ``""`` where there is none; ``line`` counts
    from 1, or 0 where unknown; ``text`` says what was found and what was expected.
    """

    rule: str
    severity: Severity
    path: str
    line: int
    text: str

    def as_dict(self) -> dict[str, str | int]:
        """The form in which a finding is printed and stored as JSON."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "path": self.path,
            "line": self.line,
            "text": self.text,
        }
