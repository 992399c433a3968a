"""Events that somebody asks for with RA JSON: made once more, from the same message, under the same id."""

from typing import Any

import orjson
import pytest

from broker.conversion import Converter
from broker.generate import Generator
from broker.message.envelope import Destination, Direction, Outgoing
from broker.pipeline.outcome import Accepted
from broker.settings import Settings
from broker.workbench import Workbench, asked_keys
from tests.support.envelopes import envelope

_TRANSFER = "iso20022.payment.transfer.v1"
_MESSAGE = "iso20022.payment.transfer-message.v1"


def _bench(*patterns: str) -> Workbench:
    return Workbench(
        Settings.model_validate(
            {
                "channels": {"strict": {"tenant": "north"}, "lenient": {"tenant": "north", "mode": "lenient"}},
                "subscriptions": {"plain": {}, "whole": {"events": patterns, "ra_json": True}},
            }
        )
    )


@pytest.fixture(scope="module")
def bench() -> Workbench:
    """Give the pure rooms with a subscription that asks for RA JSON with every event of one tenant."""
    return _bench("north.#")


def _run(bench: Workbench, body: bytes, channel: str = "strict") -> tuple[list[Outgoing], list[Outgoing], Accepted]:
    """Give the publications without RA JSON, and those with it."""
    outcome = bench.pipeline.run(envelope(body, Direction.INBOUND, channel))
    assert isinstance(outcome, Accepted)
    plain = [each for each in outcome.outgoing if each.destination is Destination.EVENT]
    with_ra_json = [each for each in outcome.outgoing if each.destination is Destination.EVENT_WITH_RA_JSON]
    assert len(plain) + len(with_ra_json) == len(outcome.outgoing)
    return plain, with_ra_json, outcome


def _data(publication: Outgoing) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(publication.body)["data"]
    return data


def test_the_same_event_goes_out_both_ways(bench: Workbench, generator: Generator) -> None:
    """With RA JSON it is the same event: id, address, subject, and all that it says without."""
    plain, with_ra_json, _ = _run(bench, generator.pacs_008().body)

    assert [(each.event_id, each.address, each.subject) for each in plain] == [
        (each.event_id, each.address, each.subject) for each in with_ra_json
    ]
    for one, other in zip(plain, with_ra_json, strict=True):
        more = _data(other)
        assert more.pop("ra_json")
        more.pop("ra_json_path", None)
        assert more == _data(one)
        assert {**orjson.loads(other.body), "data": None} == {**orjson.loads(one.body), "data": None}


def test_items_and_message_together_are_the_whole_message(bench: Workbench, generator: Generator) -> None:
    """The message's event carries it without its items, each item's its own element: nothing is said twice."""
    body = generator.pacs_008(generator.transfer(3)).body
    _, (message, *items), _ = _run(bench, body)

    whole = _data(message)["ra_json"]
    content = whole["Document"]["FIToFICstmrCdtTrf"]

    assert "CdtTrfTxInf" not in content
    assert "ra_json_path" not in _data(message)
    content["CdtTrfTxInf"] = [_data(item)["ra_json"]["CdtTrfTxInf"] for item in items]
    assert whole == _ra_json(bench, body)
    assert [_data(item)["ra_json_path"] for item in items] == [
        f"/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[{number}]" for number in range(1, len(items) + 1)
    ]


def _ra_json(bench: Workbench, body: bytes) -> Any:  # noqa: ANN401 - JSON
    return orjson.loads(Converter(bench).to_json(body))


def test_only_what_is_asked_for_is_made(generator: Generator) -> None:
    """One type of one tenant is asked for: its events alone go out with RA JSON; nothing is, where nobody asks."""
    body = generator.pacs_008().body
    one = _run(_bench(f"north.{_TRANSFER}"), body)[1]
    none = _run(_bench(f"south.{_TRANSFER}"), body)[1]

    assert {each.event_type for each in one} == {_TRANSFER}
    assert none == []


def test_items_within_groups_know_their_place(bench: Workbench, generator: Generator) -> None:
    """Of payments in batches the path counts both; the batches stay with the message, without the payments."""
    body = generator.pain_001(generator.order(4)).body
    _, (message, *items), _ = _run(bench, body)
    whole = _ra_json(bench, body)
    batches = whole["Document"]["CstmrCdtTrfInitn"]["PmtInf"]

    expected = {
        f"/Document/CstmrCdtTrfInitn/PmtInf[{batch}]/CdtTrfTxInf[{number}]": {"CdtTrfTxInf": element}
        for batch, held in enumerate(batches, 1)
        for number, element in enumerate(held.pop("CdtTrfTxInf"), 1)
    }

    assert {_data(item)["ra_json_path"]: _data(item)["ra_json"] for item in items} == expected
    assert _data(message)["ra_json"] == whole


def test_a_header_stays_with_the_message(bench: Workbench, generator: Generator) -> None:
    """The business header stands beside the document, as in RA JSON anywhere."""
    _, (message, *_), _ = _run(bench, generator.pacs_008(wrapped=True).body)

    assert list(_data(message)["ra_json"]) == ["AppHdr", "Document"]


def test_a_message_without_a_mapping_is_its_own_ra_json(bench: Workbench) -> None:
    """The generic event has it as its data; it comes once, not twice."""
    ra = {"Document": {"Something": {"Id": "1"}}}
    (event,) = bench.mappings.events("camt.999.001.01", ra)
    (beside,) = bench.mappings.with_ra_json("camt.999.001.01", ra, [event])

    assert beside.beside is not None
    assert (beside.beside.ra, beside.beside.path) == (ra, None)
    assert beside.data == event.data


def test_what_is_not_valid_comes_as_far_as_it_fits(bench: Workbench, generator: Generator) -> None:
    """Of a message that a lenient channel lets by, each item still has its own element beside it."""
    body = generator.pacs_008(generator.transfer(2)).body.replace(b"</ChrgBr>", b"</ChrgBr><Odd/>")
    _, (_, *items), outcome = _run(bench, body, "lenient")

    assert outcome.findings
    assert [_data(item)["ra_json_path"][-3:] for item in items] == ["[1]", "[2]"]
    for item in items:
        data = _data(item)
        assert data["ra_json"]["CdtTrfTxInf"]["PmtId"]["EndToEndId"] == data["references"]["end_to_end_id"]


def test_the_audit_log_binds_each_form(bench: Workbench, generator: Generator) -> None:
    """The digest of the events without RA JSON is what it is where nobody asks; that of those with it stands beside."""
    body = generator.pacs_008().body
    asked, silent = _run(bench, body)[2], _run(_bench("south.#"), body)[2]

    assert asked.digests.keys() - silent.digests.keys() == {"event-with-ra-json"}
    assert {**asked.digests, "event-with-ra-json": b""} == {**silent.digests, "event-with-ra-json": b""}


def test_settings_say_which_events_are_asked_for() -> None:
    """Patterns of subscriptions that ask, over the tenants that have channels."""
    settings = Settings.model_validate(
        {
            "channels": {"a": {"tenant": "north"}, "b": {"tenant": "south"}},
            "subscriptions": {
                "one": {"events": [f"*.{_TRANSFER}"], "ra_json": True},
                "two": {"events": [f"south.{_MESSAGE}"], "ra_json": True},
                "three": {"events": ["#"]},
            },
        }
    )

    assert asked_keys(settings) == {f"north.{_TRANSFER}", f"south.{_TRANSFER}", f"south.{_MESSAGE}"}
