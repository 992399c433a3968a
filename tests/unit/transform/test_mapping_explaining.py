"""What `broker mappings` tells: lists, checks, where a field comes from, what a definition's leaves become."""

import re
from functools import cache
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from broker import law
from broker.cli.mappings import app
from broker.settings import load
from broker.workbench import Workbench

_RUN = CliRunner()
_TRANSFER = "iso20022.payment.transfer.v1"


@cache
def _shipped() -> Workbench:
    return Workbench(load(environment={}))


@pytest.fixture(autouse=True)
def loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every command find the shipped mappings loaded: that is the same work each time."""
    monkeypatch.setattr(Workbench, "catalogue", _shipped().catalogue)
    monkeypatch.setattr(Workbench, "mappings", _shipped().mappings)


def test_list_tells_events_and_definitions() -> None:
    """Each event type stands with the definitions that give it and the ways there are."""
    listed = orjson.loads(_RUN.invoke(app, ["list", "--json"]).stdout)
    transfer = listed["iso20022.payment.transfer.v1"]

    assert {"definition": "pacs.008.001.08", "way": "both"} in transfer["definitions"]
    assert transfer["over"] == []
    assert listed["iso20022.message.generic.v1"]["definitions"] == []
    assert "any other definition" in _RUN.invoke(app, ["list"]).stdout


def test_check_holds_for_what_is_shipped() -> None:
    """The shipped mappings hold, exit code 0."""
    result = _RUN.invoke(app, ["check"])

    assert result.exit_code == 0
    assert "every mapping holds for the" in result.stdout


def test_check_names_what_is_wrong(tmp_path: Path) -> None:
    """A broken folder gives exit code 1 and each problem with file and line."""
    (tmp_path / "odd.map").write_text("evnt x\n", encoding="utf-8")

    result = _RUN.invoke(app, ["check", "--json", "--folder", str(tmp_path)])
    listed = _RUN.invoke(app, ["list", "--folder", str(tmp_path)])

    assert result.exit_code == 1
    told = orjson.loads(result.stdout)
    assert told["holds"] is False
    assert told["problems"][0].startswith(f"{tmp_path.name}/odd.map:1: ")
    assert listed.exit_code == 2


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A bank's folder: a field of its own, and another place for one of ours."""
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "own.map").write_text(
        f"extension instruction is text\n\nover {_TRANSFER}\n  extensions\n    instruction <- PmtId/InstrId\n"
    )
    return folder


def test_a_banks_folder_is_checked_and_listed_with_ours(bank: Path) -> None:
    """What lies over an event is told with its line, and by the channel that has the folder as by the folder itself."""
    config = bank.parent / "broker.toml"
    config.write_text(f'[channels.core]\nmappings_folder = "{bank}"\n')
    by_folder, by_channel = ["--folder", str(bank)], ["--channel", "core", "--config", str(config)]

    checked = [_RUN.invoke(app, ["check", *which]).exit_code for which in (by_folder, by_channel)]
    listed = [_RUN.invoke(app, ["list", "--json", *which]).stdout for which in (by_folder, by_channel)]
    unknown = _RUN.invoke(app, ["list", "--channel", "cor", "--config", str(config)])

    assert checked == [0, 0]
    assert listed[0] == listed[1]
    assert orjson.loads(listed[0])[_TRANSFER]["over"] == [
        {"field": "extensions.instruction", "place": "bank/own.map:5"}
    ]
    assert (unknown.exit_code, "did you mean core?" in unknown.output) == (2, True)


_MESSAGE = law.folder("mappings") / "payment-transfer/golden/pacs.008.001.08-bulk.xml"


def test_a_message_is_explained_field_by_field(bank: Path) -> None:
    """Each field with its element, line, alternative and the line of the mapping; a bank's own among them."""
    command = ["explain", "--message", str(_MESSAGE), "--folder", str(bank), "--json"]

    told = orjson.loads(_RUN.invoke(app, command).stdout)
    (date, *_) = orjson.loads(_RUN.invoke(app, [*command, _TRANSFER, "settlement_date"]).stdout)

    assert [each["event"] for each in told[:2]] == ["iso20022.payment.transfer-message.v1", _TRANSFER]
    own = next(each for each in told[1]["fields"] if each["field"] == "extensions.instruction")
    assert own["mapping"] == "bank/own.map:5"
    assert own["path"] == "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]/PmtId/InstrId"
    (field,) = date["fields"]
    assert (field["path"], field["alternative"], field["alternatives"]) == (
        "/Document/FIToFICstmrCdtTrf/GrpHdr/IntrBkSttlmDt",
        2,
        2,
    )
    assert b"<IntrBkSttlmDt" in _MESSAGE.read_bytes().splitlines()[field["line"] - 1]


