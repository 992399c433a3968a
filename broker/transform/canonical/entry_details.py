"""The payments behind an entry on an account, as far as the bank tells."""

from broker.transform.canonical.allocation import Allocation
from broker.transform.canonical.card import CardTransaction
from broker.transform.canonical.form import (
    Canonical,
    Code,
    Count,
    Currency,
    Date,
    Decimal,
    Instant,
    Moment,
    Money,
    Text,
    YesNo,
)
from broker.transform.canonical.party import Account, Agent, AgentWithAccount, CodeOrId, PartyOrAgent
from broker.transform.canonical.remittance import RelatedRemittance, Remittance
from broker.transform.canonical.securities import Deal
from broker.transform.canonical.tax import Tax
from broker.transform.canonical.terms import ChargeBearer, Direction, PaymentType, Reason


class Availability(Canonical):
    """When an amount can be used: on a day, or so many days later."""

    days: Text | None = None
    """In how many days."""
    date: Date | None = None
    """On which day."""
    amount: Money
    direction: Direction


class BankTransactionCode(Canonical):
    """What kind of booking it is: domain, family and sub-family of the standard, the bank's own code, or both."""

    domain: Text | None = None
    """The business area, such as PMNT for payments."""
    family: Text | None = None
    """What kind within the area, such as RCDT for credit transfers received."""
    sub_family: Text | None = None
    """What kind within the family, such as ESCT for SEPA transfers."""
    proprietary: Text | None = None
    issuer: Text | None = None


class Period(Canonical):
    """From when to when."""

    from_time: Instant
    to_time: Instant


class AmountBoundary(Canonical):
    """Where a range of amounts begins or ends, and whether that amount is in it."""

    amount: Decimal
    included: YesNo


class AmountSpan(Canonical):
    """The amounts between two."""

    from_amount: AmountBoundary
    to_amount: AmountBoundary


class RateValidity(Canonical):
    """For which amounts a rate holds, in one of these ways."""

    from_amount: AmountBoundary | None = None
    to_amount: AmountBoundary | None = None
    between: AmountSpan | None = None
    """All amounts within a range."""
    equal: Decimal | None = None
    """This amount alone."""
    not_equal: Decimal | None = None
    """All amounts but this."""
    direction: Direction | None = None
    currency: Currency


class Rate(Canonical):
    """A rate, in percent or in other words."""

    percentage: Decimal | None = None
    other: Text | None = None
    """In other words than percent."""
    validity: RateValidity | None = None
    """For which amounts the rate holds."""


class ChargeTax(Canonical):
    """The tax on a charge or on interest."""

    id: Text | None = None
    """What the tax is called."""
    rate: Decimal | None = None
    """The rate of the tax, in percent."""
    amount: Money | None = None


class AccountCharge(Canonical):
    """One charge within an entry."""

    amount: Money
    direction: Direction | None = None
    included: YesNo | None = None
    type: CodeOrId | None = None
    rate: Decimal | None = None
    bearer: ChargeBearer | None = None
    """Who bears the charge."""
    agent: Agent | None = None
    tax: ChargeTax | None = None


class AccountCharges(Canonical):
    """The charges within an entry."""

    total: Money | None = None
    records: tuple[AccountCharge, ...] | None = None


class AccountInterestRecord(Canonical):
    """Interest within an entry."""

    amount: Money
    direction: Direction
    type: Code | None = None
    rates: tuple[Rate, ...] | None = None
    period: Period | None = None
    reason: Text | None = None
    tax: ChargeTax | None = None


class AccountInterest(Canonical):
    """The interest within an entry."""

    total: Money | None = None
    records: tuple[AccountInterestRecord, ...] | None = None


class CurrencyExchange(Canonical):
    """An exchange of currency as the bank applied it."""

    source_currency: Currency
    """The currency that is exchanged."""
    target_currency: Currency | None = None
    """The currency it becomes."""
    unit_currency: Currency | None = None
    rate: Decimal
    rate_base: Decimal | None = None
    """How many units of the source currency the rate is for."""
    contract_id: Text | None = None
    quoted_at: Instant | None = None


class ExchangedAmount(Canonical):
    """An amount, and how it was exchanged."""

    amount: Money
    exchange: CurrencyExchange | None = None


class ProprietaryAmount(Canonical):
    """An amount of a type agreed between the parties."""

    type: Text
    amount: Money
    exchange: CurrencyExchange | None = None


class AmountDetails(Canonical):
    """The amounts a payment had on its way to the account."""

    instructed: ExchangedAmount | None = None
    """The amount that the customer gave."""
    transaction: ExchangedAmount | None = None
    """The amount that went between the banks."""
    counter_value: ExchangedAmount | None = None
    """The amount in the other currency, before charges."""
    announced_posting: ExchangedAmount | None = None
    """The amount that was announced before."""
    proprietary: tuple[ProprietaryAmount, ...] | None = None


