"""Charges between banks for payments: told of (camt.105) or asked for (camt.106)."""

from broker.transform.canonical.entry_details import EntryReferences
from broker.transform.canonical.form import Canonical, Count, Date, Decimal, Moment, Money, Text
from broker.transform.canonical.party import Account, Agent, CodeOrId, Party
from broker.transform.canonical.terms import Direction, Instruction, MessageInfo


class ChargesTotals(Canonical):
    """How many charges there are, and what they come to."""

    number_of_records: Count
    """Of records; below one record: of the items of its breakdown."""
    control_sum: Decimal | None = None
    total: Money | None = None
    direction: Direction | None = None


class ChargesSettlement(Canonical):
    """How and when charges asked for are to be paid."""

    requested_date: Date | None = None
    """The day on which the charges should be paid."""
    creditor_agent: Agent
    creditor_agent_account: Account | None = None
    creditor: Agent | None = None
    creditor_account: Account | None = None


class ChargesGroup(Canonical):
    """What records that are told together have in common: those of one transaction, or those of one type."""

    charges_id: Text | None = None
    type: CodeOrId | None = None
    totals: ChargesTotals | None = None
    charges_account: Account | None = None
    charges_account_owner: Agent | None = None
    charges_account_agent: Agent | None = None
    charges_account_agent_account: Account | None = None
    information: Text | None = None


class ChargesMessage(Canonical):
    """A message of charges as a whole."""

    message: MessageInfo
    requester: Agent | None = None
    totals: ChargesTotals | None = None
    per_transaction: ChargesGroup | None = None
    """Where the records are told transaction by transaction: what they have in common."""
    per_type: tuple[ChargesGroup, ...] | None = None
    """Where the records are told by the type of charge: each type."""


class ChargesNotificationMessage(ChargesMessage):
    """A message that tells of charges taken or given."""

    charges_account: Account | None = None
    charges_account_owner: Agent | None = None


class ChargesRequestMessage(ChargesMessage):
    """A message that asks for charges."""

    settlement: ChargesSettlement | None = None
    charges_account_agent: Agent | None = None
    charges_account_agent_account: Account | None = None


class ChargeItem(Canonical):
    """One of several charges for one transaction."""

    amount: Money
    direction: Direction | None = None
    type: CodeOrId | None = None


class ChargesRecord(Canonical):
    """The charges for one transaction: one ``amount``, or ``breakdown`` with its ``totals``."""

    message: MessageInfo
    charges_id: Text | None = None
    record_id: Text | None = None
    """What the record is called."""
    requester: Agent | None = None
    transactions: tuple[EntryReferences, ...]
    """The references of the payment charged for; the first version may name several."""
    type: CodeOrId | None = None
    amount: Money | None = None
    direction: Direction | None = None
    totals: ChargesTotals | None = None
    breakdown: tuple[ChargeItem, ...] | None = None
    """What the charges are made up of."""
    value: Moment | None = None
    debtor: Party | None = None
    debtor_account: Account | None = None
    debtor_agent: Agent | None = None
    debtor_agent_account: Account | None = None
    instruction_for_instructed_agent: Instruction | None = None
    """What the bank that receives the message should do."""
    information: Text | None = None


class ChargesNotification(ChargesRecord):
    """Charges for one transaction, taken from or given to an account."""

    charges_account: Account | None = None
    charges_account_owner: Agent | None = None


class ChargesRequest(ChargesRecord):
    """Charges for one transaction that are asked for, and where to pay them."""

    settlement: ChargesSettlement | None = None
    charges_account_agent: Agent | None = None
    charges_account_agent_account: Account | None = None
