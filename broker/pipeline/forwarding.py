"""A received message passed on to another core, in the version which that core speaks.

A message that is of that version goes on as it came, byte for byte. Any other is rewritten by the version bridge, and
what comes out is parsed and validated as if another had sent it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from broker.catalogue.catalogue import Catalogue
from broker.errors import ConfigurationError
from broker.message import identity
from broker.message.envelope import Destination, Envelope, Outgoing
from broker.message.failure import Failure, FailureCode
from broker.message.finding import Finding, Severity
from broker.parse import Limits, Parsed, parse
from broker.pipeline.channel import ChannelPlan
from broker.pipeline.facts import business_id
from broker.transform.bridge import Bridge, Rewritten, family
from broker.transform.loss import Loss
from broker.validate import validate

MOST_FINDINGS: Final = 100
"""Losses kept beside one message; how many more there are is told in one last finding, ``bridge.more``."""

_XML_TYPE: Final = "application/xml"


@dataclass(frozen=True, slots=True)
class Forward:
    """Where messages of a family go on to: the channel, and the version its core speaks.

    ``lossy``: what the version cannot hold is left out and noted; otherwise it refuses the message.
    """

    channel: str
    definition: str
    lossy: bool


class Forwarding:
    """The way from a valid message to the same in another version. Pure: holds compiled things only."""

    def __init__(
        self, catalogue: Catalogue, bridge: Bridge, limits: Limits, plans: Mapping[str, ChannelPlan] | None = None
    ) -> None:
        """``limits`` bound what was rewritten as they bound what was received; ``plans`` is keyed by channel.

        Raises ConfigurationError where a channel does not say in which version it takes what is to go on to it.
        """
        self._catalogue = catalogue
        self._bridge = bridge
        self._limits = limits
        self._forwards = {
            (to, family): _forward(to, family, (plans or {})[to])
            for plan in (plans or {}).values()
            for family, to in plan.forward.items()
        }

    def to(self, plan: ChannelPlan, definition: str) -> Forward | None:
        """Where a message of a definition goes on to from a channel; None: nowhere."""
        name = family(definition)
        channel = plan.forward.get(name)
        return None if channel is None else self._forwards[channel, name]

    def rewrite(self, parsed: Parsed, ra: Mapping[str, object], target: str) -> Rewritten:
        """Give a valid message in another version, schema and general rules satisfied, or findings and no XML.

        ``ra`` is RA JSON of ``parsed``.
        """
        made = self._bridge.rewrite(parsed, ra, target)
        if made.xml is None:
            return made
        written = parse(made.xml, self._limits, self._catalogue)
        if isinstance(written, Failure):
            found: tuple[Finding, ...] = (Finding(written.code, Severity.ERROR, "", 0, written.text),)
        else:
            found = validate(written, self._catalogue)
        wrong = tuple(each for each in found if each.severity is Severity.ERROR)
        return Rewritten(None, made.report, wrong) if wrong else made

    def publication(
        self, envelope: Envelope, parsed: Parsed | None, ra: Mapping[str, object], to: Forward
    ) -> tuple[Outgoing, tuple[Finding, ...]] | Failure:
        """Give what goes on to the other core with what was lost on the way, or why nothing can.

        ``parsed`` None: the message is of the version that the core speaks.
        """
        if parsed is None or parsed.definition == to.definition:
            return _outgoing(envelope, ra, to, envelope.body), ()
        made = self.rewrite(parsed, ra, to.definition)
        losses = made.report.losses
        lost = _findings(losses, Severity.WARNING)
        if made.xml is None:
            return _refused(
                to, f"the first of {len(made.findings)} findings: {made.findings[0].text}", made.findings + lost
            )
        if losses and not to.lossy:
            text = f"the first of {len(losses)} losses, at {losses[0].path}: {losses[0].text}"
            return _refused(to, text, _findings(losses, Severity.ERROR))
        return _outgoing(envelope, ra, to, made.xml), lost


def _forward(channel: str, family: str, plan: ChannelPlan) -> Forward:
    definition = plan.versions.get(family)
    if definition is None:
        raise ConfigurationError(f"forward: channels.{channel}.speaks does not say in which version it takes {family}")
    return Forward(channel, definition, plan.lossy)


def _findings(losses: Sequence[Loss], severity: Severity) -> tuple[Finding, ...]:
    """The losses as findings, the first hundred one by one."""
    found = tuple(each.as_finding(severity) for each in losses[:MOST_FINDINGS])
    more = len(losses) - len(found)
    text = f"{more:,} more values have no place; `broker convert` names them all"
    return (*found, Finding("bridge.more", severity, "", 0, text)) if more else found


def _outgoing(envelope: Envelope, ra: Mapping[str, object], to: Forward, body: bytes) -> Outgoing:
    return Outgoing(
        event_id=identity.event_id(envelope.message_id, to.definition, 0),
        destination=Destination.CORE,
        address=to.channel,
        subject=business_id(ra) or envelope.message_id.hex,
        event_type=to.definition,
        content_type=_XML_TYPE,
        body=body,
        correlation_id=envelope.correlation_id,
        traceparent=envelope.traceparent,
    )


def _refused(to: Forward, text: str, findings: tuple[Finding, ...]) -> Failure:
    text = f"The message cannot go on to {to.channel} as {to.definition}: {text}"
    return Failure(FailureCode.TRANSFORM_NOT_REPRESENTABLE, text, findings)
