"""The examination of a catalogue: a sound one has nothing wrong, each damage is found and named."""

from pathlib import Path

import pytest

from broker.catalogue.check import check
from broker.catalogue.importer import read_xsd
from broker.catalogue.intake import Taken, take_in
from tests.support.small_xsd import SMALL, varied

NAME = "demo.001.001.01"


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    """A catalogue of one definition."""
    take_in(tmp_path / "law", [Taken(read_xsd(SMALL.encode()), "ours")])
    return tmp_path / "law"


def _damage(place: Path, name: str, old: str, new: str) -> None:
    file = place / name
    file.write_text(varied(old, new, file.read_text()))


def test_a_sound_catalogue_has_nothing_wrong(place: Path) -> None:
    """Without XSDs everything else is examined, and what was not compared is said."""
    report = check(place)

    assert (report.definitions, report.compared, report.not_compared, report.wrong) == (1, 0, (NAME,), ())


@pytest.mark.parametrize("file_name", [f"{NAME}.xsd", "as-downloaded.xsd"])
def test_an_xsd_is_found_by_digest_or_name(place: Path, tmp_path: Path, file_name: str) -> None:
    """The file that was checked against is compared whatever it is called."""
    (tmp_path / file_name).write_text(SMALL)

    report = check(place, tmp_path)

    assert (report.compared, report.not_compared, report.wrong) == (1, (), ())


def test_another_xsd_of_the_name_is_a_fault(place: Path, tmp_path: Path) -> None:
    """The digest differs, and so does what it says."""
    (tmp_path / f"{NAME}.xsd").write_text(varied('<xs:maxLength value="35"/>', '<xs:maxLength value="36"/>'))

    texts = [each.text for each in check(place, tmp_path).wrong]

    assert "sha256" in texts[0]
    assert "narrowed /Document/Greetng/Id length 1..36, now 1..35" in texts[1]


@pytest.mark.parametrize(
    ("file", "change", "where", "what"),
    [
        ("types/W.txt", ("WhoChoice choice", "Other choice"), NAME, "no type WhoChoice is defined"),
        ("types/G.txt", ("  1     Id ", "  one   Id "), NAME, "GreetingV01"),
        ("types/scalars.txt", ("codes HIGH NORM", "codes HIGH NORM HIGH"), NAME, "something else"),
        ("types/scalars.txt", ("codes HIGH NORM", "codes NORM HIGH"), NAME, "something else"),
        ("types/scalars.txt", ("codes HIGH NORM", "codes  HIGH NORM"), "types/scalars.txt", "spelled"),
        ("types/scalars.txt", ("\nFlag ", "\nUnused  boolean\nFlag "), "Unused", "no definition uses this type"),
        ("types/scalars.txt", ("pattern [A-Z]{3}", "pattern [A-Z"), NAME, "cannot be compiled"),
    ],
)
def test_each_damage_is_found(place: Path, file: str, change: tuple[str, str], where: str, what: str) -> None:
    """A missing, unreadable, misspelt, unused or uncompilable type is named with what is wrong."""
    _damage(place, file, *change)

    wrong = check(place).wrong

    assert any(each.where == where and what in each.text for each in wrong), wrong
