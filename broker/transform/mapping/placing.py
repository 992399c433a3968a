"""Puts values into an RA JSON object that is being made, by several fields and several events.

Two that say the same agree; two that say different things of one place contradict each other, and nothing is
overwritten. Owns also what is noted on the way: losses (the definition cannot hold a value) and findings (the events do
not make one message).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from broker.message.finding import Finding, Severity
from broker.transform.loss import Loss
from broker.transform.mapping.bound import BoundPath
from broker.transform.mapping.schema_view import Step

NOT_REPRESENTABLE = "mapping.not-representable"
CONTRADICTION = "mapping.contradiction"

Scopes = tuple[dict[str, Any], ...]
"""The RA JSON objects around, from the message inward."""


@dataclass(slots=True)
class Trouble:
    """What is noted while writing. Places are those of the canonical data (``$.debtor.name``), never its values."""

    definition: str
    losses: list[Loss] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def no_place(self, at: str) -> None:
        """Note a value that the definition has no place for."""
        self.losses.append(Loss(at, NOT_REPRESENTABLE, f"{self.definition} has no place for this value"))

    def too_many(self, at: str, most: int) -> None:
        """Note an item of a list beyond those that the definition can hold."""
        text = f"{self.definition} has a place for {most} of these"
        self.losses.append(Loss(at, NOT_REPRESENTABLE, text))

    def unfit(self, at: str, wrong: tuple[str, str]) -> None:
        """Note a value that its place in the definition cannot hold; ``wrong`` is the rule and what is expected."""
        rule, expected = wrong
        self.losses.append(Loss(at, rule, f"{self.definition}: {expected}"))

    def contradiction(self, at: str, path: str) -> None:
        """Note that a value's place already says something else."""
        text = f"{path} is said differently by another event or field of the same message"
        self.findings.append(Finding(CONTRADICTION, Severity.ERROR, at, 0, text))


def place(scopes: Scopes, path: BoundPath, value: Any) -> bool:  # noqa: ANN401 - any RA JSON value
    """Put a value at the end of a path, making the objects on the way; False where something else stands there.

    A path of no steps merges an object here. A repeating element on the way means its first; where it is a choice, the
    first that has not taken another branch.
    """
    node = scopes[path.scope]
    if not path.steps:
        return _merge(node, value)
    for step, below in itertools.pairwise(path.steps):
        node = down(node, step, below=below)
    last = path.steps[-1]
    return put(node, last.tag, [value] if last.many else value)


def put(node: dict[str, Any], tag: str, value: Any) -> bool:  # noqa: ANN401 - any RA JSON value
    """Put a member into an object; objects are merged, all else must be equal to what is there."""
    there = node.get(tag)
    if there is None:
        node[tag] = value
        return True
    if isinstance(there, dict) and isinstance(value, dict):
        return _merge(there, value)
    same: bool = there == value
    return same


def down(node: dict[str, Any], step: Step, number: int = 0, *, below: Step | None = None) -> dict[str, Any]:
    """Give the object below a step, making it where it is not there; ``number`` counts from 0 where it repeats.

    Counted are those in which ``below`` can stand: of a choice only one branch can.
    """
    if not step.many:
        child: dict[str, Any] = node.setdefault(step.tag, {})
        return child
    several: list[dict[str, Any]] = node.setdefault(step.tag, [])
    others = below.branches - {below.tag} if below else frozenset()
    open_ones = [each for each in several if not others & each.keys()] if others else several
    while len(open_ones) <= number:
        open_ones.append({})
        if open_ones is not several:
            several.append(open_ones[-1])
    return open_ones[number]


def look(node: Any, tags: Sequence[str]) -> Any:  # noqa: ANN401 - any RA JSON value
    """Give what stands at the end of the tags, the first of what repeats; None where nothing does."""
    for tag in tags:
        node = node[0] if isinstance(node, list) and node else node
        if not isinstance(node, dict):
            return None
        node = node.get(tag)
    return node


def _merge(there: dict[str, Any], value: Mapping[str, Any]) -> bool:
    agreed = True
    for tag, each in value.items():
        agreed = put(there, tag, each) and agreed
    return agreed
