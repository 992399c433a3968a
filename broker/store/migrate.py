"""Migrations of the schema: forward only, under a lock, each file for good once it was applied.

A file is ``NNNN_name.sql``. What is applied is in ``public.broker_migration`` with the SHA-256 of the file, so a file
that was changed afterwards is found and refused.
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from broker.errors import ConfigurationError
from broker.store.database import Connection, Database
from broker.store.statements import load

_FOLDER = Path(__file__).parent / "migrations"
_FILE = re.compile(r"(\d{4})_(\w+)\.sql")
_SQL = load("migrations")


@dataclass(frozen=True, slots=True, order=True)
class Migration:
    """One file: its number, name, text and SHA-256 (hex)."""

    version: int
    name: str
    text: str = field(repr=False)
    sha256: str


async def migrate(dsn: str, folder: Path = _FOLDER) -> list[str]:
    """Bring the schema of a database up to the files of ``folder``, in one transaction; idempotent.

    Several callers at once are safe: one applies, the others wait for it. Give the names applied, in order. Raises
    ConfigurationError where an applied file was changed, is missing, or a new one comes before an applied one.
    """
    connection = await Database(dsn, statement_cache=False, command_timeout_s=3600).connect()
    try:
        async with connection.transaction():
            return await _apply(connection, migrations(folder))
    finally:
        await connection.close()


def migrations(folder: Path = _FOLDER) -> list[Migration]:
    """Read the files of a folder in order. Raises ConfigurationError where two have one number."""
    found: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        match = _FILE.fullmatch(path.name)
        if match is None:
            raise ConfigurationError(f"{path.name} is not a migration; name it NNNN_name.sql")
        text = path.read_text(encoding="utf-8")
        found.append(Migration(int(match[1]), match[2], text, hashlib.sha256(text.encode()).hexdigest()))
    if len({each.version for each in found}) < len(found):
        raise ConfigurationError("two migrations have the same number")
    return found


async def _kept(connection: Connection) -> bool:
    return bool(await connection.value(_SQL["is_kept"]))


async def _apply(connection: Connection, wanted: list[Migration]) -> list[str]:
    await connection.fetch(_SQL["lock"])
    if not await _kept(connection):
        await connection.fetch(_SQL["create"])
    applied = {row["version"]: row for row in await connection.fetch(_SQL["applied"])}
    _check(wanted, {version: row["sha256"] for version, row in applied.items()})
    done: list[str] = []
    for each in wanted:
        if each.version not in applied:
            await connection.script(each.text)
            await connection.fetch(_SQL["remember"], each.version, each.name, each.sha256)
            done.append(f"{each.version:04d}_{each.name}")
    return done


def _check(wanted: list[Migration], applied: dict[int, str]) -> None:
    by_version = {each.version: each for each in wanted}
    for version, sha256 in sorted(applied.items()):
        if version not in by_version:
            raise ConfigurationError(f"the database has migration {version:04d}, which this program does not know")
        if by_version[version].sha256 != sha256:
            raise ConfigurationError(f"migration {version:04d} was changed after it was applied; add a new one instead")
    late = [version for version in by_version if applied and version < max(applied) and version not in applied]
    if late:
        raise ConfigurationError(f"migration {late[0]:04d} comes before one that was applied; number it after that")
