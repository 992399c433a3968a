"""How investigations end (camt.029): of cancellations, modifications, claims of non-receipt and statement entries."""

from broker.transform.canonical.case import Case, UnderlyingInstruction
from broker.transform.canonical.entry_details import AccountCharges
from broker.transform.canonical.form import Canonical, Code, Count, Date, Decimal, Moment, Money, Text, YesNo
from broker.transform.canonical.original import OriginalReferences, OriginalTransaction
from broker.transform.canonical.party import Account, Agent, PartyOrAgent
from broker.transform.canonical.terms import (
    Charge,
    ClearingChannel,
    CountPerStatus,
    MessageInfo,
    OriginalMessage,
    Outcome,
    Reason,
    References,
)


class InvestigationStatus(Canonical):
    """What the investigation came to: exactly one of these, ``outcome`` aside."""

    confirmation: Text | None = None
    """What was done or will be, a code: ``CNCL`` cancelled, ``RJCR`` cancellation refused, ``PDCR`` pending …"""
    outcome: Outcome | None = None
    """What the confirmation amounts to for what was asked, where we know the code."""
    rejected_modifications: tuple[Code, ...] | None = None
    """Why changes are refused."""
    rejected_cancellation: Reason | None = None
    """In the first version alone: why the cancellation is refused."""
    duplicate_of: Case | None = None
    """The case that this one repeats."""
    assignment_cancelled: YesNo | None = None
    """Whether the case was taken back."""


class Compensation(Canonical):
    """Money asked for the trouble: the debtor's agent pays it to the creditor's."""

    amount: Money
    debtor_agent: Agent
    debtor_agent_account: Account | None = None
    creditor_agent: Agent
    creditor_agent_account: Account | None = None
    reason: Code


class ResolvingPayment(Canonical):
    """The payment by which a case is settled (a return, a compensation), and what was charged."""

    references: References | None = None
    settlement_amount: Money | None = None
    settlement_date: Date | None = None
    clearing_channel: ClearingChannel | None = None
    compensation: Compensation | None = None
    charges: tuple[Charge, ...] | None = None


class GroupCancellationStatus(Canonical):
    """What became of the request to cancel an earlier message, or which message the payments below came in."""

    cancellation_id: Text | None = None
    case: Case | None = None
    original_message: OriginalMessage
    number_of_transactions: Count | None = None
    control_sum: Decimal | None = None
    status: Text | None = None
    outcome: Outcome | None = None
    reasons: tuple[Reason, ...] | None = None
    counts_per_status: tuple[CountPerStatus, ...] | None = None


class ModificationResolution(Canonical):
    """What became of the request to change a payment."""

    status_id: Text | None = None
    case: Case | None = None
    assigner: PartyOrAgent | None = None
    assignee: PartyOrAgent | None = None
    original_message: OriginalMessage
    original_references: OriginalReferences | None = None
    original_settlement_amount: Money | None = None
    original_settlement_date: Date | None = None
    reasons: tuple[Reason, ...] | None = None
    resolving_payment: ResolvingPayment | None = None
    original_transaction: OriginalTransaction | None = None


class AcceptedClaim(Canonical):
    """That the payment claimed was processed, when, and who had it next."""

    processed_on: Date
    """The day on which the payment was processed."""
    next_agent: Agent | None = None
    """The bank it was passed on to."""


class ClaimResolution(Canonical):
    """What became of a claim of non-receipt: exactly one of the two."""

    accepted: AcceptedClaim | None = None
    rejected: Code | None = None
    """Why the claim is refused."""


class StatementResolution(Canonical):
    """How an entry on a statement is explained or put right."""

    original_message: OriginalMessage | None = None
    statement_id: Text | None = None
    uetr: Text | None = None
    account_servicer_reference: Text | None = None
    corrected_amount: Money | None = None
    """The amount as it should have been."""
    charges: tuple[AccountCharges, ...] | None = None
    purpose: Code | None = None


class CorrectivePayment(Canonical):
    """A payment made to put right another one."""

    payment_message: OriginalMessage | None = None
    """The message that carries it."""
    payment_information_id: Text | None = None
    references: References | None = None
    instructed_amount: Money | None = None
    settlement_amount: Money | None = None
    settlement_date: Date | None = None
    requested_execution: Moment | None = None
    requested_collection_date: Date | None = None


class CorrectiveTransaction(Canonical):
    """How a payment was put right: by an order of a customer or a payment between banks; exactly one of these."""

    initiation: CorrectivePayment | None = None
    """A payment as a customer ordered it."""
    interbank: CorrectivePayment | None = None
    """A payment as it goes between banks."""
    instruction: UnderlyingInstruction | None = None
    """In the first version: any payment."""


class ResolutionMessage(Canonical):
    """The answer to an investigation as a whole."""

    message: MessageInfo
    assigner: PartyOrAgent
    assignee: PartyOrAgent
    case: Case | None = None
    status: InvestigationStatus | None = None
    groups: tuple[GroupCancellationStatus, ...] | None = None
    modification: ModificationResolution | None = None
    """What became of a request to change the payment."""
    claim_non_receipt: ClaimResolution | None = None
    """What became of a claim that the payment did not arrive."""
    statement: StatementResolution | None = None
    """The entry that settles it."""
    corrective_transaction: CorrectiveTransaction | None = None
    """The payment that sets things right."""
    resolving_payment: ResolvingPayment | None = None


class CancellationResolution(Canonical):
    """What became of the request to cancel one payment. What the message says for all of them is filled in here."""

    message: MessageInfo
    assigner: PartyOrAgent
    assignee: PartyOrAgent
    case: Case | None = None
    confirmation: Text | None = None
    """What the message says of its case as a whole: ``CNCL`` cancelled, ``RJCR`` refused, ``PDCR`` pending …"""
    status_id: Text | None = None
    original_message: OriginalMessage | None = None
    original_references: OriginalReferences | None = None
    status: Text | None = None
    """The status of this one cancellation as written: ``ACCR`` accepted, ``PDCR`` pending, ``RJCR`` refused."""
    outcome: Outcome | None = None
    """What the status amounts to; where the payment has none, what the confirmation does."""
    reasons: tuple[Reason, ...] | None = None
    resolving_payment: ResolvingPayment | None = None
    original_instructed_amount: Money | None = None
    original_settlement_amount: Money | None = None
    original_settlement_date: Date | None = None
    requested_execution: Moment | None = None
    requested_collection_date: Date | None = None
    transaction_assigner: PartyOrAgent | None = None
    """Who gave this one payment to be investigated, where that is said apart."""
    transaction_assignee: PartyOrAgent | None = None
    """To whom."""
    original_transaction: OriginalTransaction | None = None


class BatchCancellationResolution(Canonical):
    """What became of a customer's request to cancel a batch of payments, or some payments of it."""

    message: MessageInfo
    assigner: PartyOrAgent
    assignee: PartyOrAgent
    case: Case | None = None
    confirmation: Text | None = None
    """What the message says of its case as a whole: ``CNCL`` cancelled, ``RJCR`` refused, ``PDCR`` pending …"""
    cancellation_id: Text | None = None
    original_message: OriginalMessage | None = None
    payment_information_id: Text
    number_of_transactions: Count | None = None
    control_sum: Decimal | None = None
    status: Text | None = None
    outcome: Outcome | None = None
    """What the status amounts to; where the batch has none, what the confirmation does."""
    reasons: tuple[Reason, ...] | None = None
    counts_per_status: tuple[CountPerStatus, ...] | None = None
