"""The whole log on a real PostgreSQL: what was written verifies, and what was changed by hand is found and named."""

from pathlib import Path

import pytest

from broker.audit.checkpoint import Checkpoint, origin_of, write
from broker.audit.keys import KeyFolder
from broker.audit.verdict import Fault, Verdict
from broker.audit.verifier import Trust, verify
from broker.errors import ConfigurationError
from tests.support.audit_log import LOG, TENANT, AuditLog

LEAF = "broker.audit_leaf"


def named(verdict: Verdict) -> tuple[Fault, int | None, int | None]:
    """What a failing verdict names."""
    assert verdict.problem is not None
    return verdict.problem.fault, verdict.problem.first, verdict.problem.last


async def swap(log: AuditLog, one: int, other: int) -> None:
    """Let two entries change places, hashes and all."""
    await log.tamper(
        f"UPDATE {LEAF} SET index = 1000000 + {one + other} - index WHERE index IN ({one}, {other})",
        f"UPDATE {LEAF} SET index = index - 1000000 WHERE index >= 1000000",
    )


async def rewrite(log: AuditLog, index: int) -> None:
    """Change an entry's content by hand."""
    await log.tamper(
        f"""UPDATE broker.audit_entry SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'place":', 'place":9'),
        'UTF8') WHERE entry_id = (SELECT entry_id FROM {LEAF} WHERE tenant = '{TENANT}' AND index = {index})"""
    )


async def rewrite_with_hash(log: AuditLog, index: int) -> None:
    """Change an entry's content and the hash beside its index."""
    await rewrite(log, index)
    await log.tamper(
        f"""UPDATE {LEAF} SET leaf_hash = (SELECT sha256('\\x00' || leaf) FROM broker.audit_entry AS entry
        WHERE entry.entry_id = audit_leaf.entry_id) WHERE tenant = '{TENANT}' AND index = {index}"""
    )


async def test_log_of_many_tiles_holds(log: AuditLog) -> None:
    """A log with a full tile of the second level (65,536 entries) holds, and that tile is held against those below."""
    for _ in range(14):
        await log.write(5000)
    await log.sequence()
    await log.sign()
    before = await log.verify()

    flipped = "set_byte(hashes, 98, 255 - get_byte(hashes, 98))"
    await log.tamper(f"UPDATE broker.audit_tile SET hashes = {flipped} WHERE level = 1")

    assert (before.holds, before.proven) == (True, 70_000)
    assert named(await log.verify()) == (Fault.TREE, None, None)


@pytest.mark.parametrize("index", [0, 7, 299])
async def test_changed_content_is_named(log: AuditLog, index: int) -> None:
    """An entry whose content was changed is named by its index, wherever it stands."""
    await log.grow(300)

    await rewrite(log, index)

    assert named(await log.verify()) == (Fault.CHANGED, index, index)


async def test_changed_content_with_its_hash_is_named_by_its_tile(log: AuditLog) -> None:
    """Changing the hash beside the index as well does not help: the tile still holds the one that was signed."""
    await log.grow(300)

    await rewrite_with_hash(log, 20)

    assert named(await log.verify()) == (Fault.CHANGED, 20, 20)


async def test_changed_content_without_any_witness_is_enclosed(log: AuditLog) -> None:
    """Where no tile is full yet, the signed heads before and after enclose the changed entry."""
    await log.grow(10)
    await log.grow(4)
    await log.grow(10)

    await rewrite_with_hash(log, 12)

    verdict = await log.verify()
    assert named(verdict) == (Fault.CHANGED, 10, 13)
    assert verdict.proven == 10


async def test_changed_column_beside_the_leaf_is_named(log: AuditLog) -> None:
    """A row that says another kind than its leaf is found although every hash is right."""
    await log.grow(9)

    await log.tamper(
        f"""UPDATE broker.audit_entry SET kind = 'discarded'
        WHERE entry_id = (SELECT entry_id FROM {LEAF} WHERE index = 4)"""
    )

    assert named(await log.verify()) == (Fault.CHANGED, 4, 4)


async def test_removed_entry_is_named(log: AuditLog) -> None:
    """An entry that was removed, with its index or without it, leaves a gap that is named."""
    await log.grow(30)
    await log.tamper(f"DELETE FROM broker.audit_entry WHERE entry_id = (SELECT entry_id FROM {LEAF} WHERE index = 11)")
    without_row = await log.verify()

    await log.tamper(f"DELETE FROM {LEAF} WHERE index = 11")

    assert named(without_row) == (Fault.MISSING, 11, 11)
    assert named(await log.verify()) == (Fault.MISSING, 11, 11)


