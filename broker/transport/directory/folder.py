"""One queue's folder: what waits in it, and what one consumer holds of it.

It owns scanning, claiming, giving back and the taking back of what dead consumers held. It must not know routing.
A claim is a rename into the consumer's own folder, so one consumer alone gets a message. The consumer holds a lock on a
file in that folder for as long as it lives; where the lock is free, its owner is dead and everything goes back.
No link is ever followed, and a file that is not a message is never an error.
"""

import contextlib
import fcntl
import heapq
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from broker.transport.directory import names
from broker.transport.directory.names import HEADERS, MessageName

_CLAIMS = ".claimed"
_LOCK = ".lock"
_DONE = "done"
_UNREADABLE = "unreadable"
_PLACES = (_DONE, _UNREADABLE)
_SCAN_MAX = 10_000
_HEADERS_MAX_BYTES = 1_048_576
_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in a consumer's hands. ``headers`` are the bytes of its headers file, None where it has none.

    ``path`` is the file of a body that is too large to be held; ``body`` is empty then.
    """

    name: MessageName
    body: bytes = field(repr=False)
    headers: bytes | None = field(repr=False)
    path: Path | None = None


def create(queue: Path) -> None:
    """Make a queue's folder. Idempotent; a link in its place is left alone and used by nobody."""
    queue.mkdir(exist_ok=True)
    (queue / _CLAIMS).mkdir(exist_ok=True)


def waiting(queue: Path) -> list[str]:
    """The names of the messages that wait, oldest first and then by name; the first 10,000 where there are more."""
    return [name for _, name in heapq.nsmallest(_SCAN_MAX, _messages(queue))]


def depth(queue: Path) -> int:
    """Count the messages that wait."""
    return sum(1 for _ in _messages(queue))


class Claims:
    """What one consumer holds of one queue. Not for several threads at once."""

    def __init__(self, queue: Path, max_body_bytes: int, held_body_bytes: int) -> None:
        """Make the consumer's folder, locked before anyone can see it."""
        self._queue = queue
        self._max_body_bytes = max_body_bytes
        self._held_body_bytes = held_body_bytes
        consumer = secrets.token_hex(8)
        hidden = queue / _CLAIMS / f".{consumer}"
        hidden.mkdir()
        self._lock: int | None = os.open(hidden / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._folder = queue / _CLAIMS / consumer
        hidden.rename(self._folder)

    def claim(self, name: str) -> Claimed | None:
        """Take a message; None when another took it first, or it is none after all (then it is set aside)."""
        claimed = names.parse(name).claimed()
        path = self._folder / str(claimed)
        try:
            (self._queue / name).rename(path)
        except (FileNotFoundError, PermissionError):
            return None  # gone, or pinned where it is: either way not ours
        headers = self._folder / f"{claimed}{HEADERS}"
        with contextlib.suppress(OSError):
            (self._queue / f"{name}{HEADERS}").rename(headers)
        try:
            body = _read(path, self._max_body_bytes, self._held_body_bytes)
        except OSError:
            self._move(str(claimed), _UNREADABLE)
            return None
        large = path if body is None else None
        try:
            return Claimed(claimed, body or b"", _read(headers, _HEADERS_MAX_BYTES, _HEADERS_MAX_BYTES), large)
        except OSError:
            return Claimed(claimed, body or b"", None, large)

    def give_back(self, name: MessageName) -> None:
        """Put a message back into the queue; its name now says how often it was delivered."""
        _give_back(self._folder, self._queue, str(name))

    def done(self, name: MessageName, *, keep: bool) -> None:
        """Move an acknowledged message to ``done``, or remove it."""
        if keep:
            self._move(str(name), _DONE)
            return
        (self._folder / str(name)).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # none there, or no file
            (self._folder / f"{name}{HEADERS}").unlink()

    def close(self) -> None:
        """Give everything back and let go of the lock. Idempotent."""
        if self._lock is None:
            return
        _empty(self._folder, self._queue)
        os.close(self._lock)
        self._lock = None

    def _move(self, name: str, place: str) -> None:
        """The message first: one that comes back after a death in between must not have lost its headers."""
        target = self._queue / place
        target.mkdir(exist_ok=True)
        for suffix in ("", HEADERS):
            with contextlib.suppress(FileNotFoundError):
                (self._folder / f"{name}{suffix}").rename(target / f"{name}{suffix}")


def take_back(queue: Path) -> None:
    """Put back into the queue what dead consumers held."""
    for folder in list((queue / _CLAIMS).iterdir()):
        if folder.name.startswith("."):
            continue
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _empty(folder, queue)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)


def is_in_use(queue: Path) -> bool:
    """Whether a message waits, or a consumer is there; ``take_back`` comes first, so that no dead one counts."""
    return any(True for _ in _messages(queue)) or any((queue / _CLAIMS).iterdir())


def remove(queue: Path) -> None:
    """Remove a queue's folder with all that was settled in it."""
    shutil.rmtree(queue)


def _messages(queue: Path) -> Iterator[tuple[int, str]]:
    """Every waiting message as (time, name): regular files alone, no links, no folders."""
    with os.scandir(queue) as entries:
        for entry in entries:
            if names.is_message(entry.name):
                with contextlib.suppress(FileNotFoundError):
                    if entry.is_file(follow_symlinks=False):
                        yield entry.stat(follow_symlinks=False).st_mtime_ns, entry.name


def _read(path: Path, max_bytes: int, held_bytes: int) -> bytes | None:
    """Read a regular file; None for one that is too large to be held. Raises OSError for anything else or larger."""
    descriptor = os.open(path, _READ_FLAGS)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > max_bytes:
            raise OSError("not a message")
        if found.st_size > held_bytes:
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(max_bytes)
    finally:
        os.close(descriptor)


def _empty(folder: Path, queue: Path) -> None:
    """Give back all that a consumer's folder holds, and remove it."""
    try:
        held = [entry.name for entry in folder.iterdir()]
    except FileNotFoundError:
        return
    for name in held:
        if names.is_message(name):
            _give_back(folder, queue, name)
    for orphan in folder.glob(f"*{HEADERS}"):
        _settle_headers(orphan, queue)
    (folder / _LOCK).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def _settle_headers(orphan: Path, queue: Path) -> None:
    """Let headers follow their message, which was settled when its owner died; where it is gone they go too."""
    for place in _PLACES:
        if (queue / place / orphan.name.removesuffix(HEADERS)).exists():
            orphan.rename(queue / place / orphan.name)
            return
    orphan.unlink()


def _give_back(folder: Path, queue: Path, name: str) -> None:
    """Headers first: a message is never seen without them."""
    try:
        (folder / f"{name}{HEADERS}").rename(queue / f"{name}{HEADERS}")
    except FileNotFoundError:
        # The claimer may have died between message and headers: then they are still where the message was.
        before = names.parse(name).unclaimed()
        if not (queue / str(before)).exists():
            with contextlib.suppress(FileNotFoundError):
                (queue / f"{before}{HEADERS}").rename(queue / f"{name}{HEADERS}")
    with contextlib.suppress(FileNotFoundError):
        (folder / name).rename(queue / name)
