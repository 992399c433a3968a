"""A bulk message from a file to its events, in constant memory; read twice, so that a bad one has no effect.

The first reading (``bulk_check``) validates, compares sums and leaves the skeleton; the second, of the same bytes,
makes the events slice by slice: the message's own first, then one a transaction. Events, their ids and the digests in
the audit log are those that ``inbound`` makes of the same message in memory.
"""

import copy
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, Final

from lxml import etree
from lxml.etree import _Element

from broker.catalogue import Catalogue
from broker.errors import TransportUnavailableError
from broker.message import identity
from broker.message.envelope import Envelope, Outgoing
from broker.message.failure import Failure
from broker.message.finding import Finding
from broker.parse.stream import Items, MessageStream, Slice
from broker.pipeline.bulk_check import Checked, CheckLimits, FirstReading, Refused
from broker.pipeline.bulk_digest import CanonicalDigest
from broker.pipeline.bulk_place import WITH_GROUPS
from broker.pipeline.channel import ChannelPlan
from broker.pipeline.inbound import failure, publications
from broker.pipeline.outcome import Rejected
from broker.transform.mapping import CanonicalEvent, Mappings
from broker.transform.ra_json import to_object

_COUNT: Final = "NbOfTxs"
_SUMS: Final = ("CtrlSum", "TtlIntrBkSttlmAmt", "TxsSummry")


@dataclass(frozen=True, slots=True)
class Portion:
    """What a slice causes: publications in their order, and the transactions that are parked alone."""

    outgoing: tuple[Outgoing, ...]
    parked: tuple[Rejected, ...] = ()


@dataclass(slots=True)
class Effects:
    """What a bulk message causes, portion by portion. The other fields are complete when the portions have ended."""

    envelope: Envelope
    definition: str
    business_id: str | None
    findings: tuple[Finding, ...]
    portions: Iterator[Portion] = field(repr=False)
    publications: int = 0
    digests: dict[str, bytes] = field(default_factory=dict)
    facts: Mapping[str, str | int] = field(default_factory=dict)


class Bulk:
    """The inbound way of bulk messages. Pure but for the file it is given: holds compiled things only."""

    def __init__(self, catalogue: Catalogue, mappings: Mappings, limits: CheckLimits) -> None:
        """Hold the rooms."""
        self._catalogue = catalogue
        self._mappings = mappings
        self._limits = limits
        self._reading = FirstReading(catalogue, limits, self.items)

    def items(self, definition: str, plan: ChannelPlan) -> Items | None:
        """Where a definition's transactions are, by its mapping; None where no mapping tells them apart."""
        event = self._of(plan).of_items(definition)
        if event is None or len(event.each) >= WITH_GROUPS or not all(step.many for step in event.each):
            return None
        return Items((event.message, *(step.tag for step in event.each)))

    def splits(self, file: BinaryIO, plan: ChannelPlan) -> bool:
        """Whether the beginning of the file is that of a message whose transactions can be told apart."""
        stream = MessageStream(file, self._limits.stream, self._catalogue)
        return stream.begin() is None and self.items(stream.definition, plan) is not None

    def check(self, file: BinaryIO, plan: ChannelPlan) -> Checked | Refused:
        """Read the file once, from where it stands to its end. What is wrong is said as ``validate`` says it."""
        return self._reading.check(file, plan)

    def effects(self, file: BinaryIO, envelope: Envelope, checked: Checked) -> Effects:
        """Give what the message causes; ``file`` is read again from where it stands, while the portions are taken.

        ``envelope`` has the digest that ``checked`` has, and no body. The portions raise _changed() where
        the bytes are others than those that were checked: nothing of them may take effect then.
        """
        whole = self._without_items(checked)
        mappings = self._of(checked.plan)
        message = mappings.events(checked.definition, whole)
        named = message[0].business_id
        if asked := checked.plan.asked.among(message, envelope.tenant):
            message += mappings.with_ra_json(checked.definition, whole, asked)
        effects = Effects(envelope, checked.definition, named, checked.findings, iter(()), facts=_facts(checked))
        effects.portions = self._portions(file, effects, checked, (whole, message))
        return effects

    def _of(self, plan: ChannelPlan) -> Mappings:
        return plan.mappings or self._mappings

    def _without_items(self, checked: Checked) -> dict[str, Any]:
        """RA JSON of the skeleton, with the header where there is one."""
        skeleton, tags = checked.skeleton, checked.items.tags
        whole: dict[str, Any] = {}
        if skeleton.header is not None and skeleton.header_facts is not None:
            whole |= to_object(skeleton.header, self._catalogue.schema(skeleton.header_facts.definition))
        document = to_object(skeleton.document, self._catalogue.schema(skeleton.definition))
        message: Any = next(iter(document.values()))[tags[0]]  # type: ignore[index]  # RA JSON
        for group in message.get(tags[1], ()) if len(tags) == WITH_GROUPS else [message]:
            group.pop(tags[-1], None)
        return whole | document

    def _portions(
        self,
        file: BinaryIO,
        effects: Effects,
        checked: Checked,
        made: tuple[dict[str, Any], Sequence[CanonicalEvent]],
    ) -> Iterator[Portion]:
        whole, message = made
        canonical = CanonicalDigest(whole, checked.items.tags)
        made_of: dict[str, hashlib._Hash] = {}
        stream = MessageStream(file, self._limits.stream, self._catalogue)
        for portion in self._slices(stream, effects, checked, (canonical, message)):
            for each in portion.outgoing:
                made_of.setdefault(each.destination.value, hashlib.sha256()).update(each.body)
            effects.publications += len(portion.outgoing)
            yield portion
        if stream.digest != checked.digest:
            raise _changed()
        effects.digests = {
            "received": checked.digest,
            "ra-json": canonical.digest(),
            **{destination: hashed.digest() for destination, hashed in made_of.items()},
        }

    def _slices(
        self,
        stream: MessageStream,
        effects: Effects,
        checked: Checked,
        made: tuple[CanonicalDigest, Sequence[CanonicalEvent]],
    ) -> Iterator[Portion]:
        canonical, message = made
        envelope, named = effects.envelope, effects.business_id
        yield Portion(publications(envelope, checked.definition, message, named))
        if stream.begin() is not None or stream.definition != checked.definition:
            raise _changed()
        schema = self._catalogue.schema(checked.definition)
        for each in stream.slices(checked.items):
            if isinstance(each, Failure):
                raise _changed()
            bad = [number for number in range(len(each.items)) if each.position + number in checked.bad]
            parked = tuple(
                self._parked(each.position + number, body, effects.envelope, checked)
                for number, body in _alone(each, bad, checked.items.tags)
            )
            positions = _remove(each, bad)
            if not positions:
                yield Portion((), parked)
                continue
            ra = to_object(each.document, schema)
            canonical.add(each.group, _items(ra, checked.items.tags))
            events = [event for event in self._of(checked.plan).events(checked.definition, ra) if event.position]
            if asked := checked.plan.asked.among(events, envelope.tenant):
                events += self._with_ra_json(ra, asked, (each, positions), checked)
            placed = [replace(event, position=positions[event.position - 1]) for event in events]
            yield Portion(publications(envelope, checked.definition, placed, named), parked)

    def _with_ra_json(
        self,
        ra: Mapping[str, object],
        asked: Sequence[CanonicalEvent],
        place: tuple[Slice, Sequence[int]],
        checked: Checked,
    ) -> Iterator[CanonicalEvent]:
        """The RA JSON of a slice's transactions, each by its path in the whole message."""
        taken, positions = place
        root, (message, *group, item) = next(iter(ra)), checked.items.tags
        above = "/".join(("", root, message, *(f"{tag}[{taken.group}]" for tag in group)))
        for event in self._of(checked.plan).with_ra_json(checked.definition, ra, asked):
            number = positions[event.position - 1] - taken.position + taken.first
            assert event.beside is not None
            yield replace(event, beside=replace(event.beside, path=f"{above}/{item}[{number}]"))

    def _parked(self, position: int, body: bytes, envelope: Envelope, checked: Checked) -> Rejected:
        """A bad transaction as a message of its own, with an identity derived from its place in the bulk message."""
        findings = checked.bad[position]
        why = failure(findings, findings)
        where = f"Transaction {position:,} of {checked.good_sum.count + checked.bad_sum.count:,}"
        key = f"transaction:{envelope.message_id.hex}:{position}"
        own = replace(
            envelope,
            message_id=identity.message_id(envelope.tenant, f"{envelope.direction}/{envelope.channel}", key),
            key=key,
            digest=identity.digest(body),
            body=body,
        )
        return Rejected(own, replace(why, text=f"{where}: {why.text}"), checked.definition)


