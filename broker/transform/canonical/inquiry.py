"""Inquiries between banks about a payment (camt.026, 027, 028, 087): what is missing, late, added or to be changed."""

from broker.transform.canonical.case import Case, Underlying
from broker.transform.canonical.form import Canonical, Code, Date, Moment, Money, Text, YesNo
from broker.transform.canonical.party import Account, Agent, AgentWithAccount, Party, PartyOrAgent
from broker.transform.canonical.remittance import RelatedRemittance, Remittance
from broker.transform.canonical.terms import (
    AmountToPay,
    ChargeBearer,
    Instruction,
    MessageInfo,
    PaymentType,
    References,
    Settlement,
    SettlementTimeIndication,
)


class InformationGap(Canonical):
    """Something that is missing in a payment, or wrong in it."""

    type: Code | None = None
    information: Text | None = None


class UnableToApply(Canonical):
    """A bank cannot apply a payment, and says what it needs."""

    message: MessageInfo
    assigner: PartyOrAgent
    assignee: PartyOrAgent
    case: Case | None = None
    underlying: Underlying
    any_information: YesNo | None = None
    """Whether any information there is on the payment is asked for."""
    aml_request: YesNo | None = None
    """Whether the information is needed because of rules against money laundering."""
    missing_information: tuple[InformationGap, ...] | None = None
    """What is missing."""
    incorrect_information: tuple[InformationGap, ...] | None = None
    """What is wrong."""
    possible_duplicate: YesNo | None = None
    """Whether it may be a payment made twice."""


class ClaimNonReceipt(Canonical):
    """Somebody says that a payment, or the cover for it, has not arrived."""

    message: MessageInfo
    assigner: PartyOrAgent
    assignee: PartyOrAgent
    case: Case | None = None
    underlying: Underlying
    missing_cover: YesNo | None = None
    """Whether it is the cover that is missing, not the payment."""
    cover_correction: Settlement | None = None
    """How the cover is to be settled instead."""
    instruction_for_assignee: Instruction | None = None


class PaymentDetails(Canonical):
    """What is told of a payment after it was sent: only what is added or to be changed is there."""

    references: References | None = None
    payment_type: PaymentType | None = None
    requested_execution: Moment | None = None
    requested_collection_date: Date | None = None
    settlement_date: Date | None = None
    settlement_time_indication: SettlementTimeIndication | None = None
    amount: AmountToPay | None = None
    settlement_amount: Money | None = None
    charge_bearer: ChargeBearer | None = None
    settlement: Settlement | None = None
    previous_instructing_agents: tuple[AgentWithAccount, ...] | None = None
    intermediary_agents: tuple[AgentWithAccount, ...] | None = None
    ultimate_debtor: Party | None = None
    debtor: Party | None = None
    debtor_account: Account | None = None
    debtor_agent: Agent | None = None
    debtor_agent_account: Account | None = None
    creditor_agent: Agent | None = None
    creditor_agent_account: Account | None = None
    creditor: Party | None = None
    creditor_account: Account | None = None
    ultimate_creditor: Party | None = None
    purpose: Code | None = None
    instruction_for_debtor_agent: Instruction | None = None
    instructions_for_next_agent: tuple[Instruction, ...] | None = None
    instructions_for_creditor_agent: tuple[Instruction, ...] | None = None
    related_remittance: tuple[RelatedRemittance, ...] | None = None
    remittance: Remittance | None = None
    sender_to_receiver_information: tuple[Text, ...] | None = None
    """Free text between banks, in the first version alone."""


class AdditionalInformation(Canonical):
    """What a payment lacked, told afterwards."""

    message: MessageInfo
    assigner: PartyOrAgent
    assignee: PartyOrAgent
    case: Case | None = None
    underlying: Underlying
    information: PaymentDetails


class ModificationRequest(Canonical):
    """The request to change a payment."""

    message: MessageInfo
    assigner: PartyOrAgent
    assignee: PartyOrAgent
    case: Case | None = None
    underlying: Underlying
    modification: PaymentDetails
    """What is to become of the payment: its members replace those of the payment."""
    instruction_for_assignee: Instruction | None = None
