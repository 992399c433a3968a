"""What the language does to a message: alternatives, repetition, conditions, tables, scopes, and the way back."""

from pathlib import Path
from typing import Any

import pytest

from broker import law
from broker.catalogue import Catalogue
from broker.transform.mapping import Mappings

_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))
_SHIPPED = Mappings(law.folder("mappings"), _CATALOGUE)
_TRANSFER = "iso20022.payment.transfer.v1"


def _agent(bic: str) -> dict[str, Any]:
    return {"FinInstnId": {"BICFI": bic}}


def _transaction(**more: object) -> dict[str, Any]:
    return {
        "PmtId": {"EndToEndId": "E2E-1"},
        "IntrBkSttlmAmt": {"amt": "10.00", "Ccy": "EUR"},
        "ChrgBr": "SHAR",
        "Dbtr": {"Nm": "Debtor"},
        "DbtrAgt": _agent("EXBADEFFXXX"),
        "CdtrAgt": _agent("EXBAFRPPXXX"),
        "Cdtr": {},
        **more,
    }


def _message(*transactions: dict[str, Any], **header: object) -> dict[str, Any]:
    head = {"MsgId": "M-1", "CreDtTm": "2025-11-03T09:00:00Z", "NbOfTxs": "1", "SttlmInf": {"SttlmMtd": "INDA"}}
    return {"Document": {"FIToFICstmrCdtTrf": {"GrpHdr": {**head, **header}, "CdtTrfTxInf": list(transactions)}}}


def _transfers(*transactions: dict[str, Any], **header: object) -> list[dict[str, Any]]:
    events = _SHIPPED.events("pacs.008.001.08", _message(*transactions, **header))
    return [event.data for event in events if event.event_type == _TRANSFER]


def _small(folder: Path, fields: str, pieces: str = "") -> Mappings:
    text = (
        "claims pacs.002.001.10\nmessage FIToFIPmtStsRpt\n"
        "event iso20022.payment.status.v1\n  read only\n  for each TxInfAndSts\n  message\n    id = /GrpHdr/MsgId\n"
    )
    (folder / "small.map").write_text(f"{text}{fields}{pieces}", encoding="utf-8")
    return Mappings(folder, _CATALOGUE)


def _status(mappings: Mappings, *items: dict[str, Any]) -> list[dict[str, Any]]:
    report = {"GrpHdr": {"MsgId": "S-1", "CreDtTm": "2025-11-03T09:00:00Z"}, "TxInfAndSts": list(items)}
    return [event.data for event in mappings.events("pacs.002.001.10", {"Document": {"FIToFIPmtStsRpt": report}})]


def test_message_comes_first_and_items_count_from_one() -> None:
    """A message of two transfers gives three events in order, all with the message's own reference."""
    events = _SHIPPED.events("pacs.008.001.08", _message(_transaction(), _transaction()))

    assert [(event.event_type.split(".")[2], event.position) for event in events] == [
        ("transfer-message", 0),
        ("transfer", 1),
        ("transfer", 2),
    ]
    assert {event.business_id for event in events} == {"M-1"}


def test_subject_is_the_first_reference_that_means_something() -> None:
    """UETR goes before end-to-end id, NOTPROVIDED counts as none, and without any there is no subject."""
    uetr = "6f1c7c52-9a3e-4d0b-8f6a-2b1d5c3e4f70"
    references: list[dict[str, str]] = [
        {"EndToEndId": "E", "UETR": uetr},
        {"EndToEndId": "E"},
        {"EndToEndId": "NOTPROVIDED", "TxId": "T"},
        {"EndToEndId": "NOTPROVIDED"},
    ]

    events = _SHIPPED.events("pacs.008.001.08", _message(*(_transaction(PmtId=each) for each in references)))

    assert [event.subject for event in events[1:]] == [uetr, "E", "T", None]


def test_transaction_goes_before_its_message() -> None:
    """What the transaction says itself counts; what only the message says is filled in."""
    own, filled = _transfers(
        _transaction(IntrBkSttlmDt="2025-11-05"),
        _transaction(),
        IntrBkSttlmDt="2025-11-04",
        InstgAgt=_agent("EXBADEFFXXX"),
    )

    assert (own["settlement_date"], filled["settlement_date"]) == ("2025-11-05", "2025-11-04")
    assert own["instructing_agent"] == {"bic": "EXBADEFFXXX"}


def test_absent_stays_absent() -> None:
    """Nothing is invented: a field the message does not have is not in the event, an empty element is empty."""
    (data,) = _transfers(_transaction())

    assert "settlement_date" not in data
    assert "exchange" not in data
    assert "intermediary_agents" not in data
    assert data["creditor"] == {}


