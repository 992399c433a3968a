"""`broker validate`, `broker convert` and `broker config`: what scripts rest on."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broker.__main__ import app
from broker.catalogue import Catalogue
from broker.generate import Generator
from broker.law import folder


@pytest.fixture(scope="module")
def generator() -> Generator:
    """Messages of our own making."""
    return Generator(Catalogue(folder("schemas/iso20022")), 11)


@pytest.fixture(autouse=True)
def _away_from_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file of the working folder takes part."""
    monkeypatch.chdir(tmp_path)


def _run(*arguments: str | Path, stdin: bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def _file(tmp_path: Path, name: str, body: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(body)
    return path


def test_valid_messages_exit_with_0_and_one_object_a_line(tmp_path: Path, generator: Generator) -> None:
    """The object has exactly the members that scripts were promised."""
    bare = _file(tmp_path, "bare.xml", generator.pacs_008().body)
    wrapped = _file(tmp_path, "wrapped.xml", generator.pacs_008(wrapped=True).body)
    code, out, _ = _run("validate", bare, wrapped, "--json")
    first, second = (json.loads(line) for line in out.splitlines())
    assert code == 0
    assert first == {
        "file": str(bare),
        "document": {"definition": "pacs.008.001.08", "schema_valid": True},
        "header": None,
        "valid": True,
        "findings": [],
    }
    assert second["header"] == {"definition": "head.001.001.02", "schema_valid": True}


def test_an_invalid_message_exits_with_1_and_says_where(tmp_path: Path, generator: Generator) -> None:
    """A finding names rule, severity, path, line and text."""
    file = _file(tmp_path, "bad.xml", generator.bad("uetr-upper-case").body)
    code, out, _ = _run("validate", file, "--json")
    report = json.loads(out)
    assert code == 1
    assert report["document"] == {"definition": "pacs.008.001.08", "schema_valid": False}
    assert not report["valid"]
    assert set(report["findings"][0]) == {"rule", "severity", "path", "line", "text"}
    assert report["findings"][0]["path"].endswith("/PmtId/UETR")


def test_what_is_no_message_has_no_document(tmp_path: Path, generator: Generator) -> None:
    """A failure before validation is a finding with the failure's code."""
    file = _file(tmp_path, "doctype.xml", generator.bad("doctype").body)
    code, out, _ = _run("validate", file, "--json")
    report = json.loads(out)
    assert (code, report["document"], report["header"]) == (1, None, None)
    assert [each["rule"] for each in report["findings"]] == ["parse.doctype"]


def test_an_unreadable_file_exits_with_2_and_the_others_are_still_read(tmp_path: Path, generator: Generator) -> None:
    """One missing file does not hide what is said of the rest."""
    good = _file(tmp_path, "good.xml", generator.pacs_008().body)
    code, out, err = _run("validate", tmp_path / "missing.xml", good, "--json")
    assert code == 2
    assert json.loads(out)["valid"]
    assert "cannot be read" in err


def test_people_get_the_findings_beneath_the_verdict(tmp_path: Path, generator: Generator) -> None:
    """Without --json the verdict comes first and the findings with place and line."""
    file = _file(tmp_path, "bad.xml", generator.bad("amount-with-comma").body)
    code, out, err = _run("validate", file)
    assert code == 1
    assert "invalid  pacs.008.001.08" in out
    assert "IntrBkSttlmAmt" in err


def test_a_second_opinion_agrees_on_good_and_bad(tmp_path: Path, generator: Generator) -> None:
    """xmlschema, which shares no code with libxml2, gives the same verdicts."""
    files = [
        _file(tmp_path, f"{sample.name}.xml", sample.body)
        for sample in (*generator.mixed(20, bad=0), generator.bad("uetr-upper-case"), generator.bad("wrong-order"))
    ]
    _, out, _ = _run("validate", *files, "--second-opinion", "--json")
    reports = [json.loads(line) for line in out.splitlines()]
    assert [each["valid"] for each in reports] == [True] * 20 + [False] * 2
    assert not [each for report in reports for each in report["findings"] if "second-opinion" in each["rule"]]


def test_xml_to_ra_json_and_back_is_the_same_message(tmp_path: Path, generator: Generator) -> None:
    """`convert` both ways: what comes back validates and converts to the same RA JSON."""
    file = _file(tmp_path, "in.xml", generator.pacs_008(wrapped=True).body)
    code, ra, _ = _run("convert", file, "--to", "ra-json")
    assert code == 0
    assert set(json.loads(ra)) == {"AppHdr", "Document"}
    again, xml, _ = _run("convert", _file(tmp_path, "in.json", ra.encode()), "--to", "xml")
    assert again == 0
    _, second, _ = _run("convert", _file(tmp_path, "again.xml", xml.encode()), "--to", "ra-json")
    assert json.loads(second) == json.loads(ra)


def test_events_come_one_a_line_the_message_first(tmp_path: Path, generator: Generator) -> None:
    """A pacs.008 with one payment gives the message's event and the transfer's."""
    file = _file(tmp_path, "in.xml", generator.pacs_008().body)
    code, out, _ = _run("convert", file, "--to", "event")
    assert code == 0
    assert [json.loads(line)["type"] for line in out.splitlines()] == [
        "iso20022.payment.transfer-message.v1",
        "iso20022.payment.transfer.v1",
    ]


@pytest.mark.parametrize("to", ["ra-json", "event"])
def test_invalid_input_is_refused_with_findings_on_standard_error(
    tmp_path: Path, generator: Generator, to: str
) -> None:
    """Nothing is written to standard output for a message that is not valid."""
    file = _file(tmp_path, "bad.xml", generator.bad("mandatory-missing").body)
    code, out, err = _run("convert", file, "--to", to)
    assert (code, out) == (1, "")
    assert "MsgId" in err


def test_json_that_breaks_the_rules_is_refused_with_a_path(tmp_path: Path, generator: Generator) -> None:
    """XML from RA JSON is schema-valid or refused."""
    file = _file(tmp_path, "bad.json", generator.command("command-member-missing").body)
    code, out, err = _run("convert", file, "--to", "xml")
    assert (code, out) == (1, "")
    assert "/Document/FIToFICstmrCdtTrf" in err


def test_standard_input_is_a_file_called_minus(generator: Generator) -> None:
    """Pipes work."""
    code, out, _ = _run("convert", "-", "--to", "ra-json", stdin=generator.pacs_008().body)
    assert code == 0
    assert "FIToFICstmrCdtTrf" in json.loads(out)["Document"]


def test_an_unknown_target_is_a_usage_error(tmp_path: Path, generator: Generator) -> None:
    """The message says what is expected."""
    file = _file(tmp_path, "in.xml", generator.pacs_008().body)
    code, _, err = _run("convert", file, "--to", "csv")
    assert code == 2
    assert "ra-json, event or xml" in err


@pytest.mark.parametrize("to", ["ra-json", "event"])
def test_json_where_xml_is_taken_is_a_usage_error(tmp_path: Path, to: str) -> None:
    """It is told apart from XML that is not well-formed."""
    file = _file(tmp_path, "in.json", b' {"Document": {}}')
    code, out, err = _run("convert", file, "--to", to)
    assert (code, out) == (2, "")
    assert f"is JSON, and --to {to} takes XML" in err


def test_events_that_name_no_definition_are_a_usage_error(tmp_path: Path) -> None:
    """Without any event, and without --as, nothing says what to write."""
    code, out, err = _run("convert", _file(tmp_path, "in.json", b"[]"), "--to", "xml")
    assert (code, out) == (2, "")
    assert "do not say of which definition they are; name it; see --as" in err


def test_brackets_in_the_name_of_a_file_are_shown(tmp_path: Path, generator: Generator) -> None:
    """A name is the file's own and no markup."""
    file = _file(tmp_path, "[red]a[b].xml", generator.pacs_008().body)
    _, out, _ = _run("validate", file)
    _, _, err = _run("validate", tmp_path / "missing[b].xml")
    assert out == f"valid  pacs.008.001.08  {file}\n"
    assert err == f"{tmp_path}/missing[b].xml: cannot be read: No such file or directory\n"


def test_config_prints_what_is_in_effect_with_secrets_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator may paste it into a ticket."""
    monkeypatch.setenv("BROKER_DATABASE_URL", "postgresql://broker:hunter2@db/broker")
    monkeypatch.setenv("BROKER_TELEMETRY__OTLP_ENDPOINT", "https://broker:hunter2@collector:4318/v1")
    monkeypatch.setenv("BROKER_INGEST__BATCH_MESSAGES", "7")
    code, out, _ = _run("config", "--json")
    values = json.loads(out)
    assert code == 0
    assert "hunter2" not in out
    assert values["telemetry"]["otlp_endpoint"] == "https://**********@collector:4318/v1"
    assert values["database_url"] == "**********"
    assert values["ingest"]["batch_messages"] == 7


def test_config_names_the_nearest_key_of_an_unknown_one(tmp_path: Path) -> None:
    """A mistyped key stops every command with exit code 2."""
    file = tmp_path / "broker.toml"
    file.write_text("[relay]\nbatch_mesages = 5\n")
    code, _, err = _run("config", "--config", file)
    assert code == 2
    assert "did you mean relay.batch_messages?" in err


def test_config_describes_every_setting() -> None:
    """`--describe` is the reference at hand."""
    code, out, _ = _run("config", "--describe")
    assert code == 0
    assert "BROKER_RELAY__LEASE_S" in out.replace("\n", "").replace(" ", "") or "lease_s" in out


def test_xml_is_rewritten_to_another_version(tmp_path: Path, generator: Generator) -> None:
    """What came out says the version asked for, in header and namespace; nothing lost is an empty report."""
    file, report = _file(tmp_path, "in.xml", generator.pacs_002(wrapped=True).body), tmp_path / "losses.json"
    code, xml, err = _run("convert", file, "--to", "xml", "--as", "pacs.002.001.12", "--losses", report)
    assert (code, err) == (0, "")
    assert xml.count("pacs.002.001.12") == 2
    assert json.loads(report.read_text()) == {"source": "pacs.002.001.10", "target": "pacs.002.001.12", "losses": []}
    assert _run("validate", _file(tmp_path, "out.xml", xml.encode()))[0] == 0


def test_a_loss_is_refused_and_named_unless_it_is_allowed(tmp_path: Path, generator: Generator) -> None:
    """Refused: exit code 1, nothing written but the report. Allowed: the message, and the same report."""
    file, report = _file(tmp_path, "in.xml", generator.pacs_008().body), tmp_path / "losses.json"
    asked = ("convert", file, "--to", "xml", "--as", "pacs.008.001.07", "--losses", report)
    code, out, err = _run(*asked)
    assert (code, out) == (1, "")
    losses = json.loads(report.read_text())["losses"]
    assert losses[0]["rule"] == "mapping.not-representable"
    assert losses[0]["path"] in err.replace("\n", "")
    report.unlink()
    code, out, err = _run(*asked, "--allow-loss")
    assert code == 0
    assert "pacs.008.001.07" in out
    assert json.loads(report.read_text())["losses"] == losses


def test_a_report_that_cannot_be_written_ends_with_2(tmp_path: Path, generator: Generator) -> None:
    """And nothing is written to standard output."""
    file = _file(tmp_path, "in.xml", generator.pacs_002().body)
    asked = ("--to", "xml", "--as", "pacs.002.001.12", "--losses", tmp_path / "no" / "file.json")
    assert _run("convert", file, *asked)[:2] == (2, "")


def test_xml_needs_the_name_of_a_version_of_it(tmp_path: Path, generator: Generator) -> None:
    """Without it, or with another message's, usage is wrong."""
    file = _file(tmp_path, "in.xml", generator.pacs_002().body)
    for more in ((), ("--as", "pacs.008.001.08"), ("--as", "pacs.002.001.99")):
        code, out, err = _run("convert", file, "--to", "xml", *more)
        assert (code, out) == (2, "")
        assert "error" in err


def test_events_that_lose_something_in_a_version_are_refused_alike(tmp_path: Path, generator: Generator) -> None:
    """The options hold for canonical events, too."""
    _, events, _ = _run("convert", _file(tmp_path, "in.xml", generator.pacs_008().body), "--to", "event")
    array = f"[{','.join(events.splitlines())}]".encode()
    asked = ("--to", "xml", "--as", "pacs.008.001.07")
    code, out, _ = _run("convert", _file(tmp_path, "in.json", array), *asked)
    assert (code, out) == (1, "")
    code, out, _ = _run("convert", tmp_path / "in.json", *asked, "--allow-loss")
    assert code == 0
    assert "pacs.008.001.07" in out
