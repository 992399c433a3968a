"""The AsyncAPI document: every event in it, every reference leads somewhere, every example fits, addresses are ours."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from jsonschema import Draft7Validator

from broker.ingest.refusals import _REASONS
from broker.transform.canonical.registry import EVENTS
from broker.transform.schemas.asyncapi import document
from broker.transform.schemas.data import PUBLISHED
from broker.transform.schemas.rejection import COMMAND_REJECTED
from broker.transport import topology

OUTWARD = ("iso20022.payment.status.v1", "iso20022.payment.transfer.v1")
DOCUMENT: dict[str, Any] = document("1.2.3", OUTWARD)


def _found(value: object, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key == name and isinstance(each, str):
                yield each
            yield from _found(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _found(each, name)


def _at(pointer: str) -> Any:  # noqa: ANN401 - JSON
    found: Any = DOCUMENT
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return found


def _validator(schema: object) -> Draft7Validator:
    return Draft7Validator({"allOf": [schema], "components": DOCUMENT["components"]})


def test_it_is_of_version_three_and_says_the_brokers_version() -> None:
    """Tools read the first, people the second."""
    assert (DOCUMENT["asyncapi"], DOCUMENT["info"]["version"]) == ("3.0.0", "1.2.3")


def test_every_event_has_its_channel_operation_and_message() -> None:
    """Each registered type is published under its own routing key, and comes in the queue of a subscription."""
    channels = DOCUMENT["channels"]

    assert {each: channels[each]["address"] for each in EVENTS} == {each: f"{{tenant}}.{each}" for each in EVENTS}
    assert {each["channel"]["$ref"].removeprefix("#/channels/") for each in _sent()} >= set(EVENTS)
    assert set(channels["subscription"]["messages"]) == set(EVENTS)
    assert set(DOCUMENT["components"]["messages"]) == {*PUBLISHED, "xml", "command", "refused"}


def test_every_reference_leads_somewhere() -> None:
    """No reference hangs."""
    references = set(_found(DOCUMENT, "$ref"))

    assert len(references) > 100
    assert [each for each in references if _at(each) is None] == []


def test_nothing_stands_beside_a_reference() -> None:
    """A reader of the format passes over what stands beside a reference, so nothing does."""
    text = orjson.loads(orjson.dumps(DOCUMENT))

    assert [each for each in _dicts(text) if "$ref" in each and len(each) > 1] == []


@pytest.mark.parametrize("event_type", sorted(PUBLISHED))
def test_the_example_of_a_message_fits_its_payload(event_type: str) -> None:
    """The whole event shown, frame and data, is valid as the document says it."""
    message = DOCUMENT["components"]["messages"][event_type]
    (example,) = message["examples"]

    assert list(_validator(message["payload"]).iter_errors(example["payload"])) == []
    assert list(_validator(message["payload"]).iter_errors({**example["payload"], "type": "another"})) != []
    without = {name: value for name, value in example["payload"]["data"].items() if name != "origin"}
    assert list(_validator(message["payload"]).iter_errors({**example["payload"], "data": without})) != []


def test_a_command_is_ra_json_an_event_or_the_events_of_one_message() -> None:
    """Each of the three forms fits; an event of a type that no channel makes a message of does not."""
    validator = _validator(DOCUMENT["components"]["messages"]["command"]["payload"])
    schemas = DOCUMENT["components"]["schemas"]
    received = DOCUMENT["components"]["messages"][OUTWARD[1]]["examples"][0]["payload"]
    data = {name: value for name, value in received["data"].items() if name != "origin"}
    one = {"specversion": "1.0", "type": OUTWARD[1], "data": data}

    assert [
        validator.is_valid(each) for each in (schemas["CommandRaJson"]["examples"][0], one, received, [one, received])
    ] == [
        True,
        True,
        True,
        True,
    ]
    wrong: list[object] = [[], {}, {**one, "type": "iso20022.account.report.v1"}]
    assert [validator.is_valid(each) for each in wrong] == [False] * 3


def test_addresses_are_those_that_are_declared() -> None:
    """The queues and the exchange of the document have the names that the broker declares."""
    addresses = {name: channel["address"] for name, channel in DOCUMENT["channels"].items() if name not in EVENTS}
    exchange = DOCUMENT["channels"][OUTWARD[0]]["bindings"]["amqp"]["exchange"]["name"]

    assert addresses == {
        "in": topology.inbound("{channel}"),
        "commands": topology.commands("{channel}"),
        "out": topology.outbound("{channel}"),
        "subscription": topology.subscribed("{subscription}"),
        "refused": topology.REFUSED,
        "replies": None,
    }
    assert exchange == topology.EVENTS


def test_the_reasons_of_a_refusal_are_those_that_subscribers_give() -> None:
    """The closed set of the header is that of the office."""
    headers = DOCUMENT["components"]["messages"]["refused"]["headers"]["properties"]

    assert set(headers["refused-reason"]["enum"]) == set(_REASONS)


def test_a_refused_command_is_answered_with_the_event_that_is_described() -> None:
    """The reply of the one operation that takes commands is the rejection."""
    reply = DOCUMENT["operations"]["receiveCommand"]["reply"]

    assert _at(_at(reply["messages"][0]["$ref"])["$ref"])["name"] == COMMAND_REJECTED


def _sent() -> list[dict[str, Any]]:
    return [each for each in DOCUMENT["operations"].values() if each["action"] == "send"]


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _dicts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _dicts(each)
