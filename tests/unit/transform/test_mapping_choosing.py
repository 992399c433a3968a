"""Where a value goes that has several ways out: branches of a choice, places that say what they hold, texts."""

from pathlib import Path
from typing import Any

import pytest

from broker import law
from broker.catalogue import Catalogue
from broker.errors import MappingError
from broker.transform.mapping import Mappings, Written

_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))
_SHIPPED = Mappings(law.folder("mappings"), _CATALOGUE)
_TRANSFER = "iso20022.payment.transfer.v1"
_FIRST = "pacs.008.001.01"


_LEAST: dict[str, Any] = {
    "message": {"id": "M-1"},
    "references": {"end_to_end_id": "E-1"},
    "settlement_amount": {"currency": "EUR", "amount": "1"},
    "charge_bearer": "shared",
    "debtor": {},
    "debtor_agent": {},
    "creditor_agent": {},
    "creditor": {},
}


def _written(**fields: object) -> tuple[dict[str, Any], list[str]]:
    """What a transfer's transaction says in the first version, and the places of what it lost."""
    made = _SHIPPED.to_message([(_TRANSFER, _LEAST | fields)], _FIRST)
    assert isinstance(made, Written), made
    document: Any = made.ra["Document"]
    return document[_FIRST]["CdtTrfTxInf"][0], [each.path for each in made.losses]


_ADDRESS = {"town": "Lille", "country": "FR"}
_WRITTEN_ADDRESS = {"TwnNm": "Lille", "Ctry": "FR"}


@pytest.mark.parametrize(
    ("agent", "written"),
    [
        ({"bic": "EXBADEFFXXX"}, {"BIC": "EXBADEFFXXX"}),
        (
            {"name": "Example Bank", "address": _ADDRESS},
            {"NmAndAdr": {"Nm": "Example Bank", "PstlAdr": _WRITTEN_ADDRESS}},
        ),
        ({"name": "Example Bank"}, {"CmbndId": {"Nm": "Example Bank"}}),
        ({"bic": "EXBADEFFXXX", "name": "Example Bank"}, {"CmbndId": {"BIC": "EXBADEFFXXX", "Nm": "Example Bank"}}),
        ({"other": {"id": "7"}}, {"PrtryId": {"Id": "7"}}),
    ],
)
def test_fields_go_to_the_narrowest_branch_that_holds_them_all(agent: dict[str, Any], written: dict[str, Any]) -> None:
    """A bank is named in the way that says all that is known of it and demands no more."""
    made, lost = _written(debtor_agent=agent)

    assert made["DbtrAgt"] == {"FinInstnId": written}
    assert lost == []


def test_what_no_branch_holds_is_lost_by_name() -> None:
    """Of what stands in no branch together the most is written, and the rest is a loss."""
    made, lost = _written(
        debtor_agent={"bic": "EXBADEFFXXX", "lei": "5299000J2N45DDNE4Y28"},
        debtor_account={"iban": "DE75512108001245126199", "other": {"id": "7"}},
    )

    assert made["DbtrAgt"] == {"FinInstnId": {"BIC": "EXBADEFFXXX"}}
    assert made["DbtrAcct"] == {"Id": {"IBAN": "DE75512108001245126199"}}
    assert lost == ["$.debtor_account.other", "$.debtor_agent.lei"]


def test_where_no_branch_would_be_whole_the_schema_tells() -> None:
    """A name and half an address are written: that is better told by the schema than left out."""
    made, lost = _written(debtor_agent={"name": "Example Bank", "address": {"town": "Lille"}})

    assert made["DbtrAgt"]["FinInstnId"]["NmAndAdr"] == {"Nm": "Example Bank", "PstlAdr": {"TwnNm": "Lille"}}
    assert lost == []


@pytest.mark.parametrize(
    ("other", "written"),
    [
        ({"id": "7", "scheme": {"code": "BBAN"}}, {"BBAN": "7"}),
        ({"id": "12345678", "scheme": {"code": "UPIC"}}, {"UPIC": "12345678"}),
        ({"id": "7"}, {"PrtryAcct": {"Id": "7"}}),
    ],
)
def test_the_name_of_an_element_says_what_it_holds(other: dict[str, Any], written: dict[str, Any]) -> None:
    """An account's number goes to the element whose name says the same of it as its scheme."""
    made, lost = _written(debtor_account={"other": other})

    assert made["DbtrAcct"] == {"Id": written}
    assert lost == []


def _number(code: str | None, number: str) -> dict[str, Any]:
    return {"id": number, "scheme": {"code": code}} if code else {"id": number}


def test_items_go_to_the_places_that_say_what_they_are() -> None:
    """Each number of a person goes to the element of its kind, in an element of its own where it is a choice."""
    numbers = [_number("CCPT", "P-1"), _number("DRLC", "D-1")]

    made, lost = _written(debtor={"person": {"birth": _BIRTH, "other": numbers}})

    assert made["Dbtr"]["Id"]["PrvtId"] == [
        {"DtAndPlcOfBirth": _WRITTEN_BIRTH},
        {"PsptNb": "P-1"},
        {"DrvrsLicNb": "D-1"},
    ]
    assert lost == []


