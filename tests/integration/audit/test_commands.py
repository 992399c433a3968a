"""`broker audit` from the outside: what it prints, and the exit codes that others script against."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from broker.cli.audit import app
from tests.support.audit_log import LOG, TENANT, AuditLog


@pytest.fixture
async def log(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AuditLog]:
    """Give a test a log of 40 entries, which the settings in the environment name."""
    monkeypatch.setenv("BROKER_DATABASE_URL", dsn)
    monkeypatch.setenv("BROKER_AUDIT__ORIGIN", LOG)
    monkeypatch.setenv("BROKER_AUDIT__KEY_FOLDER", str(tmp_path / "keys"))
    monkeypatch.chdir(tmp_path)
    log = AuditLog(dsn, tmp_path / "keys")
    await log.grow(30)
    await log.grow(10)
    yield log
    await log.ledger.close()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    exit_code: int
    stdout: str


async def run(*arguments: str) -> Ended:
    """Run a command as the shell would, in a thread of its own."""

    def invoke() -> Ended:
        result = CliRunner().invoke(app, list(arguments))
        return Ended(result.exit_code, result.stdout)

    return await asyncio.to_thread(invoke)


async def test_verify_says_that_a_log_holds(log: AuditLog) -> None:
    """A log that holds gives exit code 0, a line for people, and one object a tenant for programs."""
    words, objects = await run("verify"), await run("verify", "--json", "--tenant", TENANT)

    assert (words.exit_code, objects.exit_code) == (0, 0)
    assert words.stdout == "holds  north: 40 entries, 40 proven by 2 checkpoints, 0 waiting\n"
    assert json.loads(objects.stdout) == {
        "tenant": TENANT,
        "holds": True,
        "size": 40,
        "proven": 40,
        "checkpoints": 2,
        "waiting": 0,
        "problem": None,
    }


async def test_verify_names_the_first_wrong_entry(log: AuditLog) -> None:
    """A log that does not hold gives exit code 1 and names the entry, to people and to programs."""
    await log.tamper("DELETE FROM broker.audit_leaf WHERE index = 33")

    words, objects = await run("verify"), await run("verify", "--json")

    assert (words.exit_code, objects.exit_code) == (1, 1)
    assert "missing entry 33: " in words.stdout
    assert json.loads(objects.stdout)["problem"]["first"] == 33


async def test_verify_takes_a_key_and_checkpoints_from_elsewhere(log: AuditLog, tmp_path: Path) -> None:
    """An auditor brings public keys and checkpoints; a strange key is exit code 1, an unusable file exit code 2."""
    keys, anchor = tmp_path / "auditor.keys", tmp_path / "anchor"
    keys.write_text((await run("keys", "--tenant", TENANT)).stdout)
    anchor.write_text(await log.value("SELECT note FROM broker.audit_checkpoint WHERE size = 40"))
    await log.sign(anchor)

    assert (await run("verify", "--key", str(keys), "--checkpoint", str(anchor))).exit_code == 0
    rotated = await run("keys", "--tenant", TENANT, "--rotate")
    keys.write_text(rotated.stdout.splitlines()[-1])
    strange = await run("verify", "--key", str(keys))
    assert (strange.exit_code, len(rotated.stdout.splitlines())) == (1, 2)
    assert "unknown-key" in strange.stdout
    for wrong in (("--key", str(tmp_path / "none")), ("--checkpoint", str(keys)), ("--bogus",)):
        assert (await run("verify", *wrong)).exit_code == 2


async def test_show_prints_the_entries_of_a_message(log: AuditLog) -> None:
    """The entries of a message come in order; one that is not known, or was changed, gives exit code 1."""
    message = await log.value("SELECT message_id FROM broker.audit_entry ORDER BY entry_id LIMIT 1")
    await log.write(2, message=message)

    words, objects = await run("show", str(message)), await run("show", str(message), "--json")

    steps = [json.loads(line) for line in objects.stdout.splitlines()]
    assert (words.exit_code, objects.exit_code) == (0, 0)
    assert [(step["index"], step["kind"], step["intact"]) for step in steps] == [
        (0, "accepted", True),
        (None, "accepted", True),
        (None, "accepted", True),
    ]
    assert "waiting" in words.stdout
    assert "…" not in words.stdout  # an id that is cut off could not be looked up
    assert (await run("show", str(uuid4()))).exit_code == 1
    assert (await run("show", "not-an-id")).exit_code == 2
    await log.tamper("UPDATE broker.audit_entry SET leaf = leaf || ' '")
    assert (await run("show", str(message))).exit_code == 1


async def test_proofs_are_written_and_checked(log: AuditLog, tmp_path: Path) -> None:
    """What `prove` and `consistency` print is checked offline with the public key; anything else is exit code 1."""
    proof, older = tmp_path / "entry.tlog-proof", tmp_path / "older.proof"
    proof.write_text((await run("prove", "31", "--tenant", TENANT)).stdout)
    older.write_text((await run("consistency", "30", "40", "--tenant", TENANT)).stdout)
    await log.tamper("DELETE FROM broker.audit_leaf")

    entry, continued = await run("check", str(proof), "--json"), await run("check", str(older))

    assert json.loads(entry.stdout)["entry"]["kind"] == "accepted"
    assert json.loads(entry.stdout)["index"] == 31
    assert continued.stdout == f"{LOG}/{TENANT}: the tree of 40 entries continues that of 30\n"
    assert (await run("prove", "40", "--tenant", TENANT)).exit_code == 1
    proof.write_text(proof.read_text().replace("index 31", "index 30"))
    assert (await run("check", str(proof))).exit_code == 1
