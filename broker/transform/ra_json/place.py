"""Where in an RA JSON message something stands, and the findings made there.

Owns the path notation: ISO names from the root, an array's items counted from 1, the same path that the element has in
the XML (``/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/PmtId/UETR``). Must not see values.
"""

from dataclasses import dataclass, field

from broker.message.finding import Finding, Severity

Place = tuple["Place | None", str, int]
"""The place above, the member's name, the position in its array (0: not in one). Made for each member, shown rarely."""

MOST_FINDINGS = 100
"""A hostile message has as many faults as it has bytes; more than these help no one."""


@dataclass(slots=True)
class Writing:
    """One message being written: the XML so far, and what is wrong with the JSON."""

    out: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, rule: str, place: Place | None, text: str) -> None:
        """Note that something at a place breaks a rule; beyond ``MOST_FINDINGS`` it is dropped."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(rule, Severity.ERROR, path_of(place), 0, text))


def path_of(place: Place | None) -> str:
    """Give the path of a place; ``""`` for the message as a whole."""
    steps: list[str] = []
    while place is not None:
        place, name, position = place
        steps.append(f"/{name}[{position}]" if position else f"/{name}")
    return "".join(reversed(steps))
