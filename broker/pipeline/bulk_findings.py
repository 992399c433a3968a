"""The findings of a bulk message as they come, slice by slice, told in the end as those of the message in memory."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from broker.message.finding import Finding, Severity
from broker.pipeline.bulk_place import ITEMS, ItemPaths
from broker.validate.rules import MOST_FINDINGS, more_findings

_KEPT: Final = 10 * MOST_FINDINGS  # of the document's schema, and of its rules


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding and where it stands: in the head, the transactions or the tail of a group.

    Of one in a transaction ``number`` is which of its group, and ``rest`` the way on; ``order`` sorts those around.
    """

    finding: Finding
    group: int
    phase: int
    number: int = 0
    rest: str = ""
    order: tuple[int, ...] = ()

    @property
    def place(self) -> tuple[int, int, int, tuple[int, ...]]:
        """What it is sorted by in the order of the document."""
        return self.group, self.phase, self.number, self.order


class Findings:
    """Keeps what is told and counts the rest, for the schema and the rules of the document each on their own."""

    def __init__(self, paths: ItemPaths) -> None:
        """Nothing was found."""
        self.wrong = False
        self.of_schema = False
        self._paths = paths
        self._schema, self._rules, self._others = _Kept(), _Kept(), _Kept()

    def add(self, placed: Placed) -> None:
        """Take one more; those in transactions come in the order of the document."""
        found = placed.finding
        self.wrong = self.wrong or found.severity is Severity.ERROR
        if found.rule.startswith("schema."):
            self.of_schema = True
            self._schema.add(placed)
        elif found.path.startswith(self._paths.root) and not found.rule.startswith("header."):
            self._rules.add(placed)
        else:
            self._others.add(placed)

    def told(self, groups: int, counts: Mapping[int, int], *, parked: bool = False) -> tuple[Finding, ...]:
        """Give them by line and place, of ``groups`` with so many transactions each.

        Rules are not asked of what the schema refuses; but what it refuses may be ``parked``.
        """
        kept = [*self._others.kept]
        ended: list[Finding] = []
        kept += self._schema.first(ended, _more_of_schema)
        if parked or not self.of_schema:
            kept += self._rules.first(ended, lambda more: more_findings(more.count, wrong=more.wrong))
        kept.sort(key=lambda each: (each.finding.line or math.inf, *each.place))
        return (*(self._named(each, groups, counts) for each in kept), *ended)

    def _named(self, placed: Placed, groups: int, counts: Mapping[int, int]) -> Finding:
        """The finding with its place in the whole message."""
        if placed.phase != ITEMS:
            return placed.finding
        path = self._paths.named(placed.rest, (placed.group, placed.number), groups, counts)
        return replace(placed.finding, path=path)


@dataclass(slots=True)
class _More:
    """What is counted alone."""

    count: int = 0
    wrong: bool = False

    def add(self, finding: Finding) -> None:
        self.count += 1
        self.wrong = self.wrong or finding.severity is Severity.ERROR


@dataclass(slots=True)
class _Kept:
    """Findings of one kind in the order they came."""

    kept: list[Placed] = field(default_factory=list)
    more: _More = field(default_factory=_More)

    def add(self, placed: Placed) -> None:
        if len(self.kept) < _KEPT:
            self.kept.append(placed)
        else:
            self.more.add(placed.finding)

    def first(self, ended: list[Finding], last: Callable[[_More], Finding]) -> list[Placed]:
        """Give the first in the order of the document; the ``last`` that counts the others goes to ``ended``."""
        self.kept.sort(key=lambda each: each.place)
        for each in self.kept[MOST_FINDINGS:]:
            self.more.add(each.finding)
        if self.more.count:
            ended.append(last(self.more))
        return self.kept[:MOST_FINDINGS]


def _more_of_schema(more: _More) -> Finding:
    text = f"found {more.count:,} more problems; mend the first {MOST_FINDINGS} and check again"
    return Finding("schema.more", Severity.ERROR, "", 0, text)
