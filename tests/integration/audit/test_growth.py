"""The log at work on a real PostgreSQL: many writers, several sequencers, a publisher that signs only what it may."""

import asyncio
from pathlib import Path

import pytest

from broker.audit.verifier import Trust, verify
from broker.errors import AuditError, UnavailableError
from tests.support.audit_log import LOG, TENANT, AuditLog, write_from_many

_GROWS_S = 200.0


async def test_sixteen_writers_at_once_give_a_log_that_holds(log: AuditLog) -> None:
    """Entries of 16 concurrent writers, two sequencers and a publisher at work meanwhile, verify to the last one."""
    signed, written = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        publisher, sequencers = log.publisher(), [log.sequencer(97), log.sequencer(101)]
        await publisher.start()
        while not written.is_set():
            await asyncio.gather(*(sequencer.run_once() for sequencer in sequencers))
            await publisher.run_once()
            if await log.value("SELECT EXISTS (SELECT FROM broker.audit_checkpoint)"):
                signed.set()
        for sequencer in sequencers:
            await sequencer.stop()

    working = asyncio.create_task(work())
    await write_from_many(log, writers=16, transactions=10, entries=9)
    await asyncio.wait({working, asyncio.create_task(signed.wait())}, return_when=asyncio.FIRST_COMPLETED)
    await write_from_many(log, writers=16, transactions=10, entries=9)
    written.set()
    await working
    await log.sequence()
    await log.sign()

    verdict = await log.verify()

    assert (verdict.holds, verdict.size, verdict.proven, verdict.waiting) == (True, 2880, 2880, 0)
    assert verdict.checkpoints > 1


async def test_log_that_grows_meanwhile_holds(log: AuditLog, tmp_path: Path) -> None:
    """A verification never finds fault with what is appended and signed while it reads."""
    anchor = tmp_path / "anchor"
    await log.grow(700)
    await log.sign(anchor)
    done = asyncio.Event()

    async def work() -> None:
        other = AuditLog(log.dsn, tmp_path / "keys")
        publisher, sequencer = other.publisher(anchor), other.sequencer(90)
        while not done.is_set():
            await other.write(60)
            await sequencer.run_once()
            await publisher.run_once()
        await sequencer.stop()
        await publisher.stop()

    working = asyncio.create_task(work())
    verdicts = [await log.verify()]
    async with asyncio.timeout(_GROWS_S):
        while len(verdicts) < 20 or verdicts[-1].size == verdicts[0].size:
            verdicts.append(await log.verify(elsewhere=anchor if len(verdicts) % 2 else None))
            if working.done():
                break
    done.set()
    await working

    assert all(verdict.holds for verdict in verdicts), verdicts
    assert verdicts[-1].size > verdicts[0].size


async def test_each_tenant_has_a_tree_of_its_own(log: AuditLog) -> None:
    """Tenants do not share a tree, and all are verified where none is named."""
    await log.grow(5)
    await log.grow(300, tenant="south/west +1")

    verdicts = await verify(log.ledger, Trust(LOG, log.keys.public_keys()))

    assert [(each.tenant, each.size, each.holds) for each in verdicts] == [
        (TENANT, 5, True),
        ("south/west +1", 300, True),
    ]


async def test_sequencer_stops_where_the_tables_contradict_its_tree(log: AuditLog) -> None:
    """A tree's row set back, or rows gone from an open tile, stop the sequencer; the entries go on waiting."""
    await log.grow(10)
    await log.write(300)
    frontier = await log.value("SELECT frontier FROM broker.audit_tree")
    await log.tamper("UPDATE broker.audit_tree SET size = 2, frontier = frontier[1:1]")

    with pytest.raises(AuditError, match="not at the end"):
        await log.sequence()

    async with log.database() as connection:
        await connection.execute("UPDATE broker.audit_tree SET size = 10, frontier = $1", frontier)
    await log.tamper("DELETE FROM broker.audit_leaf WHERE index = 4")
    with pytest.raises(AuditError, match="missing"):
        await log.sequence()
    assert await log.value("SELECT count(*) FROM broker.audit_pending") == 300


async def test_publisher_signs_only_what_continues_the_last_head(log: AuditLog) -> None:
    """A tree that is not the continuation of what was signed stops the publisher before it signs another head."""
    await log.grow(10)
    publisher = log.publisher()
    await publisher.start()
    await log.write(3)
    await log.sequence()

    await log.tamper("UPDATE broker.audit_tree SET frontier[1] = sha256('x')")

    with pytest.raises(AuditError, match="does not continue"):
        await publisher.run_once()
    assert await log.value("SELECT max(size) FROM broker.audit_checkpoint") == 10


async def test_publisher_refuses_to_start_on_a_database_set_back(log: AuditLog, tmp_path: Path) -> None:
    """A database restored from before the last anchored head is not signed on."""
    anchor = tmp_path / "anchor"
    await log.write(10)
    await log.sequence()
    await log.sign(anchor)

    await log.tamper(*(f"DELETE FROM broker.audit_{table}" for table in ("leaf", "tree", "checkpoint", "entry")))

    with pytest.raises(AuditError, match="10 entries were signed"):
        await log.publisher(anchor).start()


async def test_anchor_gets_the_last_head_that_it_lacks(log: AuditLog, tmp_path: Path) -> None:
    """An anchor that is configured later begins with the last head, and each later one follows once."""
    anchor = tmp_path / "anchor"
    await log.grow(4)
    await log.sign(anchor)
    await log.write(4)
    await log.sequence()
    await log.sign(anchor)
    await log.sign(anchor)

    notes = await log.value("SELECT string_agg(note, '' ORDER BY size) FROM broker.audit_checkpoint")

    assert anchor.read_text() == notes
    assert (await log.verify(elsewhere=anchor)).checkpoints == 4


async def test_nothing_is_published_while_the_anchor_cannot_be_written(log: AuditLog, tmp_path: Path) -> None:
    """A checkpoint is in the anchor before it is in the table; once the anchor is back, signing goes on."""
    folder = tmp_path / "away"
    await log.write(4)
    await log.sequence()

    with pytest.raises(UnavailableError, match="cannot be written"):
        await log.sign(folder / "anchor")

    assert await log.value("SELECT count(*) FROM broker.audit_checkpoint") == 0
    folder.mkdir()
    await log.sign(folder / "anchor")
    assert (await log.verify(elsewhere=folder / "anchor")).proven == 4


async def test_strange_anchor_stops_the_publisher(log: AuditLog, tmp_path: Path) -> None:
    """An anchor that holds anything but checkpoints is not written on."""
    anchor = tmp_path / "anchor"
    anchor.write_text("broker.example/audit/north\n4\nAA")

    with pytest.raises(AuditError, match="has no signature"):
        await log.sign(anchor)
