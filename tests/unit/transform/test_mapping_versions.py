"""What a file says once and versions build differently: the message element's name, the branches of a choice."""

from pathlib import Path

import pytest

from broker import law
from broker.catalogue import Catalogue
from broker.errors import MappingError
from broker.transform.mapping import Mappings

_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))

_EVENT = """\
claims  admi.004.001.01 to 02
message {tags}

event iso20022.system.event.v1
  code = EvtInf/EvtCd
"""

_CHOICE = """\
claims  camt.025.001.08
message Rct

event iso20022.system.event.v1
  read only
  for each RctDtls/ReqHdlg
  code = {sources}
"""


def _load(folder: Path, text: str) -> Mappings:
    (folder / "some.map").write_text(text, encoding="utf-8")
    return Mappings(folder, _CATALOGUE)


@pytest.mark.parametrize("definition", ["admi.004.001.01", "admi.004.001.02"])
def test_message_element_has_the_name_of_its_version(tmp_path: Path, definition: str) -> None:
    """Of the names a file gives the message element, the one the version has is read and written."""
    mappings = _load(tmp_path, _EVENT.format(tags="SysEvtNtfctn | admi.004.001.01"))
    tag = {"admi.004.001.01": "admi.004.001.01", "admi.004.001.02": "SysEvtNtfctn"}[definition]
    message = {"Document": {tag: {"EvtInf": {"EvtCd": "OPEN"}}}}

    [event] = mappings.events(definition, message)

    assert event.data == {"code": "OPEN"}
    assert mappings.to_ra(event.event_type, event.data, definition) == message


def test_message_element_no_version_has_is_told(tmp_path: Path) -> None:
    """A version that has none of the names is named with the nearest right one."""
    with pytest.raises(MappingError, match=r"admi\.004\.001\.01 has no message element SysEvtNtfctn"):
        _load(tmp_path, _EVENT.format(tags="SysEvtNtfctn"))


def test_all_branches_of_a_choice_are_certain(tmp_path: Path) -> None:
    """A required field may be read from a choice if every branch of it is a source: one of them is always there."""
    mappings = _load(tmp_path, _CHOICE.format(sources="Sts/Prtry | Sts/Cd"))

    assert mappings.definitions() == ("camt.025.001.08",)


def test_one_branch_of_a_choice_is_not_certain(tmp_path: Path) -> None:
    """A required field read from one branch would be missing where the message takes the other."""
    with pytest.raises(MappingError, match=r"code of iso20022\.system\.event\.v1 is required"):
        _load(tmp_path, _CHOICE.format(sources="Sts/Cd"))
