"""One message: envelope → Accepted | Rejected.

A bad message is a value here, never an exception. What this raises is a bug, and ingest makes it that one message's
``internal.error``.
"""

from collections.abc import Mapping

from broker.message.envelope import Direction, Envelope
from broker.message.failure import Failure, FailureCode
from broker.observability.traces import StageSpan, no_span
from broker.pipeline.channel import ChannelPlan, PipelineLimits
from broker.pipeline.inbound import Inbound
from broker.pipeline.outbound import Outbound
from broker.pipeline.outcome import Outcome, Rejected


class Pipeline:
    """The two ways, with the plan of each channel."""

    def __init__(
        self, inbound: Inbound, outbound: Outbound, plans: Mapping[str, ChannelPlan], limits: PipelineLimits
    ) -> None:
        """``plans`` is keyed by channel."""
        self._inbound = inbound
        self._outbound = outbound
        self._plans = plans
        self._limits = limits

    def run(self, envelope: Envelope, span: StageSpan = no_span) -> Outcome:
        """Run one message through its way. Same envelope, same outcome, byte for byte."""
        if not envelope.body or envelope.body.isspace():
            return Rejected(envelope, Failure(FailureCode.RECEIVE_EMPTY, "The message has no content."))
        if len(envelope.body) > self._limits.message_bytes:
            text = f"The message has {len(envelope.body)} bytes; at most {self._limits.message_bytes} are taken."
            return Rejected(envelope, Failure(FailureCode.RECEIVE_TOO_LARGE, text))
        plan = self._plans.get(envelope.channel)
        if plan is None:
            text = f"There is no channel {envelope.channel!r}; configured are: {', '.join(sorted(self._plans))}."
            return Rejected(envelope, Failure(FailureCode.RECEIVE_UNKNOWN_CHANNEL, text))
        if envelope.direction is Direction.INBOUND:
            return self._inbound.run(envelope, plan, span)
        return self._outbound.run(envelope, plan, span)
