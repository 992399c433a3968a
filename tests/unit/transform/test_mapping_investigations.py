"""Investigations, cancellations and charges: what the golden pairs cannot show of the way back and of positions."""

from typing import Any

from lxml import etree

from broker import law
from broker.catalogue import Catalogue
from broker.transform.mapping import Mappings, Written
from broker.transform.ra_json import to_object, to_xml

_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))
_MAPPINGS = Mappings(law.folder("mappings"), _CATALOGUE)
_RESOLUTION = "iso20022.investigation.cancellation-resolution.v1"
_OF_CUSTOMER = "iso20022.investigation.customer-cancellation-resolution.v1"
_OF_BATCH = "iso20022.investigation.batch-cancellation-resolution.v1"

_Event = tuple[str, dict[str, Any]]


def _item(event_type: str, **more: object) -> _Event:
    return event_type, {
        "message": {"id": "X-1", "created_at": {"utc": "2025-11-03T09:00:00Z"}},
        "assigner": {"agent": {"bic": "EXBADEFFXXX"}},
        "assignee": {"agent": {"bic": "EXBAGB2LXXX"}},
        "confirmation": "RJCR",
        **more,
    }


def _of_customer(message: str, batch: str, end_to_end_id: str) -> _Event:
    return _item(
        _OF_CUSTOMER,
        original_message={"message_id": message, "message_name": "pain.001.001.09"},
        original_references={"payment_information_id": batch, "end_to_end_id": end_to_end_id},
        status="RJCR",
        outcome="rejected",
    )


def _written(*events: _Event) -> dict[str, Any]:
    made = _MAPPINGS.to_message(events, "camt.029.001.09")
    assert isinstance(made, Written), made
    assert made.losses == ()
    assert isinstance(to_xml(made.ra, "camt.029.001.09", _CATALOGUE), bytes)
    body: Any = made.ra["Document"]
    root: dict[str, Any] = body["RsltnOfInvstgtn"]
    return root


def test_one_answer_alone_is_a_message() -> None:
    """The answer to one cancellation says all that a resolution of investigation needs."""
    answer = _item(_RESOLUTION, original_references={"end_to_end_id": "E-1"}, outcome="rejected")

    root = _written(answer)

    assert root["Sts"] == {"Conf": "RJCR"}
    assert root["CxlDtls"] == [{"TxInfAndSts": [{"OrgnlEndToEndId": "E-1"}]}]


def test_answers_that_confirm_differently_are_no_one_message() -> None:
    """A message confirms one thing of its case: answers that say two things contradict each other."""
    made = _MAPPINGS.to_message([_item(_RESOLUTION), _item(_RESOLUTION, confirmation="CNCL")], "camt.029.001.09")

    assert isinstance(made, tuple)
    assert [(each.rule, each.path) for each in made] == [("mapping.contradiction", "$[1].confirmation")]


def test_an_outcome_that_does_not_follow_from_the_status_is_refused() -> None:
    """``outcome`` sums up the codes; one that they do not amount to has no place in the message."""
    made = _MAPPINGS.to_message([_item(_RESOLUTION, outcome="accepted")], "camt.029.001.09")

    assert isinstance(made, Written)
    assert [each.path for each in made.losses] == ["$.outcome"]


def test_answers_to_a_customer_stand_in_their_batches() -> None:
    """Transactions of one batch share it, whether or not an event speaks of the batch itself."""
    batch = _item(_OF_BATCH, payment_information_id="B1", status="PACR", outcome="partial")

    root = _written(
        batch,
        _of_customer("M-1", "B2", "E-1"),
        _of_customer("M-1", "B3", "E-2"),
        _of_customer("M-1", "B2", "E-3"),
    )

    (details,) = root["CxlDtls"]
    assert {
        each["OrgnlPmtInfId"]: [item["OrgnlEndToEndId"] for item in each.get("TxInfAndSts", ())]
        for each in details["OrgnlPmtInfAndSts"]
    } == {"B1": [], "B2": ["E-1", "E-3"], "B3": ["E-2"]}


def test_batches_of_one_name_in_two_messages_are_not_mixed() -> None:
    """A customer may use a batch's name again in another message: that is no batch of both."""
    made = _MAPPINGS.to_message([_of_customer("M-1", "B1", "E-1"), _of_customer("M-2", "B1", "E-2")], "camt.029.001.09")

    assert isinstance(made, tuple)
    assert {each.rule for each in made} == {"mapping.contradiction"}


def test_positions_count_through_a_message_with_items_in_several_places() -> None:
    """Batches and transactions of a cancellation request are counted on, so that type and position name an event."""
    body = (law.folder("mappings") / "payment-cancellation/golden/camt.055.001.01-batches.xml").read_bytes()
    message = to_object(etree.fromstring(body), _CATALOGUE.schema("camt.055.001.01"))

    events = _MAPPINGS.events("camt.055.001.01", message)

    assert [event.position for event in events] == list(range(len(events)))
    assert [event.event_type.split(".")[2] for event in events] == [
        "cancellation-request-message",
        *["batch-cancellation-request"] * 2,
        *["cancellation-request"] * 3,
    ]


def test_charges_under_types_are_records_in_their_order() -> None:
    """Records under several types of charges become items one after the other, each with the type it stands under."""
    body = (law.folder("mappings") / "payment-charges/golden/camt.106.001.03-per-type.xml").read_bytes()
    message = to_object(etree.fromstring(body), _CATALOGUE.schema("camt.106.001.03"))

    _, *records = _MAPPINGS.events("camt.106.001.03", message)
    data: list[Any] = [record.data for record in records]

    assert [record.position for record in records] == [1, 2, 3]
    assert [each["type"] for each in data] == [
        {"code": "INVS"},
        {"code": "INVS"},
        {"proprietary": {"id": "CALL"}},
    ]
    assert [each["settlement"]["requested_date"] for each in data] == [
        "2025-10-15",
        "2025-10-20",
        "2025-10-15",
    ]
