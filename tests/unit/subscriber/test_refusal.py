"""What goes back to the office."""

import hashlib

from broker.message.failure import FailureCode
from broker.subscriber.refusal import Refusal, publication
from broker.transport.seam import Delivery
from broker.transport.topology import REFUSED

QUEUE = "iso20022.events.ledger"


def test_a_refused_event_goes_back_as_it_came() -> None:
    """Bytes, content type, correlation and headers stay; who refused it and why stands beside them."""
    delivery = Delivery(
        QUEUE, None, b"{}", correlation_id="c", content_type="text/plain", headers={"ce-type": "t", "tenant": "bank-a"}
    )
    ready = publication(delivery, Refusal(FailureCode.HANDLER_FAILED, "it raised", "ValueError", 5), "e-1")
    assert (ready.exchange, ready.routing_key, ready.event_id) == ("", REFUSED, "e-1")
    assert (ready.body, ready.content_type, ready.correlation_id) == (b"{}", "text/plain", "c")
    assert ready.headers == {
        "ce-type": "t",
        "tenant": "bank-a",
        "refused-by": QUEUE,
        "refused-reason": "handler.failed",
        "refused-detail": "it raised",
        "refused-exception": "ValueError",
        "refused-attempts": "5",
    }


def test_what_a_sender_says_of_a_refusal_is_overwritten() -> None:
    """Headers of an earlier refusal, or forged ones, do not survive."""
    delivery = Delivery(QUEUE, None, b"", headers={"refused-by": "another", "refused-exception": "Old"})
    headers = publication(delivery, Refusal(FailureCode.HANDLER_REFUSED, ""), "e-1").headers
    assert headers["refused-by"] == QUEUE
    assert "refused-exception" not in headers


def test_what_has_no_id_gets_one_that_stays() -> None:
    """Unreadable bytes go under the header's id, else the transport's, else their own digest."""
    refusal = Refusal(FailureCode.EVENT_MALFORMED, "no event")
    told = Delivery(QUEUE, None, b"x", message_id="m-1", headers={"ce-id": "h-1"})
    assert publication(told, refusal, None).event_id == "h-1"
    assert publication(Delivery(QUEUE, None, b"x", message_id="m-1"), refusal, None).event_id == "m-1"
    digest = hashlib.sha256(b"x").hexdigest()
    assert publication(Delivery(QUEUE, None, b"x"), refusal, None).event_id == f"sha256:{digest}"


def test_a_detail_has_a_limit() -> None:
    """A handler's text is cut at five hundred characters: a header is no place for more."""
    ready = publication(Delivery(QUEUE, None, b""), Refusal(FailureCode.HANDLER_REFUSED, "x" * 9_999), "e")
    assert len(ready.headers["refused-detail"]) == 500
