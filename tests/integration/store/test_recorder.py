"""Recording batches on a real PostgreSQL."""

import asyncio
import dataclasses
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pytest

from broker.errors import StoreRefusedError
from broker.message import identity
from broker.message.failure import Failure, FailureCode
from broker.message.finding import Finding, Severity
from broker.store.codec import PlainCodec
from broker.store.database import Database
from broker.store.recorder import Recorder, Verdict
from tests.support.outcomes import Shape, accepted, batch, envelope, rejected, together
from tests.support.rows import Reader

LATER = datetime(2030, 1, 2, 4, 0, tzinfo=UTC)


def retry_store_refused_never(code: FailureCode, attempts: int, now: datetime) -> datetime | None:
    """Retry internal errors, park all else."""
    del attempts, now
    return LATER if code is FailureCode.INTERNAL_ERROR else None


@pytest.fixture
async def recorder(dsn: str) -> AsyncIterator[Recorder]:
    """Give a recorder on the test's database."""
    made = make(dsn)
    yield made
    await made.close()


@pytest.fixture
async def rows(dsn: str) -> AsyncIterator[Reader]:
    """Give a reader of the test's database."""
    async with Reader.on(dsn) as reader:
        yield reader


def make(dsn: str) -> Recorder:
    """Make a recorder."""
    return Recorder(Database(dsn), PlainCodec(), retry_store_refused_never)


async def test_an_accepted_message_is_recorded_whole(recorder: Recorder, rows: Reader) -> None:
    """Inbox, message, bytes, publications, pending rows and an audit entry are there after one call."""
    outcome = accepted()

    verdicts = await recorder.record(uuid4(), [outcome])

    assert verdicts == [Verdict.NEW]
    message = await rows.one("SELECT state, definition, business_id FROM broker.message")
    assert tuple(message) == ("accepted", "pacs.008.001.08", "BUSINESS-1")
    assert await rows.value("SELECT body FROM broker.message_body") == outcome.envelope.body
    assert await rows.column("SELECT event_id FROM broker.outbox ORDER BY id") == [o.event_id for o in outcome.outgoing]
    assert await rows.count("outbox_pending") == 2
    assert await rows.audited() == [("accepted", outcome.envelope.message_id)]
    assert await rows.count("audit_pending") == 1


async def test_the_findings_of_an_accepted_message_are_kept_and_audited(recorder: Recorder, rows: Reader) -> None:
    """What a version could not hold, or a lenient channel let by, stands beside the message; its number in the log."""
    lost = Finding("mapping.not-representable", Severity.WARNING, "$.references.uetr", 0, "has no place")

    await recorder.record(uuid4(), [dataclasses.replace(accepted(), findings=(lost,))])

    assert orjson.loads(await rows.value("SELECT findings FROM broker.message")) == [lost.as_dict()]
    assert orjson.loads(await rows.value("SELECT leaf FROM broker.audit_entry"))["facts"]["findings"] == 1


async def test_a_rejected_message_is_a_dead_letter_with_its_bytes(recorder: Recorder, rows: Reader) -> None:
    """A rejection is parked with code, reason, bytes and a derived id, and its message is dead."""
    outcome = rejected()

    await recorder.record(uuid4(), [outcome])

    letter = await rows.one("SELECT id, code, state, due_at, body FROM broker.dead_letter")
    source = outcome.envelope
    expected = identity.dead_letter_id(source.message_id, source.digest)
    assert tuple(letter) == (expected, "validate.schema", "parked", None, source.body)
    assert await rows.value("SELECT state FROM broker.message") == "dead"
    assert await rows.audited() == [("rejected", source.message_id)]


async def test_a_rejection_with_a_retry_due_waits(recorder: Recorder, rows: Reader) -> None:
    """Where the policy names an instant the dead letter waits for it."""
    await recorder.record(uuid4(), [rejected(code=FailureCode.INTERNAL_ERROR)])

    assert tuple(await rows.one("SELECT state, due_at FROM broker.dead_letter")) == ("waiting", LATER)


