"""The scalars of the canonical models as parts of the published schemas: each with its name, a word on it and examples.

A scalar is told by what pydantic says of it, so a field of any model refers to its scalar by name.
"""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from broker.transform.canonical import form


@dataclass(frozen=True, slots=True)
class Scalar:
    """One scalar. ``of`` is its type; ``examples`` are values that fit."""

    of: Any
    description: str
    examples: tuple[object, ...]


SCALARS: Final = {
    "Text": Scalar(
        form.Text, "Text, an identifier, or a code of an external code set, as written.", ("INV-2026-0417", "SALA")
    ),
    "Date": Scalar(
        form.Date,
        "A calendar date; an offset is kept where the message writes one.",
        ("2026-03-02", "2026-03-02+01:00"),
    ),
    "TimeOfDay": Scalar(
        form.TimeOfDay, "A time of day; local where it carries no offset.", ("16:30:00", "16:30:00.250+01:00")
    ),
    "Decimal": Scalar(form.Decimal, "A number as text, digit for digit as written.", ("1250.00", "0.9150")),
    "Count": Scalar(form.Count, "How many of something, or a number in a sequence.", (1, 250)),
    "YesNo": Scalar(form.YesNo, "Yes or no.", (True, False)),
    "Currency": Scalar(form.Currency, "A currency code of ISO 4217.", ("EUR", "CHF")),
    "Country": Scalar(form.Country, "A country code of ISO 3166-1, two letters.", ("DE", "GB")),
}
"""Name of the part → scalar."""


def schema(scalar: Scalar) -> dict[str, Any]:
    """The JSON Schema of a scalar alone, without words and examples."""
    return TypeAdapter(scalar.of).json_schema()
