"""Bulk messages from a delivery into the store, in constant memory.

A message of a bulk channel that is larger than the ordinary ones is read from where the transport keeps it: twice for
its meaning, once for its bytes, while one transaction is written. The work is done in a thread, a slice at a time, so
that the loop's confirms, heartbeats and relay have their turn.
"""

import asyncio
import hashlib
import io
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass
from typing import BinaryIO, TypeVar
from uuid import UUID

from broker.errors import TransportUnavailableError
from broker.ingest.processing import Processing
from broker.message.envelope import Direction, Envelope
from broker.message.failure import Failure
from broker.observability.logs import logger
from broker.observability.names import LogEvent
from broker.pipeline.bulk import Bulk, Effects
from broker.pipeline.bulk_check import Refused
from broker.pipeline.channel import ChannelPlan
from broker.store.bulk_writes import BulkRecorder, Streamed, Turned
from broker.store.recorder import Verdict
from broker.transport.seam import Delivery
from broker.transport.topology import SAFETY_NET

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class BulkConfig:
    """``ordinary_bytes`` is the size up to which a message goes the ordinary way; ``slice_bytes`` is read at a time."""

    ordinary_bytes: int
    slice_bytes: int


class BulkIntake:
    """Takes bulk messages one at a time."""

    def __init__(
        self,
        bulk: Bulk,
        plans: Mapping[str, ChannelPlan],
        recorder: BulkRecorder,
        processing: Processing,
        config: BulkConfig,
    ) -> None:
        """``plans`` is keyed by channel."""
        self._bulk = bulk
        self._plans = plans
        self._recorder = recorder
        self._processing = processing
        self._config = config
        self._thread = ThreadPoolExecutor(1, "bulk")

    def takes(self, delivery: Delivery) -> bool:
        """Whether a delivery is one for here: large, or of a channel that parks bad transactions alone."""
        route = self._processing.routes.get(delivery.queue)
        if route is None or delivery.queue == SAFETY_NET or route.direction is not Direction.INBOUND:
            return False
        plan = self._plans.get(route.channel)
        if plan is None or not plan.bulk:
            return False
        with _opened(delivery) as file:
            if _size(file) > self._config.ordinary_bytes:
                return True
            return plan.partial and self._bulk.splits(file, plan)

    async def envelope(self, delivery: Delivery) -> Envelope:
        """Give the envelope of a delivery, without its body."""
        with _opened(delivery) as file:
            return self._processing.envelope(delivery, await self._run(lambda: _digest(file, self._config.slice_bytes)))

    async def take(self, delivery: Delivery, batch_id: UUID) -> None:
        """Read, check and record one message. Raises what the recorder raises; then nothing of it took effect."""
        route = self._processing.routes[delivery.queue]
        with _opened(delivery) as file:
            checked = await self._run(lambda: self._bulk.check(file, self._plans[route.channel]))
            envelope = self._processing.envelope(delivery, checked.digest)
            if isinstance(checked, Refused):
                turned = Turned(envelope, checked.failure, self._parts(file), checked.definition, checked.business_id)
                self._line(turned, await self._recorder.record(batch_id, turned), checked.size)
                return
            file.seek(0)
            effects = await self._run(lambda: self._bulk.effects(file, envelope, checked))
            with _opened(delivery) as again:
                async with aclosing(self._stream(effects.portions)) as portions:
                    streamed = Streamed(effects, portions, self._parts(again))
                    self._line(effects, await self._recorder.record(batch_id, streamed), checked.size)

    async def refuse(self, delivery: Delivery, batch_id: UUID, failure: Failure) -> None:
        """Record a message as rejected, unread."""
        envelope = await self.envelope(delivery)
        with _opened(delivery) as file:
            turned = Turned(envelope, failure, self._parts(file))
            self._line(turned, await self._recorder.record(batch_id, turned), _size(file))

    async def close(self) -> None:
        """End the thread and the recorder's connection."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        await self._recorder.close()

    def _run(self, work: Callable[[], _T]) -> "asyncio.Future[_T]":
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _stream(self, iterator: Iterator[_T]) -> AsyncGenerator[_T, None]:
        """Give what the iterator gives, in the thread; each is made while the one before it is written."""
        coming = self._run(lambda: next(iterator, None))
        try:
            while (each := await coming) is not None:
                coming = self._run(lambda: next(iterator, None))
                yield each
        finally:  # whoever ends early closes the file that is still read
            await asyncio.gather(coming, return_exceptions=True)

    async def _parts(self, file: BinaryIO) -> AsyncIterator[bytes]:
        file.seek(0)
        while part := await self._run(lambda: file.read(self._config.slice_bytes)):
            yield part

    def _line(self, message: Effects | Turned, verdict: Verdict, size: int) -> None:
        accepted = isinstance(message, Effects)
        envelope, code = message.envelope, None if isinstance(message, Effects) else message.failure.code.value
        result = verdict.value if verdict is not Verdict.NEW else ("accepted" if accepted else "rejected")
        self._processing.count(envelope, result, code)
        logger().info(
            LogEvent.MESSAGE,
            message_id=str(envelope.message_id),
            tenant=envelope.tenant,
            channel=envelope.channel,
            direction=envelope.direction,
            outcome=result,
            code=code,
            definition=message.definition,
            outgoing=message.publications if isinstance(message, Effects) else 0,
            bytes=size,
            traceparent=envelope.traceparent,
        )


def _opened(delivery: Delivery) -> AbstractContextManager[BinaryIO]:
    try:
        return io.BytesIO(delivery.body) if delivery.path is None else delivery.path.open("rb")
    except OSError:
        raise TransportUnavailableError("a claimed message is not there any more") from None


def _size(file: BinaryIO) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size


def _digest(file: BinaryIO, slice_bytes: int) -> bytes:
    hashed = hashlib.sha256()
    while part := file.read(slice_bytes):
        hashed.update(part)
    return hashed.digest()
