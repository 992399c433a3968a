"""When the next batch is taken: beside the recording of a full one, after the recording of any other."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import pytest

from broker.ingest.backpressure import Backpressure, Watermark
from broker.ingest.intake import Intake, IntakeConfig, IntakePorts
from broker.ingest.processing import Processing
from broker.observability.metrics import Metrics
from broker.observability.traces import Tracing
from broker.pipeline.outcome import Outcome
from broker.queues import routes
from broker.settings import Settings
from broker.transport import topology
from broker.transport.seam import Delivery
from broker.workbench import Workbench

BATCH = 2
SETTINGS = Settings.model_validate({"channels": {"core": {}}})


@dataclass
class Held:
    """Stands for a consumer and a recorder: gives batches as they are asked for, records one when it may."""

    batches: list[int]
    may_record: asyncio.Event = field(default_factory=asyncio.Event)
    told: list[str] = field(default_factory=list)

    async def consumer(self, _queues: Sequence[str], _prefetch: int) -> "Held":
        """Give itself."""
        return self

    async def batch(self, _limit: int, _wait_s: float) -> list[Delivery]:
        """Give the next batch."""
        count = self.batches.pop(0) if self.batches else 0
        queue = topology.inbound("core")
        return [Delivery(queue, None, b"<a/>", message_id=f"{len(self.batches)}-{each}") for each in range(count)]

    async def record(self, _batch_id: UUID, outcomes: Sequence[Outcome]) -> list[str]:
        """Record a batch when it may be."""
        await self.may_record.wait()
        return ["new" for _ in outcomes]

    async def ack(self, _deliveries: Sequence[Delivery]) -> None:
        """Nothing is to be settled."""

    async def close(self) -> None:
        """Nothing is to be closed."""

    def takes(self, _delivery: Delivery) -> bool:
        """No message is a bulk message."""
        return False


def intake(held: Held) -> Intake:
    """Give an intake over what is held."""
    everything = cast("Any", held)
    ports = IntakePorts(
        transport=everything,
        recorder=everything,
        attempts=everything,
        processing=Processing(Workbench(SETTINGS).pipeline, routes(SETTINGS), Tracing(), Metrics()),
        bulk=everything,
        backpressure=Backpressure({"commit_ms": Watermark(2e9, 1e9)}),
        metrics=Metrics(),
        recorded=lambda: None,
        probe=held.told.append,
    )
    return Intake(IntakeConfig((topology.inbound("core"),), BATCH, 0.01, 10, 3), ports)


@pytest.mark.parametrize(
    ("batches", "meanwhile"),
    [
        ([1, 1], ["received", "processed"]),
        ([BATCH, 1], ["received", "processed", "received", "processed"]),
    ],
    ids=["not full", "full"],
)
async def test_the_next_batch_is_taken_beside_a_full_one(batches: list[int], meanwhile: list[str]) -> None:
    """While a full batch is recorded the next is taken; after any other it may grow in its queue meanwhile."""
    held = Held(batches)
    step = intake(held)
    await step.start()
    assert await step.run_once()
    second = asyncio.create_task(step.run_once())
    for _ in range(100):  # turns of the loop, more than any way through a batch takes
        await asyncio.sleep(0)

    assert held.told == meanwhile

    held.may_record.set()
    assert await second
    await step.stop()
    assert sorted(held.told) == sorted(["received", "processed", "committed", "acknowledged"] * 2)
