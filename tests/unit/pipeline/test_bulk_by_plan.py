"""A bulk message goes by its channel's plan as any other does: mappings of its own, RA JSON where it is asked for."""

import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest

from broker.generate import Generator
from broker.message.envelope import Destination, Direction, Outgoing
from broker.pipeline.bulk_check import Checked
from broker.pipeline.channel import ChannelPlan
from broker.pipeline.outcome import Accepted
from broker.settings import Settings
from broker.workbench import Workbench
from tests.support.bulk import bulk
from tests.support.envelopes import envelope

_TRANSFER = "iso20022.payment.transfer.v1"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """Give the pure rooms: a bulk channel with mappings of its own, a subscription that asks for RA JSON."""
    folder = tmp_path_factory.mktemp("own")
    text = f"extension instruction is text\n\nover {_TRANSFER}\n  extensions\n    instruction <- PmtId/InstrId\n"
    (folder / "own.map").write_text(text)
    channel = {"tenant": "north", "bulk": True, "mappings_folder": str(folder)}
    subscriptions = {"archive": {"events": ["north.#"], "ra_json": True}}
    return Workbench(Settings.model_validate({"channels": {"strict": channel}, "subscriptions": subscriptions}))


def _streamed(bench: Workbench, body: bytes, plan: ChannelPlan) -> tuple[list[Outgoing], Mapping[str, bytes]]:
    way = bulk(bench)
    found = way.check(io.BytesIO(body), plan)
    assert isinstance(found, Checked), found
    effects = way.effects(io.BytesIO(body), replace(envelope(body, Direction.INBOUND), body=b""), found)
    outgoing = [each for portion in effects.portions for each in portion.outgoing]
    return outgoing, effects.digests


def _by_destination(outgoing: list[Outgoing] | tuple[Outgoing, ...]) -> dict[Destination, list[Outgoing]]:
    sorted_out = defaultdict(list)
    for each in outgoing:
        sorted_out[each.destination].append(each)
    return sorted_out


@pytest.mark.parametrize("kind", ["transfers", "orders", "statement"])
def test_a_bulk_message_causes_what_it_would_in_memory(bench: Workbench, kind: str) -> None:
    """Publication for publication and digest for digest, with RA JSON and without."""
    generator = Generator(bench.catalogue, 11)
    body = {
        "transfers": lambda: generator.pacs_008(generator.transfer(30)).body,
        "orders": lambda: generator.pain_001(generator.order(30)).body,
        "statement": lambda: generator.camt_053(30).body,
    }[kind]()
    in_memory = bench.pipeline.run(envelope(body, Direction.INBOUND))
    assert isinstance(in_memory, Accepted)

    outgoing, digests = _streamed(bench, body, bench.plans["strict"])

    assert _by_destination(outgoing) == _by_destination(in_memory.outgoing)
    assert set(_by_destination(outgoing)) == {Destination.EVENT, Destination.EVENT_WITH_RA_JSON}
    assert digests == in_memory.digests


def test_a_bulk_channel_reads_by_its_own_mappings(bench: Workbench) -> None:
    """What the channel's folder adds is in every item's event."""
    generator = Generator(bench.catalogue, 11)
    outgoing, _ = _streamed(bench, generator.pacs_008(generator.transfer(9)).body, bench.plans["strict"])

    items = [_data(each) for each in outgoing if each.event_type == _TRANSFER]

    assert len(items) == 18
    assert all(item["extensions"] == {"instruction": item["references"]["instruction_id"]} for item in items)


def test_a_parked_transaction_leaves_the_places_of_the_others(bench: Workbench) -> None:
    """Paths count the transactions of the message as it came, the bad one among them."""
    generator = Generator(bench.catalogue, 11)
    body = generator.pacs_008(generator.transfer(4)).body
    start, first, second, rest = body.split(b"<EndToEndId>", 3)
    bad = b"<EndToEndId>".join((start, first, b"x" * 40 + second, rest))
    plan = replace(bench.plans["strict"], partial=True)

    outgoing, _ = _streamed(bench, bad, plan)

    paths = [_data(each).get("ra_json_path") for each in outgoing if each.event_type == _TRANSFER]
    assert [path[-3:] for path in paths if path] == ["[1]", "[3]", "[4]"]


def _data(publication: Outgoing) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(publication.body)["data"]
    return data
