"""The form every canonical model has, and the scalars and small values they are made of.

A scalar's ``Kind`` tells the mapping engine what may be mapped to it and how; pydantic checks the rest where a
canonical value comes in from outside. Text is never normalised: amounts, rates and dates keep the digits they had.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator


class Kind(StrEnum):
    """What a canonical scalar (or one of the two values the engine builds itself) holds."""

    TEXT = "text"
    DATE = "date"
    TIME = "time of day"
    DECIMAL = "decimal"
    COUNT = "whole number"
    YES_NO = "yes or no"
    MONEY = "money"
    INSTANT = "instant"


class Canonical(BaseModel):
    """A canonical model: frozen, closed, its attribute docstrings published as descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True)


Text = Annotated[str, StringConstraints(min_length=1), Kind.TEXT]
"""Text, identifiers and the codes of external code sets, as written."""

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})"
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"

Date = Annotated[str, StringConstraints(pattern=rf"^-?[0-9]{{4,}}-[0-9]{{2}}-[0-9]{{2}}{_ZONE}?$"), Kind.DATE]
"""A calendar date, ``2025-11-03``; an offset is kept where the message writes one."""

TimeOfDay = Annotated[str, StringConstraints(pattern=rf"^{_CLOCK}{_ZONE}?$"), Kind.TIME]
"""A time of day, ``16:30:00``; local where it carries no offset."""

Decimal = Annotated[str, StringConstraints(pattern=rf"^{_NUMBER}$"), Kind.DECIMAL]
"""A number as text, digit for digit as written; never a float."""

Count = Annotated[int, Kind.COUNT]
"""How many of something, or a number in a sequence."""

YesNo = Annotated[bool, Kind.YES_NO]
"""Yes or no."""

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3,3}$"), Kind.TEXT]
"""A currency code of ISO 4217."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,2}$"), Kind.TEXT]
"""A country code of ISO 3166-1, two letters."""


class Money(Canonical):
    """An amount with its currency."""

    currency: Currency
    amount: Decimal
    """Digit for digit as written, such as 1234.50; never a float."""


class Instant(Canonical):
    """A point in time: exactly one of ``utc``, ``local`` and ``as_written``.

    A message may write a time without an offset; which instant that is only its sender knows, so it stays ``local``.
    """

    utc: (
        Annotated[str, StringConstraints(pattern=rf"^{_DAY}T{_CLOCK}Z$"), Field(examples=["2026-03-02T09:15:00Z"])]
        | None
    ) = None
    """The instant in UTC, RFC 3339."""
    offset: Annotated[str, StringConstraints(pattern=r"^[+-][0-9]{2}:[0-9]{2}$"), Field(examples=["+01:00"])] | None = (
        None
    )
    """The offset the message wrote it with, where that was not Z."""
    local: (
        Annotated[str, StringConstraints(pattern=rf"^{_DAY}T{_CLOCK}$"), Field(examples=["2026-03-02T10:15:00"])] | None
    ) = None
    """A date and time without an offset, as written."""
    as_written: Annotated[str, StringConstraints(min_length=1), Field(examples=["12026-03-02T09:15:00Z"])] | None = None
    """A time that RFC 3339 cannot say, such as one beyond the year 9999."""

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if [self.utc, self.local, self.as_written].count(None) != 2:  # noqa: PLR2004 - one of three is given
            raise ValueError("give exactly one of utc, local, as_written")
        if self.offset is not None and self.utc is None:
            raise ValueError("offset goes with utc")
        return self


class Moment(Canonical):
    """A date, or a date with its time: exactly one of the two."""

    date: Date | None = None
    """The day, where no time is said."""
    at: Instant | None = None
    """The day with its time."""


class Code(Canonical):
    """A code of an external code set of the standard, or a text agreed between the parties: exactly one."""

    code: Text | None = None
    """A code of an external code set of the standard."""
    proprietary: Text | None = None
    """A text agreed between the parties."""
