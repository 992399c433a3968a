"""Refusing an event: the reason, and what goes back to the office.

Pure. A refused event is published whole to one durable queue, with who refused it and why in its headers; no row of the
inbox remembers it, so that it takes effect when it is put back into the queue it came from.
"""

import hashlib
from dataclasses import dataclass

from broker.message.failure import FailureCode
from broker.transport.seam import Delivery, Publication
from broker.transport.topology import REFUSED

_DETAIL_MAX = 500
_CONTENT_TYPE = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason with its detail. ``exception`` is the type a handler raised, ``attempts`` how often it was tried."""

    reason: FailureCode
    detail: str
    exception: str | None = None
    attempts: int = 0


class EventRefusedError(Exception):
    """A handler raises it to refuse an event at once, without another try. Its text goes to the office as the detail.

    The text must not carry a name, an account number or any other value of the event.
    """


def publication(delivery: Delivery, refusal: Refusal, event_id: str | None) -> Publication:
    """Give what is published for a refused event: bytes and headers as they came, and the refusal.

    ``event_id`` None: the event could not be read, and the transport's id or the digest of the bytes stands for it.
    """
    refused = {
        "refused-by": delivery.queue,
        "refused-reason": refusal.reason.value,
        "refused-detail": refusal.detail[:_DETAIL_MAX],
        "refused-attempts": str(refusal.attempts),
        **({} if refusal.exception is None else {"refused-exception": refusal.exception}),
    }
    kept = {name: value for name, value in delivery.headers.items() if not name.startswith("refused-")}
    known = event_id or delivery.headers.get("ce-id") or delivery.message_id
    return Publication(
        exchange="",
        routing_key=REFUSED,
        event_id=known or f"sha256:{hashlib.sha256(delivery.body).hexdigest()}",
        body=delivery.body,
        content_type=delivery.content_type or _CONTENT_TYPE,
        correlation_id=delivery.correlation_id,
        headers=kept | refused,
    )
