"""Consuming from folders: polls, claims, settles. All file work is done in a thread, a whole batch at a time.

What a cancelled ``batch`` had claimed is given out by the next one.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from broker.errors import SettledTwiceError, TransportUnavailableError
from broker.transport.directory import folder
from broker.transport.directory.folder import Claimed, Claims
from broker.transport.directory.names import MessageName
from broker.transport.seam import Delivery

_TAKE_BACK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class ConsumerConfig:
    """How a consumer looks and what it leaves behind."""

    poll_interval_s: float
    max_body_bytes: int
    held_body_bytes: int
    keep_done: bool


@dataclass(frozen=True, slots=True)
class _Token:
    queue: str
    name: MessageName


@dataclass(slots=True)
class _Source:
    """One queue of a consumer: its folder, what is held of it, and what the last look into it found."""

    queue: str
    path: Path
    claims: Claims
    seen: deque[str]


class DirectoryConsumer:
    """A consumer of several folders; made by ``DirectoryTransport.consumer``."""

    def __init__(self, root: Path, queues: Sequence[str], prefetch: int, config: ConsumerConfig) -> None:
        """Begin to hold claims on the queues: their folders must exist."""
        self._config = config
        self._prefetch = prefetch
        self._sources = deque(
            _Source(queue, root / queue, Claims(root / queue, config.max_body_bytes, config.held_body_bytes), deque())
            for queue in queues
        )
        self._claims = {source.queue: source.claims for source in self._sources}
        self._working = threading.Lock()
        self._arrived: deque[Delivery] = deque()
        self._unsettled: set[_Token] = set()
        self._settled = asyncio.Event()
        self._taken_back_at = 0.0
        self._paused = False
        self._closed = False

    async def batch(self, limit: int, wait_s: float) -> list[Delivery]:
        """Give up to ``limit`` deliveries, oldest first in each queue; wait at most ``wait_s`` for the first."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while True:
            self._must_be_open()
            room = min(limit, self._prefetch - len(self._unsettled))
            if room > 0 and not self._arrived and not self._paused:
                await self._in_thread(self._claim, room)
                self._must_be_open()
            if room > 0 and self._arrived:
                return self._give(room)
            left = deadline - loop.time()
            if left <= 0:
                return []
            await self._rest(min(left, self._config.poll_interval_s))

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Move the files to ``done`` or remove them."""
        tokens = self._take(deliveries)
        await self._in_thread(self._finish, tokens)

    async def requeue(self, deliveries: Sequence[Delivery]) -> None:
        """Move the files back into their queues."""
        tokens = self._take(deliveries)
        await self._in_thread(self._give_back, tokens)

    async def pause(self) -> None:
        """Claim no more. Idempotent."""
        self._paused = True

    async def resume(self) -> None:
        """Claim again. Idempotent."""
        self._must_be_open()
        self._paused = False

    async def close(self) -> None:
        """Give everything unsettled back to its queue. Idempotent."""
        self._closed = True
        self._arrived.clear()
        self._settled.set()
        await self._in_thread(self._let_go)

    def _give(self, room: int) -> list[Delivery]:
        given = [self._arrived.popleft() for _ in range(min(room, len(self._arrived)))]
        for delivery in given:
            assert isinstance(delivery.token, _Token)
            self._unsettled.add(delivery.token)
        return given

    def _take(self, deliveries: Sequence[Delivery]) -> list[_Token]:
        self._must_be_open()
        tokens = [delivery.token for delivery in deliveries if isinstance(delivery.token, _Token)]
        if len(set(tokens)) != len(deliveries) or not self._unsettled.issuperset(tokens):
            raise SettledTwiceError("a delivery is settled already, or is of another consumer")
        self._unsettled.difference_update(tokens)
        self._settled.set()
        return tokens

    async def _rest(self, seconds: float) -> None:
        """Until something was settled, at most this long: new files are found by looking again."""
        self._settled.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._settled.wait()
        except TimeoutError:
            return

    def _must_be_open(self) -> None:
        if self._closed:
            raise TransportUnavailableError("the consumer was closed")

    async def _in_thread(self, work: Callable[..., None], *arguments: object) -> None:
        try:
            await asyncio.to_thread(work, *arguments)
        except OSError as failed:
            raise TransportUnavailableError(f"the folders cannot be used: {failed.strerror or 'disk error'}") from None

    def _claim(self, room: int) -> None:
        """Claim up to ``room`` messages, beginning with another queue each time."""
        with self._working:
            self._look_for_the_dead()
            self._sources.rotate(-1)
            for source in self._sources:
                room -= self._claim_from(source, room)

    def _claim_from(self, source: _Source, room: int) -> int:
        claimed = 0
        if room > 0 and not source.seen:
            source.seen.extend(folder.waiting(source.path))
        while claimed < room and source.seen:
            found = source.claims.claim(source.seen.popleft())
            if found is not None:
                self._arrived.append(_delivery(source.queue, found))
                claimed += 1
        return claimed

    def _look_for_the_dead(self) -> None:
        if time.monotonic() - self._taken_back_at >= _TAKE_BACK_EVERY_S:
            self._taken_back_at = time.monotonic()
            for source in self._sources:
                folder.take_back(source.path)

    def _finish(self, tokens: Sequence[_Token]) -> None:
        for token in tokens:
            self._claims[token.queue].done(token.name, keep=self._config.keep_done)

    def _give_back(self, tokens: Sequence[_Token]) -> None:
        for token in tokens:
            self._claims[token.queue].give_back(token.name)

    def _let_go(self) -> None:
        with self._working:
            for source in self._sources:
                source.claims.close()


def _delivery(queue: str, claimed: Claimed) -> Delivery:
    headers = _headers(claimed.headers)
    inner = headers.get("headers")
    earlier = claimed.name.count - 1
    return Delivery(
        queue=queue,
        token=_Token(queue, claimed.name),
        body=claimed.body,
        message_id=_text(headers, "message_id"),
        correlation_id=_text(headers, "correlation_id"),
        reply_to=_text(headers, "reply_to"),
        content_type=_text(headers, "content_type"),
        headers={name: value for name, value in inner.items() if isinstance(value, str)}
        if isinstance(inner, dict)
        else {},
        redelivered=earlier > 0,
        delivery_count=earlier,
        path=claimed.path,
    )


def _headers(content: bytes | None) -> dict[str, object]:
    """What a headers file says; nothing where it is missing or no JSON object: the message itself is still good."""
    try:
        found = orjson.loads(content or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(headers: dict[str, object], name: str) -> str | None:
    value = headers.get(name)
    return value if isinstance(value, str) and value else None