_BIRTH = {"date": "1970-01-31", "city": "Lille", "country": "FR"}
_WRITTEN_BIRTH = {"BirthDt": "1970-01-31", "CityOfBirth": "Lille", "CtryOfBirth": "FR"}


def test_an_item_of_no_place_is_lost_rather_than_called_something_else() -> None:
    """A number of an unknown kind, or a second of one kind, is not written as one of another kind."""
    numbers = [_number("CCPT", "P-1"), _number("CCPT", "P-2"), _number("XYZA", "X-1"), _number(None, "N-1")]

    made, lost = _written(debtor={"person": {"other": numbers}})

    assert made["Dbtr"]["Id"]["PrvtId"] == [{"PsptNb": "P-1"}]
    assert lost == [f"$.debtor.person.other[{number}]" for number in (1, 2, 3)]


def test_a_place_that_says_nothing_takes_what_is_left() -> None:
    """An organisation's number without a kind goes to the element for any number; a kind without a place is lost."""
    made, lost = _written(debtor={"organisation": {"other": [_number(None, "K-7"), _number("DUNS", "123456789")]}})
    assert made["Dbtr"]["Id"]["OrgId"] == {"PrtryId": {"Id": "K-7"}, "DUNS": "123456789"}
    assert lost == []

    made, lost = _written(debtor={"organisation": {"other": [_number("CUST", "K-7")]}})
    assert made["Dbtr"]["Id"]["OrgId"] == {"PrtryId": {"Id": "K-7"}}
    assert lost == ["$.debtor.organisation.other[0].scheme"]


def test_amounts_of_one_list_get_elements_of_their_own() -> None:
    """Where each element of a list is a choice, no two kinds of amounts stand in one of them."""
    due, discounts = (
        {"currency": "EUR", "amount": "9"},
        [{"amount": {"currency": "EUR", "amount": each}} for each in "12"],
    )

    made, lost = _written(remittance={"structured": [{"amounts": {"due": due, "discounts": discounts}}]})

    assert made["RmtInf"]["Strd"][0]["RfrdDocAmt"] == [
        {"DuePyblAmt": {"amt": "9", "Ccy": "EUR"}},
        {"DscntApldAmt": {"amt": "1", "Ccy": "EUR"}},
        {"DscntApldAmt": {"amt": "2", "Ccy": "EUR"}},
    ]
    assert lost == []


_FILE = """claims pacs.008.001.01
message pacs.008.001.01

event iso20022.payment.transfer.v1
  read only
  for each CdtTrfTxInf
  subject PmtId/TxId
  message
    id = /GrpHdr/MsgId
  LINE
"""


@pytest.mark.parametrize(
    "line",
    [
        'charge_bearer <- "SHAR" when ChrgBr',
        'settlement_amount <- "1" when IntrBkSttlmAmt',
        'purpose <- "X" when Purp as code',
    ],
)
def test_a_text_is_for_fields_of_text(tmp_path: Path, line: str) -> None:
    """A text in the place of a value that is no text is told with its line."""
    (tmp_path / "own.map").write_text(_FILE.replace("LINE", line), encoding="utf-8")

    with pytest.raises(MappingError, match=r"own\.map:10: .* is for one text"):
        Mappings(tmp_path, _CATALOGUE)


def _of_text(way: str) -> str:
    return f'over {_TRANSFER}\n  references\n    clearing_system_reference {way} "known" when PmtId/InstrId\n'


def test_a_text_is_read_where_there_is_something(tmp_path: Path) -> None:
    """The text is the field's value wherever its path leads to something, and absent elsewhere."""
    (tmp_path / "own.map").write_text(f"claims {_FIRST}\n{_of_text('<-')}", encoding="utf-8")
    mappings = Mappings(tmp_path, _CATALOGUE, _SHIPPED)
    items = [{"PmtId": {"InstrId": "I-1", "TxId": "T-1"}}, {"PmtId": {"TxId": "T-2"}}]

    events = mappings.events(_FIRST, {"Document": {_FIRST: {"GrpHdr": {"MsgId": "M-1"}, "CdtTrfTxInf": items}}})

    references: list[Any] = [event.data["references"] for event in events if event.position]
    assert [each.get("clearing_system_reference") for each in references] == ["known", None]


def test_a_text_cannot_be_written_back(tmp_path: Path) -> None:
    """A line that would write a text back to an element that holds a value is told."""
    (tmp_path / "own.map").write_text(f"claims {_FIRST}\n{_of_text('=')}", encoding="utf-8")

    with pytest.raises(MappingError, match="cannot be written back: read clearing_system_reference with `<-`"):
        Mappings(tmp_path, _CATALOGUE, _SHIPPED)
