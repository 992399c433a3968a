"""What happens to a failed message: park it for a person, or retry it by itself, and when.

Owns the reading of ``policies.toml`` and the schedule of automatic retries. Knows nothing of the store, a clock or
chance: the instant and the roll of the dice are arguments, so the same input always gives the same schedule.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from tenacity import RetryCallState, Retrying, wait_exponential

from broker.errors import ConfigurationError
from broker.message.failure import FailureCode


class Severity(StrEnum):
    """How soon a person should look: low when convenient, medium today, high now."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Role(StrEnum):
    """Who may ask for a replay. A supervisor may do whatever an operator may."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"

    def covers(self, needed: "Role") -> bool:
        """Say whether this role is enough where ``needed`` is asked for."""
        return self is Role.SUPERVISOR or needed is Role.OPERATOR


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often and how far apart. ``jitter`` is the share (0 to 1) of a delay that chance may take off it."""

    attempts: int
    first_delay_s: float
    max_delay_s: float
    jitter: float

    def delay(self, attempts: int, roll: float) -> timedelta:
        """Tell the wait after ``attempts`` retries already made: doubling from the first, never over the longest.

        ``roll`` in [0, 1) is the caller's dice: 0 gives the full delay, so jitter spreads retries and delays none.
        """
        state = RetryCallState(Retrying(), None, (), {})
        state.attempt_number = attempts + 1
        full = wait_exponential(multiplier=self.first_delay_s, max=self.max_delay_s)(state)
        return timedelta(seconds=full * (1.0 - self.jitter * roll))


@dataclass(frozen=True, slots=True)
class Policy:
    """What happens to one failure code. ``backoff`` is None where a person decides at once (park)."""

    code: FailureCode
    backoff: Backoff | None
    severity: Severity
    replay_by: Role
    runbook: str


@dataclass(frozen=True, slots=True)
class Policies:
    """One policy for every failure code; ``load`` guarantees that none is missing."""

    by_code: Mapping[FailureCode, Policy]

    @classmethod
    def load(cls, text: str) -> Self:
        """Read the text of ``policies.toml``.

        Raises ConfigurationError, naming the table, where TOML, a key, a value or a code is wrong or a code is missing.
        """
        try:
            tables = _FILE.validate_python(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"policies.toml: {error}") from error
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise ConfigurationError(f"policies.toml: {wrong}") from error
        known = {code.value for code in FailureCode}
        if unknown := sorted(tables.keys() - known):
            raise ConfigurationError(f"policies.toml: no such failure code: {', '.join(unknown)}")
        if missing := sorted(known - tables.keys()):
            raise ConfigurationError(f"policies.toml: failure code without a policy: {', '.join(missing)}")
        return cls({code: _policy(code, tables[code.value]) for code in FailureCode})

    def of(self, code: str) -> Policy:
        """Give the policy of a code. Raises ConfigurationError for a code that is not in the closed set."""
        try:
            return self.by_code[FailureCode(code)]
        except (ValueError, KeyError) as error:
            raise ConfigurationError(f"no policy for the failure code {code!r}; name it in policies.toml") from error

    def retry_at(self, code: str, attempts: int, now: datetime, roll: float = 0.0) -> datetime | None:
        """Tell when to try again, or None: park it.

        ``attempts`` counts the automatic retries already made: 0 at the first failure. ``now`` is an aware instant and
        ``roll`` in [0, 1) the caller's dice. Raises ConfigurationError for an unknown code.
        """
        backoff = self.of(code).backoff
        if backoff is None or attempts >= backoff.attempts:
            return None
        return now + backoff.delay(attempts, roll)


class _Common(BaseModel):
    model_config = ConfigDict(extra="forbid")
    severity: Severity
    replay_by: Role
    runbook: str = Field(pattern=r"^[a-z.-]+\.md$")


class _Park(_Common):
    action: Literal["park"]


class _Retry(_Common):
    action: Literal["retry"]
    attempts: int = Field(ge=1, le=10_000)
    first_delay_s: float = Field(gt=0)
    max_delay_s: float = Field(gt=0)
    jitter: float = Field(ge=0, le=1)


_FILE = TypeAdapter(dict[str, Annotated[_Park | _Retry, Field(discriminator="action")]])


def _policy(code: FailureCode, table: _Park | _Retry) -> Policy:
    backoff = None
    if isinstance(table, _Retry):
        if table.max_delay_s < table.first_delay_s:
            raise ConfigurationError(f"policies.toml: {code}: max_delay_s is less than first_delay_s")
        backoff = Backoff(table.attempts, table.first_delay_s, table.max_delay_s, table.jitter)
    return Policy(code, backoff, table.severity, table.replay_by, table.runbook)
