"""The case of an investigation, and the payment or entry that it is about."""

from broker.transform.canonical.form import Canonical, Code, Date, Instant, Moment, Money, Text, YesNo
from broker.transform.canonical.original import OriginalReferences, OriginalTransaction
from broker.transform.canonical.party import Account, GenericId, PartyOrAgent
from broker.transform.canonical.terms import OriginalMessage


class Case(Canonical):
    """The case under which an investigation runs."""

    id: Text
    """What the case is called."""
    creator: PartyOrAgent | None = None
    """Who opened the case."""
    reopened: YesNo | None = None
    """Whether it was closed before."""


class UnderlyingPayment(Canonical):
    """The payment an investigation is about: as the customer ordered it, or as banks passed it on."""

    original_message: OriginalMessage | None = None
    delivery_channel: Text | None = None
    """The channel by which the original message was delivered."""
    original_references: OriginalReferences | None = None
    original_instructed_amount: Money | None = None
    original_settlement_amount: Money | None = None
    original_settlement_date: Date | None = None
    requested_execution: Moment | None = None
    requested_collection_date: Date | None = None
    original_service_level: Code | None = None
    """Under which rules the original payment was processed."""
    original_transaction: OriginalTransaction | None = None


class UnderlyingEntry(Canonical):
    """The entry on an account an investigation is about."""

    account: Account | None = None
    original_message: OriginalMessage | None = None
    statement_id: Text | None = None
    entry_reference: Text | None = None
    uetr: Text | None = None
    amount: Money | None = None
    value: Moment | None = None


class UnderlyingInstruction(Canonical):
    """A payment as the first versions name it: by what each of the two banks calls it."""

    assigner_instruction_id: Text | None = None
    """What the bank that hands the case on calls the payment."""
    assignee_instruction_id: Text | None = None
    """What the bank that is asked calls the payment."""
    amount: Money | None = None
    value_at: Instant | None = None
    """From when interest counts."""


class Underlying(Canonical):
    """What an investigation is about: exactly one of these."""

    initiation: UnderlyingPayment | None = None
    """A payment as a customer ordered it."""
    interbank: UnderlyingPayment | None = None
    """A payment as it went between banks."""
    statement_entry: UnderlyingEntry | None = None
    """An entry on an account."""
    account: Account | None = None
    other: GenericId | None = None
    """Something else, by its identifier."""
    instruction: UnderlyingInstruction | None = None
    """In the first versions: any payment."""
