"""The bytes of an audit entry: what the tree hashes, and all that stays when personal data is erased.

A leaf is RFC 8785 canonical JSON: metadata plus salted commitments to the bytes of a message's forms. It never holds
the bytes, their digests or personal data: erase the salt and a commitment says nothing any more, while every proof over
the leaf still holds. This module knows neither the tree nor the store, and takes time and salt as arguments.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

import orjson

SALT_BYTES: Final = 32
"""Length of a salt: one fresh random salt an entry, from the operating system's source."""

_DIGEST_BYTES: Final = 32
_LARGEST_INTEGER: Final = 2**53 - 1  # RFC 8785, 3.2.2.3: a JSON number is an IEEE 754 double


def entry(  # noqa: PLR0913, PLR0917 - an entry has as many parts as the leaf has members; callers name them
    kind: str,
    tenant: str,
    at: datetime,
    message_id: UUID | None,
    facts: Mapping[str, str | int],
    commitments: Mapping[str, bytes],
    salt: bytes,
) -> bytes:
    """Give the canonical leaf (RFC 8785) of one entry; equal arguments give equal bytes.

    ``kind`` is one of ``broker.audit.kinds``; ``at`` is aware and is written in UTC with microseconds. ``facts`` and
    ``commitments`` have ASCII names; facts are strings or integers within ±(2⁵³-1) and hold no personal data.
    ``commitments`` maps a form (``received``, ``ra-json``, ``event``, ``xml``) to the SHA-256 of its bytes, of which
    the leaf keeps SHA-256(salt || digest) in hex. ``salt`` is ``SALT_BYTES`` long; without commitments it is not used.
    Raise ValueError for arguments that have no canonical form.
    """
    _check_facts(facts)
    if commitments:
        _check_commitments(commitments, salt)
    content = {
        "at": _instant(at),
        "commitments": {form: hashlib.sha256(salt + digest).hexdigest() for form, digest in commitments.items()},
        "facts": facts if type(facts) is dict else dict(facts),
        "kind": kind,
        "message_id": None if message_id is None else str(message_id),
        "tenant": tenant,
    }
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def opens(leaf: bytes, form: str, digest: bytes, salt: bytes) -> bool:
    """Say whether ``leaf`` commits, for ``form``, to bytes of this SHA-256 under this salt; False if it is silent."""
    kept = orjson.loads(leaf)["commitments"].get(form)
    return kept is not None and hmac.compare_digest(kept, hashlib.sha256(salt + digest).hexdigest())


@lru_cache(maxsize=16)  # the entries of one transaction have one instant
def _instant(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("the time of an audit entry must be aware")
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def _check_facts(facts: Mapping[str, str | int]) -> None:
    # Names in ASCII: there, sorting by UTF-8 bytes (orjson) and by UTF-16 units (RFC 8785, 3.2.3) are the same order.
    for name, value in facts.items():
        if not name.isascii():
            raise ValueError(f"the fact {name!r} of an audit entry must have an ASCII name")
        if not isinstance(value, str) and not -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
            raise ValueError(f"the fact {name!r} of an audit entry has no exact JSON number")


def _check_commitments(commitments: Mapping[str, bytes], salt: bytes) -> None:
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the salt of an audit entry must have {SALT_BYTES} bytes, not {len(salt)}")
    for form, digest in commitments.items():
        if not form.isascii() or len(digest) != _DIGEST_BYTES:
            raise ValueError(f"the commitment {form!r} of an audit entry needs an ASCII name and a SHA-256 digest")
