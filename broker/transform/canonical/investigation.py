"""Investigations as one dialogue: a request with its questions (camt.110) and the response to it (camt.111)."""

from broker.transform.canonical.case import Underlying
from broker.transform.canonical.entry_details import AccountCharges, EntryReferences
from broker.transform.canonical.form import (
    Canonical,
    Code,
    Count,
    Date,
    Decimal,
    Instant,
    Moment,
    Money,
    Text,
    YesNo,
)
from broker.transform.canonical.party import Account, Address, Agent, CodeOrId, Party, PartyOrAgent
from broker.transform.canonical.remittance import RelatedRemittance, Remittance
from broker.transform.canonical.terms import Direction, MessageInfo, Reason


class RequestAction(Canonical):
    """What is to be done with a request made before, such as its cancellation, and why."""

    action: Code
    reason: Reason | None = None


class Investigation(Canonical):
    """What an investigation is about and between whom it runs."""

    requester_investigation_id: Text | None = None
    """What the one who asks calls the investigation."""
    responder_investigation_id: Text | None = None
    eir: Text | None = None
    """The end-to-end reference of the investigation, the same for all who take part (a UUID)."""
    action: RequestAction | None = None
    type: Code
    sub_type: Code | None = None
    instrument: Code | None = None
    """What kind of payment or account it is about."""
    underlying: Underlying | None = None
    requester: PartyOrAgent
    responder: PartyOrAgent
    """Who is to answer."""
    originator: PartyOrAgent | None = None
    """Who asked first, where that is not the requester."""
    expected_responder: PartyOrAgent | None = None
    """Who is expected to know the answer."""
    service_levels: tuple[Code, ...] | None = None


class InvestigationPeriod(Canonical):
    """From the first day to the last."""

    from_date: Date
    to_date: Date


class InvestigationPlace(Canonical):
    """A way by which more is sent."""

    method: Text
    electronic_address: Text | None = None
    name: Text | None = None
    address: Address | None = None


class RelatedInvestigation(Canonical):
    """Another investigation that has to do with this one, and where to find more on it."""

    id: Text | None = None
    places: tuple[InvestigationPlace, ...] | None = None


class InvestigationFile(Canonical):
    """A file that belongs to an investigation: enclosed in the message, or kept elsewhere.

    Signatures of files and who signed travel in RA JSON alone.
    """

    type: CodeOrId | None = None
    id: Text
    """What the file is called."""
    issued: Moment | None = None
    name: Text | None = None
    language: Text | None = None
    format: CodeOrId | None = None
    file_name: Text | None = None
    network_reference: Text | None = None
    """What the network calls the file."""
    location: Text | None = None
    """The electronic address where the file is."""
    content: Text | None = None
    """The file itself, in base64 as the message has it."""


class DebitAuthorisationRequest(Canonical):
    """The request for authority to debit an account."""

    reason: Code
    amount: Money | None = None
    account: Account | None = None
    value_date: Date | None = None
    information: tuple[Text, ...] | None = None


class CompensationRequest(Canonical):
    """The request for compensation of a loss of use."""

    account: Account | None = None
    period: InvestigationPeriod
    amount: Money | None = None
    expected_value_date: Date | None = None
    interest_rate: Decimal | None = None
    reasons: tuple[Text, ...] | None = None


class ValueDateChange(Canonical):
    """The value date as it is, and as it should be."""

    current: Date
    """The value date as it is."""
    requested: Date
    """The value date as it should be."""


class InvestigationReason(Canonical):
    """One question of a request; at most one of the four that ask for something in particular is there."""

    sequence: Count | None = None
    reason: Code
    sub_type: Code | None = None
    debit_authorisation: DebitAuthorisationRequest | None = None
    compensation: CompensationRequest | None = None
    value_date_change: ValueDateChange | None = None
    narrative: Text | None = None
    related_investigation: RelatedInvestigation | None = None
    enclosed_files: tuple[InvestigationFile, ...] | None = None
    related_files: tuple[InvestigationFile, ...] | None = None


