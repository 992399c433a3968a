"""The terms of a payment: what kind it is, how it settles, what it costs, why it is made, what authorities ask."""

from typing import Literal

from broker.transform.canonical.form import (
    Canonical,
    Code,
    Count,
    Country,
    Currency,
    Date,
    Decimal,
    Instant,
    Money,
    Text,
    TimeOfDay,
    YesNo,
)
from broker.transform.canonical.party import Account, Agent, CodeOrId, Party

ChargeBearer = Literal["debtor", "creditor", "shared", "service_level"]
Direction = Literal["credit", "debit"]
Priority = Literal["high", "normal", "urgent"]
ClearingChannel = Literal["rtgs", "real_time_net", "mass_payment_net", "book"]
Outcome = Literal["received", "pending", "accepted", "settled", "partial", "rejected", "cancelled", "blocked"]


class MessageInfo(Canonical):
    """The message an event came in, by its sender's own reference."""

    id: Text
    """The message's reference, as its sender gave it."""
    created_at: Instant | None = None
    """When the message was made."""


class OriginalMessage(Canonical):
    """An earlier message that this one is about: its reference and the name of its definition as written."""

    message_id: Text | None = None
    network_file_name: Text | None = None
    """In the first versions: what the network called the file, where the message is not named."""
    message_name: Text | None = None
    """The name of that message's definition, as written, such as pacs.008.001.08."""
    created_at: Instant | None = None
    """When that message was made."""


class References(Canonical):
    """The references of one payment, each given by another party on its way."""

    instruction_id: Text | None = None
    end_to_end_id: Text | None = None
    transaction_id: Text | None = None
    uetr: Text | None = None
    clearing_system_reference: Text | None = None


class PaymentType(Canonical):
    """What kind of payment it is."""

    priority: Priority | None = None
    """How urgent it is."""
    clearing_channel: ClearingChannel | None = None
    service_levels: tuple[Code, ...] | None = None
    local_instrument: Code | None = None
    sequence_type: Text | None = None
    """Of a direct debit: FRST, RCUR, FNAL or OOFF."""
    category_purpose: Code | None = None


class Settlement(Canonical):
    """How the banks settle with each other."""

    method: Literal["instructed_agent", "instructing_agent", "cover", "clearing_system"] | None = None
    """By which accounts the banks settle: one of them keeps one for the other, or a clearing does."""
    account: Account | None = None
    """The account by which they settle."""
    clearing_system: Code | None = None
    """By which clearing system."""
    instructing_reimbursement_agent: Agent | None = None
    """The bank by which the sending bank pays."""
    instructing_reimbursement_account: Account | None = None
    """The account of the sending bank with that bank."""
    instructed_reimbursement_agent: Agent | None = None
    """The bank by which the receiving bank is paid."""
    instructed_reimbursement_account: Account | None = None
    """The account of the receiving bank with that bank."""
    third_reimbursement_agent: Agent | None = None
    """A third bank between the two, where their banks need one."""
    third_reimbursement_account: Account | None = None
    """The account with that bank."""


class SettlementTimeIndication(Canonical):
    """When the settlement was booked at the central bank or clearing."""

    debited_at: Instant | None = None
    """When the sending bank was debited."""
    credited_at: Instant | None = None
    """When the receiving bank was credited."""


class SettlementTimeRequest(Canonical):
    """The times between which settlement is asked for."""

    cls: TimeOfDay | None = None
    """Until when the money must be there for CLS."""
    until: TimeOfDay | None = None
    """Until when the payment should be settled."""
    not_before: TimeOfDay | None = None
    """From when the payment may be settled."""
    reject_after: TimeOfDay | None = None
    """After which the payment is to be refused."""


class Charge(Canonical):
    """A charge taken, and by whom."""

    amount: Money
    """The amount of the charge."""
    agent: Agent | None = None
    """The bank that takes the charge."""
    agent_account: Account | None = None
    """The account to which the charge goes."""
    type: CodeOrId | None = None
    """What the charge is for."""


class AgreedRate(Canonical):
    """An exchange rate agreed beforehand."""

    unit_currency: Currency | None = None
    quoted_currency: Currency | None = None
    """The currency in which the rate prices one unit."""
    rate: Decimal | None = None
    """The rate agreed."""
    quoted_at: Instant | None = None
    quote_id: Text | None = None
    """What the quotation is called."""
    agent: Agent | None = None


