"""JSON commands for a core: each failure code the outbound way gives, the answers, and the XML of a good one."""

import dataclasses
from typing import Any

import orjson
import pytest
from lxml import etree

from broker.generate import BAD_COMMANDS, Generator
from broker.message import identity
from broker.message.envelope import Destination, Direction
from broker.message.failure import Failure, FailureCode
from broker.message.finding import Finding, Severity
from broker.pipeline.outbound import _made_of, _refused
from broker.pipeline.outcome import Accepted, Outcome, Rejected
from broker.pipeline.pipeline import Pipeline
from broker.workbench import Workbench
from tests.support.envelopes import TRACE, envelope

TRANSFER = "iso20022.payment.transfer.v1"
REPLIES = "iso20022.replies.me"


def _run(pipeline: Pipeline, command: object, channel: str = "strict", reply_to: str | None = None) -> Outcome:
    body = command if isinstance(command, bytes) else orjson.dumps(command)
    return pipeline.run(envelope(body, Direction.OUTBOUND, channel, reply_to))


def _event(pipeline: Pipeline, generator: Generator) -> dict[str, Any]:
    """Give a transfer as the event that a core's message gave."""
    outcome = pipeline.run(envelope(generator.pacs_008().body, Direction.INBOUND))
    made: dict[str, Any] = orjson.loads(outcome.outgoing[1].body)
    assert made["type"] == TRANSFER
    return made


def _code(outcome: Outcome) -> FailureCode:
    assert isinstance(outcome, Rejected)
    assert outcome.failure.text
    return outcome.failure.code


@pytest.mark.parametrize("kind", BAD_COMMANDS)
def test_each_kind_of_bad_command_has_its_code(pipeline: Pipeline, generator: Generator, kind: str) -> None:
    """A damaged command is rejected with the code of its damage; nobody asked for an answer."""
    bad = generator.command(kind)
    outcome = _run(pipeline, bad.body)
    assert _code(outcome) is bad.expected
    assert outcome.outgoing == ()


@pytest.mark.parametrize(
    "command",
    [
        [],
        [{}],
        [{"Document": {}}],
        "text",
        {},
        {"data": {}},
        {"Document": {}},
        {"Document": "text"},
        {"Document": {"FIToFICstmrCdtTrf": {}, "FIToFIPmtStsRpt": {}}},
        {"Document": {"Nothing": {}}},
        {"specversion": "1.0"},
        {"specversion": "1.0", "type": TRANSFER},
        {"specversion": "1.0", "type": 1, "data": {}},
        {"specversion": "1.0", "type": TRANSFER, "data": []},
        {"specversion": "1.0", "type": "iso20022.payment.unheard-of.v1", "data": {}},
        {"specversion": "1.0", "type": "iso20022.message.generic.v1", "data": {}},
    ],
)
def test_a_command_must_say_what_it_is(pipeline: Pipeline, command: object) -> None:
    """Neither RA JSON of one message this channel sends nor an event it can be made of: the type is unknown."""
    assert _code(_run(pipeline, command)) is FailureCode.COMMAND_UNKNOWN_TYPE


def test_an_event_must_fit_its_model(pipeline: Pipeline, generator: Generator) -> None:
    """A member missing or unknown is named by its path."""
    event = _event(pipeline, generator)
    del event["data"]["debtor"]
    outcome = _run(pipeline, event)
    assert _code(outcome) is FailureCode.COMMAND_INVALID
    assert isinstance(outcome, Rejected)
    assert [each.path for each in outcome.failure.findings] == ["$.debtor"]


def test_the_general_rules_hold_for_what_we_send(pipeline: Pipeline, generator: Generator) -> None:
    """An IBAN with wrong check digits refuses the command, though the schema takes it; rule and place are named."""
    event = _event(pipeline, generator)
    iban = event["data"]["creditor_account"]["iban"]
    event["data"]["creditor_account"]["iban"] = f"{iban[:2]}{98 - int(iban[2:4]) // 2:02}{iban[4:]}"
    outcome = _run(pipeline, event)
    assert _code(outcome) is FailureCode.COMMAND_INVALID
    assert isinstance(outcome, Rejected)
    assert [each.rule for each in outcome.failure.findings] == ["iban.check-digits"]
    assert outcome.failure.findings[0].path.endswith("/CdtrAcct/Id/IBAN")


