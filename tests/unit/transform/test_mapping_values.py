"""How single values change form, each way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.transform.canonical.form import Instant
from broker.transform.mapping.values import (
    count_in,
    instant_in,
    instant_out,
    money_in,
    money_out,
    yes_no_in,
    yes_no_out,
)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("2025-11-03T09:15:27Z", {"utc": "2025-11-03T09:15:27Z"}),
        ("2025-11-03T09:15:27.250Z", {"utc": "2025-11-03T09:15:27.250Z"}),
        ("2025-11-03T09:15:27", {"local": "2025-11-03T09:15:27"}),
        ("2025-11-03T09:15:27.1234567", {"local": "2025-11-03T09:15:27.1234567"}),
        ("2025-01-01T00:30:00+01:00", {"utc": "2024-12-31T23:30:00Z", "offset": "+01:00"}),
        ("2025-01-01T00:30:00.5-05:30", {"utc": "2025-01-01T06:00:00.5Z", "offset": "-05:30"}),
        ("2025-11-03T09:15:27+00:00", {"utc": "2025-11-03T09:15:27Z", "offset": "+00:00"}),
        ("2024-12-31T24:00:00Z", {"utc": "2025-01-01T00:00:00Z"}),
        ("2024-12-31T24:00:00", {"local": "2025-01-01T00:00:00"}),
        ("2024-12-31T24:00:00+02:00", {"utc": "2024-12-31T22:00:00Z", "offset": "+02:00"}),
        ("0999-01-01T00:00:00+01:00", {"utc": "0998-12-31T23:00:00Z", "offset": "+01:00"}),
        ("9999-12-31T23:59:59-01:00", {"as_written": "9999-12-31T23:59:59-01:00"}),
        ("12025-11-03T09:15:27Z", {"as_written": "12025-11-03T09:15:27Z"}),
        ("-0044-03-15T12:00:00Z", {"as_written": "-0044-03-15T12:00:00Z"}),
        ("yesterday", {"as_written": "yesterday"}),
        ("2025-99-99T09:15:27+01:00", {"as_written": "2025-99-99T09:15:27+01:00"}),
        ("", {"as_written": ""}),
    ],
)
def test_time_becomes_utc_or_stays_local(written: str, canonical: dict[str, str]) -> None:
    """A time with an offset is said in UTC, one without stays local, one that RFC 3339 cannot say stays as written."""
    assert instant_in(written) == canonical


@given(
    st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds")),
    st.sampled_from(["", "Z", "+00:00", "+05:45", "-11:00", "+14:00"]),
)
def test_time_comes_back_as_it_was_written(clock: str, zone: str) -> None:
    """What the model accepts of a time is written again letter for letter."""
    canonical = instant_in(clock + zone)

    Instant.model_validate(canonical)
    assert instant_out(canonical) == clock + zone


def test_offset_out_of_the_calendar_is_said_in_utc() -> None:
    """An offset that leads beyond the calendar is left out rather than refused."""
    assert instant_out({"utc": "0001-01-01T00:00:00Z", "offset": "-01:00"}) == "0001-01-01T00:00:00Z"
    assert instant_out({"utc": "2025-01-01T00:00:00Z", "offset": "+99:00"}) == "2025-01-01T00:00:00Z"


@pytest.mark.parametrize(("written", "number"), [("7", 7), ("007", 7), ("7.", 7), ("+7.0", 7), ("x", None), ("", None)])
def test_count_is_a_whole_number(written: str, number: int | None) -> None:
    """Each lexical form of a whole number gives it; what is no number is absent."""
    assert count_in(written) == number


@pytest.mark.parametrize(("written", "truth"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_yes_or_no_has_four_forms(written: str, truth: bool) -> None:  # noqa: FBT001 - a parameter of the table above
    """The four forms of xs:boolean are read; the words are written."""
    assert yes_no_in(written) is truth
    assert yes_no_out(truth) == ("true" if truth else "false")


def test_money_keeps_its_digits() -> None:
    """An amount keeps every digit, both ways."""
    assert money_in({"amt": "0100.10", "Ccy": "EUR"}) == {"currency": "EUR", "amount": "0100.10"}
    assert money_out({"currency": "EUR", "amount": "0100.10"}) == {"amt": "0100.10", "Ccy": "EUR"}
