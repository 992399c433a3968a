"""The keys that sign the audit log: a folder of Ed25519 keys, one file each, that only its owner may read.

``0001.key`` is a private key (PKCS#8, PEM) and ``0001.pub`` its public half (PEM), which may be given to anyone.
Rotation adds ``0002``; nothing is ever edited. All private keys there sign, so one that is being retired and the next
vouch for the same heads; taking a ``.key`` away retires it, its ``.pub`` stays and keeps the past verifiable.
"""

import os
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from broker.audit.note import NoteError, parse_key
from broker.errors import ConfigurationError

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_PEM_END: Final = "-----END PUBLIC KEY-----"


@dataclass(frozen=True, slots=True)
class FileSigner:
    """A signer whose private key is in this process's memory, read from a file."""

    private_key: Ed25519PrivateKey = field(repr=False)

    @property
    def public_key(self) -> bytes:
        """The raw public key: 32 bytes."""
        return self.private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        """Give the signature of the message: 64 bytes."""
        return self.private_key.sign(message)


class KeyFolder:
    """The folder of keys. Raises ConfigurationError where a private key is open to others or a file is no key."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it need not exist until ``rotate`` or ``ensure`` makes it."""
        self.folder = folder

    def ensure(self) -> None:
        """Create the first key where there is none. Several processes may do so at once: one key comes of it."""
        for name in [path.stem for path in self._private()] or ["0001"]:
            self._add(name)

    def rotate(self) -> Path:
        """Add a key beside those there are, and give its public file. The others go on signing until taken away."""
        names = [path.stem for path in (*self.folder.glob("*.key"), *self.folder.glob("*.pub"))]
        return self._add(f"{max((int(name) for name in names if name.isdecimal()), default=0) + 1:04}")

    def signers(self) -> list[FileSigner]:
        """Read every private key, newest first; an empty list where there is none."""
        return [_read_private(path) for path in reversed(self._private())]

    def public_keys(self) -> list[bytes]:
        """Read every public key, retired ones too: 32 bytes each, oldest first."""
        return [key for path in sorted(self.folder.glob("*.pub")) for key in read_public(path)]

    def _private(self) -> list[Path]:
        return sorted(self.folder.glob("*.key"))

    def _add(self, name: str) -> Path:
        """Create what is missing of a pair of files; what is there stays as it is."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private, public = self.folder / f"{name}.key", self.folder / f"{name}.pub"
        if not private.exists():
            key = Ed25519PrivateKey.generate()
            _create(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
        if not public.exists():
            kept = _read_private(private).private_key.public_key()
            _create(public, kept.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)
        return public


def read_public(path: Path) -> list[bytes]:
    """Read the public keys of a file: PEM blocks, or C2SP verifier key strings one a line; 32 bytes each.

    Raise ConfigurationError if it cannot be read or holds none.
    """
    try:
        text = path.read_text("utf-8")
        if _PEM_END in text:
            return [_public_of_pem(block + _PEM_END) for block in text.split(_PEM_END)[:-1]]
        keys = [parse_key(line).public_key for line in text.splitlines() if line.strip()]
    except (OSError, ValueError, NoteError) as error:
        raise ConfigurationError(f"{path} cannot be read as a file of public keys") from error
    if not keys:
        raise ConfigurationError(f"{path} holds no public key")
    return keys


def _public_of_pem(block: str) -> bytes:
    key = load_pem_public_key(block.strip().encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")  # noqa: TRY004 - what is wrong is the file's content
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _read_private(path: Path) -> FileSigner:
    found = path.stat()
    if found.st_mode & _OTHERS:
        raise ConfigurationError(f"{path} may be read by others than its owner: chmod 600 it, and rotate if it was")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{path} cannot be read as a private key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"{path} is not an Ed25519 key")
    return FileSigner(key)


def _create(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole under its name, or leave alone the one that another process put there first."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # the other process's file is as good as ours
    finally:
        Path(draft).unlink()