def test_what_is_only_odd_is_noted(pipeline: Pipeline, generator: Generator) -> None:
    """A breach of a rule that is a warning goes out, and is kept with the message."""
    event = _event(pipeline, generator)
    event["data"]["settlement_date"] = "2099-01-01"
    outcome = _run(pipeline, event)
    assert isinstance(outcome, Accepted)
    assert "date.far" in [each.rule for each in outcome.findings]


def test_a_version_that_has_no_place_refuses(pipeline: Pipeline, generator: Generator) -> None:
    """The channel speaks an older version: what it cannot say is a finding, never left out."""
    event = _event(pipeline, generator)
    event["data"]["instructed_agent"]["lei"] = "529900T8BM49AURSDO55"
    assert isinstance(_run(pipeline, event, "strict"), Accepted)
    outcome = _run(pipeline, event, "old")
    assert _code(outcome) is FailureCode.COMMAND_NOT_REPRESENTABLE
    assert isinstance(outcome, Rejected)
    assert {each.rule for each in outcome.failure.findings} == {"mapping.not-representable"}
    assert "$.instructed_agent.lei" in [each.path for each in outcome.failure.findings]


def test_a_header_of_another_version_is_refused(pipeline: Pipeline, generator: Generator) -> None:
    """The header names a definition other than the one the channel is configured to send."""
    command = orjson.loads(generator.command(wrapped=True).body)
    command["AppHdr"]["MsgDefIdr"] = "pacs.008.001.99"
    assert _code(_run(pipeline, command)) is FailureCode.COMMAND_NOT_REPRESENTABLE


def test_what_our_own_check_finds_is_our_own_defect() -> None:
    """A finding of the schema's validator on what was written is told apart: the sender cannot mend it."""
    ours = (Finding("json.schema", Severity.ERROR, "", 0, "not permitted"),)
    theirs = (Finding("json.type", Severity.ERROR, "$.Document", 0, "expected an object"),)
    assert _refused(ours, FailureCode.COMMAND_INVALID).code is FailureCode.COMMAND_OUTPUT_INVALID
    assert _refused(theirs, FailureCode.COMMAND_INVALID).code is FailureCode.COMMAND_INVALID


@pytest.mark.parametrize("wrapped", [False, True])
def test_ra_json_becomes_valid_xml(
    pipeline: Pipeline, bench: Workbench, generator: Generator, *, wrapped: bool
) -> None:
    """One message for the core's queue, valid by the schema, with the header beside it where the command had one."""
    command = generator.command(wrapped=wrapped)
    received = envelope(command.body, Direction.OUTBOUND)
    outcome = pipeline.run(received)
    assert isinstance(outcome, Accepted)
    (made,) = outcome.outgoing
    root = etree.fromstring(made.body)
    document = next(root.iter("{*}Document"))
    assert (root.tag == "Envelope", root.find("{*}AppHdr") is not None) == (wrapped, wrapped)
    assert bench.catalogue.validator("pacs.008.001.08").validate(etree.fromstring(etree.tostring(document)))
    assert (made.destination, made.address, made.content_type) == (Destination.CORE, "strict", "application/xml")
    assert made.event_id == identity.event_id(received.message_id, "pacs.008.001.08", 0)
    assert (
        made.subject
        == outcome.business_id
        == orjson.loads(command.body)["Document"]["FIToFICstmrCdtTrf"]["GrpHdr"]["MsgId"]
    )
    assert (made.correlation_id, made.traceparent) == ("correlation", TRACE)


def test_an_event_may_be_sent_on_as_it_came(pipeline: Pipeline, generator: Generator) -> None:
    """A received transfer is a command as it stands, origin and all, and says the same again."""
    event = _event(pipeline, generator)
    outcome = _run(pipeline, event)
    assert isinstance(outcome, Accepted)
    back = orjson.loads(pipeline.run(envelope(outcome.outgoing[0].body, Direction.INBOUND)).outgoing[1].body)
    for each in (event, back):
        del each["data"]["origin"]
    assert back["data"] == event["data"]


