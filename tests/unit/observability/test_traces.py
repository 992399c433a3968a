"""Traces: in the sender's trace, with the stages inside the message, and never with an exception's text."""

from uuid import UUID

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from broker.observability.names import SpanName
from broker.observability.traces import Tracing

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
MESSAGE = UUID(int=7)


def test_without_an_exporter_the_trace_passes_through() -> None:
    """What comes in goes out, and stage spans cost nothing."""
    with Tracing().message(GIVEN, "core", MESSAGE) as (carried, span), span(SpanName.PARSE):
        assert carried == GIVEN


def test_spans_stay_in_the_senders_trace() -> None:
    """The message's span is a child of the sender's, the stage a child of the message's, and what goes out names it."""
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    with tracing.message(GIVEN, "core", MESSAGE) as (carried, span), span(SpanName.PARSE):
        pass
    tracing.close()
    stage, message = exporter.get_finished_spans()
    assert (message.name, stage.name) == ("process", "parse")
    assert message.parent is not None
    assert stage.parent is not None
    assert f"{message.parent.trace_id:032x}-{message.parent.span_id:016x}" in GIVEN
    assert stage.parent.span_id == message.context.span_id
    assert carried == f"00-{message.context.trace_id:032x}-{message.context.span_id:016x}-01"


def test_an_exception_leaves_no_text_in_its_spans() -> None:
    """A crash of the pipeline may quote what it read; the spans it passes through keep nothing of it."""
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    with (
        pytest.raises(KeyError),
        tracing.message(None, "core", MESSAGE) as (_, span),
        span(SpanName.TRANSFORM),
        tracing.batch(SpanName.STORE, 3),
    ):
        raise KeyError("DE00SECRET")
    tracing.close()
    spans = exporter.get_finished_spans()
    assert len(spans) == 3
    assert not any("SECRET" in each.to_json() for each in spans)
