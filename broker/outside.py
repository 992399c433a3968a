"""What is outside a process, opened as the settings say: the database, the transport, the policy file, the keys."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from broker import law
from broker.pipeline.policy import Policies
from broker.settings import Settings
from broker.store.database import Database
from broker.store.embedded import embedded
from broker.store.migrate import migrate
from broker.transport.amqp import AmqpConfig, AmqpTransport
from broker.transport.directory import DirectoryConfig, DirectoryTransport
from broker.transport.seam import Transport


def policies() -> Policies:
    """What happens to each failure code."""
    return Policies.load(law.folder("dlq/policies.toml").read_text())


def key_folder(settings: Settings) -> Path:
    """Where the audit log's keys are."""
    return settings.audit.key_folder or settings.home / "keys"


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Database]:
    """PostgreSQL as configured, or the embedded one under ``home`` for as long as the context lasts, migrated."""
    async with AsyncExitStack() as stack:
        dsn = settings.secret("database_url")
        if dsn is None:
            dsn = await stack.enter_async_context(embedded(settings.home.absolute() / "postgres"))
            await migrate(dsn)
        given = settings.store
        yield Database(
            dsn,
            statement_cache=given.statement_cache,
            connect_timeout_s=given.connect_timeout_s,
            command_timeout_s=given.command_timeout_s,
        )


def transport(settings: Settings) -> Transport:
    """RabbitMQ as configured, or the folders under ``home``; not opened yet."""
    url = settings.secret("amqp_url")
    if url is None:
        return DirectoryTransport(DirectoryConfig(settings.home / "queues"))
    return AmqpTransport(AmqpConfig(url, confirm_timeout_s=settings.relay.confirm_timeout_s))
