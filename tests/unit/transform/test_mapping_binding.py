"""Mapping files that were checked before: a definition is bound when it is first met."""

from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path

import pytest

from broker import law
from broker.catalogue import Catalogue
from broker.errors import MappingError
from broker.transform.mapping import Mappings
from broker.transform.mapping.bound import BoundPart

_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))
_FOLDER = law.folder("mappings")
_WHOLE = Mappings(_FOLDER, _CATALOGUE)
_TRANSFER = "pacs.008.001.08"
_WRONG = f"""\
claims {_TRANSFER}
message FIToFICstmrCdtTrf

event iso20022.payment.transfer.v1
  remittance = Nowhere
"""
_EXTENSION = """\
extension branch is text
over iso20022.payment.transfer.v1
  extensions
    branch = DbtrAgt/BrnchId/Id
"""


def _alike(one: object, other: object, seen: set[tuple[int, int]]) -> bool:
    """Whether two bound things are made alike: parts are equal to themselves alone. Each pair is looked at once."""
    if type(one) is not type(other):
        return False
    if isinstance(one, BoundPart):
        if (id(one), id(other)) in seen:
            return True
        seen.add((id(one), id(other)))
    if is_dataclass(one):
        return all(_alike(getattr(one, each.name), getattr(other, each.name), seen) for each in fields(one))
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(partial(_alike, seen=seen), one, other))
    return one == other


def test_each_definition_is_bound_as_with_all_others() -> None:
    """In whatever order definitions are met, what is bound of them is the same."""
    met = Mappings(_FOLDER, _CATALOGUE, checked=True)
    seen: set[tuple[int, int]] = set()

    assert met.definitions() == _WHOLE.definitions()
    names = reversed(met.definitions())
    assert [each for each in names if not _alike(met.bound(each), _WHOLE.bound(each), seen)] == []
    assert [each for each in met.definitions() if met.item_tag(each) != _WHOLE.item_tag(each)] == []


def test_nothing_is_bound_but_what_is_met() -> None:
    """A process that works on one kind of message does not wait for the others."""
    met = Mappings(_FOLDER, _CATALOGUE, checked=True)
    before = set(met._bound)

    met.events(_TRANSFER, {"Document": {}})

    assert (before, set(met._bound)) == (set(), {_TRANSFER})


def test_what_no_file_claims_is_not_bound() -> None:
    """It gives a generic event, as ever."""
    met = Mappings(_FOLDER, _CATALOGUE, checked=True)

    assert met.bound("admi.998.001.03") == ()
    assert met.item_tag("admi.998.001.03") is None
    assert [each.position for each in met.events("admi.998.001.03", {"Document": {}})] == [0]


def test_what_is_wrong_is_told_when_the_whole_is_asked_for(tmp_path: Path) -> None:
    """Each time; files that are not said to be checked are, when they are loaded."""
    (tmp_path / "wrong.map").write_text(_WRONG)
    mappings = Mappings(tmp_path, _CATALOGUE, checked=True)

    for _ in range(2):
        with pytest.raises(MappingError, match=r"wrong\.map:5"):
            mappings.whole()
    with pytest.raises(MappingError, match=r"wrong\.map:5"):
        Mappings(tmp_path, _CATALOGUE)


def test_a_banks_folder_is_laid_over_checked_files_as_over_any(tmp_path: Path) -> None:
    """What lies below is bound whole then: whether a line is of use is told by all definitions."""
    (tmp_path / "own.map").write_text(_EXTENSION)

    over_checked = Mappings(tmp_path, _CATALOGUE, Mappings(_FOLDER, _CATALOGUE, checked=True))
    over_whole = Mappings(tmp_path, _CATALOGUE, _WHOLE)

    assert _alike(over_checked.bound(_TRANSFER), over_whole.bound(_TRANSFER), set())
    assert over_checked.definitions() == over_whole.definitions()
