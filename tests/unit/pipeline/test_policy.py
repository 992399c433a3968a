"""Policies: what is read, what is refused, and when a retry is due."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import ConfigurationError
from broker.message.failure import FailureCode
from broker.pipeline.policy import Backoff, Policies, Role, Severity

NOW = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
PARK = 'action = "park"\nseverity = "low"\nreplay_by = "operator"\nrunbook = "x.md"\n'
RETRY = (
    'action = "retry"\nattempts = 3\nfirst_delay_s = 10\nmax_delay_s = 30\njitter = 0.5\n'
    'severity = "high"\nreplay_by = "supervisor"\nrunbook = "y.md"\n'
)


def text(retried: FailureCode = FailureCode.INTERNAL_ERROR, instead: str = RETRY) -> str:
    """A file with a table for every code: parked, apart from one."""
    return "".join(f'["{code}"]\n{instead if code is retried else PARK}' for code in FailureCode)


def test_a_policy_is_read_whole() -> None:
    """Each key of a table arrives in the policy of its code."""
    policy = Policies.load(text()).of("internal.error")
    assert policy.backoff == Backoff(attempts=3, first_delay_s=10, max_delay_s=30, jitter=0.5)
    assert (policy.severity, policy.replay_by, policy.runbook) == (Severity.HIGH, Role.SUPERVISOR, "y.md")


def test_a_parked_code_is_never_retried() -> None:
    """A code whose action is park has no instant at which to retry."""
    assert Policies.load(text()).retry_at("validate.schema", 0, NOW) is None


@pytest.mark.parametrize(("attempts", "delay_s"), [(0, 10), (1, 20), (2, 30)])
def test_delays_double_up_to_the_longest(attempts: int, delay_s: int) -> None:
    """The first retry comes after the first delay, each later one after twice as long, up to the longest."""
    assert Policies.load(text()).retry_at("internal.error", attempts, NOW) == NOW + timedelta(seconds=delay_s)


@pytest.mark.parametrize("attempts", [3, 4, 1000])
def test_used_up_attempts_park(attempts: int) -> None:
    """After the last automatic retry a person decides."""
    assert Policies.load(text()).retry_at("internal.error", attempts, NOW) is None


@given(attempts=st.integers(0, 5000), roll=st.floats(0, 1, exclude_max=True), jitter=st.floats(0, 1))
def test_jitter_only_shortens(attempts: int, roll: float, jitter: float) -> None:
    """Chance takes at most its share off a delay and never adds to it, however many attempts were made."""
    full = Backoff(10_000, 2, 300, 0).delay(attempts, roll)
    spread = Backoff(10_000, 2, 300, jitter).delay(attempts, roll)
    assert full * (1 - jitter) - timedelta(microseconds=1) <= spread <= full <= timedelta(seconds=300)


def test_two_rolls_spread_the_retries() -> None:
    """Messages that failed together are not tried again together."""
    policies = Policies.load(text())
    assert policies.retry_at("internal.error", 0, NOW, 0.9) != policies.retry_at("internal.error", 0, NOW, 0.1)


def test_an_unknown_code_is_an_error_of_configuration() -> None:
    """Asking for the policy of a code outside of the closed set names the code."""
    with pytest.raises(ConfigurationError, match=r"parse\.nonsense"):
        Policies.load(text()).of("parse.nonsense")


def test_a_missing_code_is_refused() -> None:
    """A file that says nothing of a code is refused, naming it."""
    with pytest.raises(ConfigurationError, match=r"without a policy: internal\.error"):
        Policies.load(text().replace(f'["internal.error"]\n{RETRY}', ""))


@pytest.mark.parametrize(
    ("instead", "named"),
    [
        (RETRY.replace('"retry"', '"ignore"'), "internal.error"),
        (RETRY.replace("attempts = 3", "attempts = 0"), "attempts"),
        (RETRY.replace("jitter = 0.5", "jitter = 1.5"), "jitter"),
        (RETRY.replace("first_delay_s = 10", "first_delay_s = 31"), "max_delay_s"),
        (RETRY.replace('"high"', '"urgent"'), "severity"),
        (RETRY + "surplus = 1\n", "surplus"),
        (PARK + "attempts = 3\n", "attempts"),
        (PARK.replace('"x.md"', '"../x.md"'), "runbook"),
        (RETRY.replace("jitter = 0.5\n", ""), "jitter"),
    ],
)
def test_a_wrong_table_is_refused_by_name(instead: str, named: str) -> None:
    """Whatever is wrong in a table is an error of configuration that names the table's key."""
    with pytest.raises(ConfigurationError, match=named):
        Policies.load(text(instead=instead))


@pytest.mark.parametrize("wrong", ["[", text() + f'["parse.nonsense"]\n{PARK}'])
def test_a_wrong_file_is_refused(wrong: str) -> None:
    """What is not TOML, or names a code outside of the closed set, is refused."""
    with pytest.raises(ConfigurationError, match=r"policies\.toml"):
        Policies.load(wrong)


def test_a_supervisor_may_what_an_operator_may() -> None:
    """Roles cover what is asked for, and an operator does not cover a supervisor."""
    assert Role.SUPERVISOR.covers(Role.OPERATOR)
    assert Role.SUPERVISOR.covers(Role.SUPERVISOR)
    assert Role.OPERATOR.covers(Role.OPERATOR)
    assert not Role.OPERATOR.covers(Role.SUPERVISOR)


@pytest.mark.parametrize(
    ("code", "at_least"),
    [
        (FailureCode.RELAY_UNROUTABLE, timedelta(minutes=25)),
        (FailureCode.RELAY_REFUSED, timedelta(hours=12)),
        (FailureCode.INTERNAL_ERROR, timedelta(seconds=30)),
    ],
)
def test_the_shipped_retries_last_as_long_as_their_comment_says(code: FailureCode, at_least: timedelta) -> None:
    """The policies that ship give a passing cause time to pass, even where chance shortens every delay."""
    shipped = Policies.load((Path(__file__).parents[3] / "dlq" / "policies.toml").read_text())
    at, attempts = NOW, 0
    while due := shipped.retry_at(code, attempts, at, 0.999):
        at, attempts = due, attempts + 1
    assert at - NOW >= at_least


@pytest.mark.parametrize("code", [FailureCode.RECEIVE_CONFLICT, FailureCode.RECEIVE_POISON, FailureCode.PARSE_DOCTYPE])
def test_dangerous_bytes_need_a_supervisor(code: FailureCode) -> None:
    """What may do harm or contradict what took effect is not replayed by an operator alone."""
    shipped = Policies.load((Path(__file__).parents[3] / "dlq" / "policies.toml").read_text())
    assert shipped.of(code).replay_by is Role.SUPERVISOR
