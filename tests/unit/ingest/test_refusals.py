"""What the headers of a refused event say: who refused what and why, with nothing taken for granted."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from broker.ingest.refusals import refused
from broker.message.failure import FailureCode
from broker.store.refused_events import UNKNOWN
from broker.transport.seam import Delivery
from broker.transport.topology import REFUSED, REPLAY_OF

AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
MESSAGE = UUID("5f1d7a52-3a0b-8c4e-9d21-60b7c2f4a918")
HEADERS = {
    "ce-id": "e-1",
    "ce-type": "iso20022.payment.transfer.v1",
    "tenant": "bank-a",
    "message-id": str(MESSAGE),
    "refused-by": "iso20022.events.ledger",
    "refused-reason": "handler.failed",
    "refused-detail": "the handler raised ValueError each time",
    "refused-attempts": "5",
}


def _delivery(routing_key: str = REFUSED, body: bytes = b"{}", path: Path | None = None, **headers: str) -> Delivery:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Delivery(
        REFUSED, 1, body, content_type="text/x", headers={**HEADERS, **names}, routing_key=routing_key, path=path
    )


def test_what_the_subscriber_says_is_kept() -> None:
    """Queue, event, message, type and reason are those of the headers; tries are told where there were several."""
    event = refused(_delivery(replay_of=str(MESSAGE)), lambda: AT)

    assert (event.queue, event.event_id, event.event_type) == ("iso20022.events.ledger", "e-1", HEADERS["ce-type"])
    assert (event.message, event.replay_of, event.received_at) == ((MESSAGE, "bank-a"), MESSAGE, AT)
    assert event.failure.code is FailureCode.HANDLER_FAILED
    assert event.failure.text.endswith("the handler raised ValueError each time. It was tried 5 times.")
    assert REPLAY_OF == "replay-of"


def test_one_that_the_transport_moved_is_of_the_queue_that_the_transport_names() -> None:
    """The routing key cannot be forged; what the headers say is of an earlier refusal."""
    event = refused(_delivery("iso20022.events.billing"), lambda: AT)

    assert (event.queue, event.failure.code) == ("iso20022.events.billing", FailureCode.EVENT_DELIVERY_LIMIT)


@pytest.mark.parametrize("queue", ["", "iso20022.in.core", "iso20022.safety-net", "amq.gen-x"])
def test_only_a_queue_that_gives_out_is_believed(queue: str) -> None:
    """A header that names another queue must not become a way into it."""
    assert refused(_delivery(refused_by=queue), lambda: AT).queue == UNKNOWN


@pytest.mark.parametrize("reason", ["", "made.up", "receive.poison", "event.delivery-limit"])
def test_a_reason_that_no_subscriber_gives_is_none(reason: str) -> None:
    """What is said in no known word is something that nobody could read."""
    assert refused(_delivery(refused_reason=reason), lambda: AT).failure.code is FailureCode.EVENT_MALFORMED


def test_ids_that_are_none_are_left_out() -> None:
    """A message id or a dead letter that is no UUID, as a foreign sender may write, names nothing."""
    event = refused(_delivery(message_id="none", replay_of="none"), lambda: AT)

    assert (event.message, event.replay_of) == (None, None)


def test_without_an_id_the_bytes_stand_for_it(tmp_path: Path) -> None:
    """The same bytes are the same event, wherever the transport keeps them."""
    file = tmp_path / "body"
    file.write_bytes(b"large")
    held = refused(_delivery(body=b"large", ce_id=""), lambda: AT)
    kept = refused(_delivery(body=b"", path=file, ce_id=""), lambda: AT)

    assert held.event_id == kept.event_id
    assert held.event_id.startswith("sha256:")
    assert kept.body == b"large"
