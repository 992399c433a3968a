"""A credit transfer of a financial institution's own (pacs.009), also the cover of a customer's transfer."""

from broker.transform.canonical.allocation import Allocation
from broker.transform.canonical.form import Canonical, Code, Date, Instant, Money, Text
from broker.transform.canonical.party import Account, Agent, AgentWithAccount, Party
from broker.transform.canonical.remittance import Remittance
from broker.transform.canonical.tax import Tax
from broker.transform.canonical.terms import (
    Instruction,
    MessageInfo,
    PaymentType,
    Priority,
    References,
    RegulatoryReport,
    Settlement,
    SettlementTimeIndication,
    SettlementTimeRequest,
)
from broker.transform.canonical.transfer import TransferMessage


class FiTransferMessage(TransferMessage):
    """A message of transfers between financial institutions: what holds for all of them, and their totals."""


class PaymentSignature(Canonical):
    """A cryptographic key or signature that goes with a payment: exactly one of the two."""

    interledger: Text | None = None
    """Of the Interledger protocol, version 4, in hexadecimal."""
    sha256: Text | None = None
    """The SHA-256 digest."""


class FiTransferTerms(Canonical):
    """What one transfer between financial institutions says of itself. Debtor and creditor are institutions."""

    references: References
    payment_type: PaymentType | None = None
    settlement_amount: Money
    settlement_date: Date | None = None
    settlement_priority: Priority | None = None
    settlement_time_indication: SettlementTimeIndication | None = None
    settlement_time_request: SettlementTimeRequest | None = None
    expires_at: Instant | None = None
    signature: PaymentSignature | None = None
    """A signature over the payment."""
    previous_instructing_agents: tuple[AgentWithAccount, ...] | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    intermediary_agents: tuple[AgentWithAccount, ...] | None = None
    ultimate_debtor: Agent | None = None
    debtor: Agent
    debtor_account: Account | None = None
    debtor_agent: Agent | None = None
    debtor_agent_account: Account | None = None
    creditor_agent: Agent | None = None
    creditor_agent_account: Account | None = None
    creditor: Agent
    creditor_account: Account | None = None
    ultimate_creditor: Agent | None = None
    instructions_for_creditor_agent: tuple[Instruction, ...] | None = None
    instructions_for_next_agent: tuple[Instruction, ...] | None = None
    purpose: Code | None = None
    regulatory_reporting: tuple[RegulatoryReport, ...] | None = None
    remittance: Remittance | None = None
    allocations: tuple[Allocation, ...] | None = None


class UnderlyingCustomerTransfer(Canonical):
    """The customer credit transfer that a cover payment settles, as the cover repeats it.

    It has references of its own since version 12 of the message.
    """

    references: References | None = None
    payment_type: PaymentType | None = None
    instructed_amount: Money | None = None
    previous_instructing_agents: tuple[AgentWithAccount, ...] | None = None
    intermediary_agents: tuple[AgentWithAccount, ...] | None = None
    initiating_party: Party | None = None
    ultimate_debtor: Party | None = None
    debtor: Party
    debtor_account: Account | None = None
    debtor_agent: Agent
    debtor_agent_account: Account | None = None
    creditor_agent: Agent
    creditor_agent_account: Account | None = None
    creditor: Party
    creditor_account: Account | None = None
    ultimate_creditor: Party | None = None
    instructions_for_creditor_agent: tuple[Instruction, ...] | None = None
    instructions_for_next_agent: tuple[Instruction, ...] | None = None
    purpose: Code | None = None
    tax: Tax | None = None
    remittance: Remittance | None = None


class FiTransfer(FiTransferTerms):
    """One transfer between financial institutions. What its message says for all of them is filled in here.

    It is a cover payment if it holds ``underlying_customer_transfer``. Whether it is an advice only, the message's
    business header says.
    """

    message: MessageInfo
    settlement: Settlement
    underlying_customer_transfer: UnderlyingCustomerTransfer | None = None
    """The customer's transfer that this one covers."""
    underlying_fi_transfer: FiTransferTerms | None = None
    """The transfer between institutions that this one covers, since version 12 of the message."""
