"""The payment that a status, a return or a cancellation is about, as far as the message repeats it."""

from broker.transform.canonical.form import Canonical, Code, Date, Moment, Money, Text
from broker.transform.canonical.party import Account, Agent, Party, PartyOrAgent
from broker.transform.canonical.remittance import Remittance
from broker.transform.canonical.terms import AmountToPay, Mandate, PaymentType, Settlement


class OriginalReferences(Canonical):
    """The references of the payment this is about."""

    payment_information_id: Text | None = None
    instruction_id: Text | None = None
    end_to_end_id: Text | None = None
    transaction_id: Text | None = None
    uetr: Text | None = None
    clearing_system_reference: Text | None = None


class OriginalTransaction(Canonical):
    """Key elements of the payment this is about, as the message repeats them."""

    settlement_amount: Money | None = None
    settlement_date: Date | None = None
    amount: AmountToPay | None = None
    requested_collection_date: Date | None = None
    requested_execution: Moment | None = None
    creditor_scheme: Party | None = None
    settlement: Settlement | None = None
    payment_type: PaymentType | None = None
    payment_method: Text | None = None
    mandate: Mandate | None = None
    """Of a direct debit."""
    credit_transfer_mandate: Mandate | None = None
    """The mandate to pay by transfer."""
    remittance: Remittance | None = None
    ultimate_debtor: PartyOrAgent | None = None
    debtor: PartyOrAgent | None = None
    debtor_account: Account | None = None
    debtor_agent: Agent | None = None
    debtor_agent_account: Account | None = None
    creditor_agent: Agent | None = None
    creditor_agent_account: Account | None = None
    creditor: PartyOrAgent | None = None
    creditor_account: Account | None = None
    ultimate_creditor: PartyOrAgent | None = None
    purpose: Code | None = None
