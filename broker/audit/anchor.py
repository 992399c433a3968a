"""An anchor: where checkpoints go out to, so that a log whose tail was cut can be held against what was signed.

Today it is a file that is only ever appended to, best on another machine's disk or a write-once one.
"""

import errno
import io
import os
from pathlib import Path

from broker.audit.checkpoint import Checkpoint, parse, split
from broker.audit.note import NoteError
from broker.errors import AuditError, UnavailableError


class AnchorFile:
    """A file of checkpoints of all tenants, each as its note, in the order in which they were signed."""

    def __init__(self, path: Path) -> None:
        """Take the path; the file is made with the first checkpoint."""
        self._path = path

    def append(self, note: str) -> None:
        """Write a note at the end, whole or not at all, and wait until the disk has it.

        Raises UnavailableError if it cannot be written.
        """
        try:
            with self._path.open("ab", buffering=0) as file:
                _append(file, note.encode())
        except OSError as error:
            raise UnavailableError(f"the anchor {self._path} cannot be written ({type(error).__name__})") from None

    def last(self) -> dict[str, tuple[Checkpoint, str]]:
        """Give the largest checkpoint of each origin with its note, signatures unread; none where there is no file.

        Raises UnavailableError if it cannot be read, AuditError if what stands there is no checkpoint.
        """
        found: dict[str, tuple[Checkpoint, str]] = {}
        try:
            with self._path.open(encoding="utf-8", newline="\n") as lines:
                for note in split(lines):
                    checkpoint = parse(note)
                    if checkpoint.origin not in found or found[checkpoint.origin][0].size < checkpoint.size:
                        found[checkpoint.origin] = checkpoint, note
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise UnavailableError(f"the anchor {self._path} cannot be read ({type(error).__name__})") from None
        except (UnicodeDecodeError, NoteError) as error:
            raise AuditError(f"the anchor {self._path} holds something else: {error}") from None
        return found


def _append(file: io.FileIO, content: bytes) -> None:
    end = file.seek(0, os.SEEK_END)
    if file.write(content) != len(content):  # a full disk may take a part
        file.truncate(end)
        raise OSError(errno.ENOSPC, "the disk is full")
    os.fsync(file.fileno())
