"""From deliveries to outcomes: the pure pipeline on each message, with its span and its canonical log line.

Owns the loop's edge around the pipeline: whatever it raises becomes ``internal.error`` of that one message, recorded
by type alone, and the batch goes on.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from broker.ingest.route import Route
from broker.message import identity
from broker.message.envelope import Envelope
from broker.message.failure import Failure, FailureCode
from broker.observability.logs import logger
from broker.observability.metrics import Metrics
from broker.observability.names import LogEvent
from broker.observability.traces import Tracing
from broker.pipeline.outcome import Accepted, Outcome, Rejected
from broker.pipeline.pipeline import Pipeline
from broker.store.writing import Clock, utc_now
from broker.transport.seam import Delivery
from broker.transport.topology import SAFETY_NET

# W3C Trace Context, section 3.2: anything else that a sender writes there is dropped, since it travels into logs.
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Processing:
    """Turns deliveries into envelopes and envelopes into outcomes."""

    def __init__(
        self,
        pipeline: Pipeline,
        routes: Mapping[str, Route],
        tracing: Tracing,
        metrics: Metrics,
        clock: Clock = utc_now,
    ) -> None:
        """``routes`` is keyed by queue name."""
        self._pipeline = pipeline
        self._routes = routes
        self._tracing = tracing
        self._metrics = metrics
        self._clock = clock

    @property
    def routes(self) -> Mapping[str, Route]:
        """Whose messages each queue holds."""
        return self._routes

    def envelope(self, delivery: Delivery, digest: bytes | None = None) -> Envelope:
        """Give a delivery its derived identity: the same at every redelivery.

        With the ``digest`` of its bytes they are not looked at, and the envelope has none.
        """
        route = self._route(delivery)
        body = b"" if digest else delivery.body if delivery.path is None else delivery.path.read_bytes()
        digest = digest or identity.digest(body)
        # The event id stays the same when a publisher tries again; AMQP's message id is then another one.
        key = identity.deduplication_key(delivery.headers.get("ce-id") or delivery.message_id, digest)
        return Envelope(
            tenant=route.tenant,
            channel=route.channel,
            direction=route.direction,
            message_id=identity.message_id(route.tenant, f"{route.direction}/{route.channel}", key),
            key=key,
            digest=digest,
            received_at=self._clock(),
            body=body,
            reply_to=delivery.reply_to,
            correlation_id=delivery.correlation_id,
            traceparent=_traceparent(delivery),
        )

    def _route(self, delivery: Delivery) -> Route:
        """Whose message it is; one in the safety net is that of the queue it fell from, as far as that is known."""
        queue = delivery.routing_key if delivery.queue == SAFETY_NET else delivery.queue
        return self._routes.get(queue, self._routes[delivery.queue])

    def outcome(self, envelope: Envelope) -> Outcome:
        """Run the pipeline on one message. Never raises: a crash of the pipeline is a rejection."""
        with self._tracing.message(envelope.traceparent, envelope.channel, envelope.message_id) as (traceparent, span):
            traced = envelope if traceparent == envelope.traceparent else replace(envelope, traceparent=traceparent)
            try:
                return self._pipeline.run(traced, span)
            except Exception as error:  # noqa: BLE001  the edge: one message's crash is that message's dead letter
                logger().error(
                    LogEvent.PIPELINE_CRASHED, message_id=str(envelope.message_id), error=type(error).__name__
                )
                return rejected(traced, FailureCode.INTERNAL_ERROR, f"The pipeline raised {type(error).__name__}.")

    def count(self, envelope: Envelope, result: str, code: str | None) -> None:
        """Count a message by what became of it."""
        self._metrics.messages.add(
            1, {"channel": envelope.channel, "direction": envelope.direction, "outcome": result, "code": code or ""}
        )

    def line(self, outcome: Outcome, verdict: str) -> None:
        """Write the message's one canonical log line and count it. ``verdict``: what the store made of it."""
        envelope = outcome.envelope
        code = outcome.failure.code.value if isinstance(outcome, Rejected) else None
        result = verdict if verdict != "new" else ("accepted" if isinstance(outcome, Accepted) else "rejected")
        self.count(envelope, result, code)
        logger().info(
            LogEvent.MESSAGE,
            message_id=str(envelope.message_id),
            tenant=envelope.tenant,
            channel=envelope.channel,
            direction=envelope.direction,
            outcome=result,
            code=code,
            definition=outcome.definition,
            outgoing=len(outcome.outgoing),
            bytes=len(envelope.body),
            traceparent=envelope.traceparent,
        )


def _traceparent(delivery: Delivery) -> str | None:
    given = delivery.headers.get("traceparent", "")
    return given if _TRACEPARENT.fullmatch(given) else None


def rejected(envelope: Envelope, code: FailureCode, text: str) -> Rejected:
    """A rejection with no findings."""
    return Rejected(envelope, Failure(code, text))
