"""What the verifier says of a tenant's log: that it holds, or the first thing that is wrong and where."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong. ``tree`` is a tree's row or tile, ``unsigned`` a log that no signed head proves any of."""

    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    CUT_OFF = "cut-off"
    ADDED = "added"
    STRAY = "stray"
    FORGED_CHECKPOINT = "forged-checkpoint"
    UNKNOWN_KEY = "unknown-key"
    TREE = "tree"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Problem:
    """The first thing that is wrong.

    ``first`` is the index of the first wrong entry and ``last`` equals it where the entry is known exactly; else the
    wrong one lies from ``first`` to ``last``, both included. Both are None where no indexed entry is concerned.
    ``text`` says what was found against what, and holds nothing of an entry's content.
    """

    fault: Fault
    first: int | None
    last: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One tenant's log: entries in its tree, how many of them signed heads prove, and what is wrong, if anything.

    ``checkpoints`` counts the signed heads that were held against the entries, ``waiting`` the entries without index.
    """

    tenant: str
    size: int
    proven: int
    checkpoints: int
    waiting: int
    problem: Problem | None

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None

    def as_dict(self) -> dict[str, object]:
        """The form in which a verdict is printed as JSON."""
        problem = self.problem
        return {
            "tenant": self.tenant,
            "holds": self.holds,
            "size": self.size,
            "proven": self.proven,
            "checkpoints": self.checkpoints,
            "waiting": self.waiting,
            "problem": None
            if problem is None
            else {"fault": problem.fault.value, "first": problem.first, "last": problem.last, "text": problem.text},
        }