class InvestigationRequest(Investigation):
    """A bank asks another about a payment, an entry or an account."""

    message: MessageInfo
    reasons: tuple[InvestigationReason, ...]


class OriginalInvestigation(Investigation):
    """The request a response is to, as the response repeats it."""

    message_id: Text


class DebitAuthorisation(Canonical):
    """Whether an account may be debited, and on which terms."""

    granted: YesNo
    amount: Money | None = None
    account: Account | None = None
    value_date: Date | None = None
    common_transaction_id: Text | None = None
    """The reference that both sides use for the payment."""
    reason: Text | None = None


class CompensationResponse(Canonical):
    """Whether compensation is granted, and how much is due."""

    granted: YesNo
    initial_amount: Money | None = None
    paid_charges: Money | None = None
    """The charges that were paid."""
    amount_due: Money | None = None
    expected_value_date: Date | None = None
    period: InvestigationPeriod | None = None
    interest_rate: Decimal | None = None
    reason: Text | None = None


class ValueDateCompensation(Canonical):
    """What a change of the value date costs, and where it is to be paid."""

    initial_amount: Money | None = None
    due_charges: Money | None = None
    """The charges that are owed."""
    amount_due: Money
    compensation_agent: Agent | None = None
    """The bank that is to get it."""
    compensation_account: Account | None = None
    """The account that is to get it."""
    value_date_change: ValueDateChange | None = None
    interest_rate: Decimal | None = None
    reason: Text | None = None


class BookingConfirmation(Canonical):
    """How the payment was booked."""

    amount: Money
    direction: Direction
    exchange_rate: Decimal | None = None
    """The rate applied."""
    account: Account | None = None
    booking: Moment | None = None
    value: Moment
    references: EntryReferences
    charges: AccountCharges | None = None
    reason: Text | None = None


class TransactionStatus(Canonical):
    """The status of the payment, and why."""

    status: Code
    reasons: tuple[Reason, ...] | None = None


class TransactionAmendment(Canonical):
    """One thing of the payment that is told or put right: where it stands, and exactly one value."""

    path: Text | None = None
    """Where in the message."""
    agent: Agent | None = None
    amount: Money | None = None
    bic: Text | None = None
    """Of a bank."""
    any_bic: Text | None = None
    """Of a bank or another organisation."""
    account: Account | None = None
    code: Text | None = None
    date: Date | None = None
    at: Instant | None = None
    party: Party | None = None
    remittance: Remittance | None = None
    related_remittance: tuple[RelatedRemittance, ...] | None = None
    text: Text | None = None
    """The value as text."""


class InvestigationAnswer(Canonical):
    """The answer to one question of the request, in one of several forms."""

    sequence: Count | None = None
    reason: Code | None = None
    sub_type: Code | None = None
    debit_authorisation: DebitAuthorisation | None = None
    compensation: CompensationResponse | None = None
    value_date_compensation: ValueDateCompensation | None = None
    """What is paid for a value date that was changed."""
    booking: BookingConfirmation | None = None
    transaction_status: TransactionStatus | None = None
    """How the payment stands."""
    transaction_data: tuple[TransactionAmendment, ...] | None = None
    """What is to be changed in the payment or said of it."""
    narrative: Text | None = None
    related_investigation: RelatedInvestigation | None = None
    enclosed_files: tuple[InvestigationFile, ...] | None = None
    related_files: tuple[InvestigationFile, ...] | None = None
    originator: PartyOrAgent | None = None
    """Whose answer it is, where that is not the responder's."""


class InvestigationResponse(Canonical):
    """The response to a request, final or not: ``status`` tells."""

    message: MessageInfo
    responder_investigation_id: Text | None = None
    status: Text
    status_reason: Code | None = None
    """Why it stands so."""
    next_responder: PartyOrAgent | None = None
    """Who has the request now."""
    answers: tuple[InvestigationAnswer, ...] | None = None
    """The answers, to one reason of the request each."""
    original_request: OriginalInvestigation
