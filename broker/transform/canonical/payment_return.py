"""A payment sent back after it was settled (pacs.004)."""

from broker.transform.canonical.form import Canonical, Code, Count, Date, Decimal, Money, Text, YesNo
from broker.transform.canonical.original import OriginalReferences, OriginalTransaction
from broker.transform.canonical.party import Account, Agent, AgentWithAccount, PartyOrAgent
from broker.transform.canonical.terms import (
    Charge,
    ChargeBearer,
    Exchange,
    MessageInfo,
    OriginalMessage,
    PaymentType,
    Priority,
    Reason,
    Settlement,
    SettlementTimeIndication,
    SettlementTimeRequest,
)


class ReturnMessage(Canonical):
    """A message of returns as a whole."""

    message: MessageInfo
    authorisations: tuple[Code, ...] | None = None
    batch_booking: YesNo | None = None
    number_of_transactions: Count
    control_sum: Decimal | None = None
    whole_group: YesNo | None = None
    total_returned_amount: Money | None = None
    """The sum of the returned amounts."""
    settlement_date: Date | None = None
    settlement: Settlement | None = None
    payment_type: PaymentType | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    original_message: OriginalMessage | None = None
    reasons: tuple[Reason, ...] | None = None


class ReturnChain(Canonical):
    """Who takes part in the return itself: its debtor gives the money back to its creditor."""

    ultimate_debtor: PartyOrAgent | None = None
    debtor: PartyOrAgent | None = None
    debtor_account: Account | None = None
    initiating_party: PartyOrAgent | None = None
    debtor_agent: Agent | None = None
    debtor_agent_account: Account | None = None
    previous_instructing_agents: tuple[AgentWithAccount, ...] | None = None
    intermediary_agents: tuple[AgentWithAccount, ...] | None = None
    creditor_agent: Agent | None = None
    creditor_agent_account: Account | None = None
    creditor: PartyOrAgent | None = None
    creditor_account: Account | None = None
    ultimate_creditor: PartyOrAgent | None = None


class PaymentReturn(Canonical):
    """One payment sent back."""

    message: MessageInfo
    return_id: Text | None = None
    original_message: OriginalMessage | None = None
    original_references: OriginalReferences | None = None
    original_settlement_amount: Money | None = None
    original_settlement_date: Date | None = None
    payment_type: PaymentType | None = None
    settlement: Settlement | None = None
    returned_amount: Money
    """The amount that the banks settle for the return."""
    settlement_date: Date | None = None
    settlement_priority: Priority | None = None
    settlement_time_indication: SettlementTimeIndication | None = None
    settlement_time_request: SettlementTimeRequest | None = None
    returned_instructed_amount: Money | None = None
    """The amount that comes back to the customer, before charges."""
    exchange: Exchange | None = None
    compensation: Money | None = None
    charge_bearer: ChargeBearer | None = None
    charges: tuple[Charge, ...] | None = None
    clearing_system_reference: Text | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    chain: ReturnChain | None = None
    """Who took part in the return, where that is said apart from the original."""
    reasons: tuple[Reason, ...] | None = None
    original_transaction: OriginalTransaction | None = None
