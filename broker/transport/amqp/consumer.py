"""Consuming from RabbitMQ: several queues on one channel, settled in as few frames as possible.

It owns a channel, what has arrived on it and what is unsettled. It must not know what a message means, nor reopen
anything: when the channel or the connection is lost, or RabbitMQ cancels a consumer (its queue was deleted, its leader
moved, an acknowledgement came too late), ``batch`` raises TransportUnavailableError and whoever consumes begins anew.

The prefetch is shared out evenly among the queues: quorum queues know no budget of a whole channel.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from aio_pika.abc import AbstractChannel
from aiormq.abc import AbstractChannel as WireChannel
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic

from broker.errors import ConfigurationError, SettledTwiceError, TransportUnavailableError
from broker.transport.amqp.connection import asked, close, is_channel_error
from broker.transport.seam import Delivery

_DELIVERY_COUNT = "x-delivery-count"
_DEATHS = ("x-death", "x-first-death", "x-last-death")


@dataclass(frozen=True, slots=True)
class _Token:
    """Which delivery of which consumer: a tag means nothing on another channel."""

    consumer: object
    tag: int


class AmqpConsumer:
    """A consumer on a channel of its own; made by ``AmqpTransport.consumer``."""

    def __init__(self, channel: AbstractChannel, wire: WireChannel, queues: Sequence[str], timeout_s: float) -> None:
        """Take over an open channel; ``begin`` starts consuming."""
        self._channel = channel
        self._wire = wire
        self._queues = tuple(queues)
        self._timeout_s = timeout_s
        self._consuming: dict[str, str] = {}  # consumer tag → queue
        self._arrived: deque[Delivery] = deque()
        self._unsettled: dict[int, None] = {}  # delivery tags in their order
        self._changed = asyncio.Event()
        self._ended: str | None = None
        self._switching = asyncio.Lock()

    async def begin(self, prefetch: int) -> None:
        """Start consuming. Raises ConfigurationError for a queue that does not exist or may not be read."""
        self._wire.on_consumer_cancel_callbacks.add(self._on_cancelled)
        self._wire.closing.add_done_callback(lambda _: self._end("RabbitMQ closed the channel"))
        share = max(1, prefetch // len(self._queues))
        await asked(self._wire.basic_qos(prefetch_count=share), "setting the prefetch", self._timeout_s)
        await self.resume()

    async def batch(self, limit: int, wait_s: float) -> list[Delivery]:
        """Give what has arrived, up to ``limit``; wait at most ``wait_s`` for the first."""
        if not self._arrived and self._ended is None and wait_s > 0:
            self._changed.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            except TimeoutError:
                return []
        if self._ended is not None:
            raise TransportUnavailableError(self._ended)
        return [self._arrived.popleft() for _ in range(min(limit, len(self._arrived)))]

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Settle as done: one frame for all that leave nothing unsettled before them, one each for the rest."""
        upto, single = self._take(deliveries)
        frames = [(upto, True)] if upto else []
        frames += [(tag, False) for tag in single]
        for place, (tag, multiple) in enumerate(frames, start=1):
            last = place == len(frames)
            await asked(self._wire.basic_ack(tag, multiple=multiple, wait=last), "acknowledging", self._timeout_s)

    async def requeue(self, deliveries: Sequence[Delivery]) -> None:
        """Give back to the queue, in as few frames as ``ack``."""
        upto, single = self._take(deliveries)
        frames = [(upto, True)] if upto else []
        frames += [(tag, False) for tag in single]
        for place, (tag, multiple) in enumerate(frames, start=1):
            request = self._wire.basic_nack(tag, multiple=multiple, requeue=True, wait=place == len(frames))
            await asked(request, "requeueing", self._timeout_s)

    async def pause(self) -> None:
        """Cancel the consumers; what has arrived can still be had and settled. Idempotent."""
        async with self._switching:
            for tag in list(self._consuming):
                await asked(self._wire.basic_cancel(tag), "pausing", self._timeout_s)
                self._consuming.pop(tag, None)

    async def resume(self) -> None:
        """Consume again where paused. Idempotent."""
        async with self._switching:
            if self._ended is not None:
                raise TransportUnavailableError(self._ended)
            for queue in self._queues:
                if queue not in self._consuming.values():
                    await self._consume(queue)

    async def close(self) -> None:
        """Close the channel: RabbitMQ gives back what is unsettled. Idempotent."""
        self._end("the consumer was closed")
        await close(self._channel, self._timeout_s)

    async def _consume(self, queue: str) -> None:
        tag = f"{queue[:100]}-{secrets.token_hex(8)}"
        self._consuming[tag] = queue  # before the request: RabbitMQ may cancel it at once
        try:
            request = self._wire.basic_consume(queue, partial(self._on_message, queue), consumer_tag=tag)
            await asked(request, f"consuming from {queue}", self._timeout_s)
        except BaseException as failed:
            self._consuming.pop(tag, None)
            if is_channel_error(failed):
                raise ConfigurationError(
                    f"queue {queue} cannot be consumed from: {type(failed).__name__}; declare the topology,"
                    f" or give the user the right to read it",
                ) from None
            raise

    async def _on_message(self, queue: str, message: DeliveredMessage) -> None:
        delivery = message.delivery
        if self._ended is not None or not isinstance(delivery, Basic.Deliver) or not delivery.delivery_tag:
            return
        self._unsettled[delivery.delivery_tag] = None
        self._arrived.append(self._delivery(queue, delivery, message))
        self._changed.set()

    def _delivery(self, queue: str, frame: Basic.Deliver, message: DeliveredMessage) -> Delivery:
        properties = message.header.properties
        headers = properties.headers or {}
        redelivered = bool(frame.redelivered)
        count = headers.get(_DELIVERY_COUNT)
        return Delivery(
            queue=queue,
            token=_Token(self, frame.delivery_tag or 0),
            body=message.body,
            message_id=properties.message_id or None,
            correlation_id=properties.correlation_id or None,
            reply_to=properties.reply_to or None,
            content_type=properties.content_type or None,
            headers={
                name: value
                for name, value in headers.items()
                if isinstance(value, str) and name != _DELIVERY_COUNT and not name.startswith(_DEATHS)
            },
            redelivered=redelivered,
            # RabbitMQ counts from the second delivery on; on a first one the header is the sender's own invention.
            routing_key=frame.routing_key or "",
            delivery_count=count if redelivered and isinstance(count, int) and count > 0 else int(redelivered),
        )

    def _take(self, deliveries: Sequence[Delivery]) -> tuple[int, list[int]]:
        """Strike deliveries off the unsettled: the tag up to which one frame settles all (0: none), and the others."""
        if self._ended is not None:
            raise TransportUnavailableError(self._ended)
        tags = {one.token.tag for one in deliveries if isinstance(one.token, _Token) and one.token.consumer is self}
        if len(tags) != len(deliveries) or not tags <= self._unsettled.keys():
            raise SettledTwiceError("a delivery is settled already, or is of another consumer")
        upto = 0
        for tag in self._unsettled:
            if tag not in tags:
                break
            upto = tag
        for tag in tags:
            del self._unsettled[tag]
        return upto, sorted(tag for tag in tags if tag > upto)

    def _on_cancelled(self, frame: Basic.Cancel) -> None:
        queue = self._consuming.pop(frame.consumer_tag or "", None)
        if queue is not None:
            self._end(f"RabbitMQ cancelled the consumer of {queue}")

    def _end(self, why: str) -> None:
        if self._ended is None:
            self._ended = why
            self._arrived.clear()
            self._changed.set()
