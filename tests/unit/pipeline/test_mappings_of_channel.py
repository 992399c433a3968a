"""A bank's folder of mappings for all channels and for one: which events come out, and which message goes back."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from broker.errors import MappingError
from broker.generate import Generator
from broker.message.envelope import Direction
from broker.pipeline.outcome import Accepted, Rejected
from broker.settings import Settings
from broker.workbench import Workbench
from tests.support.envelopes import envelope

_TRANSFER = "iso20022.payment.transfer.v1"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """Give the pure rooms of a bank whose mappings add a field, and change another for the channel of its old core."""
    bank, old = tmp_path_factory.mktemp("bank"), tmp_path_factory.mktemp("old")
    (bank / "own.map").write_text(
        f"extension instruction is text\n\nover {_TRANSFER}\n  extensions\n    instruction <- PmtId/InstrId\n"
    )
    (old / "own.map").write_text(f"over {_TRANSFER}\n  references\n    transaction_id = PmtId/TxId | PmtId/InstrId\n")
    channels = {"strict": {}, "old": {"mappings_folder": str(old)}, "older": {"mappings_folder": str(old)}}
    return Workbench(Settings.model_validate({"mappings_folder": str(bank), "channels": channels}))


def _event(bench: Workbench, body: bytes, channel: str) -> dict[str, Any]:
    outcome = bench.pipeline.run(envelope(body, Direction.INBOUND, channel))
    assert isinstance(outcome, Accepted)
    return next(event for each in outcome.outgoing if (event := orjson.loads(each.body))["type"] == _TRANSFER)


def _without_transaction_id(body: bytes) -> bytes:
    before, _, rest = body.partition(b"<TxId>")
    return before + rest.partition(b"</TxId>")[2]


def test_each_channel_reads_by_its_own_lines(bench: Workbench) -> None:
    """What lies over all channels is in each; what lies over one channel is in that one alone."""
    body = _without_transaction_id(Generator(bench.catalogue, 3).pacs_008().body)

    strict, old = (_event(bench, body, channel)["data"] for channel in ("strict", "old"))

    assert strict["extensions"] == old["extensions"] == {"instruction": strict["references"]["instruction_id"]}
    assert "transaction_id" not in strict["references"]
    assert old["references"]["transaction_id"] == strict["references"]["instruction_id"]


def test_an_event_goes_back_by_the_lines_of_its_channel(bench: Workbench) -> None:
    """An event with an extension can be sent on as a command of a channel whose mappings know it."""
    event = _event(bench, Generator(bench.catalogue, 3).pacs_008().body, "strict")
    command = envelope(orjson.dumps(event), Direction.OUTBOUND)

    sent = bench.pipeline.run(command)
    plain = Workbench(Settings.model_validate({"channels": {"strict": {}}})).pipeline.run(command)

    assert isinstance(sent, Accepted), sent
    assert isinstance(plain, Rejected)
    assert plain.failure.findings[0].path == "$.extensions"


def test_channels_of_one_folder_share_its_mappings(bench: Workbench) -> None:
    """They are loaded once for each folder; channels without one of their own share those of all."""
    assert bench.mappings_of("old") is bench.mappings_of("older")
    assert bench.mappings_of("strict") is bench.mappings


def test_a_wrong_line_stops_the_start(tmp_path: Path) -> None:
    """Nothing runs before the bank's file is mended."""
    (tmp_path / "own.map").write_text(f"over {_TRANSFER}\n  debtr = Dbtr as party\n")
    wrong = Workbench(Settings.model_validate({"channels": {"core": {"mappings_folder": str(tmp_path)}}}))

    with pytest.raises(MappingError, match=r"own\.map:2: .*did you mean debtor\?"):
        _ = wrong.pipeline
