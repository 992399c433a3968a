"""Conversions in one call: both directions, events, and what is refused."""

import doctest
import re

import orjson
import pytest

from broker import conversion
from broker.conversion import InvalidMessageError, converter, from_events, to_events, to_json, to_version, to_xml
from broker.errors import ConfigurationError
from broker.generate import Generator
from broker.message.finding import Severity
from broker.parse import Parsed


@pytest.fixture
def generator() -> Generator:
    """Messages of our own making."""
    return Generator(converter().catalogue, 21)


def test_the_examples_in_the_docstring_run() -> None:
    """What the module shows is what it does."""
    done = doctest.testmod(conversion)
    assert (done.attempted > 3, done.failed) == (True, 0)


def test_there_and_back_is_the_same_json(generator: Generator) -> None:
    """A message of every kind, bare and wrapped, comes back as it was."""
    for sample in generator.mixed(20, bad=0):
        assert to_json(to_xml(to_json(sample.body))) == to_json(sample.body)


def test_events_are_cloud_events(generator: Generator) -> None:
    """The message's own event comes first."""
    events = [orjson.loads(each) for each in to_events(generator.pacs_008().body)]
    assert [each["specversion"] for each in events] == ["1.0", "1.0"]
    assert events[0]["type"] == "iso20022.payment.transfer-message.v1"


@pytest.mark.parametrize("convert", [to_json, to_events])
def test_what_is_not_valid_raises_its_findings(generator: Generator, convert: object) -> None:
    """Nothing is converted half."""
    assert callable(convert)
    with pytest.raises(InvalidMessageError) as raised:
        convert(generator.bad("mandatory-missing").body)
    assert raised.value.findings[0].rule == "schema.missing"


def test_events_become_the_message_they_came_from(generator: Generator) -> None:
    """Messages of every kind go to events and back, given as they came, or as one JSON array in any version."""
    for sample in generator.mixed(20, bad=0):
        events = to_events(sample.body)
        made = from_events(events)
        assert made.report.losses == ()
        assert _data(to_events(made.xml)) == _data(events)
        assert to_xml(b"[" + b",".join(events) + b"]") == made.xml
        assert to_xml(b"\n".join(events) + b"\n") == made.xml


def test_what_a_version_cannot_hold_is_refused_or_reported(generator: Generator) -> None:
    """A reference that version 02 has no place for raises, or is named in the report and left out."""
    events = to_events(generator.pacs_008().body)
    with pytest.raises(InvalidMessageError, match="not-representable"):
        from_events(events, "pacs.008.001.02")
    made = from_events(events, "pacs.008.001.02", allow_loss=True)
    assert "$[1].references.uetr" in [each.path for each in made.report.losses]
    assert (made.report.source, made.report.target) == ("iso20022.payment.transfer-message.v1", "pacs.008.001.02")
    assert b"pacs.008.001.02" in made.xml


@pytest.mark.parametrize("events", [b"{}", b'[{"type": 1, "data": {}}]', b'{"type": "x", "data": []}', b"[[]]", b"["])
def test_what_is_no_event_is_refused(events: bytes) -> None:
    """Neither an event nor an array of them."""
    with pytest.raises(InvalidMessageError):
        from_events(events, "pacs.008.001.08")


def test_events_that_do_not_make_a_message_raise_their_findings(generator: Generator) -> None:
    """Two messages' events contradict each other; an event of another message has no way there; none says nothing."""
    one, other = to_events(generator.pacs_008().body), to_events(generator.pacs_008().body)
    with pytest.raises(InvalidMessageError, match="contradiction"):
        from_events([one[1], other[1]])
    with pytest.raises(InvalidMessageError, match="no-way-out"):
        from_events(one, "pacs.002.001.10")
    with pytest.raises(InvalidMessageError, match=r"json\.missing"):
        from_events(one[:1])
    with pytest.raises(ConfigurationError, match="do not say of which definition"):
        from_events([], None)


def _data(events: list[bytes]) -> list[dict[str, object]]:
    made = [orjson.loads(each)["data"] for each in events]
    for each in made:
        del each["origin"]
    return made


def test_json_that_breaks_the_rules_raises_its_findings(generator: Generator) -> None:
    """The finding names the place in the JSON."""
    with pytest.raises(InvalidMessageError, match="MsgId"):
        to_xml(generator.command("command-member-missing").body)


def test_json_that_is_no_json_raises_its_finding() -> None:
    """A text that is cut off is not a message."""
    with pytest.raises(InvalidMessageError):
        to_xml(b'{"Document":')


def test_json_that_does_not_say_what_it_is_asks_for_a_name() -> None:
    """A message root that several definitions may have needs one of them."""
    with pytest.raises(ConfigurationError, match="name it"):
        to_xml(b'{"Document": {"SomeMessage": {}}}')


def test_another_version_and_what_it_loses(generator: Generator) -> None:
    """A loss raises unless it is allowed; then it is reported, and the rest is valid in the other version."""
    xml = generator.pacs_008(wrapped=True).body
    with pytest.raises(InvalidMessageError, match="UETR"):
        to_version(xml, "pacs.008.001.02")
    made = to_version(xml, "pacs.008.001.02", allow_loss=True)
    parsed, findings = converter().examine(made.xml)
    assert (findings, made.report.target) == ((), "pacs.008.001.02")
    assert isinstance(parsed, Parsed)
    assert parsed.header_facts is not None
    assert (parsed.definition, parsed.header_facts.message_definition) == ("pacs.008.001.02",) * 2
    assert all(each.path.startswith("/Document/FIToFICstmrCdtTrf") for each in made.report.losses)


def test_the_same_version_is_the_same_message(generator: Generator) -> None:
    """Byte for byte."""
    xml = generator.pacs_002().body
    assert to_version(xml, "pacs.002.001.10").xml == xml


def test_what_the_version_demands_is_never_invented(generator: Generator) -> None:
    """It raises, losses allowed or not, and says what is missing and what would be lost."""
    xml = re.sub(rb"<TxId>[^<]*</TxId>", b"", generator.pacs_008().body)
    with pytest.raises(InvalidMessageError, match="TxId") as raised:
        to_version(xml, "pacs.008.001.02", allow_loss=True)
    assert {each.severity for each in raised.value.findings} == set(Severity)


def test_a_name_that_is_no_version_of_the_message_is_a_mistake(generator: Generator) -> None:
    """Of the one who asks, not of the message."""
    for name in ("pacs.008.001.99", "pacs.009.001.08"):
        with pytest.raises(ConfigurationError, match=name):
            to_version(generator.pacs_008().body, name)
