"""A customer credit transfer between banks, and the message that carries one or many."""

from broker.transform.canonical.form import Canonical, Code, Count, Date, Decimal, Instant, Money, YesNo
from broker.transform.canonical.party import Account, Agent, AgentWithAccount, Party
from broker.transform.canonical.remittance import RelatedRemittance, Remittance
from broker.transform.canonical.tax import Tax
from broker.transform.canonical.terms import (
    Charge,
    ChargeBearer,
    Exchange,
    Instruction,
    Mandate,
    MessageInfo,
    PaymentType,
    Priority,
    References,
    RegulatoryReport,
    Settlement,
    SettlementTimeIndication,
    SettlementTimeRequest,
)


class TransferMessage(Canonical):
    """A message of credit transfers as a whole: what holds for all of them, and their totals."""

    message: MessageInfo
    expires_at: Instant | None = None
    batch_booking: YesNo | None = None
    number_of_transactions: Count
    control_sum: Decimal | None = None
    total_settlement_amount: Money | None = None
    settlement_date: Date | None = None
    settlement: Settlement | None = None
    payment_type: PaymentType | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None


class Transfer(Canonical):
    """One credit transfer. What its message says for all transfers and it does not say itself is filled in here."""

    message: MessageInfo
    references: References
    payment_type: PaymentType | None = None
    settlement: Settlement | None = None
    settlement_amount: Money
    settlement_date: Date | None = None
    settlement_priority: Priority | None = None
    settlement_time_indication: SettlementTimeIndication | None = None
    settlement_time_request: SettlementTimeRequest | None = None
    accepted_at: Instant | None = None
    pooling_adjustment_date: Date | None = None
    instructed_amount: Money | None = None
    exchange: Exchange | None = None
    charge_bearer: ChargeBearer
    charges: tuple[Charge, ...] | None = None
    mandate: Mandate | None = None
    previous_instructing_agents: tuple[AgentWithAccount, ...] | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
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
    regulatory_reporting: tuple[RegulatoryReport, ...] | None = None
    tax: Tax | None = None
    related_remittance: tuple[RelatedRemittance, ...] | None = None
    remittance: Remittance | None = None
