"""Signed notes: their published form, their keys, and that every damage is refused."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from broker.audit.keys import FileSigner
from broker.audit.note import Key, NoteError, UnknownKeyError, open_note, parse_key, sign

# The key of the examples of Go's note package, whose format C2SP took over.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

ONE = FileSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = FileSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
NAME = "broker.example/audit/north"
KEY = Key(NAME, ONE.public_key)
TEXT = "broker.example/audit/north\n3\nAAAA\n"


def test_published_key_string_is_read_and_written() -> None:
    """The key string of another implementation has the id that we derive, and comes out as it went in."""
    key = parse_key(PUBLISHED_KEY)

    assert (key.name, key.key_id.hex(), str(key)) == ("PeterNeumann", "c74f20a3", PUBLISHED_KEY)


def test_note_is_these_very_characters() -> None:
    """The form of a note is a contract with every tool of others; Ed25519 signs the same text the same way."""
    assert sign(TEXT, NAME, [ONE]) == TEXT + (
        "\n— broker.example/audit/north cDHvPzJtlH+nGb5AX/yMtNBrCpBUu5HPfRKzuQu+p4G3+kLbdL/jsCAQ0j/opK+zK9YWdu0X8Kec"
        "xRqhEc/6vtkBEQQ=\n"
    )


def test_note_of_two_signers_opens_with_either_key() -> None:
    """Each signer adds a line of its own; one known key is enough, and lines of others are passed over."""
    note = sign(TEXT, NAME, [ONE, OTHER])

    assert open_note(note, [KEY]).keys == (KEY,)
    assert open_note(note, [Key(NAME, OTHER.public_key)]).text == TEXT
    assert len(open_note(note, [KEY, Key(NAME, OTHER.public_key)]).keys) == 2


def test_note_by_nobody_known_is_refused_as_such() -> None:
    """A note without a signature by a known key is told apart from a damaged one."""
    with pytest.raises(UnknownKeyError):
        open_note(sign(TEXT, NAME, [OTHER]), [KEY])


@given(data=st.data())
def test_no_changed_character_goes_unnoticed(data: st.DataObject) -> None:
    """Whatever single character of a note is changed, it opens no more."""
    note = sign(TEXT, NAME, [ONE])
    at = data.draw(st.integers(0, len(note) - 1))
    character = data.draw(st.characters(exclude_categories=["Cs"], exclude_characters=note[at]))

    with pytest.raises(NoteError):
        open_note(note[:at] + character + note[at + 1 :], [KEY])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text without an end",
        TEXT,
        TEXT + "\n",
        "\x07" + sign(TEXT, NAME, [ONE]),
        sign(TEXT, NAME, [ONE])[:-1],
        sign(TEXT, NAME, [ONE]) + "more\n",
        sign(TEXT, NAME, [ONE]) + "— x !!!!\n",
        sign(TEXT, NAME, [ONE]) + "— x AAAA\n",
        sign(TEXT, NAME, [ONE]) + "— x\n",
        TEXT + "\n" + sign(TEXT, NAME, [ONE]).splitlines()[-1] + "\n" + "— x AAAAAAAA\n" * 64,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    """Text that is not of a note's form is refused, whatever valid signature it may contain."""
    with pytest.raises(NoteError):
        open_note(note, [KEY])


@pytest.mark.parametrize("text", ["no newline", "bell\x07\n", "tab\t\n", ""])
def test_text_that_no_note_may_have_is_not_signed(text: str) -> None:
    """A text with control characters or without a final newline is not signed."""
    with pytest.raises(NoteError):
        sign(text, NAME, [ONE])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\N{NO-BREAK SPACE}b"])
def test_name_that_no_key_may_have_is_refused(name: str) -> None:
    """A name that could not be read back out of a signature line is refused."""
    with pytest.raises(NoteError):
        Key(name, ONE.public_key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name+00000000",
        PUBLISHED_KEY.replace("c74f20a3", "c74f20a4"),
        PUBLISHED_KEY[:-4],
        PUBLISHED_KEY.replace("+AR", "+BB"),
        PUBLISHED_KEY + "!",
    ],
)
def test_damaged_key_string_is_refused(text: str) -> None:
    """A key string whose id is not its key's, or that is cut, is refused."""
    with pytest.raises(NoteError):
        parse_key(text)
