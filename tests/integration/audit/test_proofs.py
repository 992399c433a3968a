"""Proofs and trails from a real database: they hold for what they say, offline, and for nothing else."""

import hashlib
from pathlib import Path
from uuid import uuid4

import pytest

from broker.audit.keys import KeyFolder
from broker.audit.note import NoteError, UnknownKeyError
from broker.audit.proof import check, prove, prove_consistency
from broker.audit.trail import Opening, trail
from broker.errors import AuditError
from broker.store.codec import PlainCodec
from broker.store.database import Database
from broker.store.dead_letters import DeadLetters, Decision, Filter
from broker.store.recorder import Recorder
from tests.support import outcomes
from tests.support.audit_log import TENANT, AuditLog


@pytest.mark.parametrize("index", [0, 255, 256, 599])
async def test_inclusion_proof_shows_its_entry_offline(log: AuditLog, index: int) -> None:
    """The proof of an entry, made of tiles and rows, is checked with the public key alone and holds its leaf."""
    await log.grow(600)

    text = await prove(log.ledger, TENANT, index)
    shown = check(text, log.keys.public_keys())

    row = (await log.ledger.rows(TENANT, index, 1))[0]
    assert (shown.index, shown.leaf, shown.head.size) == (index, row.leaf, 600)
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra ")


async def test_consistency_proof_shows_that_a_head_continues_another(log: AuditLog) -> None:
    """Between any two checkpoints there is a proof, checked with the public key alone."""
    for count in (3, 300, 1, 500):
        await log.grow(count)

    for older, newer in ((3, 303), (3, 804), (303, 304), (304, 804), (804, 804)):
        shown = check(await prove_consistency(log.ledger, TENANT, older, newer), log.keys.public_keys())
        assert shown.older is not None
        assert (shown.older.size, shown.head.size) == (older, newer)


async def test_changed_proof_shows_nothing(log: AuditLog, tmp_path: Path) -> None:
    """A line taken out, another index, another leaf, another key: none of them passes."""
    await log.grow(20)
    keys = log.keys.public_keys()
    text = await prove(log.ledger, TENANT, 7)
    lines = text.split("\n")
    other = KeyFolder(tmp_path / "other")
    other.ensure()

    with pytest.raises(UnknownKeyError):
        check(text, other.public_keys())
    for changed in (
        text.replace("index 7", "index 8"),
        text.replace("index 7", "index 07"),
        text.replace("\n20\n", "\n19\n"),
        text.replace("tlog-proof@v1", "tlog-proof@v2"),
        "\n".join([*lines[:3], *lines[4:]]),
        "\n".join([lines[0], (await prove(log.ledger, TENANT, 8)).split("\n")[1], *lines[2:]]),
        "\n".join([lines[0], *lines[2:]]),
        lines[0],
        "",
    ):
        with pytest.raises(NoteError):
            check(changed, keys)


async def test_nothing_is_proven_that_the_tables_do_not_prove(log: AuditLog) -> None:
    """An entry past the last checkpoint, a size that was not signed, and changed rows give no proof."""
    await log.grow(20)
    await log.write(5)
    await log.sequence()

    with pytest.raises(AuditError, match="no checkpoint covers entry 20"):
        await prove(log.ledger, TENANT, 20)
    with pytest.raises(AuditError, match="no checkpoint of 19"):
        await prove_consistency(log.ledger, TENANT, 19, 20)
    await log.tamper("UPDATE broker.audit_leaf SET leaf_hash = sha256('x') WHERE index = 3")
    with pytest.raises(AuditError, match="do not prove"):
        await prove(log.ledger, TENANT, 2)
    await log.tamper("DELETE FROM broker.audit_leaf WHERE index = 3")
    with pytest.raises(AuditError, match="missing"):
        await prove(log.ledger, TENANT, 2)


