"""`broker schemas`: what each command prints, writes and ends with."""

import json
from pathlib import Path

import pytest
from lxml import etree
from typer.testing import CliRunner, Result

from broker.catalogue.importer import read_xsd
from broker.catalogue.intake import Taken, take_in
from broker.cli.schemas import app
from tests.support.small_xsd import SMALL, varied

NAME = "demo.001.001.01"


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    """A catalogue of one definition."""
    take_in(tmp_path / "law", [Taken(read_xsd(SMALL.encode()), "ours")])
    return tmp_path / "law"


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], env={"ISO20022_XSD_DIR": ""})


def _file(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_list_shows_the_definitions_that_begin_so() -> None:
    """The installed catalogue is the default; a prefix that fits nothing ends with 1."""
    found, none = _run("list", "pacs.008", "--json"), _run("list", "zzzz")

    entries = json.loads(found.stdout)
    assert found.exit_code == 0
    assert {entry["definition"][:8] for entry in entries} == {"pacs.008"}
    assert set(entries[0]) == {"definition", "namespace", "root", "content", "sha256", "source"}
    assert none.exit_code == 1


def test_show_prints_a_tree_or_json(place: Path) -> None:
    """The tree for people, the types' text for programs, 2 for a definition that is not there."""
    tree, data, unknown = (
        _run("show", NAME, "--folder", place),
        _run("show", NAME, "--json", "--folder", place),
        _run("show", "nope", "--folder", place),
    )

    assert "    Id [1] Max35Text string length 1..35" in tree.stdout.splitlines()
    assert json.loads(data.stdout)["types"]["Flag"].split() == ["Flag", "boolean"]
    assert (unknown.exit_code, "nope is not in the catalogue" in unknown.stderr) == (2, True)


def test_export_writes_xsds_and_json_schemas(place: Path, tmp_path: Path) -> None:
    """Both files of the one definition are there, and the XSD compiles."""
    done = _run("export", tmp_path / "out", "--json-schema", "--folder", place)

    assert done.exit_code == 0
    assert etree.XMLSchema(etree.parse(tmp_path / "out" / f"{NAME}.xsd"))
    schema = json.loads((tmp_path / "out" / f"{NAME}-GreetingV01.schema.json").read_text())
    assert schema["$id"].endswith(NAME)


def test_export_of_what_is_not_there_ends_with_2(place: Path, tmp_path: Path) -> None:
    """Only definitions of the catalogue can be exported."""
    assert _run("export", tmp_path / "out", "nope", "--folder", place).exit_code == 2


def test_import_adds_a_dialect_and_a_guideline(place: Path, tmp_path: Path) -> None:
    """A dialect becomes a definition, a guideline a named variant; the source is recorded."""
    narrower = varied('<xs:maxLength value="35"/>', '<xs:maxLength value="3"/>')
    dialect = _file(tmp_path, "bank.xsd", narrower.replace(f"urn:iso:std:iso:20022:tech:xsd:{NAME}", "urn:bank:demo.1"))
    guideline = _file(tmp_path, "guide.xsd", narrower)

    first = _run("import", dialect, "--source", "a bank's handbook", "--folder", place)
    second = _run("import", guideline, "--guideline", "short", "--folder", place)

    listed = json.loads(_run("list", "--json", "--folder", place).stdout)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert {each["definition"]: each["source"] for each in listed} == {
        NAME: "ours", "demo.1": "a bank's handbook", f"{NAME}@short": "guide.xsd",
    }  # fmt: skip


def test_import_refuses_one_and_changes_nothing(place: Path, tmp_path: Path) -> None:
    """Of two files one cannot be represented: neither is taken in."""
    before = {file: file.read_bytes() for file in place.rglob("*.txt")}
    good = _file(tmp_path, "good.xsd", SMALL.replace(f"urn:iso:std:iso:20022:tech:xsd:{NAME}", "urn:bank:demo.1"))
    bad = _file(tmp_path, "bad.xsd", varied('base="xs:dateTime"', 'base="xs:float"'))

    done = _run("import", good, bad, "--folder", place)

    assert (done.exit_code, "the base xs:float cannot be represented" in " ".join(done.stderr.split())) == (1, True)
    assert {file: file.read_bytes() for file in place.rglob("*.txt")} == before


def test_import_of_a_missing_file_ends_with_2(place: Path, tmp_path: Path) -> None:
    """A file that cannot be read is not a refusal."""
    assert _run("import", tmp_path / "none.xsd", "--folder", place).exit_code == 2


def test_import_makes_a_catalogue_of_an_empty_folder(tmp_path: Path) -> None:
    """A release of the standard can be taken in from nothing."""
    file = _file(tmp_path, "demo.xsd", SMALL)

    done = _run("import", file, "--folder", tmp_path / "new")

    assert (done.exit_code, _run("check", "--folder", tmp_path / "new").exit_code) == (0, 0)


def test_diff_says_what_differs(place: Path, tmp_path: Path) -> None:
    """A definition and a file: 1 with words, or 0 where they admit the same."""
    wider = _file(tmp_path, "wider.xsd", varied('<xs:maxLength value="35"/>', '<xs:maxLength value="36"/>'))
    same = _file(tmp_path, "same.xsd", SMALL)

    differs, equal = _run("diff", NAME, wider, "--folder", place), _run("diff", NAME, same, "--folder", place)
    data = _run("diff", NAME, wider, "--json", "--folder", place)

    assert differs.stdout == "widened   /Document/Greetng/Id: length 1..35, now 1..36 (at 3 places)\n"
    assert (differs.exit_code, equal.exit_code, equal.stdout) == (1, 0, "")
    assert [each["kind"] for each in json.loads(data.stdout)] == ["widened"]


def test_diff_with_a_file_that_is_not_there_ends_with_2(place: Path) -> None:
    """What cannot be read cannot be compared."""
    assert _run("diff", NAME, "none.xsd", "--folder", place).exit_code == 2


def test_check_tells_sound_from_damaged(place: Path, tmp_path: Path) -> None:
    """0 for a sound catalogue, 1 with what is wrong for a damaged one, 2 where there is none."""
    sound = _run("check", "--json", "--folder", place)
    (place / "types" / "W.txt").unlink()
    damaged, absent = _run("check", "--folder", place), _run("check", "--folder", tmp_path / "nowhere")

    assert (sound.exit_code, json.loads(sound.stdout)["wrong"]) == (0, [])
    assert (damaged.exit_code, "no type WhoChoice is defined" in damaged.stdout) == (1, True)
    assert absent.exit_code == 2
