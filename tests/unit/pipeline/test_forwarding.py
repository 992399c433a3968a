"""A message that goes on to another core: in the version it speaks, beside its events, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from broker.errors import ConfigurationError
from broker.generate import Generator
from broker.message import identity
from broker.message.envelope import Destination, Direction, Envelope, Outgoing
from broker.message.failure import FailureCode
from broker.message.finding import Severity
from broker.parse import Parsed, parse
from broker.pipeline.forwarding import Forwarding
from broker.pipeline.outcome import Accepted, Outcome, Rejected
from broker.settings import Settings
from broker.transform.bridge import Bridge
from broker.transform.ra_json import to_object
from broker.workbench import Workbench
from tests.support.versions import canonical

CHANNELS = {
    "core-a": {"forward": {"pacs.008": "core-b", "pacs.002": "core-b"}},
    "lenient": {"forward": {"pacs.008": "core-b", "pacs.002": "core-b"}, "mode": "lenient"},
    "to-lossy": {"forward": {"pacs.008": "lossy"}},
    "core-b": {"speaks": {"pacs.008": "pacs.008.001.07", "pacs.002": "pacs.002.001.10"}},
    "lossy": {"speaks": {"pacs.008": "pacs.008.001.07"}, "on_loss": "report"},
}


@pytest.fixture(scope="module")
def bench() -> Workbench:
    """The pure rooms, with channels that pass messages on."""
    return Workbench(Settings.model_validate({"channels": CHANNELS}))


@pytest.fixture
def generator(bench: Workbench) -> Generator:
    """Messages of our own making."""
    return Generator(bench.catalogue, 31)


def run(bench: Workbench, body: bytes, channel: str = "core-a") -> Outcome:
    """The outcome of one message of a channel."""
    digest = identity.digest(body)
    key = identity.deduplication_key(None, digest)
    message_id = identity.message_id("default", channel, key)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    envelope = Envelope("default", channel, Direction.INBOUND, message_id, key, digest, at, body, None, "corr", "trace")
    return bench.pipeline.run(envelope)


def accepted(outcome: Outcome) -> tuple[Accepted, list[Outgoing]]:
    """An accepted message, and what goes on of it."""
    assert isinstance(outcome, Accepted), outcome
    return outcome, [each for each in outcome.outgoing if each.destination is Destination.CORE]


def test_a_message_of_the_same_version_goes_on_byte_for_byte(bench: Workbench, generator: Generator) -> None:
    """Nothing is read out of it and nothing put in; its events are what they are without."""
    body = generator.pacs_002().body
    outcome, passed_on = accepted(run(bench, body))
    assert [each.body for each in passed_on] == [body]
    events = [each.event_type for each in outcome.outgoing if each.destination is Destination.EVENT]
    assert events[0] == "iso20022.payment.status-message.v1"
    assert set(outcome.digests) == {"received", "ra-json", "event", "core"}


def test_a_message_of_another_version_is_rewritten(bench: Workbench, generator: Generator) -> None:
    """To the queue of the other core, with the correlation, trace and subject of what it came of."""
    body = simple(generator)
    outcome, (passed_on,) = accepted(run(bench, body))
    assert canonical(passed_on.body) == canonical(body.replace(b"pacs.008.001.08", b"pacs.008.001.07"))
    assert bench.catalogue.validator("pacs.008.001.07").validate(etree.fromstring(passed_on.body))
    assert (passed_on.address, passed_on.event_type, passed_on.content_type) == (
        "core-b",
        "pacs.008.001.07",
        "application/xml",
    )
    assert (passed_on.correlation_id, passed_on.traceparent) == ("corr", "trace")
    assert passed_on.subject == outcome.business_id
    assert outcome.definition == "pacs.008.001.08"
    assert run(bench, body) == outcome, "same envelope, same outcome: the event id too"


def simple(generator: Generator) -> bytes:
    """A message that both versions can hold."""
    return leave_out(generator.pacs_008().body, "LEI", "UETR")


def leave_out(body: bytes, *names: str) -> bytes:
    """The message without some elements, and without what is then empty."""
    root = etree.fromstring(body)
    for element in [each for name in names for each in root.iterfind(f".//{{*}}{'/{*}'.join(name.split('/'))}")]:
        chain = [element, *element.iterancestors()]
        last = next(number for number, above in enumerate(chain[1:]) if len(above) > 1)
        chain[last + 1].remove(chain[last])
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def test_what_would_be_lost_refuses_the_message(bench: Workbench, generator: Generator) -> None:
    """As a dead letter that names the places; no event is published and nothing goes on."""
    outcome = run(bench, generator.pacs_008().body)
    assert isinstance(outcome, Rejected)
    assert (outcome.failure.code, outcome.outgoing) == (FailureCode.TRANSFORM_NOT_REPRESENTABLE, ())
    assert outcome.definition == "pacs.008.001.08"
    assert "core-b as pacs.008.001.07" in outcome.failure.text
    assert {each.severity for each in outcome.failure.findings} == {Severity.ERROR}
    assert all(each.rule == "mapping.not-representable" for each in outcome.failure.findings)


def test_a_channel_may_have_losses_noted_instead(bench: Workbench, generator: Generator) -> None:
    """What was left out is named in the accepted message's findings, as warnings."""
    body = generator.pacs_008().body
    outcome, (passed_on,) = accepted(run(bench, body, "to-lossy"))
    assert {each.severity for each in outcome.findings} == {Severity.WARNING}
    lost = {each.path.rpartition("/")[2] for each in outcome.findings}
    assert lost == {"UETR"}
    assert b"<UETR>" in body
    assert b"<UETR>" not in passed_on.body


