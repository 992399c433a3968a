"""What an amount between banks is made of: shares that belong to accounts and to trades."""

from broker.transform.canonical.form import Canonical, Code, Money, Text
from broker.transform.canonical.party import Account
from broker.transform.canonical.terms import Direction


class AllocationReference(Canonical):
    """A reference of what a share belongs to: exactly one of these."""

    securities_settlement_transaction_id: Text | None = None
    """What the settlement of the securities is called."""
    intra_position_movement_id: Text | None = None
    """What the movement within a position is called."""
    intra_balance_movement_id: Text | None = None
    """What the movement within a balance is called."""
    account_servicer_transaction_id: Text | None = None
    market_infrastructure_transaction_id: Text | None = None
    counterparty_market_infrastructure_transaction_id: Text | None = None
    """What the counterparty's market infrastructure calls the trade."""
    pool_id: Text | None = None
    """What trades that belong together are called."""
    common_id: Text | None = None
    """The reference that both sides of the trade use."""
    trade_id: Text | None = None
    """What the trade is called."""
    unique_transaction_id: Text | None = None
    """The unique transaction identifier (ISO 23897)."""
    other_transaction_id: Text | None = None
    """A reference of another kind."""


class Allocation(Canonical):
    """One share of an amount: how much, on which side, for which account and what."""

    amount: Money
    direction: Direction
    account: Account
    purpose: Code
    reference: Text
    related_references: tuple[AllocationReference, ...] | None = None
    """What the trade or movement behind the part is called."""
