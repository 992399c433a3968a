"""A JSON command for a core: decode → which message in which version → XML, checked by us as if we received it.

Two forms are understood: RA JSON (``{"Document": …}``, with ``"AppHdr"`` beside it if wanted), and CloudEvents whose
``type`` names a canonical event and whose ``data`` is its canonical model: one, or an array of them (CloudEvents JSON
format 1.0, section 4, batch) that become one message, as a received message gives them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from broker.catalogue.catalogue import Catalogue
from broker.message import identity
from broker.message.definition import Definition
from broker.message.envelope import Destination, Envelope, Outgoing
from broker.message.failure import Failure, FailureCode
from broker.message.finding import Finding, Severity
from broker.message.header import BusinessHeader
from broker.observability.names import SpanName
from broker.observability.traces import StageSpan
from broker.parse import Limits, parse
from broker.pipeline.channel import ChannelPlan, PipelineLimits
from broker.pipeline.facts import business_id, digests
from broker.pipeline.outcome import Accepted, Outcome, Rejected
from broker.transform.events import CONTENT_TYPE, Origin, cloud_event, content
from broker.transform.header import write_header
from broker.transform.mapping import CanonicalEvent, Mappings
from broker.transform.ra_json import read_json, to_xml
from broker.transform.schemas.rejection import COMMAND_REJECTED
from broker.validate import validate

XML_TYPE = "application/xml"

# The rule of findings of the schema's validator on what we wrote ourselves.
_OUR_OWN = "json.schema"
_ANSWERABLE = ("amq.gen-", "amq.rabbitmq.reply-to.")  # queues that RabbitMQ names itself, for one client


@dataclass(frozen=True, slots=True)
class _Command:
    """What a command comes to: a message, the code with which findings on it refuse the command, and its warnings."""

    definition: str
    ra: Mapping[str, object]
    refusal: FailureCode = FailureCode.COMMAND_INVALID
    findings: tuple[Finding, ...] = ()


class Outbound:
    """The outbound way. Pure: holds compiled things only."""

    def __init__(self, catalogue: Catalogue, mappings: Mappings, limits: PipelineLimits, parse_limits: Limits) -> None:
        """``limits.reply_prefix`` bounds which queues a sender may have answered."""
        self._catalogue = catalogue
        self._mappings = mappings
        self._limits = limits
        self._parse_limits = parse_limits

    def run(self, envelope: Envelope, plan: ChannelPlan, span: StageSpan) -> Outcome:
        """Take one command to the XML for its core, or to the reason why not and the answer to its sender."""
        with span(SpanName.PARSE):
            command = read_json(envelope.body)
        if isinstance(command, Finding):
            return self._reject(envelope, Failure(FailureCode.COMMAND_MALFORMED, command.text, (command,)))
        with span(SpanName.TRANSFORM):
            result = self._ra_json(command, plan)
            if isinstance(result, Failure):
                return self._reject(envelope, result)
            ra = _with_header(result.ra, result.definition, plan, envelope)
            xml = to_xml(ra, result.definition, self._catalogue, wrapper=plan.wrapper, header=plan.header)
        if not isinstance(xml, bytes):
            return self._reject(envelope, _refused(xml, result.refusal), result.definition)
        with span(SpanName.VALIDATE):
            found = self._validated(xml)
        wrong = tuple(each for each in found if each.severity is Severity.ERROR)
        if wrong:
            return self._reject(envelope, Failure(FailureCode.COMMAND_INVALID, _first(wrong), found), result.definition)
        outgoing = self._outgoing(envelope, ra, result.definition, xml)
        bound = digests(envelope, ra, (outgoing,))
        return Accepted(envelope, result.definition, business_id(ra), (outgoing,), bound, result.findings + found)

    def _validated(self, xml: bytes) -> tuple[Finding, ...]:
        """What the schema and the general rules say of the XML that was made, as of any message that comes in."""
        written = parse(xml, self._parse_limits, self._catalogue)
        if isinstance(written, Failure):
            return (Finding(written.code, Severity.ERROR, "", 0, written.text),)
        return validate(written, self._catalogue)

    def _ra_json(self, command: object, plan: ChannelPlan) -> "_Command | Failure":
        if isinstance(command, Mapping) and "Document" in command:
            definition = _definition(command, plan)
            return definition if isinstance(definition, Failure) else _Command(definition, command)
        events: list[Any] = command if isinstance(command, list) else [command]
        if events and all(isinstance(each, Mapping) and "specversion" in each for each in events):
            return self._canonical(events, plan)
        text = (
            'Expected RA JSON with a member "Document", or CloudEvents with "specversion", "type" and "data": one, or '
            "an array of the events of one message."
        )
        return Failure(FailureCode.COMMAND_UNKNOWN_TYPE, text)

    def _canonical(self, events: Sequence[Mapping[str, object]], plan: ChannelPlan) -> "_Command | Failure":
        said: list[tuple[str, Mapping[str, object]]] = []
        for event in events:
            event_type, data = event.get("type"), event.get("data")
            if not isinstance(event_type, str) or not isinstance(data, Mapping):
                text = 'A CloudEvent command needs "type" (a text) and "data" (an object).'
                return Failure(FailureCode.COMMAND_UNKNOWN_TYPE, text)
            said.append((event_type, data))
        definition = _made_of(said, plan)
        if isinstance(definition, Failure):
            return definition
        mappings = plan.mappings or self._mappings
        made = mappings.to_message([(event_type, content(data)) for event_type, data in said], definition)
        if isinstance(made, tuple):
            return Failure(FailureCode.COMMAND_INVALID, _first(made), made)
        if made.losses and not plan.lossy:
            lost = tuple(each.as_finding(Severity.ERROR) for each in made.losses)
            return Failure(FailureCode.COMMAND_NOT_REPRESENTABLE, _first(lost), lost)
        noted = tuple(each.as_finding(Severity.WARNING) for each in made.losses)
        return _Command(definition, made.ra, FailureCode.COMMAND_NOT_REPRESENTABLE, noted)

    def _outgoing(self, envelope: Envelope, ra: Mapping[str, object], definition: str, xml: bytes) -> Outgoing:
        return Outgoing(
            event_id=identity.event_id(envelope.message_id, definition, 0),
            destination=Destination.CORE,
            address=envelope.channel,
            subject=business_id(ra) or envelope.message_id.hex,
            event_type=definition,
            content_type=XML_TYPE,
            body=xml,
            correlation_id=envelope.correlation_id,
            traceparent=envelope.traceparent,
        )

    def _reject(self, envelope: Envelope, failure: Failure, definition: str | None = None) -> Rejected:
        return Rejected(envelope, failure, definition, None, self._answer(envelope, failure))

    def _answer(self, envelope: Envelope, failure: Failure) -> tuple[Outgoing, ...]:
        """The error event for the sender, where it named a queue that may be answered."""
        to = envelope.reply_to
        if to is None or not to.startswith((self._limits.reply_prefix, *_ANSWERABLE)):
            return ()
        data = {
            "code": failure.code.value,
            "text": failure.text,
            "findings": [each.as_dict() for each in failure.findings],
            "correlation_id": envelope.correlation_id,
        }
        event = CanonicalEvent(
            COMMAND_REJECTED,
            envelope.correlation_id,
            0,
            {name: value for name, value in data.items() if value is not None},
        )
        origin = Origin(
            tenant=envelope.tenant,
            channel=envelope.channel,
            message_id=envelope.message_id,
            definition=None,
            business_message_id=None,
            received_at=envelope.received_at,
            digest=envelope.digest,
            traceparent=envelope.traceparent,
        )
        return (
            Outgoing(
                event_id=identity.event_id(envelope.message_id, COMMAND_REJECTED, 0),
                destination=Destination.REPLY,
                address=to,
                subject=envelope.message_id.hex,
                event_type=COMMAND_REJECTED,
                content_type=CONTENT_TYPE,
                body=cloud_event(event, origin),
                correlation_id=envelope.correlation_id,
                traceparent=envelope.traceparent,
            ),
        )


def _made_of(said: Sequence[tuple[str, Mapping[str, object]]], plan: ChannelPlan) -> str | Failure:
    """The one definition the channel speaks that can be made of these events.

    Where several can (a status is one of pacs.002 or of pain.002), the events' own ``origin.message_definition`` says
    the family.
    """
    makers = [plan.events.get(event_type, ()) for event_type, _ in said]
    possible = [each for each in makers[0] if all(each in others for others in makers)]
    if len(possible) > 1:
        families = {_family(data) for _, data in said}
        possible = [each for each in possible if families == {Definition.parse(each).family}]
        if not possible:
            text = 'Several messages are made of these events; "data.origin.message_definition" must say which.'
            return Failure(FailureCode.COMMAND_UNKNOWN_TYPE, text)
    if possible:
        return possible[0]
    text = f"This channel makes no one message of these event types; it does of: {', '.join(sorted(plan.events))}."
    return Failure(FailureCode.COMMAND_UNKNOWN_TYPE, text)


def _family(data: Mapping[str, object]) -> str | None:
    origin = data.get("origin")
    named = origin.get("message_definition") if isinstance(origin, Mapping) else None
    return ".".join(named.split(".")[:2]) if isinstance(named, str) else None


def _definition(command: Mapping[str, object], plan: ChannelPlan) -> str | Failure:
    """The definition the channel speaks for this message root; a header that names another one is refused."""
    document = command["Document"]
    root = next(iter(document), None) if isinstance(document, Mapping) and len(document) == 1 else None
    definition = plan.roots.get(str(root))
    if definition is None:
        known = ", ".join(sorted(plan.roots))
        text = f'"Document" must hold one message that this channel sends: {known}.'
        return Failure(FailureCode.COMMAND_UNKNOWN_TYPE, text)
    header = command.get("AppHdr")
    named = header.get("MsgDefIdr") if isinstance(header, Mapping) else None
    if named is not None and named != definition:
        text = f"The header's MsgDefIdr is not {definition}, which this channel is configured to send."
        return Failure(FailureCode.COMMAND_NOT_REPRESENTABLE, text)
    return definition


def _with_header(
    ra: Mapping[str, object], definition: str, plan: ChannelPlan, envelope: Envelope
) -> Mapping[str, object]:
    """Add the channel's header to a message that brings none, where the channel has one and the message an id."""
    message_id = business_id(ra)
    if plan.sender is None or "AppHdr" in ra or message_id is None:
        return ra
    facts = BusinessHeader(
        definition=plan.header,
        business_message_id=message_id,
        message_definition=definition,
        sender=plan.sender,
        receiver=plan.receiver,
        business_service=plan.business_service,
        created=f"{envelope.received_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    )
    return {"AppHdr": write_header(facts), **ra}


def _refused(findings: Sequence[Finding], code: FailureCode) -> Failure:
    if findings[0].rule == _OUR_OWN:
        code = FailureCode.COMMAND_OUTPUT_INVALID
    return Failure(code, _first(findings), tuple(findings))


def _first(findings: Sequence[Finding]) -> str:
    count = len(findings)
    return f"{count} {'finding' if count == 1 else 'findings'}; the first, at {findings[0].path}: {findings[0].text}"
