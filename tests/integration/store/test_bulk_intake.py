"""A bulk message whose recording fails on the way: nothing of it is there, and it can be taken again."""

from pathlib import Path
from uuid import uuid4

import pytest

from broker.errors import StoreUnavailableError
from broker.generate import write_bulk
from broker.ingest.bulk import BulkConfig, BulkIntake
from broker.ingest.processing import Processing
from broker.observability.metrics import Metrics
from broker.observability.traces import Tracing
from broker.queues import routes
from broker.settings import Settings
from broker.store.bulk_writes import BulkRecorder
from broker.store.codec import PlainCodec
from broker.transport import topology
from broker.transport.seam import Delivery
from broker.workbench import Workbench
from tests.support.store import Store

_SETTINGS = Settings.model_validate({"channels": {"bulk": {"bulk": True}}, "limits": {"message_bytes": 1_000}})
_TRANSACTIONS = 1_000


class _Failing(PlainCodec):
    """A codec that fails once, at the three hundredth payload."""

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, tenant: str, body: bytes) -> bytes:
        self.encoded += 1
        if self.encoded == 300:
            raise StoreUnavailableError("the keys are away")
        return super().encode(tenant, body)


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    """Give a message of several slices in a file."""
    with (path := tmp_path / "order.xml").open("w+b") as file:
        write_bulk(Workbench(_SETTINGS).catalogue, "pain.001.001.09", _TRANSACTIONS, 1, file)
    return Delivery(topology.inbound("bulk"), None, b"", path=path, message_id="order")


async def test_what_fails_on_the_way_leaves_nothing_and_is_taken_again(store: Store, delivery: Delivery) -> None:
    """The slice that was made meanwhile is let go of, and the next try records every event once."""
    bench = Workbench(_SETTINGS)
    recorder = BulkRecorder(store.database, _Failing(), store.policy)
    processing = Processing(bench.pipeline, routes(_SETTINGS), Tracing(), Metrics())
    intake = BulkIntake(bench.bulk, bench.plans, recorder, processing, BulkConfig(1_000, 65_536))
    store.stack.push_async_callback(intake.close)
    with pytest.raises(StoreUnavailableError):
        await intake.take(delivery, uuid4())
    assert [await store.rows.count(table) for table in ("inbox", "message_part", "outbox")] == [0, 0, 0]
    await intake.take(delivery, uuid4())
    assert await store.rows.count("outbox") == _TRANSACTIONS + 1
