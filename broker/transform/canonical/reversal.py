"""A payment that its own side takes back after it was sent: between banks (pacs.007) or by the customer (pain.007)."""

from broker.transform.canonical.form import Canonical, Code, Count, Date, Decimal, Money, Text, YesNo
from broker.transform.canonical.original import OriginalReferences, OriginalTransaction
from broker.transform.canonical.party import Agent, Party
from broker.transform.canonical.terms import (
    Charge,
    ChargeBearer,
    Exchange,
    MessageInfo,
    OriginalMessage,
    Priority,
    Reason,
    Settlement,
    SettlementTimeIndication,
)


class OriginalBatchReversal(Canonical):
    """The reversal of a customer's batch, or which batch the payments below came in."""

    reversal_payment_information_id: Text | None = None
    """What the batch of reversals is called."""
    payment_information_id: Text
    number_of_transactions: Count | None = None
    control_sum: Decimal | None = None
    batch_booking: YesNo | None = None
    whole_batch: YesNo | None = None
    """Whether all payments of the batch are reversed."""
    reasons: tuple[Reason, ...] | None = None


class ReversalMessage(Canonical):
    """A message of reversals as a whole."""

    message: MessageInfo
    authorisations: tuple[Code, ...] | None = None
    batch_booking: YesNo | None = None
    number_of_transactions: Count
    control_sum: Decimal | None = None
    whole_group: YesNo | None = None
    """Whether all payments of the original message are reversed."""
    total_reversed_amount: Money | None = None
    """The sum of the reversed amounts."""
    settlement_date: Date | None = None
    settlement: Settlement | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    initiating_party: Party | None = None
    forwarding_agent: Agent | None = None
    debtor_agent: Agent | None = None
    creditor_agent: Agent | None = None
    original_message: OriginalMessage | None = None
    reasons: tuple[Reason, ...] | None = None
    original_batches: tuple[OriginalBatchReversal, ...] | None = None


class Reversal(Canonical):
    """One payment reversed. Between banks ``reversed_amount`` settles; a customer says amounts as instructed."""

    message: MessageInfo
    reversal_id: Text | None = None
    """What the one who reverses calls the reversal."""
    original_message: OriginalMessage | None = None
    original_references: OriginalReferences | None = None
    original_instructed_amount: Money | None = None
    original_settlement_amount: Money | None = None
    settlement: Settlement | None = None
    reversed_amount: Money | None = None
    """The amount that the banks settle for the reversal."""
    settlement_date: Date | None = None
    settlement_priority: Priority | None = None
    settlement_time_indication: SettlementTimeIndication | None = None
    reversed_instructed_amount: Money | None = None
    """The amount that goes back to the customer, before charges."""
    exchange: Exchange | None = None
    compensation: Money | None = None
    charge_bearer: ChargeBearer | None = None
    charges: tuple[Charge, ...] | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    initiating_party: Party | None = None
    reasons: tuple[Reason, ...] | None = None
    original_transaction: OriginalTransaction | None = None
