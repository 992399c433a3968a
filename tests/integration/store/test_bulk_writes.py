"""Recording bulk messages: once, in parts, and what a second delivery of the same or of other bytes is."""

import dataclasses
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from broker.message import identity
from broker.message.failure import Failure, FailureCode
from broker.store.bulk_writes import BulkRecorder, Turned
from broker.store.partitions import Partitions
from broker.store.recorder import Verdict
from broker.store.writing import utc_now
from tests.support.outcomes import envelope
from tests.support.store import CODEC, Store

FAILURE = Failure(FailureCode.PARSE_MALFORMED, "Not well-formed XML at line 1, column 7: it ends.")
PARTS = (b"first ", b"second ", b"third")


def _turned(key: str, parts: tuple[bytes, ...] = PARTS) -> Turned:
    whole = b"".join(parts)
    given = dataclasses.replace(envelope(key), body=b"", digest=identity.digest(whole))
    return Turned(given, FAILURE, _each(parts))


def _in_days(days: int) -> datetime:
    return utc_now() + timedelta(days=days)


async def _each(parts: tuple[bytes, ...]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.fixture
async def recorder(store: Store) -> BulkRecorder:
    """Give a recorder of bulk messages."""
    made = BulkRecorder(store.database, CODEC, store.policy)
    store.stack.push_async_callback(made.close)
    return made


async def test_a_rejected_message_is_kept_in_parts(store: Store, recorder: BulkRecorder) -> None:
    """Its bytes are there in their order, the dead letter has none, and the audit entry binds the digest."""
    assert await recorder.record(uuid4(), _turned("k")) is Verdict.NEW
    assert await store.rows.column("SELECT body FROM broker.message_part ORDER BY part") == list(PARTS)
    assert await store.rows.column("SELECT octet_length(body) FROM broker.dead_letter") == [0]
    assert await store.rows.column("SELECT state FROM broker.message") == ["dead"]
    assert await store.rows.count("message_body") == 0


async def test_an_unknown_commit_is_recorded_once(store: Store, recorder: BulkRecorder) -> None:
    """The same batch again is new and writes nothing; another batch with the same bytes is a duplicate."""
    batch = uuid4()
    verdicts = [await recorder.record(each, _turned("k")) for each in (batch, batch, uuid4())]
    assert verdicts == [Verdict.NEW, Verdict.NEW, Verdict.DUPLICATE]
    assert await store.rows.count("dead_letter") == 1
    kinds = await store.rows.column("SELECT kind FROM broker.audit_entry")
    assert Counter(kinds) == Counter(rejected=1, duplicate=1)


async def test_other_bytes_under_a_known_key_are_a_conflict(store: Store, recorder: BulkRecorder) -> None:
    """They are a dead message of their own, with all their bytes, once however often they come."""
    await recorder.record(uuid4(), _turned("k"))
    verdicts = [await recorder.record(uuid4(), _turned("k", (b"other",))) for _ in range(2)]
    assert verdicts == [Verdict.CONFLICT, Verdict.CONFLICT]
    codes = await store.rows.column("SELECT code FROM broker.dead_letter ORDER BY code")
    assert codes == ["parse.malformed", "receive.conflict"]
    assert await store.rows.column("SELECT body FROM broker.message_part WHERE body = 'other'") == [b"other"]


async def test_parts_go_with_retention(store: Store, recorder: BulkRecorder) -> None:
    """Bytes are dropped after their days; the message stays."""
    await recorder.record(uuid4(), _turned("k"))
    for days, left in ((10, 3), (11, 0)):
        partitions = Partitions(store.database, partial(_in_days, days))
        await partitions.drop_expired(10, 10)
        await partitions.close()
        assert len(await store.rows.column("SELECT part FROM broker.message_part")) == left
    assert await store.rows.count("message") == 1
