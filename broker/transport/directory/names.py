"""File names: which are messages, in which order a folder holds them, and how often one was delivered before.

Pure. A message claimed for the n-th time is named ``<name>~<n>.<token>``: the count survives the process that claimed
it, and the token, given at the first claim and kept, keeps it apart from a file dropped later under the same name.
"""

import re
import secrets
from dataclasses import dataclass

HEADERS = ".headers.json"

_CLAIMED = re.compile(r"(?P<base>.*)~(?P<count>[0-9]{1,6})\.(?P<token>[0-9a-f]{12})", re.DOTALL)
_BASE_MAX = 180  # characters of a name that are kept: with count, token and suffix a file name may have 255 bytes
_EXTENSIONS = {"application/xml": "xml", "application/json": "json", "application/cloudevents+json": "json"}


@dataclass(frozen=True, slots=True)
class MessageName:
    """A name in its parts; ``token`` is empty for a message that was never claimed."""

    base: str
    count: int = 0
    token: str = ""

    def __str__(self) -> str:
        """The file name."""
        return f"{self.base}~{self.count}.{self.token}" if self.token else self.base

    def claimed(self) -> "MessageName":
        """The name it has from its next claim on."""
        base = (
            self.base if len(self.base.encode(errors="surrogateescape")) <= _BASE_MAX else self.base[: _BASE_MAX // 4]
        )
        return MessageName(base, self.count + 1, self.token or secrets.token_hex(6))

    def unclaimed(self) -> "MessageName":
        """The name it had before its last claim."""
        return MessageName(self.base) if self.count <= 1 else MessageName(self.base, self.count - 1, self.token)


def is_message(name: str) -> bool:
    """Whether a file of this name is a message: no dot-file, no ``*.tmp``, no headers of another."""
    return not name.startswith(".") and not name.endswith((".tmp", HEADERS))


def parse(name: str) -> MessageName:
    """Take a file name apart."""
    found = _CLAIMED.fullmatch(name)
    return MessageName(found["base"], int(found["count"]), found["token"]) if found else MessageName(name)


def published(stamp_ns: int, token: str, content_type: str) -> str:
    """Name a published message: its order is its time; unique by the publisher's token."""
    return f"{stamp_ns:020d}-{token}.{_EXTENSIONS.get(content_type.partition(';')[0], 'msg')}"
