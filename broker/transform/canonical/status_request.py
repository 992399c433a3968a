"""A bank asks another what became of payments (pacs.028)."""

from broker.transform.canonical.form import Canonical, Count, Decimal, Instant, Text
from broker.transform.canonical.original import OriginalReferences, OriginalTransaction
from broker.transform.canonical.party import Agent
from broker.transform.canonical.terms import MessageInfo, OriginalMessage


class RequestedGroup(Canonical):
    """An earlier message whose status is asked for."""

    original_message: OriginalMessage
    number_of_transactions: Count | None = None
    control_sum: Decimal | None = None


class StatusRequestMessage(Canonical):
    """A status request as a whole. Without requests of single payments it asks for the messages it names."""

    message: MessageInfo
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    original_groups: tuple[RequestedGroup, ...] | None = None


class StatusRequest(Canonical):
    """The request for the status of one payment."""

    message: MessageInfo
    status_request_id: Text | None = None
    """What the one who asks calls this request."""
    original_message: OriginalMessage | None = None
    original_references: OriginalReferences | None = None
    accepted_at: Instant | None = None
    clearing_system_reference: Text | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    original_transaction: OriginalTransaction | None = None
