"""What is lost when a message is said in another form: named by place and rule, so that a machine can decide.

Owns the values only; who converts finds the losses, who calls decides whether they may be. A loss never shows the
value that was lost: place, rule and the limit it broke, no more.
"""

from dataclasses import dataclass

from broker.message.finding import Finding, Severity


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """One value that the target cannot hold.

    ``path`` is the value's place in the source: ISO names with positions where the source is a message
    (``/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/PmtId/UETR``), ``$`` and field names where it is an event
    (``$.references.uetr``; of several events ``$[2].references.uetr``, counted from 0). ``rule`` is a stable id:
    ``mapping.not-representable`` (no place there), or the rule of RA JSON that the value breaks there (``json.length``,
    ``json.enumeration``). ``text`` is one sentence.
    """

    path: str
    rule: str
    text: str

    def as_dict(self) -> dict[str, str]:
        """The form in which a loss is printed and stored as JSON."""
        return {"path": self.path, "rule": self.rule, "text": self.text}

    def as_finding(self, severity: Severity) -> Finding:
        """The loss as a finding: an error where losses are refused, a warning where they are let go."""
        return Finding(self.rule, severity, self.path, 0, self.text)


@dataclass(frozen=True, slots=True)
class LossReport:
    """All that was lost on one way; ``source`` and ``target`` are message definitions, or event types.

    Losses stand in the order of the source. None at all: the target says everything that the source says.
    """

    source: str
    target: str
    losses: tuple[Loss, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """``{"source", "target", "losses": [{"path", "rule", "text"}, …]}``, ready for JSON."""
        return {"source": self.source, "target": self.target, "losses": [each.as_dict() for each in self.losses]}
