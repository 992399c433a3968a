"""The dealing in securities behind an entry on a cash account."""

from broker.transform.canonical.form import Canonical, Code, Decimal, Money, Text, YesNo
from broker.transform.canonical.party import CodeOrId, GenericId


class DealPrice(Canonical):
    """The price of a deal; before types and rates existed, an amount alone."""

    yielded: YesNo | None = None
    """Whether it is a yield."""
    value_type: Text | None = None
    """Whether it is at par, at a discount or a premium, as a code."""
    rate: Decimal | None = None
    amount: Money | None = None


class OtherPrice(Canonical):
    """A price of a kind agreed between the parties."""

    type: Text
    price: Money


class DealQuantity(Canonical):
    """A quantity of a financial instrument, in one of these ways."""

    unit: Decimal | None = None
    face_amount: Decimal | None = None
    """The nominal amount."""
    amortised_value: Decimal | None = None
    """The amortised value."""
    digital_token_unit: Decimal | None = None
    """How many digital tokens."""
    original_face_amount: Decimal | None = None
    """The nominal amount at the beginning."""
    current_amortised_value: Decimal | None = None
    """The amortised value now."""
    type: Text | None = None
    quantity: Text | None = None
    """In words agreed between the parties, of the ``type`` beside it."""


class InstrumentId(Canonical):
    """A further identification of a financial instrument."""

    id: Text
    """The identifier of the securities."""
    suffix: Text | None = None
    """What is added to the identifier."""
    type: Code


class Instrument(Canonical):
    """A financial instrument."""

    isin: Text | None = None
    """The ISIN (ISO 6166)."""
    other: tuple[InstrumentId, ...] | None = None
    """Identifiers other than the ISIN."""
    description: Text | None = None


class CorporateAction(Canonical):
    """The corporate action that led to an entry."""

    event_type: CodeOrId | None = None
    """What kind of event it is, such as a dividend."""
    event_id: Text | None = None
    """What the event is called."""
    official_event_id: Text | None = None
    """What the market calls the event."""


class SafekeepingAccount(Canonical):
    """The account that holds the securities."""

    id: Text | None = None
    """What the account is called."""
    iban: Text | None = None
    type: GenericId | None = None
    name: Text | None = None


class Deal(Canonical):
    """A dealing in securities: what, how much, at which price, and for which account."""

    price: DealPrice | None = None
    other_prices: tuple[OtherPrice, ...] | None = None
    """Prices of other kinds."""
    quantities: tuple[DealQuantity, ...] | None = None
    """How many."""
    instrument: Instrument | None = None
    corporate_action: CorporateAction | None = None
    """The event that it comes of, such as a dividend."""
    safekeeping_account: SafekeepingAccount | None = None
    """Where the securities are kept."""