def test_slots_keep_the_order_of_the_chain() -> None:
    """The first and third intermediary become a list of two."""
    (data,) = _transfers(_transaction(IntrmyAgt3=_agent("EXMDNL2AXXX"), IntrmyAgt1=_agent("EXMDBEBBXXX")))

    assert data["intermediary_agents"] == [{"agent": {"bic": "EXMDBEBBXXX"}}, {"agent": {"bic": "EXMDNL2AXXX"}}]


def test_header_beside_the_document_is_no_hindrance() -> None:
    """RA JSON with an AppHdr gives the same events as without."""
    message = _message(_transaction())

    with_header = _SHIPPED.events("pacs.008.001.08", {"AppHdr": {"BizMsgIdr": "X"}, **message})

    assert with_header == _SHIPPED.events("pacs.008.001.08", message)


def test_unclaimed_definition_gives_its_ra_json() -> None:
    """A definition without a mapping gives one generic event with the message whole."""
    message = {"Document": {"AcctOpngInstr": {"MsgId": {"Id": "1"}}}}

    (event,) = _SHIPPED.events("acmt.001.001.08", message)

    assert (event.event_type, event.position, event.subject) == ("iso20022.message.generic.v1", 0, None)
    assert event.data == {"ra_json": message}


def test_take_says_which_of_several(tmp_path: Path) -> None:
    """First, last, only and each pick from what repeats; only gives nothing where there are two."""
    fields = (
        "  status_id = first StsRsnInf/AddtlInf\n  status = last StsRsnInf/AddtlInf\n"
        "  account_servicer_reference = only StsRsnInf/AddtlInf\n  reasons = each StsRsnInf as reason\n"
    )
    mappings = _small(tmp_path, fields, "part reason is Reason\n  information = each AddtlInf\n")

    several, single, none = _status(
        mappings,
        {"StsRsnInf": [{"AddtlInf": ["a", "b"]}, {"AddtlInf": ["c"]}]},
        {"StsRsnInf": [{"AddtlInf": ["d"]}]},
        {},
    )

    assert (several["status_id"], several["status"]) == ("a", "c")
    assert "account_servicer_reference" not in several
    assert several["reasons"] == [{"information": ["a", "b"]}, {"information": ["c"]}]
    assert (single["status_id"], single["status"], single["account_servicer_reference"]) == ("d", "d", "d")
    assert none == {"message": {"id": "S-1"}}


def test_condition_admits_or_refuses_a_source(tmp_path: Path) -> None:
    """A source counts only where its condition holds; `is not` holds also where the tested value is absent."""
    fields = "  status = OrgnlTxId when TxSts is RJCT, CANC | OrgnlInstrId when TxSts is not PDNG\n"
    mappings = _small(tmp_path, fields)
    ids = {"OrgnlTxId": "T", "OrgnlInstrId": "I"}

    found = _status(mappings, *({"TxSts": code, **ids} for code in ("RJCT", "CANC", "ACSC", "PDNG")), ids)

    assert [each.get("status") for each in found] == ["T", "T", "I", None, "I"]


@pytest.mark.parametrize(("otherwise", "made"), [("absent", None), ("as written", "XXXX"), ("pending", "pending")])
def test_table_states_what_becomes_of_other_codes(tmp_path: Path, otherwise: str, made: str | None) -> None:
    """A code outside the table is left out, kept, or given the stated word."""
    mappings = _small(
        tmp_path, "  status = TxSts as some\n", f"table some\n  RJCT = rejected\n  otherwise {otherwise}\n"
    )

    known, other = _status(mappings, {"TxSts": "RJCT"}, {"TxSts": "XXXX"})

    assert known["status"] == "rejected"
    assert other.get("status") == made


def test_outer_items_are_reached_from_inner_ones() -> None:
    """An entry of the second statement names the second statement."""
    entry = {"Amt": {"amt": "1", "Ccy": "EUR"}, "CdtDbtInd": "CRDT", "Sts": {"Cd": "BOOK"}, "BkTxCd": {}}
    statements = [{"Id": name, "Acct": {"Id": {"IBAN": "DE75512108001245126199"}}, "Ntry": [entry]} for name in "AB"]
    statements.insert(1, {"Id": "empty", "Acct": {"Id": {"Othr": {"Id": "1"}}}})
    message = {
        "Document": {"BkToCstmrStmt": {"GrpHdr": {"MsgId": "M", "CreDtTm": "2025-11-03T09:00:00Z"}, "Stmt": statements}}
    }

    events = _SHIPPED.events("camt.053.001.08", message)

    assert [event.data["statement_id"] for event in events[1:]] == ["A", "B"]
    assert [event.position for event in events[1:]] == [1, 2]