async def test_the_same_key_with_the_same_bytes_is_a_duplicate(recorder: Recorder, rows: Reader) -> None:
    """A second delivery changes nothing, is acknowledged and audited."""
    outcome = accepted()
    await recorder.record(uuid4(), [outcome])

    verdicts = await recorder.record(uuid4(), [outcome])

    assert verdicts == [Verdict.DUPLICATE]
    assert await rows.count("message") == 1
    assert await rows.count("outbox") == 2
    assert [kind for kind, _ in await rows.audited()] == ["accepted", "duplicate"]


async def test_the_same_key_with_other_bytes_is_a_conflict(recorder: Recorder, rows: Reader) -> None:
    """Other bytes never overwrite: they are parked as a message of their own, and the first stays in effect."""
    first, second = accepted(envelope("k", b"first")), accepted(envelope("k", b"second"))
    await recorder.record(uuid4(), [first])

    verdicts = await recorder.record(uuid4(), [second])

    assert verdicts == [Verdict.CONFLICT]
    letter = await rows.one("SELECT code, state, body, message_id FROM broker.dead_letter")
    assert tuple(letter)[:3] == ("receive.conflict", "parked", b"second")
    assert letter["message_id"] != first.envelope.message_id
    assert await rows.column("SELECT body FROM broker.message_body ORDER BY body") == [b"first", b"second"]
    assert await rows.count("outbox") == 2
    assert [kind for kind, _ in await rows.audited()] == ["accepted", "conflict"]


async def test_a_conflict_that_comes_again_is_parked_once(recorder: Recorder, rows: Reader) -> None:
    """The redelivery of conflicting bytes opens no second dead letter."""
    await recorder.record(uuid4(), [accepted(envelope("k", b"first"))])
    again = [accepted(envelope("k", b"second"))]

    verdicts = [await recorder.record(uuid4(), again) for _ in range(3)]

    assert verdicts == [[Verdict.CONFLICT]] * 3
    assert await rows.count("dead_letter") == 1
    assert [kind for kind, _ in await rows.audited()] == ["accepted", "conflict", "duplicate", "duplicate"]


async def test_one_message_twice_in_one_batch(recorder: Recorder, rows: Reader) -> None:
    """Inside one batch the second delivery is a duplicate, and other bytes under the key are a conflict."""
    one, other = accepted(envelope("k", b"one")), accepted(envelope("k", b"other"))

    verdicts = await recorder.record(uuid4(), [one, one, other, other])

    assert verdicts == [Verdict.NEW, Verdict.DUPLICATE, Verdict.CONFLICT, Verdict.CONFLICT]
    assert await rows.count("message") == 2
    assert await rows.count("dead_letter") == 1


async def test_a_batch_again_under_its_own_id_writes_nothing(recorder: Recorder, rows: Reader) -> None:
    """After a commit of unknown outcome the batch is given again: NEW, and not a row or audit entry more."""
    one, other = accepted(envelope("k", b"one")), accepted(envelope("k", b"other"))
    outcomes = together(one, one, other, rejected(), *batch(5))
    batch_id = uuid4()
    first = await recorder.record(batch_id, outcomes)
    before = await rows.counts()

    second = await recorder.record(batch_id, outcomes)

    assert second == first
    assert await rows.counts() == before


async def test_a_message_of_another_tenant_is_another_message(recorder: Recorder, rows: Reader) -> None:
    """The same key of two tenants is two messages."""
    mine, theirs = (accepted(envelope("k", b"x", Shape(tenant=tenant))) for tenant in ("north", "south"))

    assert await recorder.record(uuid4(), [mine, theirs]) == [Verdict.NEW, Verdict.NEW]
    assert await rows.column("SELECT tenant FROM broker.message ORDER BY tenant") == ["north", "south"]


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 100_000], ids=["nul", "surrogate", "too long for an index"])
async def test_what_cannot_be_stored_is_refused_and_nothing_of_its_batch_stays(
    recorder: Recorder, rows: Reader, text: str
) -> None:
    """A culprit row makes the batch refused as a whole; without it the rest is recorded."""
    random_text = "".join(random.Random(1).choices("abcdefghijklmnop", k=len(text))) if len(text) > 1 else text
    good, culprit = batch(3), dataclasses.replace(accepted(), business_id=random_text)

    with pytest.raises(StoreRefusedError):
        await recorder.record(uuid4(), [*good, culprit])

    assert await rows.count("inbox") == 0
    assert await recorder.record(uuid4(), good) == [Verdict.NEW] * 3