async def test_trail_shows_a_message_and_opens_its_commitments(log: AuditLog) -> None:
    """The entries of a recorded message come in order, and those about its bytes open against what is stored."""
    database, shape = Database(log.dsn), outcomes.Shape(tenant=TENANT)
    recorder = Recorder(database, PlainCodec(), lambda *_: None)
    source = outcomes.envelope(shape=shape)
    outcome = outcomes.accepted(source, shape)
    whole = hashlib.sha256(b"".join(each.body for each in outcome.outgoing)).digest()
    outcome = type(outcome)(
        source,
        outcome.definition,
        None,
        outcome.outgoing,
        {"received": source.digest, "ra-json": bytes(32), "event": whole},
    )
    await recorder.record(uuid4(), [outcome])
    await recorder.record(uuid4(), [outcome])
    await recorder.close()

    waiting = await trail(log.ledger, source.message_id)
    await log.sequence()
    steps = await trail(log.ledger, source.message_id)

    assert [(step.kind, step.index) for step in waiting] == [("accepted", None), ("duplicate", None)]
    assert [(step.kind, step.index, step.holds) for step in steps] == [("accepted", 0, True), ("duplicate", 1, True)]
    assert steps[0].commitments == {
        "received": Opening.OPENS,
        "ra-json": Opening.NOT_STORED,
        "event": Opening.OPENS,
    }


async def test_trail_of_mended_bytes_opens(log: AuditLog) -> None:
    """After a replay of other bytes each entry opens against those that it speaks of: the received, then the mended."""
    database, source = Database(log.dsn), outcomes.envelope(shape=outcomes.Shape(tenant=TENANT))
    recorder = Recorder(database, PlainCodec(), lambda *_: None)
    letters = DeadLetters(database, PlainCodec(), lambda *_: None)
    await recorder.record(uuid4(), [outcomes.rejected(source)])
    (letter,) = await letters.frozen(Filter())
    await letters.request_replay([letter], Decision("mia", "mended"), b"as mended")
    await letters.redrive(lambda each: outcomes.accepted(each, outcomes.Shape(publications=1)), 1)
    await recorder.close()
    await letters.close()

    steps = {step.kind: step for step in await trail(log.ledger, source.message_id)}
    await log.tamper("UPDATE broker.dead_letter SET edited_body = edited_body || 'x'")
    changed = {step.kind: step for step in await trail(log.ledger, source.message_id)}

    assert all(step.holds for step in steps.values())
    assert steps["rejected"].commitments["received"] is Opening.OPENS
    assert steps["replay-requested"].commitments["edited"] is Opening.OPENS
    assert steps["accepted"].commitments["received"] is Opening.OPENS
    assert not changed["replay-requested"].holds
    assert not changed["accepted"].holds


async def test_trail_tells_changed_bytes_and_erased_salts(log: AuditLog) -> None:
    """Stored bytes that were changed do not open; after erasure nothing can be opened, and nothing is wrong."""
    database, source = Database(log.dsn), outcomes.envelope()
    recorder = Recorder(database, PlainCodec(), lambda *_: None)
    await recorder.record(uuid4(), [outcomes.accepted(source)])
    await recorder.close()
    await log.sequence()

    await log.tamper("UPDATE broker.message_body SET body = body || 'x'")
    changed = (await trail(log.ledger, source.message_id))[0]
    await log.tamper("UPDATE broker.audit_entry SET salt = NULL")
    erased = (await trail(log.ledger, source.message_id))[0]
    await log.tamper("UPDATE broker.audit_entry SET leaf = leaf || ' '")
    rewritten = (await trail(log.ledger, source.message_id))[0]

    assert (changed.commitments["received"], changed.holds) == (Opening.DIFFERS, False)
    assert (set(erased.commitments.values()), erased.holds) == ({Opening.ERASED}, True)
    assert (rewritten.intact, rewritten.holds) == (False, False)
    assert await trail(log.ledger, uuid4()) == []
