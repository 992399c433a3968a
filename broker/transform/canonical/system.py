"""What systems tell each other of messages and of themselves: rejections, events, acknowledgements, receipts."""

from broker.transform.canonical.form import Canonical, Code, Date, Decimal, Instant, Text
from broker.transform.canonical.party import Address, Agent, GenericId
from broker.transform.canonical.terms import MessageInfo, OriginalMessage, Reason


class MessageRejection(Canonical):
    """A message refused by the party or the system it was sent to (admi.002)."""

    rejected_reference: Text
    """The reference of the message that was refused."""
    reason: Text
    """As the rejecting party codes or words it."""
    rejected_at: Instant | None = None
    """When the message was refused."""
    error_location: Text | None = None
    """Where in the refused message the error is, often a path."""
    description: Text | None = None
    """Why, in words."""
    additional_data: Text | None = None
    """What else there is to know, as a text."""


class SystemEvent(Canonical):
    """Something that happens in a system: it opens, closes, somebody signs on (admi.004)."""

    code: Text
    """As the system codes its events."""
    parameters: tuple[Text, ...] | None = None
    """What the event is about, in the order that its code says."""
    description: Text | None = None
    """What happened, in words."""
    at: Instant | None = None
    """When it happened or is to happen."""


class SystemEventAcknowledgement(Canonical):
    """That a system event was taken note of (admi.011)."""

    message: MessageInfo
    originator_reference: Text | None = None
    """What the one who acknowledges calls it."""
    settlement_session: Text | None = None
    """The session of the settlement."""
    event: SystemEvent | None = None
    """The event that is acknowledged."""


class ReferenceIssuer(Canonical):
    """Who gave a reference."""

    bic: Text | None = None
    lei: Text | None = None
    name: Text | None = None
    address: Address | None = None
    other: GenericId | None = None
    """Another identifier."""


class Handling(Canonical):
    """How a request was handled: ``status`` is a code of the standard, or one of the system's own."""

    status: Code
    at: Instant | None = None
    reason: Reason | None = None
    description: Text | None = None


class ReceiptAcknowledgementMessage(Canonical):
    """A message of acknowledgements as a whole (admi.007)."""

    message: MessageInfo
    query_name: Text | None = None


class ReceiptAcknowledgement(Canonical):
    """That one message was received, and what became of it."""

    message: MessageInfo
    query_name: Text | None = None
    related_message: OriginalMessage
    """The message that is answered."""
    related_reference_issuer: ReferenceIssuer | None = None
    """Who gave that message its reference."""
    handling: Handling
    """What became of it."""


class RequestType(Canonical):
    """What kind of request a receipt answers: exactly one of these."""

    payment_control: Text | None = None
    """A code for requests about payments."""
    enquiry: Text | None = None
    """A code for requests for information."""
    proprietary: GenericId | None = None


class ReceiptMessage(Canonical):
    """A message of receipts as a whole (camt.025)."""

    message: MessageInfo
    request_type: RequestType | None = None


class PaymentOrigin(Canonical):
    """How a payment came into a system: exactly one of these."""

    fin_message_type: Text | None = None
    """The number of a FIN message, such as 103."""
    message_name: Text | None = None
    instrument: Text | None = None
    proprietary: Text | None = None


class SystemPayment(Canonical):
    """A payment as a settlement system knows it, by as much as identifies it there."""

    transaction_id: Text | None = None
    uetr: Text | None = None
    end_to_end_id: Text | None = None
    proprietary_id: Text | None = None
    """What the system calls the payment."""
    queue_id: Text | None = None
    """The queue that the payment is in."""
    position_in_queue: Text | None = None
    """Its place in the queue."""
    settlement_amount: Decimal | None = None
    """In the currency of the system, which the message does not name."""
    settlement_date: Date | None = None
    origin: PaymentOrigin | None = None
    """The kind of message that the payment came in."""
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    entry_type: Text | None = None
    """What kind of entry it is."""


class Receipt(Canonical):
    """The answer of a system to one request of a participant, without what was asked for itself."""

    message: MessageInfo
    request_type: RequestType | None = None
    original_message: OriginalMessage
    original_message_originator: Text | None = None
    """Who sent the message that is answered."""
    original_payment: SystemPayment | None = None
    """The payment that is answered."""
    handlings: tuple[Handling, ...] | None = None
    """What became of it."""
