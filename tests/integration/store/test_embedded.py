"""The embedded server."""

from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from broker.errors import ConfigurationError, StoreUnavailableError
from broker.store.embedded import embedded, start


async def test_an_embedded_server_keeps_its_data_and_is_durable() -> None:
    """A folder becomes a server; after it was stopped and started the data is there, and fsync is on."""
    with TemporaryDirectory(prefix="broker-embedded-") as name:
        folder = Path(name) / "postgres"
        async with embedded(folder) as dsn:
            connection = await asyncpg.connect(dsn)
            await connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
            await connection.close()

        async with embedded(folder) as dsn:
            connection = await asyncpg.connect(dsn)
            kept = await connection.fetchval("SELECT value FROM kept")
            settings = await connection.fetch(
                "SELECT setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes')"
            )
            await connection.close()

    assert kept == 42
    assert [row[0] for row in settings] == ["on", "on"]


async def test_an_embedded_server_that_may_forget_is_refused() -> None:
    """A folder whose configuration turns fsync off is not used."""
    with TemporaryDirectory(prefix="broker-embedded-") as name:
        folder = Path(name) / "postgres"
        async with embedded(folder):
            pass
        with (folder / "postgresql.auto.conf").open("a") as file:
            file.write("fsync = off\n")

        with pytest.raises(ConfigurationError, match="fsync"):
            async with embedded(folder):
                pass


async def test_a_folder_of_another_version_is_refused(tmp_path: Path) -> None:
    """Data that another major version wrote is left alone, and the text says what to do."""
    (tmp_path / "PG_VERSION").write_text("9\n")

    with pytest.raises(ConfigurationError, match="another version"):
        async with embedded(tmp_path):
            pass


async def test_a_server_that_still_recovers_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds a server that does not take connections yet joins it when it does, and gives up in the end."""
    with TemporaryDirectory(prefix="broker-embedded-") as name:
        folder = Path(name) / "postgres"
        async with embedded(folder) as dsn:
            states = folder / "postmaster.pid"
            ready = states.read_text()

            starting = ready.replace("ready   ", "starting")

            states.write_text(starting)
            monkeypatch.setattr("broker.store.embedded.sleep", lambda _: states.write_text(ready))
            joined = start(folder).dsn

            states.write_text(starting)
            monkeypatch.setattr("broker.store.embedded._RECOVERY_S", -1.0)
            with pytest.raises(StoreUnavailableError, match="did not recover"):
                start(folder)
            states.write_text(ready)

    assert joined == dsn
