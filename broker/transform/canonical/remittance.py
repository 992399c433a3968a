"""What a payment is for, as told to the one who receives it: free text, invoices, references, where to look it up."""

from broker.transform.canonical.form import Canonical, Code, Date, Money, Text, YesNo
from broker.transform.canonical.party import Address, Party
from broker.transform.canonical.tax import Tax
from broker.transform.canonical.terms import Direction


class TypedReference(Canonical):
    """A reference with its type and issuer; a creditor reference (ISO 11649) is one."""

    type: Code | None = None
    """What kind of reference it is."""
    issuer: Text | None = None
    reference: Text | None = None
    """The reference; as type SCOR it is one of ISO 11649."""


class TypedAmount(Canonical):
    """An amount and what kind of discount, tax or other amount it is."""

    type: Code | None = None
    amount: Money


class Adjustment(Canonical):
    """An amount by which a document's amount was changed."""

    amount: Money
    direction: Direction | None = None
    reason: Text | None = None
    information: Text | None = None


class DocumentAmounts(Canonical):
    """The amounts of an invoice or another document, or of one line of it."""

    due: Money | None = None
    """What is owed."""
    discounts: tuple[TypedAmount, ...] | None = None
    """What was taken off."""
    credit_note: Money | None = None
    """The amount of a credit note."""
    taxes: tuple[TypedAmount, ...] | None = None
    """The taxes in it."""
    adjustments: tuple[Adjustment, ...] | None = None
    """By what it was changed."""
    remitted: Money | None = None
    typed: tuple[TypedAmount, ...] | None = None
    """Amounts by type, where a version of the standard no longer names them one by one."""


class LineId(Canonical):
    """An identifier of a line of a document."""

    type: Code | None = None
    issuer: Text | None = None
    number: Text | None = None
    date: Date | None = None


class DocumentLine(Canonical):
    """One line of a document."""

    ids: tuple[LineId, ...] | None = None
    """What identifies the line."""
    description: Text | None = None
    amounts: DocumentAmounts | None = None


class RemittanceDocument(Canonical):
    """An invoice, credit note or other document that is paid."""

    type: Code | None = None
    """What kind of document it is, such as CINV for an invoice."""
    issuer: Text | None = None
    number: Text | None = None
    """The number of the document, such as that of an invoice."""
    date: Date | None = None
    """The day that goes with the document."""
    date_type: Code | None = None
    lines: tuple[DocumentLine, ...] | None = None
    """The lines of the document."""


class Garnishment(Canonical):
    """A payment that a court or authority ordered out of somebody's income."""

    type: Code | None = None
    issuer: Text | None = None
    garnishee: Party | None = None
    """Whose income it is."""
    administrator: Party | None = None
    """The authority that gets the money."""
    reference: Text | None = None
    """The authority's reference."""
    date: Date | None = None
    remitted: Money | None = None
    family_medical_insurance: YesNo | None = None
    """Whether there is medical insurance for the family."""
    employee_terminated: YesNo | None = None
    """Whether the employment has ended."""


class SecuritiesTrade(Canonical):
    """A trade in securities that is paid, by its unique transaction identifier (ISO 23897)."""

    unique_transaction_id: Text
    """The unique transaction identifier (ISO 23897)."""
    amount: Money | None = None


class StructuredRemittance(Canonical):
    """Remittance information in named parts."""

    documents: tuple[RemittanceDocument, ...] | None = None
    amounts: DocumentAmounts | None = None
    creditor_reference: TypedReference | None = None
    invoicer: Party | None = None
    """Who wrote the invoice."""
    invoicee: Party | None = None
    """To whom it is addressed."""
    tax: Tax | None = None
    garnishment: Garnishment | None = None
    """A part of somebody's income that is paid to others by order."""
    securities_trades: tuple[SecuritiesTrade, ...] | None = None
    """The trades in securities that are paid."""
    information: tuple[Text, ...] | None = None


class Remittance(Canonical):
    """What the payment is for."""

    unstructured: tuple[Text, ...] | None = None
    """Free text, as the payer wrote it."""
    structured: tuple[StructuredRemittance, ...] | None = None
    """Named parts, one item for each document or reference."""


class RemittancePlace(Canonical):
    """A way by which remittance information is sent apart from the payment."""

    method: Text | None = None
    electronic_address: Text | None = None
    name: Text | None = None
    address: Address | None = None


class RelatedRemittance(Canonical):
    """Remittance information that travels apart from the payment, and where it goes."""

    id: Text | None = None
    places: tuple[RemittancePlace, ...] | None = None
