"""Payments by card behind an entry. Numbers of cards, what is on their tracks and their codes are not for events."""

from broker.transform.canonical.form import Canonical, Date, Decimal, Instant, Text, YesNo
from broker.transform.canonical.party import Account


class CardBrand(Canonical):
    """The scheme of a card."""

    id: Text
    """What the brand is called."""
    scheme: Text | None = None
    issuer: Text | None = None


class Card(Canonical):
    """What kind of card was used. Its number, expiry and codes stay in the message."""

    country: Text | None = None
    """Where it was issued: a number of ISO 3166-1."""
    brand: CardBrand | None = None
    """The brand of the card."""
    information: Text | None = None


class PointOfInteraction(Canonical):
    """The terminal where a card was used. What it is made of stays in the message."""

    id: Text
    """What the terminal is called."""
    type: Text | None = None
    issuer: Text | None = None
    name: Text | None = None
    system_name: Text | None = None
    """The name that the terminal's system has."""
    group_id: Text | None = None
    """The group of terminals that it belongs to."""


class CardPeriod(Canonical):
    """From when to when, by day or by time."""

    from_date: Date | None = None
    to_date: Date | None = None
    from_time: Instant | None = None
    to_time: Instant | None = None


class AggregatedCardPayments(Canonical):
    """Card payments that were booked together."""

    service: Text | None = None
    category: Text | None = None
    reconciliation_id: Text | None = None
    first_sequence_number: Text | None = None
    """The number of the first payment."""
    last_sequence_number: Text | None = None
    """The number of the last payment."""
    period: CardPeriod | None = None


class CardContext(Canonical):
    """How a card payment was made."""

    card_present: YesNo | None = None
    """Whether the card was there."""
    cardholder_present: YesNo | None = None
    """Whether its holder was there."""
    online: YesNo | None = None
    """Whether it was authorised online."""
    attendance: Text | None = None
    """Whether somebody attended, as a code."""
    environment: Text | None = None
    """Where it was, as a code: with the merchant, at home."""
    channel: Text | None = None
    attendant_messages: YesNo | None = None
    """Whether the attendant can be shown messages."""
    attendant_language: Text | None = None
    """The attendant's language."""
    entry_mode: Text
    """How the card was read."""
    fallback: YesNo | None = None
    """Whether a weaker way was taken because the better one failed."""
    authentication_method: Text | None = None
    """How the holder proved to be the holder."""
    authentication_entity: Text | None = None
    """Who checked that."""


class CardProduct(Canonical):
    """What was bought."""

    code: Text
    unit: Text | None = None
    quantity: Decimal | None = None
    """How many units."""
    unit_price: Decimal | None = None
    """The price of one unit."""
    amount: Decimal | None = None
    tax_type: Text | None = None
    information: Text | None = None


class CardPayment(Canonical):
    """One payment by card."""

    context: CardContext | None = None
    """How the payment was made."""
    service: Text | None = None
    category: Text | None = None
    reconciliation_id: Text | None = None
    sale_reference: Text | None = None
    """What the merchant calls the sale."""
    representment_reason: Text | None = None
    """Why the payment was presented again."""
    sequence_number: Text | None = None
    transaction_reference: Text | None = None
    """What the terminal calls the payment."""
    transaction_at: Instant | None = None
    product: CardProduct | None = None
    """The goods or the service that was bought."""
    validated_on: Date | None = None
    """The day on which it was validated."""
    validation_sequence_number: Text | None = None
    """The number under which it was validated."""


class CardTransaction(Canonical):
    """That an amount comes of cards: one payment, or several together."""

    card: Card | None = None
    point_of_interaction: PointOfInteraction | None = None
    """The terminal where the card was used."""
    aggregated: AggregatedCardPayments | None = None
    """Several payments, booked together."""
    individual: CardPayment | None = None
    """One payment."""
    prepaid_account: Account | None = None
    """The account of a prepaid card."""
