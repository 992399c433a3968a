"""Identifiers: the same for the same content, different for everything else."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from broker.message import identity

PARTS = st.text(alphabet=st.characters(exclude_characters="\x1f", exclude_categories=["Cs"]), max_size=20)
MESSAGE = UUID("00112233-4455-8677-8899-aabbccddeeff")


def test_a_message_id_never_changes() -> None:
    """The derivation is part of the store's contract: a fixed message keeps its fixed identifier."""
    assert str(identity.message_id("north", "core", "id:1")) == "eea85860-5fc6-82e3-a78c-b7818d091874"


def test_the_digest_is_sha256() -> None:
    """The digest of nothing is the well-known one."""
    assert identity.digest(b"").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(PARTS, PARTS, PARTS)
def test_ids_are_version_8_uuids(tenant: str, channel: str, key: str) -> None:
    """Every identifier is a UUID of RFC 9562's custom version and of its variant."""
    made = identity.message_id(tenant, channel, key)
    assert (made.version, made.variant) == (8, "specified in RFC 4122")


@given(st.tuples(PARTS, PARTS, PARTS), st.tuples(PARTS, PARTS, PARTS))
def test_different_parts_give_different_ids(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """Moving a character from one part to the next gives another identifier; equal parts give the same."""
    assert (identity.message_id(*one) == identity.message_id(*other)) == (one == other)


def test_the_transports_id_comes_before_the_digest() -> None:
    """The key is the transport's message id where there is one, else the digest of the bytes, and says which."""
    digest = identity.digest(b"<Document/>")
    assert identity.deduplication_key("4711", digest) == "id:4711"
    assert identity.deduplication_key(None, digest) == f"sha256:{digest.hex()}"
    assert identity.deduplication_key("", digest) == f"sha256:{digest.hex()}"


def test_a_message_id_cannot_pass_for_a_digest() -> None:
    """A transport's message id that looks like a digest is another key than that digest."""
    digest = identity.digest(b"<Document/>")
    assert identity.deduplication_key(digest.hex(), digest) != identity.deduplication_key(None, digest)


def test_events_of_one_message_differ_by_type_and_place() -> None:
    """Each event of a bulk message has an identifier of its own."""
    made = {identity.event_id(MESSAGE, kind, place) for kind in ("a.v1", "b.v1") for place in range(100)}
    assert len(made) == 200


def test_kinds_do_not_collide() -> None:
    """An event and a dead letter of the same origin have different identifiers."""
    assert identity.dead_letter_id(MESSAGE, b"\0" * 32) != identity.event_id(MESSAGE, ("\0" * 32), 0)
