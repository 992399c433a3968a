"""The leaf: canonical bytes, commitments that open, and refusal of what has no canonical form."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from broker.audit.leaf import SALT_BYTES, entry, opens

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
MESSAGE = UUID("5b1f0f58-32a5-8a6c-9c1d-3f2f0c1c7a11")
SALT = bytes(range(SALT_BYTES))
DIGEST = hashlib.sha256(b"<Document/>").digest()

NAMES = st.text(st.characters(max_codepoint=0x7F), max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
FACTS = st.dictionaries(NAMES, TEXTS | st.integers(-(2**53) + 1, 2**53 - 1), max_size=6)
DIGESTS = st.dictionaries(NAMES, st.binary(min_size=32, max_size=32), max_size=4)


def test_leaf_is_these_very_bytes() -> None:
    """The form of a leaf is a contract: changing it would break every proof of an older log."""
    leaf = entry("accepted", "acme", AT, MESSAGE, {"definition": "pacs.008.001.08", "attempt": 1}, {}, b"")

    assert leaf == (
        b'{"at":"2026-03-04T05:06:07.000000Z","commitments":{},"facts":{"attempt":1,"definition":"pacs.008.001.08"},'
        b'"kind":"accepted","message_id":"5b1f0f58-32a5-8a6c-9c1d-3f2f0c1c7a11","tenant":"acme"}'
    )


@given(kind=TEXTS, tenant=TEXTS, at=st.datetimes(timezones=st.timezones()), facts=FACTS, digests=DIGESTS)
def test_leaf_is_canonical_json(
    kind: str, tenant: str, at: datetime, facts: dict[str, str | int], digests: dict[str, bytes]
) -> None:
    """Whatever goes in, the bytes are those that an independent RFC 8785 library gives for the same object."""
    try:
        at.astimezone(UTC)
    except OverflowError:
        at = AT

    leaf = entry(kind, tenant, at, None, facts, digests, SALT)

    assert leaf == rfc8785.dumps(orjson.loads(leaf))
    assert orjson.loads(leaf)["facts"] == facts


def test_time_is_written_in_utc() -> None:
    """The same instant gives the same leaf from whatever zone it is told."""
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert entry("viewed", "acme", elsewhere, None, {}, {}, b"") == entry("viewed", "acme", AT, None, {}, {}, b"")


def test_commitment_opens_with_its_digest_and_salt_alone() -> None:
    """A commitment opens for its form, digest and salt, and for nothing else."""
    leaf = entry("accepted", "acme", AT, MESSAGE, {}, {"received": DIGEST}, SALT)

    assert opens(leaf, "received", DIGEST, SALT)
    assert not opens(leaf, "event", DIGEST, SALT)
    assert not opens(leaf, "received", hashlib.sha256(b"other").digest(), SALT)
    assert not opens(leaf, "received", DIGEST, bytes(SALT_BYTES))
    assert DIGEST.hex().encode() not in leaf


@pytest.mark.parametrize(
    ("at", "facts", "digests", "salt"),
    [
        (AT.replace(tzinfo=None), {}, {}, b""),
        (AT, {"größe": 1}, {}, b""),
        (AT, {"size": 2**53}, {}, b""),
        (AT, {}, {"received": DIGEST}, b"short"),
        (AT, {}, {"received": b"no digest"}, SALT),
    ],
)
def test_what_has_no_canonical_form_is_refused(
    at: datetime, facts: dict[str, str | int], digests: dict[str, bytes], salt: bytes
) -> None:
    """A naive time, a name outside ASCII, an inexact number, a short salt and a non-digest are refused by name."""
    with pytest.raises(ValueError, match="audit entry"):
        entry("accepted", "acme", at, None, facts, digests, salt)
