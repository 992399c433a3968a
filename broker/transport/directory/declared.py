"""What was declared on a root: kept in one file, merged under a lock, read again when another process changed it.

It owns ``.topology.json`` and routing. It must not know how messages are written or read.
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from broker.errors import ConfigurationError, TopologyMismatchError
from broker.transport.directory.topic import matches
from broker.transport.seam import ExchangeSpec, QueueSpec, Topology

_FILE = ".topology.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@dataclass(slots=True)
class _Exchange:
    kind: str
    alternate: str | None
    bindings: list[tuple[str, str]]  # (queue, pattern)


@dataclass(slots=True)
class _State:
    exchanges: dict[str, _Exchange] = field(default_factory=dict)
    queues: dict[str, dict[str, str | int]] = field(default_factory=dict)


class Declared:
    """The declared exchanges, queues and bindings of one root."""

    def __init__(self, root: Path) -> None:
        """Name the root; nothing is read yet."""
        self._root = root
        self._file = root / _FILE
        self._state = _State()
        self._seen: tuple[int, int] | None = None

    def merge(self, topology: Topology) -> None:
        """Add a topology to what was declared, durably. Raises TopologyMismatchError when something differs."""
        with self._changing():
            for exchange in topology.exchanges:
                self._add_exchange(exchange)
            for queue in topology.queues:
                self._add_queue(queue)

    def unbind(self, queue: str, bindings: Sequence[tuple[str, str]]) -> None:
        """Forget bindings of a queue, durably. Idempotent."""
        with self._changing():
            for exchange, pattern in bindings:
                known = self._state.exchanges.get(exchange)
                if known is not None and (queue, pattern) in known.bindings:
                    known.bindings.remove((queue, pattern))

    def remove(self, queue: str) -> None:
        """Forget a queue with all its bindings, durably. Idempotent."""
        with self._changing():
            self._state.queues.pop(queue, None)
            for known in self._state.exchanges.values():
                known.bindings[:] = [each for each in known.bindings if each[0] != queue]

    def is_queue(self, name: str) -> bool:
        """Whether a queue of this name was declared. The one gate between a name from outside and a path."""
        self._read()
        return name in self._state.queues

    def max_length(self, queue: str) -> int | None:
        """The length over which a queue refuses messages."""
        length = self._state.queues[queue].get("x-max-length")
        return length if isinstance(length, int) else None

    def keeps(self, queue: str) -> bool:
        """Whether messages stay in a queue; they expire at once where their time to live is none."""
        return self._state.queues[queue].get("x-message-ttl") != 0

    def route(self, exchange: str, key: str) -> list[str]:
        """The queues a message goes to, each once; none when nothing takes it, not even an alternate exchange."""
        self._read()
        if not exchange:
            return [key] if key in self._state.queues else []
        tried: set[str] = set()
        following: str | None = exchange
        while following is not None and following not in tried and following in self._state.exchanges:
            tried.add(following)
            found = self._state.exchanges[following]
            queues = {
                queue: None for queue, pattern in found.bindings if found.kind == "fanout" or matches(pattern, key)
            }
            if queues:
                return list(queues)
            following = found.alternate
        return []

    def _add_exchange(self, spec: ExchangeSpec) -> None:
        known = self._state.exchanges.setdefault(_named(spec.name), _Exchange(spec.kind, spec.alternate, []))
        for argument, wanted, existing in (
            ("type", spec.kind, known.kind),
            ("alternate-exchange", spec.alternate, known.alternate),
        ):
            if wanted != existing:
                raise _differs(f"exchange {spec.name}", argument, wanted, existing)

    def _add_queue(self, spec: QueueSpec) -> None:
        known = self._state.queues.setdefault(_named(spec.name), dict(spec.arguments))
        for argument in sorted(known.keys() | spec.arguments.keys()):
            wanted, existing = spec.arguments.get(argument), known.get(argument)
            if wanted != existing:
                raise _differs(f"queue {spec.name}", argument, wanted, existing)
        for exchange, pattern in spec.bindings:
            if exchange not in self._state.exchanges:
                raise ConfigurationError(f"queue {spec.name} is bound to {exchange}, which is not declared")
            if (spec.name, pattern) not in self._state.exchanges[exchange].bindings:
                self._state.exchanges[exchange].bindings.append((spec.name, pattern))

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        with self._locked():
            self._read()
            self._seen = None  # what follows changes the state in memory: the next look reads what was really kept
            yield
            self._write()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self._root / ".topology.lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o660)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _read(self) -> None:
        """Read the file when it is another than the one seen last: every change makes a new file."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            self._state, self._seen = _State(), None
            return
        if self._seen == (found.st_ino, found.st_mtime_ns):
            return
        content: dict[str, Any] = orjson.loads(self._file.read_bytes())
        self._state = _State(
            exchanges={
                name: _Exchange(one["kind"], one["alternate"], [(queue, pattern) for queue, pattern in one["bindings"]])
                for name, one in content["exchanges"].items()
            },
            queues=content["queues"],
        )
        self._seen = (found.st_ino, found.st_mtime_ns)

    def _write(self) -> None:
        content = orjson.dumps(self._state, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        if self._file.exists() and self._file.read_bytes() == content:
            return
        temporary = self._root / f"{_FILE}.tmp"
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._file)


def _named(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ConfigurationError(
            f"{name!r} cannot be a folder: use letters, digits, dots, hyphens and underscores,"
            f" beginning with one of the first two, 200 at most",
        )
    return name


def _differs(what: str, argument: str, wanted: object, existing: object) -> TopologyMismatchError:
    return TopologyMismatchError(
        f"{what} exists with another argument: its {argument} is {existing!r}, wanted is {wanted!r}."
        f" Delete it from {_FILE} when it is empty, or set the setting to what exists.",
    )