class ProprietaryReference(Canonical):
    """A reference of a type agreed between the parties."""

    type: Text
    reference: Text


class EntryReferences(Canonical):
    """The references of the payment behind an entry."""

    message_id: Text | None = None
    message_name: Text | None = None
    account_servicer_reference: Text | None = None
    payment_information_id: Text | None = None
    instruction_id: Text | None = None
    end_to_end_id: Text | None = None
    uetr: Text | None = None
    transaction_id: Text | None = None
    return_id: Text | None = None
    mandate_id: Text | None = None
    """The mandate of the direct debit."""
    cheque_number: Text | None = None
    """The number of the cheque."""
    clearing_system_reference: Text | None = None
    account_owner_transaction_id: Text | None = None
    """What the account's owner calls the trade."""
    account_servicer_transaction_id: Text | None = None
    market_infrastructure_transaction_id: Text | None = None
    processing_id: Text | None = None
    """What the one who processes the trade calls it."""
    proprietary: tuple[ProprietaryReference, ...] | None = None


class OtherDate(Canonical):
    """A date of a kind agreed between the parties."""

    type: Text
    date: Moment


class RelatedDates(Canonical):
    """The dates of the payment behind an entry."""

    accepted_at: Instant | None = None
    contractual_settlement_date: Date | None = None
    """Of a trade: the settlement date it was agreed for."""
    trade_date: Date | None = None
    """The day of the trade."""
    settlement_date: Date | None = None
    transaction_at: Instant | None = None
    start_date: Date | None = None
    """The day on which it begins."""
    end_date: Date | None = None
    """The day on which it ends."""
    other: tuple[OtherDate, ...] | None = None
    """Dates of kinds agreed between the parties."""


class EntryBatch(Canonical):
    """The batch of payments that was booked as one entry."""

    message_id: Text | None = None
    payment_information_id: Text | None = None
    number_of_transactions: Count | None = None
    total: Money | None = None
    direction: Direction | None = None


class OtherParty(Canonical):
    """Somebody in a role agreed between the parties."""

    type: Text
    party: PartyOrAgent


class OtherAgent(Canonical):
    """A bank in a role agreed between the parties."""

    type: Text
    agent: Agent


class CashDeposit(Canonical):
    """Notes of one value that were paid in."""

    denomination: Money
    """The value of one note."""
    number_of_notes: Count
    """How many notes."""
    amount: Money


class ReturnInformation(Canonical):
    """That the payment behind an entry came back, and why."""

    original_bank_transaction_code: BankTransactionCode | None = None
    """What kind of booking the payment was."""
    reason: Reason | None = None


class EntryTransaction(Canonical):
    """One payment behind an entry."""

    references: EntryReferences | None = None
    amount: Money | None = None
    direction: Direction | None = None
    amount_details: AmountDetails | None = None
    availability: tuple[Availability, ...] | None = None
    bank_transaction_code: BankTransactionCode | None = None
    charges: tuple[AccountCharges, ...] | None = None
    interest: tuple[AccountInterest, ...] | None = None
    initiating_party: PartyOrAgent | None = None
    ultimate_debtor: PartyOrAgent | None = None
    debtor: PartyOrAgent | None = None
    debtor_account: Account | None = None
    debtor_agent: Agent | None = None
    creditor_agent: Agent | None = None
    creditor: PartyOrAgent | None = None
    creditor_account: Account | None = None
    ultimate_creditor: PartyOrAgent | None = None
    trading_party: PartyOrAgent | None = None
    """Who ordered the trade."""
    other_parties: tuple[OtherParty, ...] | None = None
    """Others, in roles agreed between the parties."""
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    intermediary_agents: tuple[AgentWithAccount, ...] | None = None
    receiving_agent: Agent | None = None
    """The bank that receives the securities."""
    delivering_agent: Agent | None = None
    """The bank that delivers the securities."""
    issuing_agent: Agent | None = None
    """The bank that acts for the issuer of the securities."""
    settlement_place: Agent | None = None
    """Where the securities are settled."""
    other_agents: tuple[OtherAgent, ...] | None = None
    """Other banks, in roles agreed between the parties."""
    payment_type: PaymentType | None = None
    local_instrument: Code | None = None
    purpose: Code | None = None
    related_remittance: tuple[RelatedRemittance, ...] | None = None
    remittance: Remittance | None = None
    dates: RelatedDates | None = None
    """The dates of the payment."""
    tax: Tax | None = None
    card: CardTransaction | None = None
    cash_deposits: tuple[CashDeposit, ...] | None = None
    """Notes that were paid in, by their value."""
    securities: Deal | None = None
    """The trade in securities that is paid."""
    allocations: tuple[Allocation, ...] | None = None
    return_information: ReturnInformation | None = None
    """That the payment came back, and why."""
    information: Text | None = None
