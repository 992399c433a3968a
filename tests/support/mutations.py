"""Kinds of damage to good messages, each with the rules that must find it: what the detection table is made of.

Owns the good messages and how damage is done; ``mutations_schema`` and ``mutations_rules`` own the kinds. Must not know
how anything is found.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from broker.generate import Generator
from tests.support.hostile import CATALOGUE

SEEDS = range(5)
"""Each kind is done to one message of each seed."""

_GOOD: dict[str, Callable[[Generator], bytes]] = {
    "transfer": lambda generator: generator.pacs_008().body,
    "transfer with header": lambda generator: generator.pacs_008(wrapped=True).body,
    "batch of transfers": lambda generator: generator.pacs_008(generator.transfer(4)).body,
    "order": lambda generator: generator.pain_001().body,
    "return": lambda generator: generator.pacs_004(generator.transfer(3)).body,
    "status": lambda generator: generator.pacs_002(status="RJCT").body,
    "cancellation": lambda generator: generator.camt_056(generator.transfer(2)).body,
    "statement": lambda generator: generator.camt_053(entries=6).body,
}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One kind of damage: to which good message, in words, the rules that find it and no other, and the change."""

    to: str
    what: str
    found_by: tuple[str, ...]
    change: Callable[[bytes], bytes]

    def done(self, seed: int) -> bytes:
        """Give a good message of a seed with the damage done; one that it does not change is a mistake of ours."""
        good = good_message(self.to, seed)
        damaged = self.change(good)
        assert damaged != good, f"{self.what}: nothing changed"
        return damaged


def good_message(kind: str, seed: int) -> bytes:
    """Give the good message of a kind and a seed."""
    return _GOOD[kind](Generator(CATALOGUE, seed))


def kinds_of_message() -> tuple[str, ...]:
    """Give the kinds of good message."""
    return tuple(_GOOD)


def put(pattern: str, by: str, *, times: int = 1) -> Callable[[bytes], bytes]:
    """Make a change of the first places a pattern matches, all of them where ``times`` is 0."""
    compiled = re.compile(pattern, re.DOTALL)

    def change(body: bytes) -> bytes:
        text, count = compiled.subn(by, body.decode(), count=times)
        assert count, f"nothing like {pattern} in the message"
        return text.encode()

    return change


def text_of(tag: str, by: str, *, times: int = 1) -> Callable[[bytes], bytes]:
    """Make a change of an element's text."""
    return put(rf"(<{tag}(?: [^>]*)?>)[^<]*", rf"\g<1>{by}", times=times)


def both(*changes: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Make one change of several, one after the other."""

    def change(body: bytes) -> bytes:
        for each in changes:
            body = each(body)
        return body

    return change
