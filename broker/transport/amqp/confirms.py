"""What RabbitMQ answers to publishes: each outcome to its place in its batch, and room for others.

The client library keeps an object for each delivery tag and tells it the outcome. Here that is not a future with a task
behind it but an ``Unconfirmed``: a batch of publishes waits for one future, whatever their number.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aiormq.exceptions import ChannelAccessRefused, DeliveryError, PublishError

from broker.transport.seam import PublishResult

if TYPE_CHECKING:
    from aiormq.channel import Channel


class Window:
    """How many publishes, and bytes of them, may be on their way at once. A group larger than the window goes alone."""

    def __init__(self, count: int, size: int) -> None:
        """Both are limits."""
        self._count_max = count
        self._size_max = size
        self._count = 0
        self._size = 0
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()

    async def enter(self, count: int, size: int) -> None:
        """Wait for room; in the order of asking."""
        async with self._turn:
            while self._count and (self._count + count > self._count_max or self._size + size > self._size_max):
                self._room.clear()
                await self._room.wait()
            self._count += count
            self._size += size

    def leave(self, count: int, size: int) -> None:
        """Give the room back."""
        self._count -= count
        self._size -= size
        self._room.set()


class Batch:
    """The outcomes of publishes that were asked for together; ``UNKNOWN`` until one is known."""

    def __init__(self, size: int, window: Window) -> None:
        """Wait for so many; each one sent takes its place in the window."""
        self.results = [PublishResult.UNKNOWN] * size
        self.complete: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.window = window
        self._left = size
        if not size:
            self.complete.set_result(None)

    def settle(self, place: int, result: PublishResult) -> None:
        """Take one outcome; each place is settled once."""
        self.results[place] = result
        self._left -= 1
        if not self._left and not self.complete.done():
            self.complete.set_result(None)


class Unconfirmed:
    """One publish on its way. To the client library it looks like the future of a confirm."""

    __slots__ = ("_batch", "_done", "_place", "by_key", "key", "size")

    def __init__(self, batch: Batch, place: int, key: str, size: int) -> None:
        """``key`` is the AMQP message id, by which a return is told; ``size`` is what it takes of the window."""
        self.key = key
        self.size = size
        self.by_key: dict[str, int] = {}
        self._batch = batch
        self._place = place
        self._done = False

    def done(self) -> bool:
        """Whether the outcome is known, or was given up."""
        return self._done

    def cancelled(self) -> bool:
        """Whoever waits may go; the publish itself cannot be called back."""
        return False

    def set_result(self, _: object) -> None:
        """RabbitMQ took it; the frame that says so says no more."""
        self._settle(PublishResult.CONFIRMED)

    def set_exception(self, failed: BaseException) -> None:
        """RabbitMQ returned or refused it, or closed the channel: then nobody knows."""
        self._settle(meaning(failed))

    def _settle(self, result: PublishResult) -> None:
        if not self._done:
            self._done = True
            self.by_key.pop(self.key, None)
            self._batch.window.leave(1, self.size)
            self._batch.settle(self._place, result)


def enlist(channel: "Channel", unconfirmed: Sequence[Unconfirmed]) -> None:
    """Give each publish of a write the delivery tag that RabbitMQ will count for it; in the order of the frames."""
    for each in unconfirmed:
        channel.delivery_tag += 1
        channel.confirmations[channel.delivery_tag] = each  # type: ignore[assignment]  # it has all that is used
        channel.message_id_delivery_tag[each.key] = channel.delivery_tag
        each.by_key = channel.message_id_delivery_tag


def strike(channel: "Channel", unconfirmed: Sequence[Unconfirmed]) -> None:
    """Take back the last ones enlisted, whose frames were never given to the connection."""
    for _ in unconfirmed:
        channel.confirmations.pop(channel.delivery_tag, None)
        channel.delivery_tag -= 1


def give_up(channel: "Channel", closing: "asyncio.Future[Any]") -> None:
    """The channel closed: what it did not answer it never will."""
    failed = None if closing.cancelled() else closing.exception()
    waiting: list[object] = list(channel.confirmations.values())
    for each in waiting:
        if isinstance(each, Unconfirmed):
            each.set_exception(failed or ConnectionError("the channel closed"))


def meaning(failed: BaseException) -> PublishResult:
    """What an error of the client library says of a publish."""
    match failed:
        case PublishError():
            return PublishResult.UNROUTABLE
        case DeliveryError() | ChannelAccessRefused():
            return PublishResult.REFUSED
        case _:
            return PublishResult.UNKNOWN
