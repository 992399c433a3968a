"""Totals of a message that comes in slices: what its heads say of its transactions, against the transactions.

The rules are ``total.*`` and ``entry.*`` themselves; here only what they compare with grows as the slices pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from lxml.etree import _Element

from broker.catalogue import Schema
from broker.message.finding import Finding
from broker.parse.stream import Items
from broker.pipeline.bulk_place import WITH_GROUPS
from broker.validate.rules import entry, findings_of, total
from broker.validate.rules.tree import Path, first, path

if TYPE_CHECKING:
    from broker.validate.rules.rule import Breach

_ENTRIES: Final = ("camt.052", "camt.053", "camt.054")


@dataclass(slots=True)
class Sum:
    """A number of transactions and what they come to, in each reading; None where one of them has no such amount."""

    count: int = 0
    totals: list[Decimal | None] = field(default_factory=list)
    seen: set[str | None] = field(default_factory=set)

    def add(self, amounts: Sequence[Decimal | None], currency: str | None = None) -> None:
        """Count one transaction in; ``currency`` is that of its amount in the first reading."""
        self.count += 1
        sums = self.totals or [Decimal(0)] * len(amounts)
        self.totals = [
            None if sum_ is None or each is None else sum_ + each for sum_, each in zip(sums, amounts, strict=True)
        ]
        if currency is not None:
            self.seen.add(currency)

    def sum_of(self, reading: int) -> Decimal | None:
        """What they come to in one reading."""
        return self.totals[reading]

    def currencies(self) -> set[str | None]:
        """Of the amounts in the first reading."""
        return self.seen

    @property
    def shown(self) -> str:
        """The first reading that every transaction has, as text; empty where there is none."""
        return next((f"{sum_:f}" for sum_ in self.totals if sum_ is not None), "")


class Totals:
    """The sums of one message: of all, of each group, and of each side of an account's entries."""

    def __init__(self, schema: Schema, items: Items) -> None:
        """``items`` says where the transactions are; of others the rules of totals say nothing here."""
        self.all = Sum()
        start, family = f"{{{schema.namespace}}}", schema.definition[:8]
        along = "/".join(items.tags[1:])
        self._schema = schema
        self._comparisons = tuple(
            total.Comparison(start, each)
            for each in total.TOTALS.get(family, ())
            if (items.tags[-1] if each.inside else along) in each.transactions
        )
        self._report = entry.report_of(start) if family in _ENTRIES else None
        self._readings: Sequence[Sequence[Path]] = ()
        if self._comparisons:
            self._readings = self._comparisons[0].readings
        elif self._report is not None:
            self._readings = ((path(start, "Amt"),),)
        self._group = start + items.tags[1] if len(items.tags) == WITH_GROUPS else None
        self._sums: dict[int, Sum] = {}
        self._tallies: dict[int, entry.Tally] = {}

    def amounts(self, item: _Element) -> list[Decimal | None]:
        """A transaction's amount in each reading."""
        return [total.amount_of(item, reading) for reading in self._readings]

    def add(self, item: _Element, group: int, amounts: Sequence[Decimal | None]) -> None:
        """Count a transaction of a group in."""
        amount = first(item, self._readings[0][0]) if self._readings else None
        currency = None if amount is None else amount.get("Ccy")
        self.all.add(amounts, currency)
        if self._group is None:
            return
        if self._report is None:
            self._sums.setdefault(group, Sum()).add(amounts, currency)
            return
        if group not in self._tallies:
            holder = item.getparent()
            assert holder is not None
            self._tallies[group] = self._report.tally(holder)
        self._report.add(item, self._tallies[group])

    def findings(self, document: _Element) -> tuple[Finding, ...]:
        """Compare with what the heads in the skeleton ``document`` say."""
        message = document[0]
        breaches: list[Breach] = []
        for comparison in self._comparisons:
            held = comparison.totals
            if not held.inside:
                for each in _children(message, held.holder):
                    breaches += comparison.compare(each, self.all)
        for number, group in enumerate([] if self._group is None else message.iterchildren(self._group), 1):
            for comparison in self._comparisons:
                if comparison.totals.inside and number in self._sums:
                    breaches += comparison.compare(group, self._sums[number])
            if self._report is not None:
                breaches += self._report.compare(group, self._tallies.get(number) or self._report.tally(group))
        return findings_of(document, self._schema, breaches)


def _children(element: _Element, name: str) -> Sequence[_Element]:
    return list(element.iterchildren(f"{{*}}{name}"))