def test_values_are_shown_on_request_alone() -> None:
    """A message holds personal data: without --values no value is told, neither to people nor to programs."""
    command = ["explain", _TRANSFER, "references.end_to_end_id", "--message", str(_MESSAGE)]
    value = re.search(rb"<EndToEndId>(.*)<", _MESSAGE.read_bytes())
    assert value is not None

    silent = [_RUN.invoke(app, [*command, *how]).stdout for how in ([], ["--json"])]
    shown = [_RUN.invoke(app, [*command, "--values", *how]).stdout for how in ([], ["--json"])]

    assert [value[1].decode() in each for each in (*silent, *shown)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("body", "arguments", "code", "says"),
    [
        (None, [], 2, "cannot be read"),
        (b"<Document/>", [], 1, "the message is not valid"),
        (_MESSAGE.read_bytes(), [_TRANSFER, "colour"], 1, _TRANSFER),
        (_MESSAGE.read_bytes(), ["iso20022.payment.transfr.v1"], 2, "did you mean iso20022.payment.transfer.v1?"),
    ],
)
def test_what_cannot_be_explained_is_told(
    tmp_path: Path, body: bytes | None, arguments: list[str], code: int, says: str
) -> None:
    """A file that is not there, a message that is not valid, a field that it does not have, an event there is not."""
    file = tmp_path / "message.xml"
    if body is not None:
        file.write_bytes(body)

    result = _RUN.invoke(app, ["explain", *arguments, "--message", str(file)])

    assert result.exit_code == code
    assert says in " ".join(result.output.split())


def test_explain_says_where_a_field_comes_from() -> None:
    """A field is explained in the newest version, or in the one asked for."""
    newest = _RUN.invoke(app, ["explain", "iso20022.payment.transfer.v1", "settlement_date", "--json"])
    old = _RUN.invoke(
        app, ["explain", "iso20022.payment.transfer.v1", "debtor_agent.bic", "--definition", "pacs.008.001.02"]
    )

    assert [each["place"] for each in orjson.loads(newest.stdout)] == [
        "FIToFICstmrCdtTrf/CdtTrfTxInf[]/IntrBkSttlmDt",
        "FIToFICstmrCdtTrf/GrpHdr/IntrBkSttlmDt",
    ]
    assert re.search(r"CdtTrfTxInf\[\]/DbtrAgt/FinInstnId/BIC, by shared/\S+\.map:\d+\n", old.stdout)


def test_explain_tells_slots_and_tables() -> None:
    """Places of a list are numbered, and a code table is named."""
    event = "iso20022.payment.transfer.v1"
    slot = _RUN.invoke(app, ["explain", event, "intermediary_agents[1].agent.bic", "--json"])
    table = _RUN.invoke(app, ["explain", event, "charge_bearer", "--json"])

    assert [each["place"].split("/")[2] for each in orjson.loads(slot.stdout)] == ["IntrmyAgt2"]
    assert orjson.loads(table.stdout)[0]["table"] == "charge_bearer"


def test_explain_suggests_the_nearest_event() -> None:
    """An unknown event is a matter of usage, with the nearest name; an unknown field is exit code 1."""
    unknown = _RUN.invoke(app, ["explain", "iso20022.payment.transfer.v2"])
    no_field = _RUN.invoke(app, ["explain", "iso20022.payment.transfer.v1", "colour"])

    assert unknown.exit_code == 2
    assert "iso20022.payment.transfer.v1" in unknown.output
    assert no_field.exit_code == 1


def test_coverage_of_all_is_counted() -> None:
    """Every definition claimed stands with its counts, the same that its own list has."""
    counted = orjson.loads(_RUN.invoke(app, ["coverage", "--all", "--json"]).stdout)
    one = orjson.loads(_RUN.invoke(app, ["coverage", "pacs.008.001.08", "--json"]).stdout)
    shown = _RUN.invoke(app, ["coverage", "--all"]).stdout

    (same,) = [each for each in counted if each["definition"] == "pacs.008.001.08"]
    assert same["canonical"] == len(one["canonical"])
    assert same["leaves"] == len(one["canonical"]) + len(one["ra_json_alone"])
    assert len(shown.splitlines()) == len(counted)
    assert _RUN.invoke(app, ["coverage"]).exit_code == 2


def test_coverage_sorts_the_leaves() -> None:
    """Nearly all of a pacs.008 reaches canonical events; supplementary data travels in RA JSON alone."""
    result = _RUN.invoke(app, ["coverage", "pacs.008.001.08", "--json"])
    unclaimed = _RUN.invoke(app, ["coverage", "camt.003.001.07"])

    told = orjson.loads(result.stdout)
    assert "FIToFICstmrCdtTrf/CdtTrfTxInf[]/Dbtr/Nm" in told["canonical"]
    assert "FIToFICstmrCdtTrf/SplmtryData[]/Envlp" in told["ra_json_alone"]
    assert len(told["ra_json_alone"]) <= 4
    assert unclaimed.exit_code == 1
