"""How the events of a message become one message: what is shared, what must agree, what is lost, what lines say."""

from pathlib import Path
from typing import Any

import pytest

from broker import law
from broker.catalogue import Catalogue
from broker.errors import MappingError
from broker.transform.mapping import Mappings, Written

_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))
_SHIPPED = Mappings(law.folder("mappings"), _CATALOGUE)
_MESSAGE = "iso20022.payment.initiation-message.v1"
_ITEM = "iso20022.payment.initiation.v1"
_STATUS = "iso20022.payment.status.v1"

_Event = tuple[str, dict[str, Any]]


def _batch(name: str, **more: object) -> dict[str, Any]:
    return {
        "payment_information_id": name,
        "payment_method": "TRF",
        "requested_execution": {"date": "2025-11-04"},
        "debtor": {"name": "Debtor"},
        "debtor_account": {"iban": "DE75512108001245126199"},
        "debtor_agent": {"bic": "EXBADEFFXXX"},
        **more,
    }


def _item(batch: dict[str, Any], name: str, **more: object) -> _Event:
    data = {
        "message": {"id": "M-1", "created_at": {"utc": "2025-11-03T09:00:00Z"}},
        "initiating_party": {"name": "Debtor"},
        **batch,
        "references": {"end_to_end_id": name},
        "amount": {"instructed": {"currency": "EUR", "amount": "10.00"}},
        **more,
    }
    return _ITEM, {field: value for field, value in data.items() if value is not None}


def _message(*batches: dict[str, Any], count: int = 2, **more: object) -> _Event:
    return _MESSAGE, {
        "message": {"id": "M-1", "created_at": {"utc": "2025-11-03T09:00:00Z"}},
        "number_of_transactions": count,
        "initiating_party": {"name": "Debtor"},
        "batches": list(batches),
        **more,
    }


def _made(*events: _Event, definition: str = "pain.001.001.09") -> dict[str, Any]:
    made = _SHIPPED.to_message(events, definition)
    assert isinstance(made, Written), made
    assert made.losses == ()
    body: Any = made.ra["Document"]
    root: dict[str, Any] = body["CstmrCdtTrfInitn"]
    return root


def _findings(*events: _Event) -> list[tuple[str, str]]:
    made = _SHIPPED.to_message(events, "pain.001.001.09")
    assert isinstance(made, tuple)
    return [(each.rule, each.path) for each in made]


def _ids(root: dict[str, Any]) -> dict[str, list[str]]:
    return {
        batch["PmtInfId"]: [item["PmtId"]["EndToEndId"] for item in batch["CdtTrfTxInf"]] for batch in root["PmtInf"]
    }


def test_items_of_one_key_share_one_element_in_their_order() -> None:
    """Payments of two batches, mixed, stand in two PmtInf, each batch's in the order given; all are counted."""
    one, two = _batch("B1"), _batch("B2")

    root = _made(_item(one, "a"), _item(two, "b"), _item(one, "c"))

    assert _ids(root) == {"B1": ["a", "c"], "B2": ["b"]}
    assert root["GrpHdr"]["NbOfTxs"] == "3"


def test_message_and_items_join_by_the_key_whatever_their_order() -> None:
    """What the message says of a batch and the batch's payments stand in one element; the message may come last."""
    one, two = _batch("B1"), _batch("B2")
    whole = _message(_batch("B2", control_sum="5"), _batch("B1", control_sum="7"))

    root = _made(_item(one, "a"), _item(two, "b"), whole)

    assert _ids(root) == {"B2": ["b"], "B1": ["a"]}
    assert [batch["CtrlSum"] for batch in root["PmtInf"]] == ["5", "7"]


def test_what_the_message_says_for_all_is_not_repeated() -> None:
    """A charge bearer that the batch says stands there alone; a payment with another one says its own."""
    shared = _batch("B1", charge_bearer="shared")

    root = _made(_message(shared), _item(shared, "a"), _item(_batch("B1"), "b", charge_bearer="debtor"))

    (batch,) = root["PmtInf"]
    assert batch["ChrgBr"] == "SHAR"
    assert [item.get("ChrgBr") for item in batch["CdtTrfTxInf"]] == [None, "DEBT"]


def test_what_only_an_item_says_stands_in_the_item() -> None:
    """Without the batch's word a charge bearer is the payment's own."""
    root = _made(_item(_batch("B1"), "a", charge_bearer="debtor"))

    assert "ChrgBr" not in root["PmtInf"][0]
    assert root["PmtInf"][0]["CdtTrfTxInf"][0]["ChrgBr"] == "DEBT"


