"""Publishing to RabbitMQ: many at once, several to a write, each with its own confirmed outcome.

It owns the publishing connection and one confirming channel for each exchange: a missing exchange closes the channel it
was addressed on, and so no other. It must not know what is published.

An outcome is CONFIRMED only by RabbitMQ's own acknowledgement; UNROUTABLE when it returned the message (``mandatory``);
REFUSED when it answered no (a full queue), or the message cannot be said in AMQP; UNKNOWN in every other case.
The event id travels in the header ``ce-id``; the AMQP message id is unique for each attempt: returns are told by it.
"""

import asyncio
import itertools
import secrets
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

from aio_pika.abc import AbstractChannel
from aiormq.abc import ChannelFrame
from aiormq.channel import Channel as WireChannel
from aiormq.exceptions import ChannelAccessRefused, ChannelNotFoundEntity

from broker.transport.amqp.confirms import Batch, Unconfirmed, Window, enlist, give_up, strike
from broker.transport.amqp.connection import LOST, AmqpConfig, Line, asked
from broker.transport.amqp.frames import publish_frames
from broker.transport.seam import Publication, PublishResult

EVENT_ID_HEADER = "ce-id"
_ROUTING_KEY_MAX_BYTES = 255
_WRITE_BYTES = 131_072  # so much goes to the connection at once, that the event loop is not held up
_WRITE_PUBLISHES = 100

_Placed = tuple[int, Publication]


class Publisher:
    """Publishes on a line of its own. Several ``publish`` calls may run at once; each keeps the order of its own."""

    def __init__(self, config: AmqpConfig) -> None:
        """Keep the configuration; nothing is opened yet."""
        self._config = config
        self.line = Line(config, "publish")
        self._channels: dict[str, AbstractChannel] = {}
        self._opening = asyncio.Lock()
        self._attempt_prefix = secrets.token_hex(8)
        self._attempts = itertools.count()
        self._window = Window(config.in_flight, config.in_flight_bytes)

    async def publish(self, publications: Sequence[Publication]) -> list[PublishResult]:
        """Publish all, in order, and wait for every outcome until the confirm timeout, which begins once connected.

        Raises TransportUnavailableError only when there is no connection and so nothing was sent.
        """
        await self.line.open()
        batch = Batch(len(publications), self._window)
        channels = {name: await self._channel(name) for name in {one.exchange for one in publications}}
        deadline = asyncio.get_running_loop().time() + self._config.confirm_timeout_s
        try:
            async with asyncio.timeout_at(deadline):
                await self.line.released()
                for exchange, group in _writes(publications):
                    await self._write(batch, channels[exchange], group)
                await batch.complete
        except TimeoutError:
            if not self.line.held_back():
                self.line.drop()  # it does not answer: whatever it still says of these would come too late
        return list(batch.results)

    async def close(self) -> None:
        """Close the connection; what is in flight stays unknown. Idempotent."""
        await self.line.close()

    async def _write(self, batch: Batch, channel: WireChannel | None, group: Sequence[_Placed]) -> None:
        """Give publishes to one channel in one piece. A lost channel leaves them unknown."""
        payloads: list[bytes] = []
        unconfirmed: list[Unconfirmed] = []
        for place, publication in group:
            refused = self._refused(channel, publication)
            if refused is None and channel is not None:
                each = Unconfirmed(
                    batch, place, f"{self._attempt_prefix}-{next(self._attempts)}", len(publication.body)
                )
                headers = {**publication.headers, EVENT_ID_HEADER: publication.event_id}
                try:
                    frames = publish_frames(channel.number, channel.max_content_size, publication, headers, each.key)
                except ValueError:
                    refused = PublishResult.REFUSED
                else:
                    payloads.append(frames)
                    unconfirmed.append(each)
            if refused is not None:
                batch.settle(place, refused)
        if channel is not None and unconfirmed:
            await self._send(channel, b"".join(payloads), unconfirmed)

    def _refused(self, channel: WireChannel | None, publication: Publication) -> PublishResult | None:
        """What is known of a publication before it is sent."""
        if channel is None:
            return PublishResult.UNROUTABLE
        if len(publication.body) > self._config.max_body_bytes:
            return PublishResult.REFUSED
        key = publication.routing_key
        if len(key) * 4 > _ROUTING_KEY_MAX_BYTES and len(key.encode(errors="replace")) > _ROUTING_KEY_MAX_BYTES:
            return PublishResult.UNROUTABLE
        return None

    async def _send(self, channel: WireChannel, payload: bytes, unconfirmed: Sequence[Unconfirmed]) -> None:
        size = sum(each.size for each in unconfirmed)
        await self._window.enter(len(unconfirmed), size)
        try:
            async with channel.lock:
                enlist(channel, unconfirmed)
                try:
                    await channel.write_queue.put(ChannelFrame(payload, should_close=False))
                except BaseException:
                    strike(channel, unconfirmed)
                    raise
        except LOST as lost:
            for each in unconfirmed:
                each.set_exception(lost)
        except BaseException:
            for each in unconfirmed:
                each.set_exception(ConnectionError("it was not sent"))
            raise

    async def _channel(self, exchange: str) -> WireChannel | None:
        """The channel for an exchange, None where the exchange does not exist."""
        async with self._opening:
            channel = self._channels.get(exchange)
            if channel is None or channel.is_closed:
                channel = await self.line.channel(confirms=True)
                if exchange and not await self._exists(channel, exchange):
                    return None
                self._channels[exchange] = channel
                opened = await channel.get_underlay_channel()
                assert isinstance(opened, WireChannel)
                opened.closing.add_done_callback(partial(give_up, opened))
            wire = await channel.get_underlay_channel()
            assert isinstance(wire, WireChannel)
            return wire

    async def _exists(self, channel: AbstractChannel, exchange: str) -> bool:
        wire = await channel.get_underlay_channel()
        try:
            request = wire.exchange_declare(exchange, passive=True)
            await asked(request, "looking for an exchange", self._config.request_timeout_s)
        except (ChannelNotFoundEntity, ChannelAccessRefused):
            return False
        return True


def _writes(publications: Sequence[Publication]) -> Iterator[tuple[str, list[_Placed]]]:
    """What is written at once: neighbours of one exchange, bounded in number and bytes."""
    for exchange, same in groupby(enumerate(publications), key=lambda placed: placed[1].exchange):
        group: list[_Placed] = []
        size = 0
        for place, publication in same:
            if group and (len(group) == _WRITE_PUBLISHES or size + len(publication.body) > _WRITE_BYTES):
                yield exchange, group
                group, size = [], 0
            group.append((place, publication))
            size += len(publication.body)
        yield exchange, group
