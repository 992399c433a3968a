"""The transport over folders: routes, writes, and makes consumers. For one machine, or a shared POSIX file system."""

import asyncio
import itertools
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from broker.errors import ConfigurationError, TransportUnavailableError
from broker.transport.directory import folder, names
from broker.transport.directory.consumer import ConsumerConfig, DirectoryConsumer
from broker.transport.directory.declared import Declared
from broker.transport.directory.writing import Writing, write
from broker.transport.seam import Publication, PublishResult, Topology

_CHUNK = 100  # messages written at once: two open files each
_COUNT_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class DirectoryConfig:
    """Where the folders are. ``keep_done``: acknowledged messages stay in ``done`` (nothing here ever removes them).

    A body over ``held_body_bytes`` is not read but given as a file; one over ``max_body_bytes`` is no message.
    """

    root: Path
    keep_done: bool = True
    poll_interval_s: float = 0.05
    max_body_bytes: int = 1_000_000_000
    held_body_bytes: int = 16_777_216


class DirectoryTransport:
    """Folders behind the seam. Any number of processes may use one root."""

    def __init__(self, config: DirectoryConfig) -> None:
        """Keep the configuration; nothing is touched yet."""
        self._config = config
        self._declared = Declared(config.root)
        self._lengths = _Lengths()
        self._writing = threading.Lock()
        self._token = secrets.token_hex(6)
        self._copies = itertools.count()
        self._stamp_ns = 0
        self._consumers: list[DirectoryConsumer] = []
        self._closed = False

    async def open(self) -> None:
        """Make the root. Raises TransportUnavailableError."""
        try:
            await asyncio.to_thread(self._config.root.mkdir, parents=True, exist_ok=True)
        except OSError as failed:
            raise _unusable(failed) from None

    async def declare(self, topology: Topology) -> None:
        """Remember the topology and make the folders of its queues."""
        try:
            await asyncio.to_thread(self._declare, topology)
        except OSError as failed:
            raise _unusable(failed) from None

    async def unbind(self, queue: str, bindings: Sequence[tuple[str, str]]) -> None:
        """Take bindings of a queue away. Idempotent."""
        try:
            await asyncio.to_thread(self._unbind, queue, bindings)
        except OSError as failed:
            raise _unusable(failed) from None

    async def remove(self, queue: str) -> bool:
        """Remove an empty queue that nobody consumes from, with its folder; False for any other. Idempotent."""
        try:
            return await asyncio.to_thread(self._remove, queue)
        except OSError as failed:
            raise _unusable(failed) from None

    async def consumer(self, queues: Sequence[str], prefetch: int) -> DirectoryConsumer:
        """Start consuming. Raises ConfigurationError for a queue that does not exist."""
        config = ConsumerConfig(
            poll_interval_s=self._config.poll_interval_s,
            max_body_bytes=self._config.max_body_bytes,
            held_body_bytes=self._config.held_body_bytes,
            keep_done=self._config.keep_done,
        )
        try:
            for queue in queues:
                self._path(queue)
            consumer = DirectoryConsumer(self._config.root, queues, prefetch, config)
        except OSError as failed:
            raise _unusable(failed) from None
        self._consumers.append(consumer)
        return consumer

    async def publish(self, publications: Sequence[Publication]) -> list[PublishResult]:
        """Write all, in order, and say of each what became of it."""
        if self._closed:
            raise TransportUnavailableError("the transport was closed")
        try:
            return await asyncio.to_thread(self._publish, publications)
        except OSError as failed:
            raise _unusable(failed) from None

    async def depth(self, queue: str) -> int:
        """Count the messages that wait in a queue. Raises ConfigurationError when it does not exist."""
        try:
            return await asyncio.to_thread(folder.depth, self._path(queue))
        except OSError as failed:
            raise _unusable(failed) from None

    def blocked(self) -> str | None:
        """Nothing holds back publishers here but a full disk, which refuses each message."""
        return None

    async def close(self) -> None:
        """Close every consumer. Idempotent."""
        self._closed = True
        for consumer in self._consumers:
            await consumer.close()
        self._consumers.clear()

    def _declare(self, topology: Topology) -> None:
        with self._writing:
            self._declared.merge(topology)
        for queue in topology.queues:
            path = self._config.root / queue.name
            folder.create(path)
            self._path(queue.name)

    def _unbind(self, queue: str, bindings: Sequence[tuple[str, str]]) -> None:
        with self._writing:
            self._declared.unbind(queue, bindings)

    def _remove(self, queue: str) -> bool:
        with self._writing:
            if not self._declared.is_queue(queue):
                return True
            path = self._path(queue)
            folder.take_back(path)
            if folder.is_in_use(path):
                return False
            self._declared.remove(queue)
            folder.remove(path)
        return True

    def _path(self, queue: str) -> Path:
        path = self._config.root / queue
        if not self._declared.is_queue(queue) or not path.is_dir():
            raise ConfigurationError(f"queue {queue!r} does not exist under {self._config.root}; declare the topology")
        if path.is_symlink():
            raise ConfigurationError(f"queue {queue} is a link; links are not followed")
        return path

    def _publish(self, publications: Sequence[Publication]) -> list[PublishResult]:
        results: list[PublishResult] = []
        with self._writing:
            for start in range(0, len(publications), _CHUNK):
                results += self._publish_chunk(publications[start : start + _CHUNK])
        return results

    def _publish_chunk(self, publications: Sequence[Publication]) -> list[PublishResult]:
        results = [PublishResult.CONFIRMED] * len(publications)
        writings: list[Writing] = []
        places: list[int] = []
        for place, publication in enumerate(publications):
            queues = self._declared.route(publication.exchange, publication.routing_key)
            if not queues:
                results[place] = PublishResult.UNROUTABLE
            elif len(publication.body) > self._config.max_body_bytes:
                results[place] = PublishResult.REFUSED
            else:
                kept = [queue for queue in queues if self._declared.keeps(queue)]
                open_to_it = [queue for queue in kept if self._has_room(queue)]
                if len(open_to_it) < len(kept):
                    results[place] = PublishResult.REFUSED
                try:
                    writings += [self._writing_of(publication, queue) for queue in open_to_it]
                    places += [place] * len(open_to_it)
                except TypeError:
                    results[place] = PublishResult.REFUSED  # a header that is no text in UTF-8
        for place, written in zip(places, write(writings), strict=True):
            if written is not PublishResult.CONFIRMED and results[place] is PublishResult.CONFIRMED:
                results[place] = written
        return results

    def _has_room(self, queue: str) -> bool:
        limit = self._declared.max_length(queue)
        return limit is None or self._lengths.takes_one(self._config.root / queue, limit)

    def _writing_of(self, publication: Publication, queue: str) -> Writing:
        self._stamp_ns = max(time.time_ns(), self._stamp_ns + 1)
        message_id = f"{self._token}-{next(self._copies):x}"
        headers = {
            "message_id": message_id,
            "correlation_id": publication.correlation_id,
            "content_type": publication.content_type,
            "headers": {**publication.headers, "ce-id": publication.event_id},
        }
        return Writing(
            queue=self._config.root / queue,
            name=names.published(self._stamp_ns, message_id, publication.content_type),
            stamp_ns=self._stamp_ns,
            body=publication.body,
            headers=orjson.dumps(headers),
        )


class _Lengths:
    """How many messages wait in each queue, counted again after a second and before one is refused."""

    def __init__(self) -> None:
        self._counted: dict[Path, tuple[int, float]] = {}

    def takes_one(self, queue: Path, limit: int) -> bool:
        """Whether a queue has room for one more; if so, it is counted in."""
        count, at = self._counted.get(queue, (limit, 0.0))
        if count >= limit or time.monotonic() - at > _COUNT_AGAIN_S:
            count, at = folder.depth(queue), time.monotonic()
        self._counted[queue] = (count + (count < limit), at)
        return count < limit


def _unusable(failed: OSError) -> TransportUnavailableError:
    return TransportUnavailableError(f"the folders cannot be used: {failed.strerror or type(failed).__name__}")