@pytest.mark.parametrize(
    ("events", "places"),
    [
        (
            [_item(_batch("B1"), "a"), _item(_batch("B1", debtor={"name": "Other"}), "b")],
            ["$[1].debtor"],
        ),
        (
            [
                _item(_batch("B1", debtor={"name": "D", "country_of_residence": "DE"}), "a"),
                _item(_batch("B1", debtor={"name": "D"}), "b"),
            ],
            ["$[1].debtor"],
        ),
        (
            [
                _message(_batch("B1"), count=1),
                _item(_batch("B1", debtor_account={"iban": "FR1420041010050500013M02606"}), "a"),
            ],
            ["$[1].debtor_account"],
        ),
        ([_message(_batch("B1")), _message(_batch("B1")), _item(_batch("B1"), "a")], ["$[1]", "$"]),
        ([_message(_batch("B1"), count=7), _item(_batch("B1"), "a")], ["$"]),
    ],
)
def test_events_that_contradict_each_other_make_no_message(events: list[_Event], places: list[str]) -> None:
    """Whatever is said of one place is said alike, once; the finding stands at the later event."""
    assert _findings(*events) == [("mapping.contradiction", place) for place in places]


def test_findings_show_no_value() -> None:
    """A contradiction names the place and not what was said there."""
    made = _SHIPPED.to_message(
        [_item(_batch("B1"), "a"), _item(_batch("B1", debtor={"name": "Secret"}), "b")], "pain.001.001.09"
    )

    assert "Secret" not in repr(made)


def test_members_may_come_in_any_order_and_null_is_absent() -> None:
    """Two fields that share an element do not overwrite each other, whichever comes first."""
    document = {"issuer": "ISSUER", "type": {"code": "CINV"}, "number": None}
    item = _item(_batch("B1"), "a", remittance={"structured": [{"documents": [document]}]}, purpose=None)

    root = _made(item)

    (made,) = root["PmtInf"][0]["CdtTrfTxInf"][0]["RmtInf"]["Strd"][0]["RfrdDocInf"]
    assert made == {"Tp": {"CdOrPrtry": {"Cd": "CINV"}, "Issr": "ISSUER"}}


def test_yes_and_no_are_what_the_model_takes_them_for() -> None:
    """A word that the model reads as no is not written as yes."""
    assert _made(_item(_batch("B1", batch_booking="no"), "a"))["PmtInf"][0]["BtchBookg"] == "false"


@pytest.mark.parametrize(
    ("more", "rule", "path", "absent"),
    [
        (
            {"references": {"end_to_end_id": "a", "instruction_id": "x" * 36}},
            "json.length",
            "references.instruction_id",
            "InstrId",
        ),
        ({"mandate": {"id": "M"}}, "mapping.not-representable", "mandate", "MndtRltdInf"),
        ({"purpose": {"code": "LONGER"}}, "json.length", "purpose.code", "Purp"),
        (
            {"creditor": {"name": "C", "address": {"lines": ["x"] * 8}}},
            "mapping.not-representable",
            "creditor.address.lines[7]",
            "",
        ),
        (
            {"amount": {"instructed": {"currency": "EUR", "amount": "1.123456"}}},
            "json.digits",
            "amount.instructed",
            "InstdAmt",
        ),
        (
            {"payment_type": {"service_levels": [{"code": "A"}, {"code": "B"}]}},
            "mapping.not-representable",
            "payment_type.service_levels[1]",
            "",
        ),
    ],
)
def test_what_cannot_be_held_is_a_loss_and_the_rest_stands(
    more: dict[str, Any], rule: str, path: str, absent: str
) -> None:
    """A value without a place, too long, of too many digits or one too many is named and left out."""
    made = _SHIPPED.to_message([_item(_batch("B1"), "a", **more)], "pain.001.001.08")

    assert isinstance(made, Written)
    assert [(each.rule, each.path) for each in made.losses] == [(rule, f"$.{path}")]
    assert not absent or f"'{absent}'" not in repr(made.ra)


def test_code_that_a_version_does_not_know_is_a_loss(tmp_path: Path) -> None:
    """A word whose code is not in the version's list is named."""
    fields = "  status = TxSts as some\n"
    mappings = _small(
        tmp_path, fields, f"{_GROUP}table some\n  RJCT = rejected\n  ACSP = accepted\n  otherwise as written\n"
    )
    data = {"message": {"id": "S-1"}, "status": "ACFC"}

    old = mappings.to_message([(_STATUS, data)], "pacs.002.001.03")
    new = mappings.to_message([(_STATUS, data)], "pacs.002.001.10")

    assert isinstance(old, Written)
    assert isinstance(new, Written)
    assert [(each.rule, each.path) for each in old.losses] == [("json.enumeration", "$.status")]
    assert new.losses == ()


