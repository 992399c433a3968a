"""The seam through which every payload enters and leaves the database. Encryption is another codec, later.

The codec's name is stored beside the bytes, so that rows of an older codec can still be read.
"""

from typing import Protocol

from broker.errors import ConfigurationError


class Codec(Protocol):
    """Encodes payloads for one tenant; decodes those of any codec it names."""

    @property
    def name(self) -> str:
        """The name stored beside what ``encode`` gives."""

    def encode(self, tenant: str, body: bytes) -> bytes:
        """Give the bytes to store."""

    def decode(self, tenant: str, codec: str, body: bytes) -> bytes:
        """Give the payload of stored bytes. Raises ConfigurationError for a codec that is not configured."""


class PlainCodec:
    """Stores payloads as they are."""

    @property
    def name(self) -> str:
        """``plain``."""
        return "plain"

    def encode(self, tenant: str, body: bytes) -> bytes:  # noqa: ARG002 - plain bytes are the same for every tenant
        """Give the body itself."""
        return body

    def decode(self, tenant: str, codec: str, body: bytes) -> bytes:  # noqa: ARG002 - as encode
        """Give the body itself; refuse one that another codec encoded."""
        if codec != self.name:
            raise ConfigurationError(f"a stored payload needs the codec {codec!r}, which is not configured")
        return body