def test_a_message_that_loses_very_much_says_how_much(bench: Workbench, generator: Generator) -> None:
    """A hundred places by name, then their number: findings are kept beside each message."""
    body = generator.pacs_008(generator.transfer(120)).body
    outcome = run(bench, body)
    assert isinstance(outcome, Rejected)
    *named, more = outcome.failure.findings
    assert (len(named), more.rule, more.severity) == (100, "bridge.more", Severity.ERROR)
    assert f"of {100 + int(more.text.split()[0])} losses" in outcome.failure.text


def test_what_the_other_version_demands_refuses_the_message_even_so(generator: Generator) -> None:
    """Nobody invents it."""
    channels = {
        "a": {"forward": {"pacs.008": "b"}},
        "b": {"speaks": {"pacs.008": "pacs.008.001.02"}, "on_loss": "report"},
    }
    bench = Workbench(Settings.model_validate({"channels": channels}))
    outcome = run(bench, leave_out(generator.pacs_008().body, "TxId"), "a")
    assert isinstance(outcome, Rejected)
    assert outcome.failure.code is FailureCode.TRANSFORM_NOT_REPRESENTABLE
    assert outcome.failure.findings[0].path.endswith("/PmtId/TxId")


def test_families_that_are_not_named_go_nowhere(bench: Workbench, generator: Generator) -> None:
    """They cause their events and no more."""
    _, passed_on = accepted(run(bench, generator.camt_053().body))
    assert passed_on == []


def test_what_a_lenient_channel_let_by_goes_on_as_it_is_or_not_at_all(bench: Workbench, generator: Generator) -> None:
    """Of the same version it goes on as it came; of another it cannot be rewritten, and says why it is not valid."""
    same = generator.pacs_002().body.replace(b"<TxSts>", b"<TxSts>X")
    _, passed_on = accepted(run(bench, same, "lenient"))
    assert [each.body for each in passed_on] == [same]
    other = run(bench, generator.bad("uetr-upper-case").body, "lenient")
    assert isinstance(other, Rejected)
    assert other.failure.code is FailureCode.VALIDATE_SCHEMA


def test_a_result_that_breaks_a_rule_is_not_sent(bench: Workbench, generator: Generator) -> None:
    """What was rewritten is validated as if another had sent it."""
    body = simple(generator).replace(b"<NbOfTxs>1<", b"<NbOfTxs>7<")
    parsed = parse(body, bench.limits, bench.catalogue)
    assert isinstance(parsed, Parsed)
    ra = to_object(parsed.document, bench.catalogue.schema(parsed.definition))
    forwarding = Forwarding(bench.catalogue, Bridge(bench.catalogue, bench.mappings), bench.limits)
    made = forwarding.rewrite(parsed, ra, "pacs.008.001.07")
    assert made.xml is None
    assert [each.path.rpartition("/")[2] for each in made.findings] == ["NbOfTxs"]


def test_a_result_over_the_limits_is_not_sent(bench: Workbench, generator: Generator) -> None:
    """What bounds messages that are received bounds those that were rewritten."""
    body = simple(generator)
    parsed = parse(body, bench.limits, bench.catalogue)
    assert isinstance(parsed, Parsed)
    ra = to_object(parsed.document, bench.catalogue.schema(parsed.definition))
    narrow = replace(bench.limits, max_elements=10)
    made = Forwarding(bench.catalogue, Bridge(bench.catalogue, bench.mappings), narrow).rewrite(
        parsed, ra, "pacs.008.001.07"
    )
    assert made.xml is None
    assert [each.rule for each in made.findings] == ["parse.too-many-elements"]


@pytest.mark.parametrize(
    ("channels", "said"),
    [
        ({"a": {"forward": {"pacs.008": "nobody"}}}, "nobody is no other channel"),
        ({"a": {"forward": {"pacs.008": "a"}}}, "a is no other channel"),
        ({"a": {"forward": {"pacs.008": "b"}}, "b": {"tenant": "other"}}, "of the same tenant"),
        ({"a": {"forward": {"pacs.008": "b"}, "bulk": True}, "b": {}}, "a bulk channel forwards nothing"),
    ],
)
def test_settings_that_cannot_be_meant(channels: dict[str, object], said: str) -> None:
    """A channel must be there, be another, and belong to the same tenant; a bulk message cannot be rewritten."""
    with pytest.raises(ValueError, match=said):
        Settings.model_validate({"channels": channels})


def test_a_version_must_be_said() -> None:
    """Of a family that has no usual version, the other channel says which it takes."""
    channels = {"a": {"forward": {"acmt.001": "b"}}, "b": {}}
    with pytest.raises(ConfigurationError, match=r"b\.speaks does not say"):
        _ = Workbench(Settings.model_validate({"channels": channels})).pipeline