def test_lost_value_must_not_read_as_the_shared_one() -> None:
    """Where the item's own word is lost, the message's word would be taken for it: that is refused, not reported."""
    whole = _message(_batch("B1", payment_type={"local_instrument": {"code": "SHORT"}}), count=1)
    item = _item(_batch("B1"), "a", payment_type={"local_instrument": {"code": "x" * 36}})

    assert _findings(whole, item) == [("mapping.contradiction", "$[1].payment_type")]


def test_same_loss_of_message_and_item_is_no_contradiction() -> None:
    """What the version cannot hold of a batch is lost alike in the batch and in its payments."""
    batch = _batch("B1", debtor={"name": "D", "organisation": {"lei": "529900T8BM49AURSDO55"}})

    made = _SHIPPED.to_message([_message(batch, count=1), _item(batch, "a")], "pain.001.001.03")

    assert isinstance(made, Written)
    assert [each.path for each in made.losses if "lei" in each.path] == [
        "$[0].batches[0].debtor.organisation.lei",
        "$[1].debtor.organisation.lei",
    ]


def test_events_without_a_way_there_are_named() -> None:
    """An event of another message is told with its place; no event at all makes no message."""
    assert _findings(_item(_batch("B1"), "a"), (_STATUS, {})) == [("mapping.no-way-out", "$[1]")]
    assert _findings() == [("mapping.no-way-out", "")]
    assert _findings((_STATUS, {})) == [("mapping.no-way-out", "")]


_GROUP = '  "M" -> /OrgnlGrpInfAndSts/OrgnlMsgNmId\n  "O" -> /OrgnlGrpInfAndSts/OrgnlMsgId\n'


def _small(folder: Path, fields: str, pieces: str = _GROUP, each: str = "TxInfAndSts") -> Mappings:
    text = (
        "claims pacs.002.001.03\nclaims pacs.002.001.10\nmessage FIToFIPmtStsRpt\n"
        f"event {_STATUS}\n  for each {each}\n  message\n    id = /GrpHdr/MsgId\n"
        '  "2025-11-03T09:00:00Z" -> /GrpHdr/CreDtTm\n'
    )
    (folder / "small.map").write_text(f"{text}{fields}{pieces}", encoding="utf-8")
    return Mappings(folder, _CATALOGUE)


def test_each_way_may_have_its_own_line(tmp_path: Path) -> None:
    """A field is read from one place and written to another, beside a text that is only written."""
    mappings = _small(tmp_path, '  status_id <- StsId\n  status_id -> OrgnlInstrId\n  "X" -> StsId\n')

    ra = mappings.to_ra(_STATUS, {"message": {"id": "S-1"}, "status_id": "own"}, "pacs.002.001.10")

    written = {"OrgnlInstrId": "own", "StsId": "X"}
    assert isinstance(ra, dict)
    document: Any = ra["Document"]
    assert document["FIToFIPmtStsRpt"]["TxInfAndSts"] == [written]


def test_what_follows_from_other_values_is_checked(tmp_path: Path) -> None:
    """A derived field is written by nothing and must read as given."""
    mappings = _small(tmp_path, "  status = TxSts\n  account_servicer_reference <- TxSts\n")
    data = {"message": {"id": "S-1"}, "status": "RJCT", "account_servicer_reference": "RJCT"}

    good = mappings.to_ra(_STATUS, data, "pacs.002.001.10")
    bad = mappings.to_ra(_STATUS, {**data, "account_servicer_reference": "ACSC"}, "pacs.002.001.10")

    assert isinstance(good, dict)
    assert isinstance(bad, tuple)
    assert [each.path for each in bad] == ["$.account_servicer_reference"]


def test_item_that_can_stand_once_stands_once(tmp_path: Path) -> None:
    """Where the message has room for one item, a second one is a loss."""
    mappings = _small(tmp_path, '  status_id = OrgnlMsgId\n  "M" -> OrgnlMsgNmId\n', "", "OrgnlGrpInfAndSts")
    events = [(_STATUS, {"message": {"id": "S-1"}, "status_id": name}) for name in "ab"]

    made = mappings.to_message(events, "pacs.002.001.03")

    assert isinstance(made, Written)
    assert [each.path for each in made.losses] == ["$[1]"]


