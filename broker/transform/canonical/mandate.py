"""Mandates: set up (pain.009), amended (010), cancelled (011), accepted or not (012), copied (017), suspended (018)."""

from broker.transform.canonical.form import Canonical, Code, Date, Decimal, Money, Text, YesNo
from broker.transform.canonical.party import Account, Agent, Party
from broker.transform.canonical.terms import Frequency, MessageInfo, OriginalMessage, Reason


class MandateAuthentication(Canonical):
    """How the debtor's consent was authenticated."""

    code: Text | None = None
    """The authentication code of the message in which the debtor consented."""
    date: Date | None = None
    channel: Code | None = None


class MandateType(Canonical):
    """What kind of mandate it is."""

    service_level: Code | None = None
    """Under which rules it is processed, such as SEPA."""
    local_instrument: Code | None = None
    category_purpose: Code | None = None
    classification: Code | None = None
    """Whether amounts are fixed, usage-based or variable."""


class MandatePeriod(Canonical):
    """How long a mandate runs; without an end it runs until it is cancelled."""

    from_date: Date
    to_date: Date | None = None


class MandateOccurrences(Canonical):
    """How often and when is collected under the mandate."""

    sequence_type: Text
    """``OOFF`` for one collection, ``RCUR`` for many."""
    frequency: Frequency | None = None
    duration: MandatePeriod | None = None
    """From when to when the mandate holds."""
    first_collection_date: Date | None = None
    """The day of the first collection."""
    final_collection_date: Date | None = None
    """The day of the last collection."""


class MandateAdjustment(Canonical):
    """How amounts change over time, and whether collection dates move off days that are no business days."""

    adjust_dates: YesNo
    """Whether a day that is no banking day moves to one that is."""
    category: Code | None = None
    """How often amounts are adjusted."""
    amount: Money | None = None
    percentage: Decimal | None = None


class MandateDocument(Canonical):
    """A document the mandate is about, such as a contract."""

    type: Code | None = None
    issuer: Text | None = None
    number: Text | None = None
    creditor_reference: Text | None = None
    date: Date | None = None
    date_type: Code | None = None


class MandateDetails(Canonical):
    """A mandate as a message about mandates says it; an amendment says what changes."""

    ids: tuple[Text, ...] | None = None
    """The mandate's identification: one, except that a request to set mandates up may give several."""
    request_id: Text | None = None
    authentication: MandateAuthentication | None = None
    """How the debtor agreed to it."""
    type: MandateType | None = None
    """What kind of mandate it is."""
    occurrences: MandateOccurrences | None = None
    """How often and how long it may be used."""
    tracking: YesNo | None = None
    """Whether collections are tracked against the mandate."""
    first_collection_amount: Money | None = None
    """The amount of the first collection, where it is another."""
    collection_amount: Money | None = None
    """The amount of each collection."""
    maximum_amount: Money | None = None
    """The most that may be collected at once."""
    adjustment: MandateAdjustment | None = None
    """How amounts and dates change over time."""
    reason: Code | None = None
    """Why the mandate is set up."""
    creditor_scheme: Party | None = None
    creditor: Party | None = None
    creditor_account: Account | None = None
    creditor_agent: Agent | None = None
    ultimate_creditor: Party | None = None
    debtor: Party | None = None
    debtor_account: Account | None = None
    debtor_agent: Agent | None = None
    ultimate_debtor: Party | None = None
    reference: Text | None = None
    """The reference that collections under the mandate carry."""
    documents: tuple[MandateDocument, ...] | None = None


class MandateMessage(Canonical):
    """A message about mandates as a whole."""

    message: MessageInfo
    authorisations: tuple[Code, ...] | None = None
    initiating_party: Party | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None


class _AboutOne(Canonical):
    """What every message about one mandate says."""

    message: MessageInfo
    initiating_party: Party | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None


class _AboutEarlier(_AboutOne):
    """What every message about a mandate that is there already says."""

    original_message: OriginalMessage | None = None
    """The message that the mandate came in."""
    original_mandate_id: Text | None = None
    """The mandate this is about, where the message gives its identification alone."""
    original_mandate: MandateDetails | None = None
    """The mandate this is about, where the message repeats it; never together with ``original_mandate_id``."""


class MandateInitiation(_AboutOne):
    """A request to set up one mandate."""

    mandate: MandateDetails


class MandateAmendment(_AboutEarlier):
    """A request to change one mandate."""

    reason: Reason
    mandate: MandateDetails
    """The mandate with its changes."""


class MandateCancellation(_AboutEarlier):
    """A request to cancel one mandate."""

    reason: Reason


class MandateAcceptance(_AboutEarlier):
    """The answer to a request about one mandate."""

    accepted: YesNo
    rejection: Reason | None = None
    """Why it is refused, where it is."""


class MandateCopyRequest(_AboutEarlier):
    """A request for a copy of one mandate."""

    mandate_status: Code | None = None
    """How the mandate stands."""


class MandateSuspension(_AboutEarlier):
    """A request to suspend one mandate for a while."""

    suspension_request_id: Text
    """What the one who asks calls this request."""
    reason: Reason