async def test_removed_entry_with_the_rest_moved_up_is_named_by_its_tile(log: AuditLog) -> None:
    """Closing the gap does not help: from the removed entry on, nothing stands where its tile says."""
    await log.grow(300)

    await log.tamper(
        f"DELETE FROM {LEAF} WHERE index = 40",
        f"UPDATE {LEAF} SET index = index + 1000000 WHERE index > 40",
        f"UPDATE {LEAF} SET index = index - 1000001 WHERE index > 1000000",
    )

    fault, first, _ = named(await log.verify())
    assert (fault, first) == (Fault.CHANGED, 40)


@pytest.mark.parametrize("size", [20, 600])
async def test_reordered_entries_are_named(log: AuditLog, size: int) -> None:
    """Two entries that changed places are named by the first of them, in a log with full tiles and in one without."""
    await log.grow(size)

    await swap(log, 3, 15)

    assert named(await log.verify()) == (Fault.REORDERED, 3, 3)


async def test_reordered_contents_are_named(log: AuditLog) -> None:
    """Pointing two indexes at each other's entry is found by the hashes beside the indexes."""
    await log.grow(20)

    await log.tamper(
        f"UPDATE {LEAF} SET entry_id = -entry_id WHERE index IN (5, 9)",
        f"""UPDATE {LEAF} AS one SET entry_id = -other.entry_id FROM {LEAF} AS other
        WHERE one.index IN (5, 9) AND other.index IN (5, 9) AND one.index <> other.index""",
    )

    assert named(await log.verify()) == (Fault.REORDERED, 5, 5)


async def test_cut_tail_is_named_by_the_last_checkpoint(log: AuditLog) -> None:
    """A tail that was cut is found by the checkpoint that covers it."""
    await log.grow(50)

    await log.tamper(f"DELETE FROM {LEAF} WHERE index >= 45")

    assert named(await log.verify()) == (Fault.CUT_OFF, 45, 49)


async def test_cut_tail_without_trace_is_named_by_a_checkpoint_kept_elsewhere(log: AuditLog, tmp_path: Path) -> None:
    """Rolling every table back to an earlier head leaves a log that holds, unless a later head was kept elsewhere."""
    anchor = tmp_path / "anchor"
    await log.grow(20)
    tree = await log.value("SELECT frontier FROM broker.audit_tree")
    await log.write(5)
    await log.sequence()
    await log.sign(anchor)
    await log.tamper(
        f"DELETE FROM broker.audit_entry WHERE entry_id IN (SELECT entry_id FROM {LEAF} WHERE index >= 20)",
        f"DELETE FROM {LEAF} WHERE index >= 20",
        "DELETE FROM broker.audit_checkpoint WHERE size > 20",
    )
    async with log.database() as connection:
        await connection.execute("UPDATE broker.audit_tree SET size = 20, frontier = $1", tree)

    within = await log.verify()
    against = await log.verify(elsewhere=anchor)

    assert (within.holds, within.size) == (True, 20)
    assert named(against) == (Fault.CUT_OFF, 20, 24)


async def test_log_made_anew_is_found_by_a_checkpoint_kept_elsewhere(log: AuditLog, tmp_path: Path) -> None:
    """Who has the key may write another log that holds in itself; a head kept elsewhere shows that it is another."""
    anchor = tmp_path / "anchor"
    await log.write(12)
    await log.sequence()
    await log.sign(anchor)
    tables = ("pending", "leaf", "tile", "tree", "checkpoint", "entry")
    await log.tamper(*(f"DELETE FROM broker.audit_{table}" for table in tables))
    await log.grow(12)

    assert (await log.verify()).holds
    assert named(await log.verify(elsewhere=anchor)) == (Fault.CHANGED, 0, 11)


async def test_tenant_that_was_erased_whole_is_found_by_a_checkpoint_kept_elsewhere(
    log: AuditLog, tmp_path: Path
) -> None:
    """A tenant without a single row is still verified where a checkpoint kept elsewhere names it."""
    anchor = tmp_path / "anchor"
    await log.write(3)
    await log.sequence()
    await log.sign(anchor)
    await log.tamper(
        *(f"DELETE FROM broker.audit_{table}" for table in ("leaf", "tile", "tree", "checkpoint", "entry"))
    )

    (verdict,) = await verify(log.ledger, Trust(LOG, log.keys.public_keys(), anchor))

    assert named(verdict) == (Fault.CUT_OFF, 0, 2)


async def test_added_entry_is_named(log: AuditLog) -> None:
    """A row past the end that the tree knows of was not put there by a sequencer."""
    await log.grow(6)

    await log.tamper(
        f"INSERT INTO {LEAF} VALUES ('{TENANT}', 6, 999999, sha256('x')), ('{TENANT}', 7, 999998, sha256('y'))"
    )

    assert named(await log.verify()) == (Fault.ADDED, 6, 6)


