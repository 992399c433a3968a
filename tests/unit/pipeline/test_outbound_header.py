"""What a channel puts around the XML for its core: header version, parties, wrapper."""

import json
from datetime import UTC, datetime

import pytest

from broker.generate import Generator
from broker.message import identity
from broker.message.envelope import Direction, Envelope
from broker.parse import Parsed, parse
from broker.pipeline.outcome import Accepted
from broker.settings import load
from broker.validate import validate
from broker.workbench import Workbench

_AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def _sent(channel: dict[str, str], body: bytes) -> Parsed:
    """The XML that a channel so configured sends for a command, parsed again by the inbound side and valid."""
    bench = Workbench(load(environment={"BROKER_CHANNELS": json.dumps({"core": channel})}))
    digest = identity.digest(body)
    message_id = identity.message_id("default", "core", digest.hex())
    outcome = bench.pipeline.run(
        Envelope("default", "core", Direction.OUTBOUND, message_id, digest.hex(), digest, _AT, body)
    )
    assert isinstance(outcome, Accepted)
    (outgoing,) = outcome.outgoing
    parsed = parse(outgoing.body, bench.limits, bench.catalogue)
    assert isinstance(parsed, Parsed)
    assert validate(parsed, bench.catalogue) == ()
    return parsed


@pytest.fixture
def bare() -> bytes:
    """A command without a header."""
    return Generator(Workbench(load(environment={})).catalogue, 9).command().body


@pytest.mark.parametrize("version", ["01", "02", "03", "04"])
def test_a_channel_chooses_the_version_of_the_header_it_adds(bare: bytes, version: str) -> None:
    """The facts are the same in every version, and each is valid by its own schema."""
    header = f"head.001.001.{version}"
    channel = {"sender": "ZZZZDEF0XXX", "receiver": "ZZZZFRP0", "business_service": "own.service.01", "header": header}
    parsed = _sent(channel, bare)
    facts = parsed.header_facts
    assert facts is not None
    assert (facts.definition, facts.sender, facts.receiver) == (header, "ZZZZDEF0XXX", "ZZZZFRP0")
    assert (facts.message_definition, facts.business_service) == ("pacs.008.001.08", "own.service.01")
    assert facts.created == "2026-03-01T09:30:00Z"
    message = json.loads(bare)["Document"]["FIToFICstmrCdtTrf"]
    assert facts.business_message_id == message["GrpHdr"]["MsgId"]


@pytest.mark.parametrize(
    "wrapper", ["BusMsg", "{urn:swift:xsd:envelope}Envelope", "{urn:fedwirefunds:incoming:v001}FedwireFundsIncoming"]
)
def test_a_channel_chooses_the_wrapper_with_or_without_namespace(bare: bytes, wrapper: str) -> None:
    """The inbound side finds header and document in it again."""
    parsed = _sent({"sender": "ZZZZDEF0XXX", "receiver": "ZZZZFRP0", "wrapper": wrapper}, bare)
    assert parsed.wrapper == wrapper
    assert parsed.header is not None


def test_without_parties_a_bare_command_stays_bare(bare: bytes) -> None:
    """Nothing is invented: a channel without sender and receiver adds no header."""
    parsed = _sent({}, bare)
    assert (parsed.header, parsed.wrapper) == (None, None)


def test_a_header_that_the_command_brings_is_kept() -> None:
    """The channel's own parties do not replace those of the command."""
    body = Generator(Workbench(load(environment={})).catalogue, 9).command(wrapped=True).body
    parsed = _sent({"sender": "ZZZZDEF0XXX", "receiver": "ZZZZFRP0"}, body)
    brought = json.loads(body)["AppHdr"]["Fr"]["FIId"]["FinInstnId"]["BICFI"]
    assert parsed.header_facts is not None
    assert parsed.header_facts.sender == brought != "ZZZZDEF0XXX"
