"""Versions of message definitions side by side, for tests of the way from one to another."""

from collections import defaultdict
from collections.abc import Iterable

from lxml import etree

from broker.message.definition import Definition

Chain = tuple[str, ...]


def chains(definitions: Iterable[str]) -> list[Chain]:
    """The versions of each message that has several, oldest first; named variants aside."""
    found: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for name in definitions:
        if "@" not in name:
            definition = Definition.parse(name)
            found[definition.area, definition.functionality, definition.variant].append(name)
    return [tuple(sorted(each)) for _, each in sorted(found.items()) if len(each) > 1]


def canonical(xml: bytes) -> bytes:
    """The exclusive canonical form, by which messages are compared."""
    octets: bytes = etree.tostring(etree.fromstring(xml), method="c14n", exclusive=True, with_comments=False)
    return octets
