"""Taxes that travel with a payment."""

from broker.transform.canonical.form import Canonical, Count, Date, Decimal, Money, Text


class TaxParty(Canonical):
    """A taxpayer or tax creditor by the numbers an authority knows it by."""

    tax_id: Text | None = None
    """The tax number."""
    registration_id: Text | None = None
    """The number in a register."""
    tax_type: Text | None = None
    authorisation_title: Text | None = None
    """The title of who may act for the party."""
    authorisation_name: Text | None = None
    """The name of who may act for the party."""


class TaxPeriod(Canonical):
    """The period a tax is for."""

    year: Text | None = None
    """The year."""
    type: Text | None = None
    from_date: Date | None = None
    to_date: Date | None = None


class TaxDetail(Canonical):
    """The share of a tax that falls on one period."""

    period: TaxPeriod | None = None
    amount: Money


class TaxRecord(Canonical):
    """One tax of a tax payment."""

    type: Text | None = None
    category: Text | None = None
    category_details: Text | None = None
    """The category, more closely."""
    debtor_status: Text | None = None
    """What kind of taxpayer the debtor is."""
    certificate_id: Text | None = None
    """What the certificate of the tax is called."""
    forms_code: Text | None = None
    period: TaxPeriod | None = None
    rate: Decimal | None = None
    """The rate of the tax, in percent."""
    taxable_base: Money | None = None
    """The amount that is taxed."""
    total: Money | None = None
    """The tax."""
    details: tuple[TaxDetail, ...] | None = None
    information: Text | None = None


class Tax(Canonical):
    """Everything the payment says of taxes."""

    creditor: TaxParty | None = None
    debtor: TaxParty | None = None
    ultimate_debtor: TaxParty | None = None
    administration_zone: Text | None = None
    """The region of the tax office."""
    reference: Text | None = None
    """The tax office's reference."""
    method: Text | None = None
    """How the tax is computed, as a code."""
    total_taxable_base: Money | None = None
    """The sum that is taxed."""
    total_tax: Money | None = None
    """The sum of the taxes."""
    date: Date | None = None
    sequence_number: Count | None = None
    records: tuple[TaxRecord, ...] | None = None
