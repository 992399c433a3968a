"""The digest of RA JSON in RFC 8785 form, of a message whose transactions pass in slices.

Gives what ``facts.digests`` gives of the same message in memory: everything around the transactions is known before the
first of them, so that the text can be written in its order from the beginning to the end.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

_WITH_GROUPS: Final = 3  # tags: message, group, item


class CanonicalDigest:
    """SHA-256 of the canonical text, written in the order of the message."""

    def __init__(self, skeleton: Mapping[str, Any], tags: tuple[str, ...]) -> None:
        """``skeleton`` is RA JSON without transactions; ``tags`` lead from the message to them."""
        self._hash = hashlib.sha256()
        self._tags = tags
        self._list = len(tags) == _WITH_GROUPS
        root = next(tag for tag in skeleton if tag != "AppHdr")
        message = skeleton[root][tags[0]]
        self._groups: list[Mapping[str, Any]] = list(message.get(tags[1], ())) if self._list else [message]
        self._place = 0
        self._filled = False
        if not self._groups:
            self._list, self._after = False, orjson.dumps(skeleton, option=orjson.OPT_SORT_KEYS)
            return
        frames = [_frame(skeleton, root), _frame(skeleton[root], tags[0])]
        if self._list:
            frames.append(_frame(message, tags[1]))
        self._after = b"".join(after for _, after in reversed(frames))
        for before, _ in frames:
            self._hash.update(before)
        if self._list:
            self._hash.update(b"[")

    def add(self, group: int, items: Sequence[object]) -> None:
        """Write transactions of the group at that place, from 1; groups come in their order."""
        self._up_to(group)
        if not items:
            return
        if not self._filled:
            before, _ = _frame(self._groups[group - 1], self._tags[-1])
            self._hash.update(before + b"[")
        else:
            self._hash.update(b",")
        self._filled = True
        self._hash.update(orjson.dumps(items, option=orjson.OPT_SORT_KEYS)[1:-1])

    def digest(self) -> bytes:
        """Write what is left and give the digest."""
        self._up_to(len(self._groups))
        self._close()
        self._hash.update((b"]" if self._list else b"") + self._after)
        return self._hash.digest()

    def _up_to(self, group: int) -> None:
        while self._place < group:
            self._close()
            self._place += 1
            if self._place > 1:
                self._hash.update(b",")

    def _close(self) -> None:
        if self._place == 0:
            return
        held = self._groups[self._place - 1]
        if self._filled:
            self._hash.update(b"]" + _frame(held, self._tags[-1])[1])
        else:
            self._hash.update(orjson.dumps(held, option=orjson.OPT_SORT_KEYS))
        self._filled = False


def _frame(held: Mapping[str, Any], tag: str) -> tuple[bytes, bytes]:
    """The canonical text of an object before and after the value of one member, which it may lack."""
    before = b"".join(_members(held, below=tag))
    after = b"".join(b"," + each[:-1] for each in _members(held, above=tag))
    return b"{" + before + orjson.dumps(tag) + b":", after + b"}"


def _members(held: Mapping[str, Any], below: str = "", above: str = "") -> Iterator[bytes]:
    for tag in sorted(held):
        if (below and tag < below) or (above and tag > above):
            yield orjson.dumps(tag) + b":" + orjson.dumps(held[tag], option=orjson.OPT_SORT_KEYS) + b","
