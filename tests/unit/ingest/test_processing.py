"""Processing: identity derived from a delivery, the edge around the pipeline, and what a sender's headers may carry."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO

import pytest

from broker.ingest.processing import Processing
from broker.ingest.route import Route
from broker.message import identity
from broker.message.envelope import Direction, Envelope
from broker.message.failure import FailureCode
from broker.observability.metrics import Metrics
from broker.observability.traces import StageSpan, Tracing, no_span
from broker.pipeline.outcome import Outcome, Rejected
from broker.transport.seam import Delivery
from tests.support.log_lines import collected

AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ROUTES = {
    "in": Route("north", "core", Direction.INBOUND),
    "commands": Route("north", "core", Direction.OUTBOUND),
}


class _Broken:
    """A pipeline with a defect that quotes what it read."""

    def run(self, envelope: Envelope, _: StageSpan = no_span) -> Outcome:
        raise KeyError(envelope.body)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Collect log lines."""
    with collected() as stream:
        yield stream


def _processing() -> Processing:
    return Processing(_Broken(), ROUTES, Tracing(), Metrics(), lambda: AT)  # type: ignore[arg-type]  # only run is used


def test_a_redelivery_has_the_identity_of_the_first_delivery() -> None:
    """Tenant, way, channel and key decide the message's id; how often it came does not."""
    first = _processing().envelope(Delivery("in", 1, b"<a/>", message_id="k"))
    again = _processing().envelope(Delivery("in", 2, b"<a/>", message_id="k", redelivered=True, delivery_count=3))
    assert first == again
    assert (first.tenant, first.channel, first.direction, first.key) == ("north", "core", Direction.INBOUND, "id:k")
    assert first.digest == identity.digest(b"<a/>")
    assert first.received_at == AT


def test_without_an_id_the_bytes_are_the_key() -> None:
    """Two deliveries without an id are one message exactly if their bytes are equal."""
    one, same, other = (_processing().envelope(Delivery("in", 0, body)) for body in (b"<a/>", b"<a/>", b"<b/>"))
    assert one.message_id == same.message_id != other.message_id


def test_the_two_ways_of_a_channel_do_not_share_keys() -> None:
    """The same id on a channel's messages and on its commands names two messages."""
    message, command = (_processing().envelope(Delivery(queue, 0, b"x", message_id="k")) for queue in ROUTES)
    assert message.message_id != command.message_id


@pytest.mark.parametrize(
    ("given", "carried"),
    [
        (TRACE, TRACE),
        ("Anna Example, DE02120300000000202051", None),
        (TRACE.upper(), None),
        (f"{TRACE}-Anna", None),
        (f"{TRACE}\n", None),
        (f"ff{TRACE[2:]}", None),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", None),
        (f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01", None),
        ("", None),
    ],
)
def test_only_a_trace_context_travels_on(given: str, carried: str | None) -> None:
    """A traceparent goes into logs, spans and events; whatever else a sender writes there goes nowhere."""
    envelope = _processing().envelope(Delivery("in", 0, b"<a/>", headers={"traceparent": given}))
    assert envelope.traceparent == carried


def test_a_crash_of_the_pipeline_is_that_messages_failure(log: StringIO) -> None:
    """The batch goes on: the message becomes an internal error, told by the exception's type and nothing it quotes."""
    processing = _processing()
    envelope = processing.envelope(Delivery("in", 0, b"DE00SECRET"))
    outcome = processing.outcome(envelope)
    processing.line(outcome, "new")
    assert isinstance(outcome, Rejected)
    assert outcome.failure.code is FailureCode.INTERNAL_ERROR
    assert outcome.envelope == envelope
    assert "KeyError" in log.getvalue()
    assert "SECRET" not in log.getvalue() + outcome.failure.text


def test_a_message_has_one_line(log: StringIO) -> None:
    """The canonical line tells the outcome: rejected with its code where it is new, else what the store made of it."""
    processing = _processing()
    outcome = processing.outcome(processing.envelope(Delivery("in", 0, b"<a/>")))
    log.truncate(0)
    for verdict in ("new", "duplicate"):
        processing.line(outcome, verdict)
    new, duplicate = log.getvalue().strip("\0\n").splitlines()
    assert '"outcome":"rejected"' in new
    assert '"code":"internal.error"' in new
    assert '"outcome":"duplicate"' in duplicate
