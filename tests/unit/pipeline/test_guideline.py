"""Usage guidelines: a channel that selects one is held to it, another is not."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broker.catalogue.importer import read_xsd
from broker.catalogue.intake import Taken, Terms, admit, take_in
from broker.errors import ConfigurationError
from broker.generate import Generator
from broker.law import folder
from broker.message import identity
from broker.message.envelope import Direction, Envelope
from broker.message.failure import FailureCode
from broker.pipeline.outcome import Accepted, Outcome, Rejected
from broker.settings import load
from broker.workbench import Workbench

_DEFINITION = "pacs.008.001.08"
_GUIDELINE = f"{_DEFINITION}@one-charge-bearer"


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue with a guideline taken in that allows the charge bearer DEBT alone."""
    place = tmp_path_factory.mktemp("law") / "iso20022"
    shutil.copytree(folder("schemas/iso20022"), place)
    xsd = Workbench(load(environment={})).catalogue.xsd(_DEFINITION)
    start = xsd.index('name="ChargeBearerType1Code"')
    end = xsd.index("</xs:simpleType>", start)
    codes = "".join(f'<xs:enumeration value="{code}"/>' for code in ("DEBT",))
    narrow = f'name="ChargeBearerType1Code"><xs:restriction base="xs:string">{codes}</xs:restriction>'
    imported = admit(place, read_xsd((xsd[:start] + narrow + xsd[end:]).encode()), Terms("one-charge-bearer"))
    take_in(place, [Taken(imported, "ours")])
    return place


def _run(bench: Workbench, channel: str, body: bytes) -> Outcome:
    digest = identity.digest(body)
    key = identity.deduplication_key(None, digest)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    message_id = identity.message_id("default", channel, key)
    return bench.pipeline.run(Envelope("default", channel, Direction.INBOUND, message_id, key, digest, at, body))


def test_a_channel_is_held_to_its_guideline(law: Path) -> None:
    """The same message passes the definition and fails the guideline, at the place that the guideline narrows."""
    channels = f'{{"wide": {{}}, "narrow": {{"guidelines": {{"{_DEFINITION}": "{_GUIDELINE}"}}}}}}'
    bench = Workbench(load(environment={"BROKER_SCHEMAS_FOLDER": str(law), "BROKER_CHANNELS": channels}))
    body = Generator(bench.catalogue, 4).pacs_008(wrapped=True).body
    assert b"<ChrgBr>DEBT" not in body

    wide, narrow = _run(bench, "wide", body), _run(bench, "narrow", body)

    assert isinstance(wide, Accepted)
    assert isinstance(narrow, Rejected)
    assert narrow.failure.code is FailureCode.VALIDATE_SCHEMA
    assert narrow.definition == _DEFINITION
    assert [each.path.rpartition("/")[2] for each in narrow.failure.findings] == ["ChrgBr"]
    as_it_permits = body.replace(b"<ChrgBr>SLEV", b"<ChrgBr>DEBT").replace(b"<ChrgBr>SHAR", b"<ChrgBr>DEBT")
    assert isinstance(_run(bench, "narrow", as_it_permits), Accepted)


@pytest.mark.parametrize("guideline", [f"{_DEFINITION}@missing", "pacs.009.001.08"])
def test_a_guideline_that_is_not_there_or_fits_not_stops_the_start(law: Path, guideline: str) -> None:
    """A mistyped guideline never lets messages through unchecked."""
    channels = f'{{"narrow": {{"guidelines": {{"{_DEFINITION}": "{guideline}"}}}}}}'
    bench = Workbench(load(environment={"BROKER_SCHEMAS_FOLDER": str(law), "BROKER_CHANNELS": channels}))
    with pytest.raises(ConfigurationError, match="guidelines"):
        _ = bench.pipeline
