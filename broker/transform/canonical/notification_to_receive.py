"""An account owner tells the bank what money to expect (camt.057), and that it is not to expect it (camt.058)."""

from broker.transform.canonical.allocation import Allocation
from broker.transform.canonical.form import Canonical, Code, Date, Money, Text, YesNo
from broker.transform.canonical.party import Account, Agent, PartyOrAgent
from broker.transform.canonical.remittance import RelatedRemittance, Remittance
from broker.transform.canonical.terms import MessageInfo, OriginalMessage, Reason


class ExpectedOn(Canonical):
    """The account money is expected on, and whom it is expected from."""

    account: Account | None = None
    account_owner: PartyOrAgent | None = None
    """Whose account it is."""
    account_servicer: Agent | None = None
    """The bank that keeps the account."""
    related_account: Account | None = None
    expected_value_date: Date | None = None
    debtor: PartyOrAgent | None = None
    debtor_agent: Agent | None = None
    intermediary_agent: Agent | None = None
    """The bank by which the money is expected."""


class ExpectedItem(ExpectedOn):
    """One amount expected: how much, and what it is for."""

    item_id: Text
    """What the one who expects the amount calls it."""
    end_to_end_id: Text | None = None
    uetr: Text | None = None
    amount: Money
    purpose: Code | None = None
    related_remittance: RelatedRemittance | None = None
    remittance: Remittance | None = None


class NotificationToReceiveMessage(ExpectedOn):
    """A notification as a whole: what holds for all its items, and their total."""

    message: MessageInfo
    sender: PartyOrAgent | None = None
    notification_id: Text
    total_amount: Money | None = None


class NotificationToReceive(ExpectedItem):
    """One amount that is expected. What its notification says for all items is filled in here."""

    message: MessageInfo
    sender: PartyOrAgent | None = None
    notification_id: Text
    allocations: tuple[Allocation, ...] | None = None


class NotificationSummary(ExpectedOn):
    """What an earlier notification said for several of its items."""

    total_amount: Money | None = None


class NotificationCancellationMessage(Canonical):
    """That an earlier notification, or items of it, no longer hold, and why."""

    message: MessageInfo
    sender: PartyOrAgent | None = None
    original_message: OriginalMessage
    original_notification_id: Text
    whole_notification: YesNo | None = None
    original_notifications: tuple[NotificationSummary, ...] | None = None
    """The notifications that it is about, one item each."""
    reason: Reason | None = None


class NotificationCancellation(ExpectedItem):
    """One item of an earlier notification that is no longer to be expected. Identifiers are those it had there."""

    message: MessageInfo
    sender: PartyOrAgent | None = None
    original_message: OriginalMessage
    original_notification_id: Text
    whole_notification: YesNo | None = None
    reason: Reason | None = None
