"""XML from a core: parse → identify → validate → RA JSON → canonical events, and on to another core where asked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from broker.catalogue.catalogue import Catalogue
from broker.message import identity
from broker.message.envelope import Destination, Envelope, Outgoing
from broker.message.failure import Failure, FailureCode
from broker.message.finding import Finding, Severity
from broker.observability.names import SpanName
from broker.observability.traces import StageSpan
from broker.parse import Limits, Parsed, parse
from broker.parse.shape import Shape
from broker.pipeline.channel import ChannelPlan
from broker.pipeline.facts import digests
from broker.pipeline.forwarding import Forward, Forwarding
from broker.pipeline.outcome import Accepted, Outcome, Rejected
from broker.pipeline.shapes import Known, Shapes, walked
from broker.transform.events import CONTENT_TYPE, Frame, Origin
from broker.transform.mapping import CanonicalEvent, Mappings
from broker.transform.ra_json import to_loose_object, to_object
from broker.validate import validate

_OF_SCHEMA = ("schema.", "header.schema.")


class Inbound:
    """The inbound way. Pure: holds compiled things only, and how to read the shapes it met."""

    def __init__(
        self,
        catalogue: Catalogue,
        mappings: Mappings,
        limits: Limits,
        max_events: int,
        forwarding: Forwarding | None = None,
    ) -> None:
        """``max_events``: how many events one message may cause. ``forwarding`` None: no plan passes messages on."""
        self._catalogue = catalogue
        self._mappings = mappings
        self._limits = limits
        self._max_events = max_events
        self._forwarding = forwarding
        self._shapes = Shapes(catalogue, mappings.item_tag)

    def run(self, envelope: Envelope, plan: ChannelPlan, span: StageSpan) -> Outcome:
        """Take one XML message to its events, or to the reason why not."""
        with span(SpanName.PARSE):
            shape = self._shapes.of(envelope.body, self._limits)
            known = None if shape is None else self._known(shape, plan)
            parsed = None if known else self._parsed(envelope, plan)
        if shape is not None and known is not None:
            with span(SpanName.VALIDATE):
                judged_by = plan.guidelines.get(known.definition, known.definition)
                ra = self._shapes.read(known, judged_by, shape)
            if ra is not None:
                with span(SpanName.TRANSFORM):
                    return self._transform(envelope, _Read(known.definition, ra), plan)
        if parsed is None:
            with span(SpanName.PARSE):  # there may be something to say of it
                parsed = self._parsed(envelope, plan)
        if isinstance(parsed, Rejected):
            return parsed
        judged = _judged(parsed, plan)
        with span(SpanName.VALIDATE):
            findings = parsed.findings + validate(judged, self._catalogue)
        wrong = [each for each in findings if each.severity is Severity.ERROR]
        if wrong and not plan.lenient:
            named = parsed.header_facts.business_message_id if parsed.header_facts else None
            return Rejected(envelope, failure(wrong, findings), parsed.definition, named)
        with span(SpanName.TRANSFORM):
            valid = not any(each.rule.startswith(_OF_SCHEMA) for each in findings)
            ra = self.ra_object(parsed, valid=valid)
            outcome = self._transform(envelope, _Read(parsed.definition, ra, findings, parsed), plan, valid=valid)
        if shape is not None and not findings:
            self._shapes.met(envelope.body, shape, parsed, judged)
        return outcome

    def _known(self, shape: Shape, plan: ChannelPlan) -> Known | None:
        """What is known of a shape, where its messages may take their way without a tree."""
        known = self._shapes.known(shape)
        if known is None or (plan.accepts is not None and known.definition not in plan.accepts):
            return None
        to = self._forwards(plan, known.definition)
        return known if to is None or to.definition == known.definition else None  # the bridge rewrites trees

    def _parsed(self, envelope: Envelope, plan: ChannelPlan) -> Parsed | Rejected:
        parsed = parse(envelope.body, self._limits, self._catalogue)
        if isinstance(parsed, Failure):
            return Rejected(envelope, parsed)
        if plan.accepts is not None and parsed.definition not in plan.accepts:
            text = f"The channel does not accept {parsed.definition}; it accepts {', '.join(sorted(plan.accepts))}."
            return Rejected(envelope, Failure(FailureCode.IDENTIFY_NOT_ACCEPTED, text), parsed.definition)
        return parsed

    def _transform(self, envelope: Envelope, read: "_Read", plan: ChannelPlan, *, valid: bool = True) -> Outcome:
        """Make the events; those of a message that a strict channel would have rejected are flagged."""
        definition, ra, findings, _ = read
        lenient = any(each.severity is Severity.ERROR for each in findings)
        mappings = plan.mappings or self._mappings
        events = mappings.events(definition, ra, valid=valid)
        if len(events) > self._max_events:
            text = f"The message causes {len(events)} events; at most {self._max_events} are taken from one message."
            return Rejected(envelope, Failure(FailureCode.TRANSFORM_TOO_MANY_EVENTS, text), definition)
        business_id = events[0].business_id
        flagged = len(findings) if lenient else 0
        if asked := plan.asked.among(events, envelope.tenant):
            events += mappings.with_ra_json(definition, ra, asked, valid=valid)
        outgoing = publications(envelope, definition, events, business_id, flagged)
        passed_on = self._pass_on(envelope, read, plan)
        if isinstance(passed_on, Failure):
            return Rejected(envelope, passed_on, definition, business_id)
        outgoing, findings = outgoing + passed_on[0], findings + passed_on[1]
        return Accepted(envelope, definition, business_id, outgoing, digests(envelope, ra, outgoing), findings)

    def _forwards(self, plan: ChannelPlan, definition: str) -> Forward | None:
        return self._forwarding.to(plan, definition) if self._forwarding and plan.forward else None

    def _pass_on(
        self, envelope: Envelope, read: "_Read", plan: ChannelPlan
    ) -> tuple[tuple[Outgoing, ...], tuple[Finding, ...]] | Failure:
        """What goes on to another core, with what is lost on the way; what is not valid is not rewritten."""
        to = self._forwards(plan, read.definition)
        if to is None or self._forwarding is None:
            return (), ()
        wrong = [each for each in read.findings if each.severity is Severity.ERROR]
        if wrong and read.definition != to.definition:
            return failure(wrong, read.findings)
        made = self._forwarding.publication(envelope, read.parsed, read.ra, to)
        return made if isinstance(made, Failure) else ((made[0],), made[1])

    def ra_object(self, parsed: Parsed, *, valid: bool) -> dict[str, object]:
        """RA JSON of the message with its header; loose where it is not valid and the channel is lenient.

        A header of an unknown version, which only a lenient channel lets through, is left out: nobody can read it.
        """
        return walked(parsed, self._catalogue, to_object if valid else to_loose_object)


class _Read(NamedTuple):
    """A message that may take effect: as RA JSON, with its warnings, and as a tree unless its shape was known."""

    definition: str
    ra: Mapping[str, object]
    findings: tuple[Finding, ...] = ()
    parsed: Parsed | None = None


def _judged(parsed: Parsed, plan: ChannelPlan) -> Parsed:
    """Give what is validated: the message, by a usage guideline where the channel has one."""
    guideline = plan.guidelines.get(parsed.definition)
    return replace(parsed, definition=guideline) if guideline else parsed


def publications(
    envelope: Envelope, definition: str, events: Sequence[CanonicalEvent], named: str | None, findings: int = 0
) -> tuple[Outgoing, ...]:
    """Make the publications of a message's events; ``named`` is the message's own reference.

    ``findings`` counts those of a message that only a lenient channel accepts: its events carry the number.
    """
    origin = Origin(
        tenant=envelope.tenant,
        channel=envelope.channel,
        message_id=envelope.message_id,
        definition=definition,
        business_message_id=named,
        received_at=envelope.received_at,
        digest=envelope.digest,
        traceparent=envelope.traceparent,
        findings=findings,
    )
    frame = Frame(origin)
    made: list[Outgoing] = []
    for event in events:
        number = identity.event_id(envelope.message_id, event.event_type, event.position)
        outgoing = Outgoing(
            event_id=number,
            destination=Destination.EVENT if event.beside is None else Destination.EVENT_WITH_RA_JSON,
            address=f"{envelope.tenant}.{event.event_type}",
            subject=event.subject or envelope.message_id.hex,
            event_type=event.event_type,
            content_type=CONTENT_TYPE,
            body=frame.event(event, number),
            correlation_id=envelope.correlation_id,
            traceparent=envelope.traceparent,
        )
        made.append(outgoing)
    return tuple(made)


def failure(wrong: Sequence[Finding], findings: tuple[Finding, ...]) -> Failure:
    """The code follows the first family that is wrong: schema, then header, then rules."""
    families = {each.rule.partition(".")[0] for each in wrong}
    if "schema" in families:
        code = FailureCode.VALIDATE_SCHEMA
    elif "header" in families:
        code = FailureCode.VALIDATE_HEADER
    else:
        code = FailureCode.VALIDATE_RULE
    count = len(wrong)
    return Failure(code, f"{count} {'finding' if count == 1 else 'findings'}; the first: {wrong[0].text}", findings)
