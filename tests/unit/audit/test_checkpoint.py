"""Checkpoints: written, read back for their own origin alone, and split out of a file of many."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from broker.audit.checkpoint import Checkpoint, origin_of, parse, read, split, tenant_of, write
from broker.audit.keys import FileSigner
from broker.audit.note import Key, NoteError, open_note

SIGNER = FileSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
LOG = "broker.example/audit"
HEAD = Checkpoint(origin_of(LOG, "north"), 42, bytes(range(32)))


def test_checkpoint_has_the_published_form() -> None:
    """Origin, size and root stand on three lines, signed under the origin's name, as C2SP tools expect it."""
    note = write(HEAD, [SIGNER])

    assert note.startswith("broker.example/audit/north\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— ")
    assert open_note(note, [Key(HEAD.origin, SIGNER.public_key)]).keys[0].name == HEAD.origin
    assert read(note, HEAD.origin, [SIGNER.public_key]) == HEAD


def test_checkpoint_of_another_tenant_is_refused() -> None:
    """A head of one tenant does not pass for another's, though the same key signed both."""
    note = write(HEAD, [SIGNER])
    renamed = note.replace("— broker.example/audit/north", "— broker.example/audit/south")

    for text in (note, renamed):
        with pytest.raises(NoteError):
            read(text, origin_of(LOG, "south"), [SIGNER.public_key])


@given(tenant=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_origin_names_any_tenant(tenant: str) -> None:
    """Whatever a tenant is called, its origin is a key name and leads back to it."""
    origin = origin_of(LOG, tenant)

    assert tenant_of(LOG, origin) == tenant
    assert Key(origin, SIGNER.public_key).name == origin
    assert tenant_of("another.example", origin) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "\n1\nAAAA\n",
        "origin\n01\n" + "A" * 43 + "=\n",
        "origin\n-1\n" + "A" * 43 + "=\n",
        "origin\n\N{ARABIC-INDIC DIGIT ONE}\n" + "A" * 43 + "=\n",
        "origin\n1\nAAAA\n",
        "origin\n1\n!!!!\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """A text without origin, with a size that has leading zeroes or no ASCII digits, or with a short root is none."""
    with pytest.raises(NoteError):
        parse(text)


def test_file_of_many_is_split() -> None:
    """Notes that follow each other, with empty lines between or without, come out one by one."""
    notes = [write(Checkpoint(HEAD.origin, size, HEAD.root), [SIGNER, SIGNER]) for size in (1, 2, 3)]
    text = notes[0] + notes[1] + "\n\n" + notes[2].rstrip("\n")

    assert list(split(text.splitlines(keepends=True))) == notes


@pytest.mark.parametrize("text", ["origin\n1\nAAAA\n", "line\n" * 300])
def test_file_that_ends_without_a_signature_is_refused(text: str) -> None:
    """What has no signature is not a checkpoint, at the end of a file or without end."""
    with pytest.raises(NoteError):
        list(split(text.splitlines(keepends=True)))
