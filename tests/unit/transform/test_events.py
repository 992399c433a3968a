"""Canonical events as CloudEvents: the frame, the origin, and the published schema of the data."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator

from broker import law
from broker.message.identity import event_id
from broker.transform.canonical.registry import EVENTS, GENERIC
from broker.transform.events import CONTENT_TYPE, Origin, cloud_event, content
from broker.transform.mapping import CanonicalEvent
from broker.transform.mapping.event import Beside
from broker.transform.schemas.data import data_schema

_ORIGIN = Origin(
    tenant="acme",
    channel="core-1",
    message_id=UUID("0192f0aa-0000-8000-8000-000000000001"),
    definition="pacs.008.001.08",
    received_at=datetime(2025, 11, 3, 10, 0, 0, 250_000, timezone(timedelta(hours=1))),
    digest=bytes(range(32)),
    business_message_id="M-1",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
_EVENT = CanonicalEvent(GENERIC, "S-1", 2, {"ra_json": {"Document": {}}}, "M-1")


def test_event_is_a_cloud_event_to_its_library() -> None:
    """The CloudEvents library reads the bytes, and finds each attribute as the design says."""
    read = JSONFormat().read(CloudEvent, cloud_event(_EVENT, _ORIGIN))

    assert read.get_specversion() == "1.0"
    assert read.get_id() == str(event_id(_ORIGIN.message_id, GENERIC, 2))
    assert read.get_source() == "/acme/core-1"
    assert read.get_type() == GENERIC
    assert read.get_subject() == "S-1"
    assert read.get_time() == datetime(2025, 11, 3, 9, 0, 0, 250_000, UTC)
    assert read.get_datacontenttype() == "application/json"
    assert read.get_dataschema() == f"urn:iso20022-broker:event:{GENERIC}"
    assert read.get_extension("traceparent") == _ORIGIN.traceparent


def test_data_names_its_origin() -> None:
    """Beside the canonical data stands where it comes from: definition, message id, position, digest."""
    data = orjson.loads(cloud_event(_EVENT, _ORIGIN))["data"]

    assert data["ra_json"] == {"Document": {}}
    assert data["origin"] == {
        "message_definition": "pacs.008.001.08",
        "message_id": "M-1",
        "position": 2,
        "digest": f"sha256:{bytes(range(32)).hex()}",
    }


def test_what_only_a_lenient_channel_accepted_says_so() -> None:
    """The origin flags it, with the number of findings, and fits the published schema."""
    data = orjson.loads(cloud_event(_EVENT, replace(_ORIGIN, findings=3)))["data"]

    assert (data["origin"]["lenient"], data["origin"]["findings"]) == (True, 3)
    Draft202012Validator(data_schema(GENERIC)).validate(data)


def test_ra_json_and_extensions_stand_beside_the_data() -> None:
    """They fit the published schema of any event, and are no part of what an event sent on says, but for extensions."""
    message = {"id": "M-1", "created_at": {"utc": "2026-03-02T10:00:00Z"}}
    said = {"message": message, "number_of_transactions": 1, "extensions": {"own": "1"}}
    event_type = "iso20022.payment.return-message.v1"
    beside = Beside({"TxInf": {"RtrId": "R-1"}}, "/Document/PmtRtr/TxInf[1]")
    event = CanonicalEvent(event_type, "R-1", 0, said, beside=beside)

    data = orjson.loads(cloud_event(event, _ORIGIN))["data"]

    assert list(data) == ["origin", "ra_json", "ra_json_path", *said]
    assert [each.message for each in Draft202012Validator(data_schema(event_type)).iter_errors(data)] == []
    assert content(data) == said


def test_same_event_gives_the_same_bytes() -> None:
    """Made again, in another time zone even, the event is byte for byte the same."""
    moved = replace(_ORIGIN, received_at=_ORIGIN.received_at.astimezone(timezone(timedelta(hours=-7))))

    assert cloud_event(_EVENT, moved) == cloud_event(_EVENT, _ORIGIN)


def test_what_is_unknown_is_left_out() -> None:
    """Without subject, trace context or business id the event has no such members, rather than null."""
    origin = replace(_ORIGIN, business_message_id=None, traceparent=None)

    event = orjson.loads(cloud_event(replace(_EVENT, subject=None), origin))

    assert not {"subject", "traceparent"} & event.keys()
    assert "message_id" not in event["data"]["origin"]


def test_content_type_is_the_structured_mode() -> None:
    """Receivers tell structured CloudEvents by this media type."""
    assert CONTENT_TYPE == "application/cloudevents+json"


@pytest.mark.parametrize("event_type", EVENTS)
def test_schema_of_each_event_is_json_schema(event_type: str) -> None:
    """Each event type has a draft 2020-12 schema that demands the origin and is named as events name it."""
    schema = data_schema(event_type)

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:iso20022-broker:event:{event_type}"
    assert "origin" in schema["required"]


@pytest.mark.parametrize("pair", sorted(law.folder("mappings").glob("*/golden/*.json")), ids=lambda pair: pair.stem)
def test_golden_events_satisfy_their_published_schemas(pair: Path) -> None:
    """The data of each golden event, as published with its origin, is valid against the published schema."""
    for each in orjson.loads(pair.read_bytes()):
        event = CanonicalEvent(each["type"], each["subject"], each["position"], each["data"])

        data = orjson.loads(cloud_event(event, _ORIGIN))["data"]

        Draft202012Validator(data_schema(event.event_type)).validate(data)
