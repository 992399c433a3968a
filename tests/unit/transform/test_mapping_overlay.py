"""A bank's own folder laid over the shipped mappings: what it changes, what it leaves, and what it is told at load."""

from pathlib import Path
from typing import Any

import pytest

from broker import law
from broker.catalogue import Catalogue
from broker.errors import MappingError
from broker.transform.canonical.form import Kind
from broker.transform.mapping import Mappings
from broker.transform.mapping.overlay import _KINDS

_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))
_SHIPPED = Mappings(law.folder("mappings"), _CATALOGUE)
_TRANSFER = "iso20022.payment.transfer.v1"
_OWN_ID = "  references\n    end_to_end_id = PmtId/TxId | PmtId/EndToEndId\n"


def _over(folder: Path, text: str, below: Mappings = _SHIPPED) -> Mappings:
    folder.mkdir(exist_ok=True)
    (folder / "own.map").write_text(text, encoding="utf-8")
    return Mappings(folder, _CATALOGUE, below)


def _message(**more: object) -> dict[str, Any]:
    head = {"MsgId": "M-1", "CreDtTm": "2025-11-03T09:00:00Z", "NbOfTxs": "1", "SttlmInf": {"SttlmMtd": "INDA"}}
    transaction = {
        "PmtId": {"InstrId": "OWN-7", "EndToEndId": "E2E-1", "TxId": "TX-1"},
        "IntrBkSttlmAmt": {"amt": "10.00", "Ccy": "EUR"},
        "IntrBkSttlmDt": "2025-11-03",
        "ChrgBr": "SHAR",
        "Dbtr": {"Nm": "Debtor"},
        "DbtrAgt": {"FinInstnId": {"BICFI": "EXBADEFFXXX"}},
        "CdtrAgt": {"FinInstnId": {"BICFI": "EXBAFRPPXXX"}},
        "Cdtr": {"Nm": "Creditor"},
        **more,
    }
    return {"Document": {"FIToFICstmrCdtTrf": {"GrpHdr": head, "CdtTrfTxInf": [transaction]}}}


def _transfer(mappings: Mappings, definition: str = "pacs.008.001.08", **more: object) -> dict[str, Any]:
    return next(event.data for event in mappings.events(definition, _message(**more)) if event.event_type == _TRANSFER)


def test_line_replaces_ours_of_that_name_and_leaves_the_others(tmp_path: Path) -> None:
    """One field comes from elsewhere; every other field of the event is as it was, and ours are not touched."""
    bank = _over(tmp_path / "bank", f"over {_TRANSFER}\n{_OWN_ID}")

    ours, theirs = _transfer(_SHIPPED), _transfer(bank)

    assert ours["references"]["end_to_end_id"] == "E2E-1"
    assert theirs["references"] == {**ours["references"], "end_to_end_id": "TX-1"}
    assert {**theirs, "references": None} == {**ours, "references": None}
    assert list(theirs) == list(ours)


def test_changed_field_goes_back_where_it_came_from(tmp_path: Path) -> None:
    """What a bank says with `=` is written back to the bank's own place, and ours to ours."""
    text = f"over {_TRANSFER}\n{_OWN_ID}    transaction_id = PmtId/EndToEndId\n"
    bank = _over(tmp_path / "bank", text)

    for mappings in (bank, _SHIPPED):
        assert mappings.to_ra(_TRANSFER, _transfer(mappings), "pacs.008.001.08") == _message()
    swapped = bank.to_ra(_TRANSFER, _transfer(_SHIPPED), "pacs.008.001.08")

    assert isinstance(swapped, dict)
    identified = swapped["Document"]["FIToFICstmrCdtTrf"]["CdtTrfTxInf"][0]["PmtId"]  # type: ignore[index]
    assert (identified["EndToEndId"], identified["TxId"]) == ("TX-1", "E2E-1")


def test_claims_limit_what_is_laid_over(tmp_path: Path) -> None:
    """With claims the line is for these versions alone; the others of the same file of ours stay as they are."""
    text = f"claims pacs.008.001.08 to 09\nover {_TRANSFER}\n{_OWN_ID}"

    bank = _over(tmp_path / "bank", text)

    said = {each: _transfer(bank, f"pacs.008.001.{each}")["references"]["end_to_end_id"] for each in ("07", "08", "10")}
    assert said == {"07": "E2E-1", "08": "TX-1", "10": "E2E-1"}
    assert bank.definitions() == _SHIPPED.definitions()


def test_subject_is_replaced(tmp_path: Path) -> None:
    """A bank may keep order by another reference."""
    bank = _over(tmp_path / "bank", f"over {_TRANSFER}\n  subject PmtId/InstrId\n")

    assert [event.subject for event in bank.events("pacs.008.001.08", _message())] == ["M-1", "OWN-7"]