@pytest.mark.parametrize(
    ("each", "text"),
    [
        ("PmtInf/CdtTrfTxInf", "PmtInf repeats on the way to CdtTrfTxInf: say `, PmtInf by PATH`"),
        ("PmtInf/CdtTrfTxInf, PmtInf by PmtInfID", "has no PmtInfID; did you mean PmtInfId?"),
        ("PmtInf/CdtTrfTxInf, PmtInf by Dbtr", "Dbtr is no key: a key is one scalar value"),
        ("PmtInf/CdtTrfTxInf, PmtInf by CtrlSum", "no field says PmtInf/CtrlSum, the key of PmtInf"),
        ("PmtInf/CdtTrfTxInf, PmtInf CtrlSum", "'PmtInf CtrlSum' is no key; expected `TAG by PATH`"),
        ("PmtInf/CdtTrfTxInf, PmtInv by CtrlSum", "for each does not pass PmtInv on its way; did you mean PmtInf?"),
        ("PmtInf/CdtTrfTxInf, PmtInf by A-B", "'A-B' is not a path"),
    ],
)
def test_key_that_is_none_is_told(tmp_path: Path, each: str, text: str) -> None:
    """What repeats on the way to the items has a key that exists, is one value, and is said by a field."""
    text_of_map = (
        f"claims pain.001.001.09\nmessage CstmrCdtTrfInitn\nevent {_ITEM}\n  for each {each}\n"
        "  payment_information_id = ../PmtInfId\n"
    )
    (tmp_path / "small.map").write_text(text_of_map, encoding="utf-8")

    with pytest.raises(MappingError) as refused:
        Mappings(tmp_path, _CATALOGUE)

    assert text in str(refused.value)


def test_count_stands_in_an_event(tmp_path: Path) -> None:
    """A part is used in many surroundings and is no item to be counted."""
    with pytest.raises(MappingError, match=r"small\.map:11: `count` stands in an event"):
        _small(
            tmp_path,
            "  reasons = each StsRsnInf as why\n",
            "part why is Reason\n  count -> Rsn/Prtry\n  information = each AddtlInf\n",
        )


def _request(batch: str | None, execution: str, name: str) -> _Event:
    data = {
        "message": {"id": "M-1", "created_at": {"utc": "2025-11-03T09:00:00Z"}},
        "initiating_party": {"name": "Creditor"},
        "payment_information_id": batch,
        "payment_method": "TRF",
        "requested_execution": {"date": execution},
        "debtor": {"name": "Debtor"},
        "debtor_agent": {"bic": "EXBADEFFXXX"},
        "references": {"end_to_end_id": name},
        "amount": {"instructed": {"currency": "EUR", "amount": "10.00"}},
        "charge_bearer": "shared",
        "creditor_agent": {"bic": "EXBADEFFXXX"},
        "creditor": {"name": "Creditor"},
    }
    return "iso20022.request.to-pay.v1", {field: value for field, value in data.items() if value is not None}


def test_items_without_a_key_share_what_says_the_same() -> None:
    """Where the key may be absent, an item joins the element without one that says nothing else, or gets its own."""
    events = [_request(None, "2025-11-04", "a"), _request(None, "2025-11-05", "b"), _request(None, "2025-11-04", "c")]

    made = _SHIPPED.to_message([*events, _request("B1", "2025-11-04", "d")], "pain.013.001.07")

    assert isinstance(made, Written), made
    document: Any = made.ra["Document"]
    batches = document["CdtrPmtActvtnReq"]["PmtInf"]
    assert [[item["PmtId"]["EndToEndId"] for item in batch["CdtTrfTx"]] for batch in batches] == [
        ["a", "c"],
        ["b"],
        ["d"],
    ]


def test_what_must_be_there_is_said_in_the_item_though_it_is_shared() -> None:
    """An item whose version demands a charge bearer in each says its own, also where its batch says the same."""
    events = [_request("B1", "2025-11-04", "a")]
    batch = {
        field: value
        for field, value in events[0][1].items()
        if field in {"payment_information_id", "payment_method", "requested_execution", "debtor", "debtor_agent"}
    }
    whole = {
        "message": events[0][1]["message"],
        "number_of_transactions": 1,
        "initiating_party": {"name": "Creditor"},
        "batches": [{**batch, "charge_bearer": "shared"}],
    }

    made = _SHIPPED.to_message([("iso20022.request.to-pay-message.v1", whole), *events], "pain.013.001.07")

    assert isinstance(made, Written), made
    document: Any = made.ra["Document"]
    (batch,) = document["CdtrPmtActvtnReq"]["PmtInf"]
    assert (batch["ChrgBr"], batch["CdtTrfTx"][0]["ChrgBr"]) == ("SHAR", "SHAR")
