"""The first reading of a bulk message: is it valid, do its sums hold, which transactions are bad.

What ``validate`` says of the message in memory is said here of its slices and of its skeleton, each finding once and
with its place in the whole message. Nothing takes effect in a first reading.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from broker.catalogue import Catalogue
from broker.message.failure import Failure, FailureCode
from broker.message.finding import Finding, Severity
from broker.parse import Parsed
from broker.parse.stream import Items, MessageStream, Slice, StreamLimits
from broker.pipeline.bulk_findings import Findings, Placed
from broker.pipeline.bulk_place import ITEMS, Around, ItemPaths
from broker.pipeline.bulk_slice import Found, SliceCheck
from broker.pipeline.bulk_totals import Sum, Totals
from broker.pipeline.channel import ChannelPlan
from broker.pipeline.inbound import failure
from broker.validate import validate
from broker.validate.rules import Run

_OF_ALL: Final = ("total.", "entry.")  # rules that ``bulk_totals`` stands in for


@dataclass(frozen=True, slots=True)
class Checked:
    """A message that may be taken, at least its good transactions.

    ``bad`` gives the findings of each transaction that is not, by its position from 1; ``good_sum`` and ``bad_sum`` are
    counts and totals of both. ``skeleton`` is the message with one transaction left in each group,
    ``plan`` what it was checked by.
    """

    definition: str
    digest: bytes
    size: int
    items: Items
    skeleton: Parsed
    good_sum: Sum
    bad_sum: Sum
    bad: Mapping[int, tuple[Finding, ...]]
    findings: tuple[Finding, ...]
    plan: ChannelPlan


@dataclass(frozen=True, slots=True)
class Refused:
    """A message of which nothing is taken; definition and business id as far as it was read."""

    failure: Failure
    digest: bytes
    size: int
    definition: str | None = None
    business_id: str | None = None


@dataclass(frozen=True, slots=True)
class CheckLimits:
    """``stream`` bounds the reading; so many ``transactions`` are taken, and so many bad ones of them ``parked``."""

    stream: StreamLimits
    transactions: int
    parked: int


class FirstReading:
    """Reads files; holds compiled things only. ``items_of`` says where a definition's transactions are, or None."""

    def __init__(
        self, catalogue: Catalogue, limits: CheckLimits, items_of: Callable[[str, ChannelPlan], Items | None]
    ) -> None:
        """Hold the rules."""
        self._catalogue = catalogue
        self._limits = limits
        self._items_of = items_of

    def check(self, file: BinaryIO, plan: ChannelPlan) -> Checked | Refused:
        """Read the file to its end, whatever it holds."""
        stream = MessageStream(file, self._limits.stream, self._catalogue)
        result = self._read(stream, plan)
        if isinstance(result, Checked):
            return result
        stream.drain()
        named, found = result if isinstance(result, tuple) else (None, result)
        return Refused(found, stream.digest, stream.size, stream.definition or None, named)

    def _read(self, stream: MessageStream, plan: ChannelPlan) -> "Checked | Failure | tuple[str | None, Failure]":
        begun = stream.begin() or self._items(stream.definition, plan)
        if isinstance(begun, Failure):
            return begun
        guideline = plan.guidelines.get(stream.definition, stream.definition)
        reading = _Reading(stream, begun, self._catalogue, most_bad=self._limits.parked if plan.partial else 0)
        size = self._limits.stream.slice_bytes + self._limits.stream.part_bytes
        check = SliceCheck(self._catalogue, guideline, reading.paths, size)
        for each in stream.slices(begun):
            if isinstance(each, Failure):
                return each
            if stream.transactions > self._limits.transactions:
                return _too_many(self._limits.transactions)
            left = self._limits.parked - len(reading.bad)
            reading.take(each, check.alone(each, left) if plan.partial and left >= 0 else check.whole(each))
        skeleton = stream.skeleton()
        if isinstance(skeleton, Failure):
            return skeleton
        reading.take_skeleton(skeleton, validate(replace(skeleton, definition=guideline), self._catalogue, Run()))
        return self._decide(reading, skeleton, plan)

    def _items(self, definition: str, plan: ChannelPlan) -> Items | Failure:
        if plan.accepts is not None and definition not in plan.accepts:
            text = f"The channel does not accept {definition}; it accepts {', '.join(sorted(plan.accepts))}."
            return Failure(FailureCode.IDENTIFY_NOT_ACCEPTED, text)
        items = self._items_of(definition, plan)
        if items is None:
            text = f"No mapping tells the transactions of {definition} apart; only as a small message can it be taken."
            return Failure(FailureCode.RECEIVE_TOO_LARGE, text)
        return items

    def _decide(
        self, reading: "_Reading", skeleton: Parsed, plan: ChannelPlan
    ) -> "Checked | tuple[str | None, Failure]":
        stream, bad = reading.stream, reading.bad
        some = plan.partial and not reading.wrong_outside and 0 < len(bad) < stream.transactions
        some = some and len(bad) <= self._limits.parked
        findings = reading.findings(parked=some)
        wrong = [each for each in findings if each.severity is Severity.ERROR]
        if reading.wrong and not some:
            named = skeleton.header_facts.business_message_id if skeleton.header_facts else None
            return named, failure(wrong, findings)
        good = Sum(reading.totals.all.count - reading.bad_sum.count, reading.good_sum.totals)
        warnings = tuple(each for each in findings if each.severity is not Severity.ERROR)
        if bad:
            warnings = (_partial(good, reading.bad_sum), *warnings)
        return Checked(
            skeleton.definition,
            stream.digest,
            stream.size,
            reading.items,
            skeleton,
            good,
            reading.bad_sum,
            bad,
            warnings,
            plan,
        )