def test_part_and_table_change_wherever_they_are_used(tmp_path: Path) -> None:
    """A field of a part and a code of a table are replaced one by one."""
    text = "over part party\n  name = CtryOfRes\n\nover table charge_bearer\n  SHAR = debtor\n  DEBT = shared\n"
    bank = _over(tmp_path / "bank", text)

    made = _transfer(bank, Dbtr={"Nm": "Debtor", "CtryOfRes": "DE"})

    assert made["debtor"]["name"] == "DE"
    assert made["charge_bearer"] == "debtor"


def test_folders_lie_over_each_other(tmp_path: Path) -> None:
    """A channel's folder lies over the bank's, which lies over ours; a part of the bank is known above it."""
    text = f"over {_TRANSFER}\n  creditor = Cdtr as short\n\npart short is Party\n  name = Nm\n"
    bank = _over(tmp_path / "bank", f"over {_TRANSFER}\n{_OWN_ID}" + text)
    channel = _over(tmp_path / "channel", f"over {_TRANSFER}\n  debtor = Dbtr as short\n", bank)

    made = _transfer(channel, Dbtr={"Nm": "Debtor", "CtryOfRes": "DE"})

    assert made["references"]["end_to_end_id"] == "TX-1"
    assert made["debtor"] == {"name": "Debtor"}
    assert [event.place.file for event in channel.over] == ["bank/own.map", "bank/own.map", "channel/own.map"]


def test_new_definition_gets_a_mapping_of_its_own(tmp_path: Path) -> None:
    """What nothing of ours claims, a bank's file may claim as ours do."""
    text = (
        "claims admi.006.001.01\nmessage RsndReq\n"
        "event iso20022.payment.status.v1\n  read only\n  message\n    id = MsgHdr/MsgId\n"
    )
    bank = _over(tmp_path / "bank", text)

    assert set(bank.definitions()) == {*_SHIPPED.definitions(), "admi.006.001.01"}
    assert bank.bound("admi.006.001.01")[0].event_type == "iso20022.payment.status.v1"


_EXTENSIONS = f"""\
extension contract is text
extension first_charge is money
extension texts is list of text
extension urgency is text

over {_TRANSFER}
  extensions
    contract     = PmtId/ClrSysRef
    first_charge <- first ChrgsInf/Amt
    texts        <- each RmtInf/Ustrd
    urgency      <- PmtTpInf/InstrPrty as urgency

table urgency
  HIGH = at once
  NORM = today
"""


def test_extensions_are_read_by_their_kinds(tmp_path: Path) -> None:
    """Fields of a bank's own stand under `extensions`, each in the form of its kind; what is not there is absent."""
    bank = _over(tmp_path / "bank", _EXTENSIONS)

    full = _transfer(
        bank,
        PmtId={"EndToEndId": "E2E-1", "ClrSysRef": "C-77"},
        PmtTpInf={"InstrPrty": "HIGH"},
        ChrgsInf=[{"Amt": {"amt": "1.50", "Ccy": "EUR"}, "Agt": {"FinInstnId": {"BICFI": "EXBADEFFXXX"}}}],
        RmtInf={"Ustrd": ["one", "two"]},
    )
    bare = _transfer(bank)

    assert full["extensions"] == {
        "contract": "C-77",
        "first_charge": {"currency": "EUR", "amount": "1.50"},
        "texts": ["one", "two"],
        "urgency": "at once",
    }
    assert "extensions" not in bare


def test_extension_goes_back(tmp_path: Path) -> None:
    """An extension said with `=` is written; without the bank's folder the member is refused, not dropped."""
    bank = _over(tmp_path / "bank", _EXTENSIONS)
    data = _transfer(bank, PmtId={"EndToEndId": "E2E-1", "ClrSysRef": "C-77"})

    made = bank.to_ra(_TRANSFER, data, "pacs.008.001.08")
    unknown = bank.to_ra(_TRANSFER, {**data, "extensions": {"colour": "red"}}, "pacs.008.001.08")
    refused = _SHIPPED.to_ra(_TRANSFER, data, "pacs.008.001.08")

    assert isinstance(made, dict)
    assert made["Document"]["FIToFICstmrCdtTrf"]["CdtTrfTxInf"][0]["PmtId"]["ClrSysRef"] == "C-77"  # type: ignore[index]
    assert isinstance(unknown, tuple)
    assert (unknown[0].rule, unknown[0].path) == ("canonical.extra-forbidden", "$.extensions.colour")
    assert isinstance(refused, tuple)
    assert (refused[0].rule, refused[0].path) == ("canonical.extra-forbidden", "$.extensions")


