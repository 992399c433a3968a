"""What happened on an account: statements (camt.053), intraday reports (camt.052), notifications (camt.054), entries.

The three say the same of each account and of each entry, so they share their models.
"""

from broker.transform.canonical.card import CardTransaction
from broker.transform.canonical.entry_details import (
    AccountCharges,
    AccountInterest,
    AmountDetails,
    Availability,
    BankTransactionCode,
    ChargeTax,
    EntryBatch,
    EntryTransaction,
    Period,
    Rate,
)
from broker.transform.canonical.form import Canonical, Code, Count, Decimal, Instant, Moment, Money, Text, YesNo
from broker.transform.canonical.party import Account, Agent, Party
from broker.transform.canonical.terms import Direction, MessageInfo, OriginalMessage


class StatementAccount(Canonical):
    """The account a statement is about, with its owner and the bank that keeps it."""

    account: Account
    owner: Party | None = None
    servicer: Agent | None = None


class Page(Canonical):
    """Which page of a statement sent in several messages this is."""

    number: Count
    """The number of the page, from 1."""
    last: YesNo
    """Whether it is the last one."""


class SequenceSpan(Canonical):
    """The reports from one number in the sequence to another."""

    from_sequence: Text
    """The first."""
    to_sequence: Text
    """The last."""


class SequenceRange(Canonical):
    """Which reports of a sequence are meant: exactly one of the members."""

    from_sequence: Text | None = None
    """This one and all after it."""
    to_sequence: Text | None = None
    """This one and all before it."""
    spans: tuple[SequenceSpan, ...] | None = None
    """All from one to another, several times."""
    sequences: tuple[Text, ...] | None = None
    """These and no others."""
    not_sequences: tuple[Text, ...] | None = None
    """All but these."""


class CreditLine(Canonical):
    """A credit line, and whether the balance includes it."""

    included: YesNo
    type: Code | None = None
    """What kind of credit line it is."""
    amount: Money | None = None
    date: Moment | None = None


class Balance(Canonical):
    """A balance of the account; ``direction`` says whether it is in credit or in debit."""

    type: Code
    """Which balance it is, such as CLBD for the booked one at the end of the day."""
    sub_type: Code | None = None
    amount: Money
    """The amount, never negative: the direction says on which side it is."""
    direction: Direction
    date: Moment
    """The day or time that the balance is of."""
    credit_lines: tuple[CreditLine, ...] | None = None
    """The credit lines of the account, and whether the balance has them in it."""
    availability: tuple[Availability, ...] | None = None


class Totals(Canonical):
    """How many entries there are and what they come to."""

    number_of_entries: Count | None = None
    sum: Decimal | None = None


class NetTotals(Canonical):
    """Totals of credits and debits together; ``direction`` is the side of ``net``."""

    number_of_entries: Count | None = None
    sum: Decimal | None = None
    net: Decimal | None = None
    direction: Direction | None = None


class CodeTotals(Canonical):
    """The totals of the entries of one kind."""

    bank_transaction_code: BankTransactionCode
    number_of_entries: Count | None = None
    sum: Decimal | None = None
    net: Decimal | None = None
    direction: Direction | None = None
    credits: Totals | None = None
    debits: Totals | None = None
    forecast: YesNo | None = None
    """Whether they are not booked yet."""
    availability: tuple[Availability, ...] | None = None
    date: Moment | None = None


class StatementSummary(Canonical):
    """The totals of a statement."""

    entries: NetTotals | None = None
    credits: Totals | None = None
    debits: Totals | None = None
    by_code: tuple[CodeTotals, ...] | None = None
    """Numbers and sums by kind of booking."""


class StatementInterest(Canonical):
    """Interest that applied to the account."""

    type: Code | None = None
    rates: tuple[Rate, ...] | None = None
    period: Period | None = None
    reason: Text | None = None
    tax: ChargeTax | None = None


class Statement(Canonical):
    """One statement, report or notification of one account, without its entries: each of those is an event of its own.

    A notification has no balances.
    """

    id: Text
    """What the statement, report or notification is called."""
    page: Page | None = None
    electronic_sequence_number: Count | None = None
    """Its number among those sent electronically."""
    reporting_sequence: SequenceRange | None = None
    legal_sequence_number: Count | None = None
    """Its number among those that count by law."""
    created_at: Instant | None = None
    """When it was made."""
    period: Period | None = None
    copy_duplicate: Text | None = None
    """Whether it is a copy, a duplicate or both, as a code."""
    source: Code | None = None
    """What system of the bank it comes from."""
    account: StatementAccount
    related_account: Account | None = None
    interest: tuple[StatementInterest, ...] | None = None
    balances: tuple[Balance, ...] | None = None
    summary: StatementSummary | None = None
    """Numbers and sums of the entries."""
    information: Text | None = None


class AccountMessage(Canonical):
    """A message that tells of accounts, as a whole."""

    message: MessageInfo
    recipient: Party | None = None
    """Who receives the message, where that is not the account's owner."""
    page: Page | None = None
    original_query: OriginalMessage | None = None
    """The request that it answers."""
    information: Text | None = None


class StatementMessage(AccountMessage):
    """A message of statements as a whole."""

    statements: tuple[Statement, ...]
    """The statement of each account, without its entries."""


class ReportMessage(AccountMessage):
    """A message of reports on accounts within a day, as a whole."""

    reports: tuple[Statement, ...]
    """The report of each account, without its entries."""


class NotificationMessage(AccountMessage):
    """A message of notifications of debits and credits, as a whole."""

    notifications: tuple[Statement, ...]
    """What each account is notified of, without its entries."""


class AccountEntry(Canonical):
    """One entry on an account. ``direction`` is the side it was booked on, also where it reverses another entry."""

    message: MessageInfo
    account: StatementAccount
    entry_reference: Text | None = None
    account_servicer_reference: Text | None = None
    amount: Money
    """The amount booked, in the currency of the account."""
    direction: Direction
    reversal: YesNo | None = None
    """Whether it takes back an earlier entry."""
    status: Code
    """Whether it is booked, pending or for information."""
    booking: Moment | None = None
    value: Moment | None = None
    availability: tuple[Availability, ...] | None = None
    bank_transaction_code: BankTransactionCode | None = None
    commission_waived: YesNo | None = None
    """Whether no commission is taken."""
    details_message: OriginalMessage | None = None
    """Another message that tells the details of the entry."""
    amount_details: AmountDetails | None = None
    charges: tuple[AccountCharges, ...] | None = None
    input_channel: Code | None = None
    """How the order behind the entry came to the bank."""
    interest: tuple[AccountInterest, ...] | None = None
    card: CardTransaction | None = None
    batches: tuple[EntryBatch, ...] | None = None
    transactions: tuple[EntryTransaction, ...] | None = None
    """The payments behind the entry, where the bank tells them."""
    information: Text | None = None


class StatementEntry(AccountEntry):
    """One entry of a statement: what was booked."""

    statement_id: Text


class ReportEntry(AccountEntry):
    """One entry of a report within a day: ``status`` says whether it is booked, pending or only expected."""

    report_id: Text
    """What the report is called."""


class NotificationEntry(AccountEntry):
    """One entry a bank notifies of, as it happens or in batches: ``status`` says whether it is booked or pending."""

    notification_id: Text
