"""A direct debit between banks (pacs.003), collecting from one customer for another, and the message of them."""

from broker.transform.canonical.form import Canonical, Code, Count, Date, Decimal, Money, Text, YesNo
from broker.transform.canonical.party import Account, Agent, AgentWithAccount, Party
from broker.transform.canonical.remittance import RelatedRemittance, Remittance
from broker.transform.canonical.terms import (
    Charge,
    ChargeBearer,
    Exchange,
    Mandate,
    MessageInfo,
    PaymentType,
    Priority,
    References,
    RegulatoryReport,
    Settlement,
    SettlementTimeIndication,
)


class DirectDebitMessage(Canonical):
    """A message of direct debits as a whole: what holds for all of them, and their totals."""

    message: MessageInfo
    authorisations: tuple[Code, ...] | None = None
    batch_booking: YesNo | None = None
    number_of_transactions: Count
    control_sum: Decimal | None = None
    total_settlement_amount: Money | None = None
    settlement_date: Date | None = None
    settlement: Settlement | None = None
    payment_type: PaymentType | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None


class PreNotification(Canonical):
    """How the debtor was told of the collection beforehand."""

    id: Text | None = None
    date: Date | None = None


class DirectDebit(Canonical):
    """One direct debit. What its message says for all of them and it does not say itself is filled in here."""

    message: MessageInfo
    references: References
    payment_type: PaymentType | None = None
    settlement: Settlement | None = None
    settlement_amount: Money
    settlement_date: Date | None = None
    settlement_priority: Priority | None = None
    settlement_time_indication: SettlementTimeIndication | None = None
    instructed_amount: Money | None = None
    exchange: Exchange | None = None
    charge_bearer: ChargeBearer
    charges: tuple[Charge, ...] | None = None
    requested_collection_date: Date | None = None
    mandate: Mandate | None = None
    creditor_scheme: Party | None = None
    """Whom the creditor is known as in the scheme: the creditor identifier stands in its identification."""
    pre_notification: PreNotification | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    intermediary_agents: tuple[AgentWithAccount, ...] | None = None
    initiating_party: Party | None = None
    ultimate_creditor: Party | None = None
    creditor: Party
    creditor_account: Account | None = None
    creditor_agent: Agent
    creditor_agent_account: Account | None = None
    debtor_agent: Agent
    debtor_agent_account: Account | None = None
    debtor: Party
    debtor_account: Account
    ultimate_debtor: Party | None = None
    purpose: Code | None = None
    regulatory_reporting: tuple[RegulatoryReport, ...] | None = None
    related_remittance: tuple[RelatedRemittance, ...] | None = None
    remittance: Remittance | None = None
