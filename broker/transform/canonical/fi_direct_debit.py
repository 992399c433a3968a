"""A direct debit between financial institutions (pacs.010): a creditor's instruction, and what it collects."""

from broker.transform.canonical.form import Canonical, Code, Count, Date, Decimal, Money, Text, YesNo
from broker.transform.canonical.party import Account, Agent, AgentWithAccount
from broker.transform.canonical.remittance import Remittance
from broker.transform.canonical.terms import (
    Instruction,
    MessageInfo,
    PaymentType,
    Priority,
    References,
    SettlementTimeIndication,
    SettlementTimeRequest,
)


class FiCreditSide(Canonical):
    """The institution that collects, its banks on the way, and what holds for all that it collects at once."""

    credit_id: Text
    """The reference of the creditor's instruction."""
    batch_booking: YesNo | None = None
    payment_type: PaymentType | None = None
    settlement_date: Date | None = None
    settlement_time_indication: SettlementTimeIndication | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    intermediary_agents: tuple[AgentWithAccount, ...] | None = None
    creditor_agent: Agent | None = None
    creditor_agent_account: Account | None = None
    creditor: Agent
    creditor_account: Account | None = None
    ultimate_creditor: Agent | None = None
    instructions_for_creditor_agent: tuple[Instruction, ...] | None = None


class FiDirectDebitBatch(FiCreditSide):
    """One creditor's instruction with the total that it collects."""

    total_settlement_amount: Money | None = None


class FiDirectDebitMessage(Canonical):
    """A message of direct debits between financial institutions as a whole, with its creditors' instructions."""

    message: MessageInfo
    number_of_transactions: Count
    control_sum: Decimal | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    batches: tuple[FiDirectDebitBatch, ...]


class FiDirectDebit(FiCreditSide):
    """One direct debit between financial institutions. What its instruction says for all of them is filled in here."""

    message: MessageInfo
    references: References
    settlement_amount: Money
    settlement_priority: Priority | None = None
    settlement_time_request: SettlementTimeRequest | None = None
    ultimate_debtor: Agent | None = None
    debtor: Agent
    debtor_account: Account | None = None
    debtor_agent: Agent | None = None
    debtor_agent_account: Account | None = None
    instruction_for_debtor_agent: Instruction | None = None
    purpose: Code | None = None
    remittance: Remittance | None = None
