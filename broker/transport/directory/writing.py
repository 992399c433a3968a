"""Durable writing of many messages: all files first, then all to disk at once, then each under its name.

A message appears whole or not at all. CONFIRMED means: the file, its headers and the folder's entry are on disk.
"""

import contextlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from broker.transport.directory.names import HEADERS
from broker.transport.seam import PublishResult

_FSYNC_THREADS = 8
_FSYNC_ALONE_MAX = 8


@dataclass(frozen=True, slots=True)
class Writing:
    """One message for one queue. ``stamp_ns`` becomes the file's time, by which a queue is ordered."""

    queue: Path
    name: str
    stamp_ns: int
    body: bytes = field(repr=False)
    headers: bytes = field(repr=False)


@dataclass(slots=True)
class _Open:
    """A message under way: its two temporary files, still open."""

    writing: Writing
    descriptors: list[int]
    result: PublishResult = PublishResult.CONFIRMED


def write(writings: Sequence[Writing]) -> list[PublishResult]:
    """Write messages and say of each: CONFIRMED, REFUSED (nothing is there) or UNKNOWN. Opens two files a message."""
    under_way = [_open(writing) for writing in writings]
    _to_disk([one for one in under_way if one.result is PublishResult.CONFIRMED])
    for one in under_way:
        _name(one)
    for folder in {one.writing.queue for one in under_way if one.result is PublishResult.CONFIRMED}:
        if not _folder_to_disk(folder):
            for one in under_way:
                if one.writing.queue == folder and one.result is PublishResult.CONFIRMED:
                    one.result = PublishResult.UNKNOWN
    return [one.result for one in under_way]


def _open(writing: Writing) -> _Open:
    one = _Open(writing, [])
    try:
        for suffix, content in ((HEADERS, writing.headers), ("", writing.body)):
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
            descriptor = os.open(_temporary(writing, suffix), flags, 0o660)
            one.descriptors.append(descriptor)
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.utime(descriptor, ns=(writing.stamp_ns, writing.stamp_ns))
    except OSError:
        one.result = PublishResult.REFUSED
    return one


def _to_disk(under_way: Sequence[_Open]) -> None:
    if len(under_way) <= _FSYNC_ALONE_MAX:
        for one in under_way:
            _flush(one)
        return
    with ThreadPoolExecutor(_FSYNC_THREADS, "fsync") as pool:
        list(pool.map(_flush, under_way))


def _flush(one: _Open) -> None:
    try:
        for descriptor in one.descriptors:
            os.fsync(descriptor)
    except OSError:
        one.result = PublishResult.REFUSED


def _name(one: _Open) -> None:
    """Close the files and give them their names, the headers first; or remove what was not written whole."""
    for descriptor in one.descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    for suffix in (HEADERS, ""):
        temporary = _temporary(one.writing, suffix)
        try:
            if one.result is PublishResult.CONFIRMED:
                temporary.rename(one.writing.queue / f"{one.writing.name}{suffix}")
            else:
                temporary.unlink(missing_ok=True)
        except OSError:
            one.result = PublishResult.UNKNOWN


def _folder_to_disk(folder: Path) -> bool:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.fsync(descriptor)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _temporary(writing: Writing, suffix: str) -> Path:
    return writing.queue / f".{writing.name}{suffix}.tmp"