def test_message_that_does_not_fit_gives_what_fits() -> None:
    """Of an invalid message a lenient channel lets by, the event has what has the right shape and nothing else."""
    broken = _message(
        _transaction(Dbtr="Debtor GmbH", ChrgsInf={"Amt": {"amt": "1"}, "Agt": {"FinInstnId": "x"}}, SvcLvl="SEPA"),
        CreDtTm="soon",
    )
    broken["Document"]["FIToFICstmrCdtTrf"]["CdtTrfTxInf"] = broken["Document"]["FIToFICstmrCdtTrf"]["CdtTrfTxInf"][0]

    events = _SHIPPED.events("pacs.008.001.08", broken, valid=False)

    assert [event.position for event in events] == [0, 1]
    assert events[1].data["message"] == {"id": "M-1", "created_at": {"as_written": "soon"}}
    assert "debtor" not in events[1].data
    assert _SHIPPED.events("pacs.008.001.08", {"Document": {"Other": []}}, valid=False)[0].data == {}


def test_canonical_transfer_becomes_ra_json() -> None:
    """A transfer is written into its own message, with what every such message must say."""
    (data,) = _transfers(_transaction(ChrgsInf=[{"Amt": {"amt": "1", "Ccy": "EUR"}, "Agt": _agent("EXBADEFFXXX")}]))

    ra = _SHIPPED.to_ra(_TRANSFER, data, "pacs.008.001.08")

    charged = _transaction(ChrgsInf=[{"Amt": {"amt": "1", "Ccy": "EUR"}, "Agt": _agent("EXBADEFFXXX")}])
    assert ra == _message(charged)


def test_older_version_gets_its_own_names() -> None:
    """Written as version 02, a BIC stands under BIC and a list of one service level alone."""
    (data,) = _transfers(_transaction(PmtTpInf={"SvcLvl": [{"Cd": "SEPA"}]}))

    ra: Any = _SHIPPED.to_ra(_TRANSFER, data, "pacs.008.001.02")

    (made,) = ra["Document"]["FIToFICstmrCdtTrf"]["CdtTrfTxInf"]
    assert made["DbtrAgt"] == {"FinInstnId": {"BIC": "EXBADEFFXXX"}}
    assert made["PmtTpInf"] == {"SvcLvl": {"Cd": "SEPA"}}


@pytest.mark.parametrize(
    ("more", "places"),
    [
        ({"PmtId": {"EndToEndId": "E", "UETR": "6f1c7c52-9a3e-4d0b-8f6a-2b1d5c3e4f70"}}, ["$.references.uetr"]),
        ({"PmtTpInf": {"SvcLvl": [{"Cd": "A"}, {"Cd": "B"}]}}, ["$.payment_type.service_levels[1]"]),
        ({"Dbtr": {"Id": {"OrgId": {"LEI": "529900EXAMPLE0000012"}}}}, ["$.debtor.organisation.lei"]),
        (
            {"PrvsInstgAgt1": _agent("EXMDBEBBXXX"), "PrvsInstgAgt2": _agent("EXMDNL2AXXX")},
            ["$.previous_instructing_agents[1]"],
        ),
    ],
)
def test_what_a_version_cannot_hold_is_a_finding(more: dict[str, Any], places: list[str]) -> None:
    """Nothing is cut silently: each value without a place is named by its place in the canonical data."""
    (data,) = _transfers(_transaction(**more))

    findings = _SHIPPED.to_ra(_TRANSFER, data, "pacs.008.001.02")

    assert isinstance(findings, tuple)
    assert [(each.rule, each.path) for each in findings] == [("mapping.not-representable", place) for place in places]


def test_data_that_is_not_canonical_is_refused_without_showing_it() -> None:
    """What the model refuses becomes findings with places, and no value among them."""
    (data,) = _transfers(_transaction())
    wrong = {**data, "settlement_amount": {"currency": "SECRET", "amount": 1.5}, "colour": "red"}

    findings = _SHIPPED.to_ra(_TRANSFER, wrong, "pacs.008.001.08")

    assert isinstance(findings, tuple)
    assert {each.path for each in findings} == {
        "$.settlement_amount.currency",
        "$.settlement_amount.amount",
        "$.colour",
    }
    assert "SECRET" not in repr(findings)


@pytest.mark.parametrize(
    ("event_type", "definition"),
    [
        ("iso20022.payment.transfer-message.v1", "pacs.002.001.10"),
        (_TRANSFER, "camt.029.001.09"),
        ("iso20022.no.such.v1", "pacs.008.001.08"),
    ],
)
def test_where_there_is_no_way_out_a_finding_says_so(event_type: str, definition: str) -> None:
    """Events that are read only, unknown, or of another definition are refused."""
    (finding,) = _SHIPPED.to_ra(event_type, {}, definition)

    assert not isinstance(finding, str)
    assert finding.rule == "mapping.no-way-out"
    assert definition in finding.text
