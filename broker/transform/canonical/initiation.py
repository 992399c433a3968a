"""A customer's order to pay (pain.001): the message, its batches, and each payment."""

from broker.transform.canonical.form import Canonical, Code, Count, Date, Decimal, Moment, Text, YesNo
from broker.transform.canonical.party import Account, Agent, AgentWithAccount, Party
from broker.transform.canonical.remittance import RelatedRemittance, Remittance
from broker.transform.canonical.tax import Tax
from broker.transform.canonical.terms import (
    AmountToPay,
    ChargeBearer,
    Exchange,
    Instruction,
    Mandate,
    MessageInfo,
    PaymentType,
    References,
    RegulatoryReport,
)


class InitiationBatch(Canonical):
    """One batch: payments from one account on one day."""

    payment_information_id: Text | None = None
    payment_method: Text
    batch_booking: YesNo | None = None
    number_of_transactions: Count | None = None
    control_sum: Decimal | None = None
    payment_type: PaymentType | None = None
    requested_execution: Moment
    pooling_adjustment_date: Date | None = None
    ultimate_debtor: Party | None = None
    debtor: Party
    debtor_account: Account
    debtor_agent: Agent
    debtor_agent_account: Account | None = None
    instruction_for_debtor_agent: Instruction | None = None
    charge_bearer: ChargeBearer | None = None
    charges_account: Account | None = None
    charges_account_agent: Agent | None = None


class InitiationMessage(Canonical):
    """A customer's message of orders as a whole, with its batches."""

    message: MessageInfo
    authorisations: tuple[Code, ...] | None = None
    number_of_transactions: Count
    control_sum: Decimal | None = None
    initiating_party: Party
    forwarding_agent: Agent | None = None
    batches: tuple[InitiationBatch, ...]


class Cheque(Canonical):
    """A cheque to be written instead of a transfer."""

    type: Text | None = None
    """What kind of cheque it is, as a code."""
    number: Text | None = None
    """The number of the cheque."""
    maturity_date: Date | None = None
    """The day from which it can be cashed."""
    forms_code: Text | None = None
    memo: tuple[Text, ...] | None = None
    """What to print on it for the one who gets it."""
    regional_clearing_zone: Text | None = None
    """The region in which it can be cleared."""
    print_location: Text | None = None
    """Where to print it."""
    signatures: tuple[Text, ...] | None = None
    """Who signs it."""


class Initiation(Canonical):
    """One payment a customer orders. What its batch says for all its payments is filled in here."""

    message: MessageInfo
    payment_information_id: Text | None = None
    payment_method: Text
    batch_booking: YesNo | None = None
    references: References
    payment_type: PaymentType | None = None
    requested_execution: Moment
    pooling_adjustment_date: Date | None = None
    amount: AmountToPay
    exchange: Exchange | None = None
    charge_bearer: ChargeBearer | None = None
    charges_account: Account | None = None
    charges_account_agent: Agent | None = None
    mandate: Mandate | None = None
    cheque: Cheque | None = None
    initiating_party: Party
    ultimate_debtor: Party | None = None
    debtor: Party
    debtor_account: Account
    debtor_agent: Agent
    debtor_agent_account: Account | None = None
    intermediary_agents: tuple[AgentWithAccount, ...] | None = None
    creditor_agent: Agent | None = None
    creditor_agent_account: Account | None = None
    creditor: Party | None = None
    creditor_account: Account | None = None
    ultimate_creditor: Party | None = None
    instructions_for_creditor_agent: tuple[Instruction, ...] | None = None
    instruction_for_debtor_agent: Instruction | None = None
    purpose: Code | None = None
    regulatory_reporting: tuple[RegulatoryReport, ...] | None = None
    tax: Tax | None = None
    related_remittance: tuple[RelatedRemittance, ...] | None = None
    remittance: Remittance | None = None
