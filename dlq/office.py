"""The office: dead letters with the policies that go with them, over one open database.

Owns what belongs to a code (policy and runbook page). Knows neither settings nor how anything is printed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from broker.errors import ConfigurationError
from broker.outside import policies
from broker.pipeline.policy import Policies, Policy
from broker.store.codec import Codec
from broker.store.database import Database
from broker.store.dead_letters import DeadLetters

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class OfficeConfig:
    """Where the dead letters are and whose are seen: one tenant's, or with None everybody's."""

    database: Database
    codec: Codec
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """What a command works with."""

    letters: DeadLetters
    policies: Policies

    def policy(self, code: str) -> Policy:
        """What happens to a code. Raises ConfigurationError for one that this version does not know."""
        return self.policies.of(code)

    def runbook(self, code: str) -> str:
        """The text of the page of a code. Raises ConfigurationError where there is none."""
        page = _FOLDER / "runbooks" / self.policy(code).runbook
        try:
            return page.read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"the runbook {page.name} cannot be read: {error.strerror}") from error


@asynccontextmanager
async def open_office(config: OfficeConfig) -> AsyncIterator[Office]:
    """Open the office for as long as the context lasts. Connects on first use; raises StoreUnavailableError then."""
    rules = policies()
    letters = DeadLetters(config.database, config.codec, rules.retry_at, config.tenant)
    try:
        yield Office(letters, rules)
    finally:
        await letters.close()
