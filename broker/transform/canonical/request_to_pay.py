"""A creditor's request to be paid (pain.013), and what became of it (pain.014)."""

from broker.transform.canonical.form import (
    Canonical,
    Code,
    Count,
    Decimal,
    Instant,
    Moment,
    Money,
    Text,
    YesNo,
)
from broker.transform.canonical.initiation import Cheque
from broker.transform.canonical.original import OriginalReferences
from broker.transform.canonical.party import Account, Agent, AgentWithAccount, CodeOrId, Party
from broker.transform.canonical.remittance import RelatedRemittance, Remittance
from broker.transform.canonical.status import OriginalBatchStatus, OriginalGroupStatus
from broker.transform.canonical.tax import Tax
from broker.transform.canonical.terms import (
    AmountToPay,
    Charge,
    ChargeBearer,
    Instruction,
    Mandate,
    MessageInfo,
    OriginalMessage,
    Outcome,
    PaymentType,
    Reason,
    References,
    RegulatoryReport,
    RequestedAdvice,
)


class Rebate(Canonical):
    """What the debtor is let off for paying at once: exactly one of the two."""

    amount: Money | None = None
    percentage: Decimal | None = None


class PaymentConditions(Canonical):
    """What the creditor allows and asks of the payment."""

    amount_may_be_changed: YesNo | None = None
    """Whether the debtor may pay another amount."""
    early_payment_allowed: YesNo | None = None
    """Whether it may be paid before it is due."""
    delay_penalty: Text | None = None
    """What it costs to pay late."""
    rebate: Rebate | None = None
    """What is taken off for paying at once."""
    guarantee_requested: YesNo | None = None
    """Whether the creditor wants the payment guaranteed."""


class EnclosedFile(Canonical):
    """A document sent with the request, such as the invoice. Who signed it travels in RA JSON alone."""

    type: CodeOrId
    id: Text
    """What the file is called."""
    issued: Moment
    name: Text | None = None
    language: Text | None = None
    format: CodeOrId
    file_name: Text | None = None
    content: Text
    """The document itself, in base64."""


class RequestToPayBatch(Canonical):
    """One batch: requests to one debtor."""

    payment_information_id: Text | None = None
    payment_method: Text
    requested_advice: RequestedAdvice | None = None
    payment_type: PaymentType | None = None
    requested_execution: Moment | None = None
    expires: Moment | None = None
    conditions: PaymentConditions | None = None
    debtor: Party
    debtor_account: Account | None = None
    debtor_agent: Agent
    debtor_agent_account: Account | None = None
    ultimate_debtor: Party | None = None
    charge_bearer: ChargeBearer | None = None


class RequestToPayMessage(Canonical):
    """A message of requests as a whole, with its batches."""

    message: MessageInfo
    number_of_transactions: Count
    control_sum: Decimal | None = None
    initiating_party: Party
    forwarding_agent: Agent | None = None
    batches: tuple[RequestToPayBatch, ...]


class RequestToPay(Canonical):
    """One request to pay. What its batch says for all its requests is filled in here."""

    message: MessageInfo
    payment_information_id: Text | None = None
    payment_method: Text
    requested_advice: RequestedAdvice | None = None
    references: References
    payment_type: PaymentType | None = None
    requested_execution: Moment | None = None
    expires: Moment | None = None
    conditions: PaymentConditions | None = None
    amount: AmountToPay
    charge_bearer: ChargeBearer | None = None
    mandate: Mandate | None = None
    cheque: Cheque | None = None
    initiating_party: Party
    ultimate_debtor: Party | None = None
    debtor: Party
    debtor_account: Account | None = None
    debtor_agent: Agent
    debtor_agent_account: Account | None = None
    intermediary_agents: tuple[AgentWithAccount, ...] | None = None
    creditor_agent: Agent
    creditor_agent_account: Account | None = None
    creditor: Party
    creditor_account: Account | None = None
    ultimate_creditor: Party | None = None
    instructions_for_creditor_agent: tuple[Instruction, ...] | None = None
    purpose: Code | None = None
    regulatory_reporting: tuple[RegulatoryReport, ...] | None = None
    tax: Tax | None = None
    related_remittance: tuple[RelatedRemittance, ...] | None = None
    remittance: Remittance | None = None
    enclosed_files: tuple[EnclosedFile, ...] | None = None


class OriginalRequest(Canonical):
    """Key elements of the request this is about, as the message repeats them."""

    amount: AmountToPay | None = None
    requested_execution: Moment | None = None
    expires: Moment | None = None
    conditions: PaymentConditions | None = None
    payment_type: PaymentType | None = None
    payment_method: Text | None = None
    mandate: Mandate | None = None
    remittance: Remittance | None = None
    enclosed_files: tuple[EnclosedFile, ...] | None = None
    ultimate_debtor: Party | None = None
    debtor: Party | None = None
    debtor_account: Account | None = None
    debtor_agent: Agent | None = None
    debtor_agent_account: Account | None = None
    creditor_agent: Agent
    creditor_agent_account: Account | None = None
    creditor: Party
    creditor_account: Account | None = None
    ultimate_creditor: Party | None = None


class AcceptedConditions(Canonical):
    """What the debtor agreed to."""

    amount: Money | None = None
    guaranteed: YesNo | None = None
    """Whether the payment is guaranteed."""
    early_payment: YesNo | None = None
    """Whether it is paid before it is due."""


class RequestToPayStatusMessage(Canonical):
    """A report on requests as a whole: what it says of the earlier message and of its batches."""

    message: MessageInfo
    initiating_party: Party
    forwarding_agent: Agent | None = None
    debtor_agent: Agent | None = None
    creditor_agent: Agent | None = None
    original_group: OriginalGroupStatus
    """The request's message, and what is said of it as a whole."""
    original_batches: tuple[OriginalBatchStatus, ...] | None = None


class RequestToPayStatus(Canonical):
    """The status of one request. ``status`` is the code as written, ``outcome`` what it amounts to where we know it."""

    message: MessageInfo
    status_id: Text | None = None
    original_message: OriginalMessage
    original_references: OriginalReferences
    status: Text | None = None
    outcome: Outcome | None = None
    reasons: tuple[Reason, ...] | None = None
    accepted_conditions: AcceptedConditions | None = None
    """What the debtor agrees to."""
    charges: tuple[Charge, ...] | None = None
    decided_at: Instant | None = None
    """When the debtor decided."""
    accepted_at: Instant | None = None
    account_servicer_reference: Text | None = None
    clearing_system_reference: Text | None = None
    enclosed_files: tuple[EnclosedFile, ...] | None = None
    original_request: OriginalRequest | None = None
