"""XML from a core: each failure code the inbound way gives, and what an accepted message causes."""

import hashlib
from contextlib import AbstractContextManager, nullcontext

import orjson
import pytest

from broker.generate import DAMAGE, DEFINITIONS, Generator
from broker.message import identity
from broker.message.envelope import Destination, Direction
from broker.message.failure import FailureCode
from broker.message.finding import Finding, Severity
from broker.observability.names import SpanName
from broker.pipeline.inbound import failure as failure_of
from broker.pipeline.outcome import Accepted, Outcome, Rejected
from broker.pipeline.pipeline import Pipeline
from tests.support.envelopes import TRACE, envelope


def _run(pipeline: Pipeline, body: bytes, channel: str = "strict") -> Outcome:
    return pipeline.run(envelope(body, Direction.INBOUND, channel))


@pytest.mark.parametrize("kind", DAMAGE)
def test_each_kind_of_damage_has_its_code(pipeline: Pipeline, generator: Generator, kind: str) -> None:
    """A damaged message is rejected with the code of its damage, and causes nothing."""
    bad = generator.bad(kind)
    outcome = _run(pipeline, bad.body)
    assert isinstance(outcome, Rejected)
    assert outcome.failure.code is bad.expected
    assert outcome.failure.text
    assert outcome.outgoing == ()


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
def test_nothing_is_empty(pipeline: Pipeline, direction: Direction, body: bytes) -> None:
    """A message without content is told apart before any parser sees it, either way."""
    outcome = pipeline.run(envelope(body, direction))
    assert isinstance(outcome, Rejected)
    assert outcome.failure.code is FailureCode.RECEIVE_EMPTY


@pytest.mark.parametrize("direction", Direction)
def test_a_message_over_the_limit_is_not_looked_into(pipeline: Pipeline, direction: Direction) -> None:
    """One byte more than allowed is refused by size, either way; the limit itself is not."""
    at_most, over = (pipeline.run(envelope(b"x" * size, direction)) for size in (1_000_000, 1_000_001))
    assert isinstance(at_most, Rejected)
    assert isinstance(over, Rejected)
    assert at_most.failure.code is not FailureCode.RECEIVE_TOO_LARGE
    assert over.failure.code is FailureCode.RECEIVE_TOO_LARGE


def test_a_channel_accepts_what_it_says(pipeline: Pipeline, generator: Generator) -> None:
    """A definition that the channel does not accept is refused by name; one that it accepts is taken."""
    refused = _run(pipeline, generator.pacs_008().body, "picky")
    assert isinstance(refused, Rejected)
    assert (refused.failure.code, refused.definition) == (FailureCode.IDENTIFY_NOT_ACCEPTED, "pacs.008.001.08")
    assert "pacs.002.001.10" in refused.failure.text
    assert isinstance(_run(pipeline, generator.pacs_002().body, "picky"), Accepted)


def test_a_message_may_not_cause_events_without_end(pipeline: Pipeline, generator: Generator) -> None:
    """One event more than allowed is refused as a whole; as many as allowed are taken."""
    allowed = _run(pipeline, generator.pacs_008(generator.transfer(19)).body)
    refused = _run(pipeline, generator.pacs_008(generator.transfer(20)).body)
    assert isinstance(allowed, Accepted)
    assert len(allowed.outgoing) == 20
    assert isinstance(refused, Rejected)
    assert refused.failure.code is FailureCode.TRANSFORM_TOO_MANY_EVENTS
    assert refused.definition == "pacs.008.001.08"


def test_a_finding_names_what_is_wrong_and_the_header_the_message(pipeline: Pipeline, generator: Generator) -> None:
    """The dead letter says how many findings, the first in words, and the business message id where it was read."""
    bad = generator.bad("header-says-another-definition")
    outcome = _run(pipeline, bad.body)
    assert isinstance(outcome, Rejected)
    assert outcome.failure.text.startswith("1 finding; the first: ")
    assert outcome.business_id is not None
    assert f"<BizMsgIdr>{outcome.business_id}</BizMsgIdr>".encode() in bad.body


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (("rule.x",), FailureCode.VALIDATE_RULE),
        (("rule.x", "header.definition"), FailureCode.VALIDATE_HEADER),
        (("rule.x", "header.definition", "schema.order"), FailureCode.VALIDATE_SCHEMA),
    ],
)
def test_the_code_follows_the_first_family(rules: tuple[str, ...], code: FailureCode) -> None:
    """Schema before header before rules: what is wrong further in is often a consequence."""
    findings = tuple(Finding(rule, Severity.ERROR, "/", 1, "wrong") for rule in rules)
    failure = failure_of(findings, findings)
    assert failure.code is code
    assert failure.findings == findings


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_an_accepted_message_causes_its_events(pipeline: Pipeline, generator: Generator, definition: str) -> None:
    """Each event has its own id, goes to the topic of its type, and says where it comes from."""
    sample = next(each for each in generator.mixed(300, bad=0) if each.definition == definition)
    received = envelope(sample.body, Direction.INBOUND)
    outcome = pipeline.run(received)
    assert isinstance(outcome, Accepted)
    assert outcome.definition == definition
    assert outcome.business_id is not None
    assert outcome.business_id.encode() in sample.body
    assert len({each.event_id for each in outcome.outgoing}) == len(outcome.outgoing) > 0
    for position, each in enumerate(outcome.outgoing):
        event = orjson.loads(each.body)
        assert each.destination is Destination.EVENT
        assert each.address == f"north.{each.event_type}"
        assert each.event_id == identity.event_id(received.message_id, each.event_type, position)
        assert (event["id"], event["type"]) == (str(each.event_id), each.event_type)
        assert event["data"]["origin"]["message_definition"] == definition
        assert (each.correlation_id, each.traceparent) == ("correlation", TRACE)