def test_the_events_of_a_message_become_one_message(pipeline: Pipeline, generator: Generator) -> None:
    """An array of all the events that a message of several transfers gave is a command that says the same again."""
    received = pipeline.run(envelope(generator.pacs_008(generator.transfer(3)).body, Direction.INBOUND))
    events = [orjson.loads(each.body) for each in received.outgoing]
    outcome = _run(pipeline, events)
    assert isinstance(outcome, Accepted)
    (made,) = outcome.outgoing
    again = pipeline.run(envelope(made.body, Direction.INBOUND))
    back = [orjson.loads(each.body) for each in again.outgoing]
    for each in (*events, *back):
        del each["data"]["origin"]
    assert [each["data"] for each in back] == [each["data"] for each in events]


def test_events_of_two_messages_are_no_command(pipeline: Pipeline, generator: Generator) -> None:
    """What two messages say of their header is a contradiction, named by its place in the array."""
    outcome = _run(pipeline, [_event(pipeline, generator), _event(pipeline, generator)])
    assert _code(outcome) is FailureCode.COMMAND_INVALID
    assert isinstance(outcome, Rejected)
    first = outcome.failure.findings[0]
    assert (first.rule, first.path) == ("mapping.contradiction", "$[1].message.id")


def test_a_channel_may_let_losses_go(pipeline: Pipeline, generator: Generator) -> None:
    """Where the channel says so the message goes without what its version cannot hold, and each loss is a warning."""
    event = _event(pipeline, generator)
    event["data"]["instructed_agent"]["lei"] = "529900T8BM49AURSDO55"
    outcome = _run(pipeline, event, "lossy")
    assert isinstance(outcome, Accepted)
    assert b"529900T8BM49AURSDO55" not in outcome.outgoing[0].body
    lost = {each.path: (each.rule, each.severity) for each in outcome.findings}
    assert lost["$.instructed_agent.lei"] == ("mapping.not-representable", Severity.WARNING)


def test_an_event_of_several_messages_says_which(bench: Workbench) -> None:
    """A status is one of pacs.002 or of pain.002: the family its origin names is made, without one none is."""
    plan = bench.plans["strict"]
    possible = {"iso20022.x.v1": ("pacs.002.001.10", "pain.002.001.10")}
    plan = dataclasses.replace(plan, events=possible)
    named = {"origin": {"message_definition": "pain.002.001.03"}}
    assert _made_of([("iso20022.x.v1", named)], plan) == "pain.002.001.10"
    for data in ({}, {"origin": {"message_definition": "pain.001.001.03"}}, {"origin": {"message_definition": 2}}):
        refused = _made_of([("iso20022.x.v1", data)], plan)
        assert isinstance(refused, Failure)
        assert "message_definition" in refused.text


def test_a_refused_sender_is_answered_where_it_asked(pipeline: Pipeline, generator: Generator) -> None:
    """The answer is an event with the code, the reason and the findings, for the queue that the sender named."""
    bad = generator.command("command-member-missing")
    received = envelope(bad.body, Direction.OUTBOUND, reply_to=REPLIES)
    outcome = pipeline.run(received)
    assert isinstance(outcome, Rejected)
    (answer,) = outcome.outgoing
    event = orjson.loads(answer.body)
    assert (answer.destination, answer.address) == (Destination.REPLY, REPLIES)
    assert (answer.correlation_id, event["type"]) == ("correlation", "iso20022.command.rejected.v1")
    assert event["data"]["code"] == "command.invalid"
    assert event["data"]["text"] == outcome.failure.text
    assert event["data"]["findings"] == [each.as_dict() for each in outcome.failure.findings] != []


@pytest.mark.parametrize(
    ("reply_to", "answered"),
    [
        (REPLIES, True),
        ("amq.gen-abc", True),
        ("amq.rabbitmq.reply-to.g2dk", True),
        ("iso20022.in.strict", False),
        ("iso20022.out.strict", False),
        ("somebody.elses.queue", False),
        ("", False),
        (None, False),
    ],
)
def test_only_reply_queues_are_answered(
    pipeline: Pipeline, generator: Generator, reply_to: str | None, *, answered: bool
) -> None:
    """A sender cannot have the broker write into a queue that is not meant for answers."""
    outcome = _run(pipeline, generator.command("command-null").body, reply_to=reply_to)
    assert bool(outcome.outgoing) is answered