async def test_a_refused_message_can_be_parked_whatever_its_headers(recorder: Recorder, rows: Reader) -> None:
    """A dead letter ``store.refused`` is written even where key, correlation and reply address are hostile."""
    source = dataclasses.replace(envelope(), key="id:\x00\ud800", correlation_id="\x00", reply_to="\udfff")
    refused = dataclasses.replace(
        rejected(source), failure=Failure(FailureCode.STORE_REFUSED, "Refused."), business_id="\x00"
    )

    assert await recorder.record(uuid4(), [refused]) == [Verdict.NEW]
    assert tuple(await rows.one("SELECT code, correlation_id FROM broker.dead_letter")) == ("store.refused", "\\x00")


async def test_a_refusal_tells_nothing_of_the_data(recorder: Recorder) -> None:
    """The error's text and chain hold no value of the row: the server's details would quote it."""
    marked = dataclasses.replace(accepted(), business_id="MARKED\x00")

    with pytest.raises(StoreRefusedError) as caught:
        await recorder.record(uuid4(), [marked])

    assert "MARKED" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_overlapping_batches_do_not_deadlock(dsn: str, rows: Reader) -> None:
    """Eight recorders with the same messages in different orders: each is recorded once, nobody fails."""
    outcomes = batch(60, Shape(publications=1))
    recorders = [make(dsn) for _ in range(8)]

    async def run(seed: int) -> list[Verdict]:
        mixed = random.Random(seed)
        verdicts: list[Verdict] = []
        for _ in range(10):
            verdicts += await recorders[seed].record(uuid4(), mixed.sample(list(outcomes), 40))
        return verdicts

    verdicts = [each for one in await asyncio.gather(*map(run, range(8))) for each in one]

    recorded = await rows.count("message")
    assert verdicts.count(Verdict.NEW) == recorded == await rows.count("outbox_pending")
    assert verdicts.count(Verdict.CONFLICT) == 0
    await asyncio.gather(*(each.close() for each in recorders))


async def test_two_recorders_with_one_message_write_it_once(dsn: str, rows: Reader) -> None:
    """Of two recorders that hold the same delivery at once one records it and the other finds a duplicate."""
    outcome = accepted()
    recorders = [make(dsn) for _ in range(2)]

    verdicts = await asyncio.gather(*(each.record(uuid4(), [outcome]) for each in recorders))

    assert sorted(verdicts) == [[Verdict.DUPLICATE], [Verdict.NEW]]
    assert await rows.count("message") == 1
    await asyncio.gather(*(each.close() for each in recorders))


async def test_a_new_day_makes_its_partitions(dsn: str, rows: Reader) -> None:
    """Midnight needs no operator: the first batch of a day makes the day's partitions, from any number of workers."""
    days = [datetime(2031, 5, 1, 23, 59, tzinfo=UTC) + timedelta(hours=hours) for hours in (0, 1, 0, 1)]
    recorders = [
        Recorder(Database(dsn), PlainCodec(), retry_store_refused_never, now=lambda at=at: at)  # type: ignore[misc]
        for at in days
    ]

    await asyncio.gather(*(each.record(uuid4(), batch(2)) for each in recorders))

    found = await rows.column("SELECT DISTINCT tableoid::regclass::text FROM broker.outbox ORDER BY 1")
    assert found == ["broker.outbox_20310501", "broker.outbox_20310502"]
    await asyncio.gather(*(each.close() for each in recorders))


async def test_the_audit_entry_commits_to_every_form(recorder: Recorder, rows: Reader) -> None:
    """The leaf of an accepted message opens for each digest with the salt beside it, and names no bytes."""
    outcome = accepted()
    await recorder.record(uuid4(), [outcome])

    content, salt = await rows.one("SELECT leaf, salt FROM broker.audit_entry")

    assert all(rows.opens(content, form, digest, salt) for form, digest in outcome.digests.items())
    assert outcome.digests["received"].hex().encode() not in content


def test_ids_sort_as_the_database_sorts_them() -> None:
    """PostgreSQL compares UUIDs byte by byte, as Python compares their integers: batches lock in one order."""
    ids = [UUID(int=number) for number in (1, 2**127, 2**64, 255)]

    assert sorted(ids, key=lambda each: each.bytes) == sorted(ids, key=lambda each: each.int)
