"""Which identifiers were seen in a message that is never held whole, in some twenty bytes each.

Owns how they are remembered. Must not know what they identify: the rules of ``duplicate`` do.
"""

from hashlib import blake2b
from typing import Final

_DIGEST_BYTES: Final = 16
_NUMBER_BYTES: Final = 4
_RECORD_BYTES: Final = _DIGEST_BYTES + _NUMBER_BYTES
_SHELVES: Final = 16_384  # a million identifiers leave 61 on each, which are looked through in a fraction of 1 µs


class Seen:
    """Takes the place of a dictionary where a million identifiers would fill hundreds of megabytes.

    An identifier is known by 128 bits of BLAKE2b: of a million, two that differ are taken for one with a chance below
    1 in 10**26. The shelf it stands on follows from Python's own hash, which nobody outside can foresee.
    """

    def __init__(self) -> None:
        """Nothing was seen."""
        self._shelves = [bytearray() for _ in range(_SHELVES)]

    def setdefault(self, key: tuple[str, str | None], number: int) -> int:
        """Give the number that a tag and its text were seen with first; if they were not, it is this one."""
        digest = blake2b(f"{key[0]} {key[1]}".encode(), digest_size=_DIGEST_BYTES).digest()
        shelf = self._shelves[hash(digest) % _SHELVES]
        at = shelf.find(digest)
        while at > 0 and at % _RECORD_BYTES:  # the end of one record and the beginning of the next
            at = shelf.find(digest, at + 1)
        if at < 0:
            shelf += digest + number.to_bytes(_NUMBER_BYTES, "big")
            return number
        return int.from_bytes(shelf[at + _DIGEST_BYTES : at + _RECORD_BYTES], "big")
