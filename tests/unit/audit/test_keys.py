"""The key folder: made closed to others, kept closed to others, rotated by adding."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from broker.audit.keys import KeyFolder, read_public
from broker.audit.note import Key
from broker.errors import ConfigurationError


def test_first_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    """The folder and the private key are its owner's alone; asking again changes nothing."""
    folder = KeyFolder(tmp_path / "keys")

    folder.ensure()
    first = folder.signers()[0].public_key
    folder.ensure()

    assert [signer.public_key for signer in folder.signers()] == [first] == folder.public_keys()
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keys" / "0001.key").stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["0001.key", "0001.pub"]


def test_rotation_adds_a_key_and_keeps_the_old_one(tmp_path: Path) -> None:
    """After a rotation the newest signs first and the old one still signs; retired, it still verifies."""
    folder = KeyFolder(tmp_path)
    folder.ensure()
    old = folder.public_keys()[0]

    public = folder.rotate()

    assert public.name == "0002.pub"
    assert [signer.public_key for signer in folder.signers()] == [*read_public(public), old]
    (tmp_path / "0001.key").unlink()
    assert [signer.public_key for signer in folder.signers()] == read_public(public)
    assert folder.public_keys() == [old, *read_public(public)]
    assert folder.rotate().name == "0003.pub"


def test_public_half_that_was_lost_is_made_again(tmp_path: Path) -> None:
    """A crash between the two files of a key leaves no key without its public half."""
    folder = KeyFolder(tmp_path)
    folder.ensure()
    (tmp_path / "0001.pub").unlink()

    folder.ensure()

    assert folder.public_keys() == [folder.signers()[0].public_key]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_key_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    """A private key that others may read is not used, and the text says what to do."""
    folder = KeyFolder(tmp_path)
    folder.ensure()
    (tmp_path / "0001.key").chmod(mode)

    with pytest.raises(ConfigurationError, match="chmod 600"):
        folder.signers()


def test_other_files_are_refused(tmp_path: Path) -> None:
    """A file that is no key, or a key of another kind, is refused by its name."""
    other = generate_private_key(SECP256R1())
    path = tmp_path / "0001.key"
    public = tmp_path / "0001.pub"
    for private_text, public_text in (
        (
            other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        ),
        (b"no key", b"no key"),
        (b"", b""),
    ):
        path.write_bytes(private_text)
        path.chmod(0o600)
        public.write_bytes(public_text)
        with pytest.raises(ConfigurationError, match=r"0001\.key"):
            KeyFolder(tmp_path).signers()
        with pytest.raises(ConfigurationError, match=r"0001\.pub"):
            read_public(public)


def test_public_keys_are_read_in_both_forms(tmp_path: Path) -> None:
    """A file of public keys may hold PEM blocks or the key strings of C2SP tools, several of them."""
    folder = KeyFolder(tmp_path)
    folder.ensure()
    folder.rotate()
    keys = folder.public_keys()
    blocks, strings = tmp_path / "blocks", tmp_path / "strings"
    blocks.write_bytes((tmp_path / "0001.pub").read_bytes() + (tmp_path / "0002.pub").read_bytes())
    strings.write_text("".join(f"{Key('broker.example/audit/north', key)}\n" for key in keys))

    assert read_public(blocks) == keys == read_public(strings)