def test_the_same_message_gives_the_same_bytes(pipeline: Pipeline, generator: Generator) -> None:
    """The pipeline has no clock and no chance: running again changes nothing."""
    received = envelope(generator.pacs_008(wrapped=True).body, Direction.INBOUND)
    assert pipeline.run(received) == pipeline.run(received)


def test_the_audit_log_is_told_of_every_form(pipeline: Pipeline, generator: Generator) -> None:
    """Digests of the received bytes, of RA JSON, and of all events in their order."""
    received = envelope(generator.pacs_008().body, Direction.INBOUND)
    outcome = pipeline.run(received)
    assert isinstance(outcome, Accepted)
    events = hashlib.sha256(b"".join(each.body for each in outcome.outgoing)).digest()
    assert outcome.digests.keys() == {"received", "ra-json", "event"}
    assert (outcome.digests["received"], outcome.digests["event"]) == (received.digest, events)


@pytest.mark.parametrize("kind", ["code-unknown", "amount-with-comma", "element-unknown", "wrong-order"])
def test_a_lenient_channel_keeps_the_findings(pipeline: Pipeline, generator: Generator, kind: str) -> None:
    """What breaks the schema is accepted with its findings where the channel says so, and still gives events."""
    outcome = _run(pipeline, generator.bad(kind).body, "lenient")
    assert isinstance(outcome, Accepted)
    assert any(each.rule.startswith("schema.") for each in outcome.findings)
    assert outcome.outgoing


def test_a_lenient_channel_flags_its_events(pipeline: Pipeline, generator: Generator) -> None:
    """What breaks a rule is rejected on a strict channel; a lenient one takes all of it and says so in each event."""
    body = generator.pacs_008(generator.transfer(2)).body.replace(b"<NbOfTxs>2<", b"<NbOfTxs>7<")

    strict, lenient = _run(pipeline, body), _run(pipeline, body, "lenient")

    assert isinstance(strict, Rejected)
    assert strict.failure.code is FailureCode.VALIDATE_RULE
    assert isinstance(lenient, Accepted)
    assert [each.rule for each in lenient.findings] == ["total.transactions"]
    events = [orjson.loads(each.body)["data"] for each in lenient.outgoing]
    assert [(each["origin"]["lenient"], each["origin"]["findings"]) for each in events] == [(True, 1)] * 3
    assert events[0]["number_of_transactions"] == 7


def test_a_lenient_channel_flags_no_good_message(pipeline: Pipeline, generator: Generator) -> None:
    """A message that a strict channel accepts gives the same data on a lenient one."""
    body = generator.pacs_008().body.replace(b"<Cd>SEPA<", b"<Cd>SEPP<")  # a warning

    strict, lenient = _run(pipeline, body), _run(pipeline, body, "lenient")

    assert isinstance(strict, Accepted)
    assert isinstance(lenient, Accepted)
    assert [each.rule for each in lenient.findings] == ["code.unknown"]
    data = [[orjson.loads(each.body)["data"] for each in outcome.outgoing] for outcome in (strict, lenient)]
    assert data[0] == data[1]


def test_a_lenient_channel_still_wants_a_message(pipeline: Pipeline, generator: Generator) -> None:
    """What cannot be parsed or identified is rejected on every channel."""
    for kind in ("cut-off", "doctype", "no-document", "unknown-definition"):
        assert isinstance(_run(pipeline, generator.bad(kind).body, "lenient"), Rejected)


def test_stages_are_spans(pipeline: Pipeline, generator: Generator) -> None:
    """Each stage that a message reaches opens its span, in order."""
    good, bad = (_stages(pipeline, body) for body in (generator.pacs_008().body, generator.bad("cut-off").body))
    assert good == [SpanName.PARSE, SpanName.VALIDATE, SpanName.TRANSFORM]
    assert bad == [SpanName.PARSE]


def _stages(pipeline: Pipeline, body: bytes) -> list[SpanName]:
    opened: list[SpanName] = []

    def span(name: SpanName) -> AbstractContextManager[object]:
        opened.append(name)
        return nullcontext()

    pipeline.run(envelope(body, Direction.INBOUND), span)
    return opened
