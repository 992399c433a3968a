"""A request to take a payment back, before or after it was settled: a customer's (camt.055) or a bank's (camt.056)."""

from broker.transform.canonical.case import Case
from broker.transform.canonical.form import Canonical, Count, Date, Decimal, Moment, Money, Text, YesNo
from broker.transform.canonical.original import OriginalReferences, OriginalTransaction
from broker.transform.canonical.party import Agent, PartyOrAgent
from broker.transform.canonical.terms import MessageInfo, OriginalMessage, Reason


class GroupCancellation(Canonical):
    """A request to cancel an earlier message, or to say which message the payments below came in."""

    cancellation_id: Text | None = None
    case: Case | None = None
    original_message: OriginalMessage
    number_of_transactions: Count | None = None
    control_sum: Decimal | None = None
    whole_group: YesNo | None = None
    reasons: tuple[Reason, ...] | None = None


class CancellationRequestMessage(Canonical):
    """A message of cancellation requests as a whole."""

    message: MessageInfo
    assigner: PartyOrAgent
    assignee: PartyOrAgent
    case: Case | None = None
    number_of_transactions: Count | None = None
    control_sum: Decimal | None = None
    groups: tuple[GroupCancellation, ...] | None = None


class CancellationRequest(Canonical):
    """The request to cancel one payment."""

    message: MessageInfo
    assigner: PartyOrAgent
    assignee: PartyOrAgent
    cancellation_id: Text | None = None
    case: Case | None = None
    original_message: OriginalMessage | None = None
    original_references: OriginalReferences | None = None
    original_instructed_amount: Money | None = None
    original_settlement_amount: Money | None = None
    original_settlement_date: Date | None = None
    requested_execution: Moment | None = None
    requested_collection_date: Date | None = None
    assigner_agent: Agent | None = None
    """The bank that asks, for this payment alone."""
    assignee_agent: Agent | None = None
    """The bank that is asked, for this payment alone."""
    reasons: tuple[Reason, ...] | None = None
    original_transaction: OriginalTransaction | None = None


class BatchCancellationRequest(Canonical):
    """A customer's request to cancel a batch of payments, or what the requests to cancel some of it have in common."""

    message: MessageInfo
    assigner: PartyOrAgent
    assignee: PartyOrAgent
    cancellation_id: Text | None = None
    case: Case | None = None
    original_message: OriginalMessage | None = None
    payment_information_id: Text
    number_of_transactions: Count | None = None
    control_sum: Decimal | None = None
    whole_batch: YesNo | None = None
    """Whether all payments of the batch are to be cancelled."""
    reasons: tuple[Reason, ...] | None = None
