"""OpenTelemetry spans of a message's stages, with the W3C ``traceparent`` carried in and out.

An exception's text may quote a payload, so none is written into a span: its type is in the log, its code on the letter.

With no exporter configured the spans are OpenTelemetry's own no-ops and an incoming ``traceparent`` passes through
unchanged, so that the events of a traced sender stay in its trace.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from broker.observability.names import SpanName

StageSpan = Callable[[SpanName], AbstractContextManager[object]]
"""Opens a child span of the message's; what the pure pipeline is given instead of a tracer."""

Open = Callable[..., AbstractContextManager[Any]]

_PROPAGATOR = TraceContextTextMapPropagator()
_NOTHING = nullcontext()


def no_span(_: SpanName) -> AbstractContextManager[object]:
    """The stage span of an untraced message."""
    return _NOTHING


class Tracing:
    """The process's tracer. ``exporter`` None: spans are not recorded."""

    def __init__(self, exporter: SpanExporter | None = None, resource: Resource | None = None) -> None:
        """Record spans to ``exporter``, in the background."""
        self._provider = TracerProvider(resource=resource) if exporter else None
        if self._provider and exporter:
            self._provider.add_span_processor(BatchSpanProcessor(exporter))
        tracer = self._provider.get_tracer("broker") if self._provider else None
        self._open = (
            partial(tracer.start_as_current_span, record_exception=False, set_status_on_exception=False)
            if tracer
            else None
        )

    @classmethod
    def to(cls, endpoint: str | None, resource: Resource | None = None) -> "Tracing":
        """Trace to an OTLP collector over HTTP; None: off."""
        return cls(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"), resource) if endpoint else cls()

    def message(
        self, traceparent: str | None, channel: str, message_id: UUID
    ) -> AbstractContextManager[tuple[str | None, StageSpan]]:
        """Open the span of one message; gives the ``traceparent`` for what it causes and the opener of stage spans."""
        if self._open is None:
            return nullcontext((traceparent, no_span))
        return self._message(self._open, traceparent, {"channel": channel, "message_id": str(message_id)})

    @staticmethod
    @contextmanager
    def _message(
        open_span: Open, traceparent: str | None, attributes: dict[str, str]
    ) -> Iterator[tuple[str | None, StageSpan]]:
        with open_span(SpanName.PROCESS, context=_context(traceparent), attributes=attributes) as span:
            yield _traceparent(span), open_span

    @contextmanager
    def batch(self, name: SpanName, size: int) -> Iterator[None]:
        """Open a span for work that is done for a whole batch."""
        if self._open is None:
            yield
            return
        with self._open(name, attributes={"batch.size": size}):
            yield

    def close(self) -> None:
        """Export what is left and stop. Idempotent."""
        if self._provider:
            self._provider.shutdown()


def _context(traceparent: str | None) -> Context | None:
    return _PROPAGATOR.extract({"traceparent": traceparent}) if traceparent else None


def _traceparent(span: trace.Span) -> str | None:
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, context=trace.set_span_in_context(span))
    return carrier.get("traceparent")
