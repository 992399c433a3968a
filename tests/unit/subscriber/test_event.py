"""Reading an event: the frame of what the broker publishes, and what is said of anything else."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from broker.message.failure import FailureCode
from broker.subscriber.event import Event, Origin, model_of, read
from broker.subscriber.refusal import Refusal
from broker.transform.canonical.registry import GENERIC, Generic
from broker.transform.canonical.transfer import Transfer
from tests.support.subscribing import NAME, TRANSFER, transfer


def test_the_frame_of_our_own_event() -> None:
    """Every attribute that the broker writes is read back, the origin apart from the data."""
    made = transfer(3, tenant="bank-b")
    found = read(made.body)
    assert not isinstance(found, Refusal)
    event, data = found
    assert event == Event(
        id=made.id,
        type=TRANSFER,
        tenant="bank-b",
        channel="core",
        subject="E3",
        time=datetime(2026, 3, 2, tzinfo=UTC),
        origin=Origin(1, f"sha256:{'0' * 64}", "pacs.008.001.08"),
    )
    assert event.source == "/bank-b/core"
    assert "origin" not in data
    model = model_of(data, Transfer)
    assert isinstance(model, Transfer)
    assert model.references.end_to_end_id == "E3"


def test_a_trace_context_is_carried() -> None:
    """The extension attribute is there for who carries the trace on."""
    found = read(_changed(traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
    assert not isinstance(found, Refusal)
    assert found[0].traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_what_a_bank_adds_and_the_messages_own_form_stand_on_the_event() -> None:
    """A bank's fields and the RA JSON are given beside the model, which knows neither."""
    data = orjson.loads(transfer(1).body)["data"]
    more = {
        "extensions": {"contract": "C-1"},
        "ra_json": {"CdtTrfTxInf": {}},
        "ra_json_path": "/Document/A/CdtTrfTxInf[2]",
    }

    found = read(_changed(data={**data, **more}))

    assert not isinstance(found, Refusal)
    event, rest = found
    assert {"extensions": event.extensions, "ra_json": event.ra_json, "ra_json_path": event.ra_json_path} == more
    assert isinstance(model_of(rest, Transfer), Transfer)


def test_a_generic_event_keeps_its_ra_json_as_data() -> None:
    """Where RA JSON is all there is, the model has it; the event shows it too."""
    data = {"origin": orjson.loads(transfer(1).body)["data"]["origin"], "ra_json": {"Document": {"A": {}}}}

    found = read(_changed(type=GENERIC, data=data))

    assert not isinstance(found, Refusal)
    model = model_of(found[1], Generic)
    assert isinstance(model, Generic)
    assert model.ra_json == found[0].ra_json == {"Document": {"A": {}}}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"specversion": "0.3"}, "specversion (literal_error)"),
        ({"id": ""}, "id (string_too_short)"),
        ({"id": "a\x00b"}, "id (string_pattern_mismatch)"),
        ({"id": 7}, "id (string_type)"),
        ({"type": "a\nb"}, "type (string_pattern_mismatch)"),
        ({"source": "/bank-a"}, "source (string_pattern_mismatch)"),
        ({"source": f"/bank-a/{NAME}"}, "source (string_pattern_mismatch)"),
        ({"time": "2026-03-02T00:00:00"}, "time (timezone_aware)"),
        ({"time": NAME}, "time ("),
        ({"data": [NAME]}, "data (model_type)"),
        ({"data": {}}, "data.origin (missing)"),
        ({"data": {"origin": {"position": 1, "digest": ""}, "extensions": [NAME]}}, "data.extensions (dict_type)"),
        ({"data": {"origin": {"position": "first", "digest": ""}}}, "data.origin.position (int_parsing)"),
    ],
)
def test_a_frame_that_is_wrong_is_told_by_its_place(change: dict[str, Any], place: str) -> None:
    """Each attribute that is not as the broker writes it is named, without its value."""
    found = read(_changed(**change))
    assert isinstance(found, Refusal)
    assert found.reason is FailureCode.EVENT_MALFORMED
    assert place in found.detail
    assert NAME not in found.detail


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b"null", b'{"id": "x"', b"<Document/>"])
def test_what_is_no_event_is_no_exception(body: bytes) -> None:
    """Any bytes give a refusal."""
    found = read(body)
    assert isinstance(found, Refusal)
    assert found.reason is FailureCode.EVENT_MALFORMED


def test_many_faults_are_told_shortly() -> None:
    """A detail names five places and counts the others."""
    found = read(b'{"data": {}}')
    assert isinstance(found, Refusal)
    assert found.detail.count("(missing)") == 5
    assert found.detail.endswith("and 1 more")


def test_data_of_another_shape_are_refused() -> None:
    """Data that do not fit their model are told by place and kind, without the value."""
    found = model_of({"settlement_amount": {"currency": NAME, "amount": "1.00"}}, Transfer)
    assert isinstance(found, Refusal)
    assert found.reason is FailureCode.EVENT_DATA
    assert "settlement_amount.currency (string_pattern_mismatch)" in found.detail
    assert NAME not in found.detail


def _changed(**change: object) -> bytes:
    return orjson.dumps({**orjson.loads(transfer(1).body), **change})
