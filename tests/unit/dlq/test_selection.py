"""What an operator means: ages, instants, codes, and sets that do not grow."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from broker.message.failure import FailureCode
from broker.store.dead_letters import Filter
from dlq.selection import age, failure_code, instant, select

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ONE = UUID(int=1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("7d", 604_800), ("0s", 0), ("100000d", 8_640_000_000)],
)
def test_an_age_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    """Seconds, minutes, hours and days are read."""
    assert age(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "2", "h", "-2h", "1.5h", "2 h", "2w", "1000000d"])
def test_what_is_no_age_is_refused(text: str) -> None:
    """Anything else is refused with the forms that are right."""
    with pytest.raises(ValueError, match="90s, 15m, 2h or 7d"):
        age(text)


def test_an_instant_without_an_offset_is_utc() -> None:
    """An operator's instant is UTC unless it says otherwise."""
    assert instant("2030-01-01T00:00:00") == NOW
    assert instant("2030-01-01T01:00:00+01:00") == NOW
    assert instant("2030-01-01T01:00:00+01:00").tzinfo == timezone(timedelta(hours=1))
    with pytest.raises(ValueError, match="is not an instant"):
        instant("yesterday")


def test_a_misspelt_code_names_the_nearest() -> None:
    """A code outside of the closed set is refused with the one that was probably meant."""
    assert failure_code("validate.schema") is FailureCode.VALIDATE_SCHEMA
    with pytest.raises(ValueError, match=r"did you mean validate\.schema\?"):
        failure_code("validate.shema")


def test_ids_or_a_filter() -> None:
    """A selection needs one of the two and takes no mixture, of which nobody knows what it means."""
    with pytest.raises(ValueError, match="not both"):
        select([ONE], Filter(channel="core"), NOW)
    with pytest.raises(ValueError, match="say which"):
        select([], Filter(), NOW)


def test_a_filter_is_frozen_now() -> None:
    """What fails after the selection was made does not join it, and an earlier end stays."""
    assert select([], Filter(channel="core"), NOW).which.created_before == NOW
    earlier = NOW - timedelta(hours=1)
    assert select([], Filter(created_before=earlier), NOW).which.created_before == earlier
    assert select([], Filter(created_before=NOW + timedelta(hours=1)), NOW).which.created_before == NOW