class Exchange(Canonical):
    """How one currency becomes another: the rate applied, and what was agreed about it."""

    rate: Decimal | None = None
    """The rate applied: what one unit of the priced currency costs in the other."""
    unit_currency: Currency | None = None
    rate_type: Text | None = None
    """Whether the rate was agreed or is the day's, as a code."""
    contract_id: Text | None = None
    agreed: AgreedRate | None = None
    """What was agreed about the rate beforehand."""


class Instruction(Canonical):
    """An instruction to a bank: a code, free text, or both."""

    code: Text | None = None
    """What to do, as a code."""
    information: Text | None = None
    """What to do, in words."""


class RegulatoryDetail(Canonical):
    """One item that an authority asks for."""

    type: Text | None = None
    proprietary_type: Text | None = None
    """What kind it is, agreed between the parties."""
    date: Date | None = None
    country: Country | None = None
    """The country that it has to do with."""
    code: Text | None = None
    """What the payment is for, as the authority's own code."""
    amount: Money | None = None
    """The amount that is to be reported."""
    information: tuple[Text, ...] | None = None


class RegulatoryReport(Canonical):
    """What an authority must know about the payment."""

    side: Literal["credit", "debit", "both"] | None = None
    authority_name: Text | None = None
    """The name of the authority."""
    authority_country: Country | None = None
    """The country of the authority."""
    details: tuple[RegulatoryDetail, ...] | None = None


class EquivalentAmount(Canonical):
    """An amount in one currency to be paid in another."""

    amount: Money
    """The amount in the other currency; the payment is worth as much."""
    currency_of_transfer: Currency
    """The currency of the payment."""


class AmountToPay(Canonical):
    """What the customer asked to be paid: exactly one of the two."""

    instructed: Money | None = None
    """The amount in the currency of the payment."""
    equivalent: EquivalentAmount | None = None
    """The amount in another currency than that of the payment."""


class Reason(Canonical):
    """Why something was refused, returned or cancelled, and who said so."""

    originator: Party | None = None
    """Who says so."""
    reason: Code | None = None
    """Why, as a code or a text agreed between the parties."""
    information: tuple[Text, ...] | None = None
    """Why, in words."""


class CountPerStatus(Canonical):
    """How many transactions of a batch have a status."""

    number_of_transactions: Count
    status: Text
    """The status that they have."""
    control_sum: Decimal | None = None


class PeriodFrequency(Canonical):
    """So many times in a period."""

    type: Text
    count_per_period: Decimal
    """How many times."""


class PointFrequency(Canonical):
    """At one point of a period: the day of the month, of the week."""

    type: Text
    point_in_time: Text
    """At which point: the day of the month or of the week."""


class Frequency(Canonical):
    """How often something is due, with the standard's code of the period: exactly one of the three."""

    type: Text | None = None
    per_period: PeriodFrequency | None = None
    """So many times in each period."""
    at_point: PointFrequency | None = None
    """At one point of a period."""


class RequestedAdvice(Canonical):
    """What the customer wants to be told of what is booked on the accounts."""

    credit: Code | None = None
    """Of credits."""
    debit: Code | None = None
    """Of debits."""


class Mandate(Canonical):
    """The mandate a payment is made or collected under. What an amendment has changed is in ``original_…``."""

    id: Text | None = None
    """What the mandate is called."""
    signed_on: Date | None = None
    """The day on which it was signed."""
    amended: YesNo | None = None
    """Whether it was changed."""
    original_id: Text | None = None
    """What it was called before."""
    original_creditor_scheme: Party | None = None
    """The creditor as the scheme knew it before."""
    original_creditor_agent: Agent | None = None
    """The bank of the creditor before."""
    original_creditor_agent_account: Account | None = None
    """The account of that bank."""
    original_debtor: Party | None = None
    """The debtor before."""
    original_debtor_account: Account | None = None
    """The debtor's account before."""
    original_debtor_agent: Agent | None = None
    """The bank of the debtor before."""
    original_debtor_agent_account: Account | None = None
    """The account of that bank."""
    original_final_payment_date: Date | None = None
    """The day of the last collection before."""
    original_frequency: Frequency | None = None
    """How often it was due before."""
    original_reason: Code | None = None
    """What it was for before."""
    original_tracking_days: Text | None = None
    """How many days it was tracked before."""
    electronic_signature: Text | None = None
    """The electronic signature of the debtor."""
    first_payment_date: Date | None = None
    """The day of the first collection or payment."""
    final_payment_date: Date | None = None
    """The day of the last collection or payment."""
    frequency: Frequency | None = None
    reason: Code | None = None
    """What the mandate is for."""
    tracking_days: Text | None = None
    """For how many days collections are tracked."""