class _Reading:
    """What is found of one message, slice by slice."""

    def __init__(self, stream: MessageStream, items: Items, catalogue: Catalogue, *, most_bad: int) -> None:
        """Of no more than one over ``most_bad`` transactions it is kept what is wrong with them."""
        schema = catalogue.schema(stream.definition)
        self.stream = stream
        self.items = items
        self.paths = ItemPaths(schema, items)
        self.totals = Totals(schema, items)
        self.good_sum, self.bad_sum = Sum(), Sum()
        self.bad: dict[int, tuple[Finding, ...]] = {}
        self.wrong_outside = False
        self._most_bad = most_bad
        self._found = Findings(self.paths)
        self._groups = 1
        self._lines: dict[tuple[str, str, str], int] = {}

    @property
    def wrong(self) -> bool:
        """Whether anything is."""
        return self._found.wrong

    def take(self, taken: Slice, found: Sequence[Found]) -> None:
        """Keep what is found inside the transactions of a slice; the rest is found again in the skeleton."""
        bad: dict[int, list[Finding]] = {}
        for each in found:
            if each.number is None:
                if taken.position == 1:
                    self._lines[each.finding.rule, each.finding.path, each.finding.text] = each.finding.line
                continue
            alone = replace(each.finding, path=self.paths.path + each.rest)
            if alone.severity is Severity.ERROR:
                bad.setdefault(each.number, []).append(alone)
            self._found.add(Placed(alone, taken.group, ITEMS, taken.first + each.number, each.rest))
        for number, item in enumerate(taken.items):
            amounts = self.totals.amounts(item)
            self.totals.add(item, taken.group, amounts)
            (self.bad_sum if number in bad else self.good_sum).add(amounts)
        for number in sorted(bad)[: self._most_bad + 1 - len(self.bad)] if self._most_bad else ():
            self.bad[taken.position + number] = tuple(bad[number])

    def take_skeleton(self, skeleton: Parsed, findings: tuple[Finding, ...]) -> None:
        """Keep what is found around the transactions, and compare the sums."""
        around = Around(skeleton.document, self.items)
        self._groups = around.groups
        outside = [each for each in findings if not self.paths.inside(each) and not each.rule.startswith(_OF_ALL)]
        outside += skeleton.findings
        if (self._most_bad or not self._found.of_schema) and not any(
            each.rule.startswith("schema.") for each in outside
        ):
            outside += self.totals.findings(skeleton.document)
        for each in outside:
            self.wrong_outside = self.wrong_outside or each.severity is Severity.ERROR
            line = self._lines.get((each.rule, self.paths.of_first(each.path), each.text), each.line)
            self._found.add(Placed(replace(each, line=line), *around.place(each.path), order=around.order(each.path)))

    def findings(self, *, parked: bool) -> tuple[Finding, ...]:
        """Give what was found, as of the message in memory; ``parked``: bad transactions are."""
        return self._found.told(self._groups, self.stream.counts, parked=parked)


def _too_many(limit: int) -> Failure:
    text = f"The message has more than the {limit:,} transactions that are taken from one message."
    return Failure(FailureCode.TRANSFORM_TOO_MANY_EVENTS, text)


def _partial(good: Sum, bad: Sum) -> Finding:
    text = f"found {bad.count:,} transactions invalid{_of(bad)}, which are parked; {good.count:,} were taken{_of(good)}"
    return Finding("bulk.partial", Severity.WARNING, "", 0, text)


def _of(sum_: Sum) -> str:
    return f" ({sum_.shown})" if sum_.shown else ""