def _changed() -> TransportUnavailableError:
    return TransportUnavailableError("a message was changed by somebody while it was read; it is read again")


def _remove(taken: Slice, bad: Sequence[int]) -> list[int]:
    """Take the bad transactions out of the slice's document; give the positions of those that stay."""
    for number in bad:
        holder = taken.items[number].getparent()
        assert holder is not None
        holder.remove(taken.items[number])
    return [taken.position + number for number in range(len(taken.items)) if number not in bad]


def _items(ra: Mapping[str, Any], tags: tuple[str, ...]) -> Sequence[object]:
    held: Any = next(iter(ra.values()))[tags[0]]
    found: Sequence[object] = (held[tags[1]][0] if len(tags) == WITH_GROUPS else held)[tags[-1]]
    return found


def _alone(taken: Slice, numbers: Sequence[int], tags: tuple[str, ...]) -> Iterator[tuple[int, bytes]]:
    """Transactions as messages: the heads each stands under say that it is the only one, and no longer any sum."""
    if not numbers:
        return
    holder = _holder(taken.document, tags)
    at = holder.index(taken.items[0])
    del holder[at:]
    shell = copy.deepcopy(taken.document)
    holder.extend(taken.items)
    for head in (_holder(shell, tags), next(shell[0].iterchildren("{*}GrpHdr"), None)):
        for said in () if head is None else list(head):
            name = str(said.tag).rpartition("}")[2]
            if name == _COUNT:
                said.text = "1"
            elif name in _SUMS and head is not None:
                head.remove(said)
    for number in numbers:
        message = copy.deepcopy(shell)
        _holder(message, tags).append(copy.deepcopy(taken.items[number]))
        yield number, bytes(etree.tostring(message, encoding="UTF-8", xml_declaration=True))


def _holder(document: _Element, tags: tuple[str, ...]) -> _Element:
    """What the transactions of a slice stand in: the message, or the one group."""
    return document[0][-1] if len(tags) == WITH_GROUPS else document[0]


def _facts(checked: Checked) -> dict[str, str | int]:
    facts: dict[str, str | int] = {"transactions": checked.good_sum.count, "sum": checked.good_sum.shown}
    if checked.bad:
        facts |= {"parked": checked.bad_sum.count, "parked_sum": checked.bad_sum.shown}
    return facts
