"""An account owner's request to be told of an account: what, for which time, above which amount (camt.060)."""

from typing import Literal

from broker.transform.canonical.form import Canonical, Code, Date, Money, Text, TimeOfDay
from broker.transform.canonical.party import Account, Agent, PartyOrAgent
from broker.transform.canonical.statement import SequenceRange
from broker.transform.canonical.terms import Direction, MessageInfo


class ReportRequestMessage(Canonical):
    """A message of requests as a whole."""

    message: MessageInfo
    sender: PartyOrAgent | None = None


class RequestedPeriod(Canonical):
    """From when to when; without an end, until now."""

    from_date: Date
    to_date: Date | None = None
    from_time: TimeOfDay | None = None
    to_time: TimeOfDay | None = None
    kind: Literal["all", "changed", "modified"]
    """All there is; what is new or changed since the last report; what was changed."""


class FloorLimit(Canonical):
    """Only entries of at least this amount, on this side."""

    amount: Money
    side: Literal["credit", "debit", "both"]


class RequestedEntries(Canonical):
    """Which entries are asked for."""

    status: Code
    direction: Direction
    floor_limits: tuple[FloorLimit, ...] | None = None
    """From which amounts on entries are wanted."""


class RequestedBalance(Canonical):
    """A balance that is asked for."""

    type: Code
    sub_type: Code | None = None


class ReportRequest(Canonical):
    """A request for one report on an account."""

    message: MessageInfo
    sender: PartyOrAgent | None = None
    request_id: Text | None = None
    requested_message_name: Text
    """The message that is asked for, such as camt.053.001.08 or camt.052."""
    account: Account | None = None
    owner: PartyOrAgent
    servicer: Agent | None = None
    period: RequestedPeriod | None = None
    reporting_sequence: SequenceRange | None = None
    entries: RequestedEntries | None = None
    balances: tuple[RequestedBalance, ...] | None = None