def test_every_kind_of_scalar_can_be_an_extension() -> None:
    """The kinds an extension may be are those a canonical scalar may be."""
    assert set(_KINDS) == set(Kind)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (f"over {_TRANSFER}\n  settlement_amont = InstdAmt\n", 2, "did you mean settlement_amount?"),
        (f"over {_TRANSFER}\n  charge_bearer = ChrgBrr as charge_bearer\n", 2, "did you mean ChrgBr?"),
        (f"over {_TRANSFER}\n  settlement_amount = InstdAmt\n", 1, "is required but has no certain source"),
        ("over iso20022.payment.transfr.v1\n  subject PmtId/TxId\n", 1, f"did you mean {_TRANSFER}?"),
        (f"claims pacs.009.001.99\nover {_TRANSFER}\n  subject PmtId/TxId\n", 1, "is not given by pacs.009.001.99"),
        (f"over {_TRANSFER}\n  for each CdtTrfTxInf\n", 1, "is said below, not over it"),
        (f"over {_TRANSFER} now\n", 1, "expected `over EVENT`, `over part NAME` or `over table NAME`"),
        ("over part partie\n  name = Nm\n", 1, "there is no part partie below; did you mean party?"),
        ("over part party\n  nam = Nm\n", 2, "Party has no field nam; did you mean name?"),
        ("over table charge_bearers\n  SHAR = shared\n", 1, "did you mean charge_bearer?"),
        ("over table charge_bearer\n  SHAR = sharing\n", 1, "does not know the word sharing; did you mean shared?"),
        ("over part party\n  name = Nm\nover part party\n  name = Nm\n", 1, "over party stands twice"),
        (f"over {_TRANSFER}\n  extensions\n    contract = PmtId/TxId\n", 2, "declare each extension"),
        (f"extension own is text\nover {_TRANSFER}\n  extensions\n    ow = PmtId/TxId\n", 4, "did you mean own?"),
        ("extension contract is text\n", 1, "no event fills extension contract"),
        ("extension contract is txt\n", 1, "an extension cannot be txt; did you mean text?"),
        ("extension contract text\n", 1, "expected `extension NAME is KIND`"),
        (
            f"extension own is text\nextension own is date\nover {_TRANSFER}\n  extensions\n    own = IntrBkSttlmDt\n",
            2,
            "extension own is declared twice",
        ),
        (
            f"extension own is decimal\nover {_TRANSFER}\n  extensions\n    own = PmtId/TxId\n",
            4,
            "own holds decimal, but Max35Text is string",
        ),
        (
            f"claims pacs.008.001.08\nmessage X\nevent {_TRANSFER}\n  subject A\nover {_TRANSFER}\n  subject B\n",
            3,
            "a file lays lines over events or gives events of its own",
        ),
        (f"claims pacs.008.001.08\nmessage FIToFICstmrCdtTrf\nevent {_TRANSFER}\n", 1, "is claimed twice"),
        ("part party is Party\n  name = Nm\n", 1, "party is defined twice"),
    ],
)
def test_problem_is_told_at_the_banks_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    """What is wrong is told where the bank wrote it, with the nearest right name, before anything runs."""
    with pytest.raises(MappingError) as refused:
        _over(tmp_path / "bank", text)

    told = str(refused.value).splitlines()
    assert any(each.startswith(f"bank/own.map:{line}: ") and says in each for each in told), told
    assert all(each.startswith("bank/own.map:") for each in told), told


def test_what_a_bank_overrides_is_no_mistake_of_ours(tmp_path: Path) -> None:
    """An alternative of ours that only an overridden version has is not told as useless."""
    agent = "over part agent\n  bic = FinInstnId/BICFI | FinInstnId/BIC\n"
    event = f"claims pacs.008.001.02\nover {_TRANSFER}\n  debtor_agent = DbtrAgt as own_agent\n"
    own = "part own_agent is Agent\n  bic = FinInstnId/BIC\n"

    bank = _over(tmp_path / "bank", event + own)
    above = _over(tmp_path / "above", agent, bank)

    assert above.definitions() == _SHIPPED.definitions()


def test_folder_without_mappings_is_a_mistake(tmp_path: Path) -> None:
    """A folder that is empty, or not there, is told rather than passed over."""
    with pytest.raises(MappingError, match=r"there is no \.map file"):
        Mappings(tmp_path / "nowhere", _CATALOGUE, _SHIPPED)


def test_the_example_of_the_documentation_loads(tmp_path: Path) -> None:
    """docs/mappings.md shows a file that a bank may use as it stands."""
    page = (Path(__file__).parents[3] / "docs" / "mappings.md").read_text(encoding="utf-8")
    example = next(block for block in page.split("```") if "over iso20022." in block)

    bank = _over(tmp_path / "bank", example)

    assert _transfer(bank, PmtId={"EndToEndId": "E2E-1", "ClrSysRef": "C-77"})["extensions"] == {
        "contract_number": "C-77"
    }
    assert _transfer(bank)["charge_bearer"] == "service_level"
