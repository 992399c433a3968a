"""What became of a payment: reported between banks (pacs.002) or to the customer (pain.002)."""

from broker.transform.canonical.form import Canonical, Count, Decimal, Instant, Moment, Text
from broker.transform.canonical.original import OriginalReferences, OriginalTransaction
from broker.transform.canonical.party import Agent, Party
from broker.transform.canonical.terms import Charge, CountPerStatus, MessageInfo, OriginalMessage, Outcome, Reason


class OriginalGroupStatus(Canonical):
    """The status of an earlier message as a whole."""

    original_message: OriginalMessage
    number_of_transactions: Count | None = None
    control_sum: Decimal | None = None
    status: Text | None = None
    """How the message as a whole stands."""
    outcome: Outcome | None = None
    reasons: tuple[Reason, ...] | None = None
    counts_per_status: tuple[CountPerStatus, ...] | None = None


class OriginalBatchStatus(Canonical):
    """The status of one batch (payment information block) of a customer's earlier message."""

    payment_information_id: Text
    number_of_transactions: Count | None = None
    control_sum: Decimal | None = None
    status: Text | None = None
    """How the batch as a whole stands."""
    outcome: Outcome | None = None
    reasons: tuple[Reason, ...] | None = None
    counts_per_status: tuple[CountPerStatus, ...] | None = None


class StatusMessage(Canonical):
    """A status report as a whole: what it says of earlier messages and of their batches."""

    message: MessageInfo
    initiating_party: Party | None = None
    forwarding_agent: Agent | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    debtor_agent: Agent | None = None
    creditor_agent: Agent | None = None
    original_groups: tuple[OriginalGroupStatus, ...] | None = None
    original_batches: tuple[OriginalBatchStatus, ...] | None = None


class Status(Canonical):
    """The status of one payment. ``status`` is the code as written, ``outcome`` what it amounts to where we know it."""

    message: MessageInfo
    status_id: Text | None = None
    original_message: OriginalMessage | None = None
    original_references: OriginalReferences | None = None
    status: Text | None = None
    """How the payment stands, such as ACSC for settled or RJCT for refused."""
    outcome: Outcome | None = None
    reasons: tuple[Reason, ...] | None = None
    charges: tuple[Charge, ...] | None = None
    accepted_at: Instant | None = None
    """When the debtor's bank accepted the payment."""
    effective_settlement: Moment | None = None
    """When the banks settled."""
    processing: Moment | None = None
    """When the debtor's bank processes it."""
    account_servicer_reference: Text | None = None
    clearing_system_reference: Text | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    original_transaction: OriginalTransaction | None = None