async def test_entry_kept_from_the_sequencer_is_found(log: AuditLog) -> None:
    """An entry whose pending row was removed before it got an index is found."""
    await log.grow(6)
    await log.write(2)

    await log.tamper(
        "DELETE FROM broker.audit_pending WHERE entry_id = (SELECT max(entry_id) FROM broker.audit_pending)"
    )
    await log.sequence()
    await log.sign()

    assert named(await log.verify()) == (Fault.STRAY, None, None)


async def test_forged_checkpoint_is_found(log: AuditLog) -> None:
    """A checkpoint whose note was changed does not verify, and the first entry that only it could prove is named."""
    await log.grow(6)
    await log.grow(3)

    await log.tamper("UPDATE broker.audit_checkpoint SET note = replace(note, E'\\n9\\n', E'\\n8\\n') WHERE size = 9")

    fault, first, _ = named(await log.verify())
    assert (fault, first) == (Fault.FORGED_CHECKPOINT, 6)


async def test_checkpoint_beside_other_columns_is_found(log: AuditLog) -> None:
    """A checkpoint row whose root is not the note's is a forgery too."""
    await log.grow(6)

    await log.tamper("UPDATE broker.audit_checkpoint SET root = sha256('x')")

    assert named(await log.verify())[0] == Fault.FORGED_CHECKPOINT


async def test_checkpoint_by_an_unknown_key_is_found(log: AuditLog, tmp_path: Path) -> None:
    """A head signed by a key that is not ours is named as such, however well it fits the entries."""
    await log.grow(6)
    await log.grow(3)
    other = KeyFolder(tmp_path / "other")
    other.ensure()
    root = await log.value("SELECT root FROM broker.audit_checkpoint WHERE size = 9")

    note = write(Checkpoint(origin_of(LOG, TENANT), 9, root), other.signers())
    async with log.database() as connection:
        await connection.execute("UPDATE broker.audit_checkpoint SET note = $1 WHERE size = 9", note)

    fault, first, _ = named(await log.verify())
    assert (fault, first) == (Fault.UNKNOWN_KEY, 6)


async def test_log_without_any_checkpoint_does_not_hold(log: AuditLog) -> None:
    """Removing every checkpoint does not make a log that holds."""
    await log.grow(6)

    await log.tamper("DELETE FROM broker.audit_checkpoint")

    assert named(await log.verify()) == (Fault.UNSIGNED, 0, 5)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE broker.audit_tree SET frontier = ARRAY[sha256('x'), sha256('y')]",
        "UPDATE broker.audit_tree SET frontier = '{}'",
        "DELETE FROM broker.audit_tree",
        "DELETE FROM broker.audit_tile",
    ],
)
async def test_damage_beside_the_entries_is_found(log: AuditLog, statement: str) -> None:
    """The tree's row and its tiles are held against the entries too: the next head and proofs are made of them."""
    await log.grow(258)

    await log.tamper(statement)

    assert named(await log.verify())[0] == Fault.TREE


async def test_rotated_key_keeps_the_past_verifiable(log: AuditLog) -> None:
    """After a rotation both keys sign, after the old one's retirement the new one; heads of all three times verify."""
    await log.grow(4)
    log.keys.rotate()
    await log.grow(4)
    (log.keys.folder / "0001.key").unlink()
    await log.grow(4)

    verdict = await log.verify()

    assert (verdict.holds, verdict.proven, verdict.checkpoints) == (True, 12, 3)
    newest = Trust(LOG, log.keys.public_keys()[-1:])
    assert named((await verify(log.ledger, newest))[0]) == (Fault.UNKNOWN_KEY, 0, None)


async def test_entries_written_after_the_last_head_are_checked_unsigned(log: AuditLog) -> None:
    """What no signed head covers yet is held against the tree's row, and is not counted as proven."""
    await log.grow(6)
    await log.write(5)
    await log.sequence()
    await log.write(2)

    verdict = await log.verify()
    await rewrite(log, 8)

    assert (verdict.holds, verdict.size, verdict.proven, verdict.waiting) == (True, 11, 6, 2)
    assert named(await log.verify()) == (Fault.CHANGED, 8, 8)


async def test_verifying_without_keys_or_with_a_strange_file_is_refused(log: AuditLog, tmp_path: Path) -> None:
    """A verification that could show nothing is refused instead of passing."""
    await log.grow(2)
    strange = tmp_path / "strange"
    strange.write_text("not a checkpoint\n")
    other = tmp_path / "other"
    other.write_text(write(Checkpoint("elsewhere.example/x", 2, bytes(32)), log.keys.signers()))

    for trust in (Trust(LOG, []), *(Trust(LOG, log.keys.public_keys(), path) for path in (strange, other, tmp_path))):
        with pytest.raises(ConfigurationError):
            await verify(log.ledger, trust)
