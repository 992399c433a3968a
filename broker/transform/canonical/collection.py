"""A customer's order to collect by direct debit (pain.008): the message, its batches, and each collection."""

from broker.transform.canonical.direct_debit import PreNotification
from broker.transform.canonical.form import Canonical, Code, Count, Date, Decimal, Money, Text, YesNo
from broker.transform.canonical.party import Account, Agent, Party
from broker.transform.canonical.remittance import RelatedRemittance, Remittance
from broker.transform.canonical.tax import Tax
from broker.transform.canonical.terms import (
    ChargeBearer,
    Instruction,
    Mandate,
    MessageInfo,
    PaymentType,
    References,
    RegulatoryReport,
    RequestedAdvice,
)


class CollectionBatch(Canonical):
    """One batch: collections for one account on one day."""

    payment_information_id: Text | None = None
    payment_method: Text
    requested_advice: RequestedAdvice | None = None
    batch_booking: YesNo | None = None
    number_of_transactions: Count | None = None
    control_sum: Decimal | None = None
    payment_type: PaymentType | None = None
    requested_collection_date: Date
    ultimate_creditor: Party | None = None
    creditor: Party
    creditor_account: Account
    creditor_agent: Agent
    creditor_agent_account: Account | None = None
    creditor_scheme: Party | None = None
    """Whom the creditor is known as in the scheme: the creditor identifier stands in its identification."""
    charge_bearer: ChargeBearer | None = None
    charges_account: Account | None = None
    charges_account_agent: Agent | None = None


class CollectionMessage(Canonical):
    """A customer's message of collections as a whole, with its batches."""

    message: MessageInfo
    authorisations: tuple[Code, ...] | None = None
    number_of_transactions: Count
    control_sum: Decimal | None = None
    initiating_party: Party
    forwarding_agent: Agent | None = None
    batches: tuple[CollectionBatch, ...]


class Collection(Canonical):
    """One collection a customer orders. What its batch says for all its collections is filled in here."""

    message: MessageInfo
    payment_information_id: Text | None = None
    payment_method: Text
    requested_advice: RequestedAdvice | None = None
    batch_booking: YesNo | None = None
    references: References
    payment_type: PaymentType | None = None
    requested_collection_date: Date
    instructed_amount: Money
    charge_bearer: ChargeBearer | None = None
    charges_account: Account | None = None
    charges_account_agent: Agent | None = None
    mandate: Mandate | None = None
    creditor_scheme: Party | None = None
    """Whom the creditor is known as in the scheme: the creditor identifier stands in its identification."""
    pre_notification: PreNotification | None = None
    initiating_party: Party
    ultimate_creditor: Party | None = None
    creditor: Party
    creditor_account: Account
    creditor_agent: Agent
    creditor_agent_account: Account | None = None
    debtor_agent: Agent
    debtor_agent_account: Account | None = None
    debtor: Party
    debtor_account: Account
    ultimate_debtor: Party | None = None
    instruction_for_creditor_agent: Instruction | None = None
    """What the creditor's bank should do."""
    purpose: Code | None = None
    regulatory_reporting: tuple[RegulatoryReport, ...] | None = None
    tax: Tax | None = None
    related_remittance: tuple[RelatedRemittance, ...] | None = None
    remittance: Remittance | None = None
