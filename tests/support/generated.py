"""Messages of any definition, made from its type model: for properties that must hold for the whole standard.

Owns the choice of content (minimal, random by seed, or covering every member of every type) and values that satisfy
the facets. Writes XML text by itself, without the code under test; what it makes is schema-valid. Must not know any
message.
"""

import base64
import importlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from broker.catalogue.model import (
    AmountType,
    AnyContent,
    ChoiceGroup,
    ChoiceType,
    Element,
    Particle,
    Schema,
    SequenceType,
    SimpleType,
)

_sre = importlib.import_module("re._parser")  # the standard library's reading of a pattern, here to write from it

_TEXT = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 /-?:().,'+ &<>\"]]> äßéøЖ漢\U0001f4b6\t\n\r"
_ANY = (
    '<x:Extra xmlns:x="urn:example:extra" kind="a&amp;b"><x:Part>1 &lt; 2</x:Part><Plain>loose</Plain></x:Extra>',
    '<Extra xmlns="urn:example:extra"><Part xmlns="">é</Part></Extra>',
    '<Extra xmlns=""><Part>text <b>mixed</b> tail</Part></Extra>',
    "<Own><![CDATA[a < b & c]]></Own>",
)
_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
_ZONES = ("", "Z", "+00:00", "-05:30", "+14:00")


def minimal(schema: Schema, seed: int = 0) -> bytes:
    """Make the smallest message: what must be there, the first branch of each choice."""
    return _Maker(schema, random.Random(seed)).message()


def randomly(schema: Schema, seed: int, most: int = 400) -> bytes:
    """Make a message whose optional parts, numbers, branches and values follow the seed, of some ``most`` elements."""
    return _Maker(schema, random.Random(seed), chance=0.35, room=most).message()


def covering(schema: Schema, seed: int = 0) -> Iterator[bytes]:
    """Make messages until each member of each type, so also each branch of each choice, has occurred in one of them."""
    maker = _Maker(schema, random.Random(seed), wanted=_members_reached(schema))
    while maker.wanted:
        left = len(maker.wanted)
        yield maker.message()
        assert len(maker.wanted) < left, "a message that covers nothing new"


def members_of(schema: Schema) -> frozenset[tuple[str, str]]:
    """Give (type, tag) of every member that can occur in a message of the definition."""
    return frozenset(_members_reached(schema))


def value_of(kind: SimpleType, rng: random.Random) -> str:
    """Make a text in the type's lexical space."""
    if kind.enumeration:
        return rng.choice(kind.enumeration)
    if kind.base == "dateTime" and kind.patterns:
        return _instant(rng, "Z")
    if kind.patterns:
        return _of_pattern(kind, rng)
    return _of_base(kind, rng)


@dataclass(slots=True)
class _Maker:
    schema: Schema
    rng: random.Random
    chance: float = 0.0
    room: int = 0
    wanted: set[tuple[str, str]] = field(default_factory=set)
    reach: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    written: int = 0

    def message(self) -> bytes:
        self.written = 0
        root = self.schema.root
        return f'<{root.tag} xmlns="{self.schema.namespace}">{self._content(root.type)[1]}</{root.tag}>'.encode()

    def _element(self, member: Element, owner: str) -> str:
        self.written += 1
        self.wanted.discard((owner, member.tag))
        attribute, content = self._content(member.type)
        return f"<{member.tag}{attribute}>{content}</{member.tag}>"

    def _content(self, name: str) -> tuple[str, str]:
        kind = self.schema.types[name]
        if isinstance(kind, SimpleType):
            return "", _escaped(value_of(kind, self.rng))
        if isinstance(kind, AmountType):
            return f' {kind.attribute}="{self._simple(kind.currency)}"', self._simple(kind.value)
        particles = (ChoiceGroup(kind.elements),) if isinstance(kind, ChoiceType) else kind.particles
        return "", "".join(self._particle(particle, name) for particle in particles)

    def _simple(self, name: str) -> str:
        kind = self.schema.types[name]
        assert isinstance(kind, SimpleType)
        return _escaped(value_of(kind, self.rng))

    def _particle(self, particle: Particle, owner: str) -> str:
        if isinstance(particle, AnyContent):
            signed = f'<ds:Signature xmlns:ds="{_SIGNATURE}"><ds:SignedInfo Id="s"/></ds:Signature>'
            return signed if particle.namespace == _SIGNATURE else self.rng.choice(_ANY)
        if isinstance(particle, ChoiceGroup):
            particle = self._branch(particle.elements, owner)
        return "".join(self._element(particle, owner) for _ in range(self._times(particle, owner)))

    def _branch(self, branches: tuple[Element, ...], owner: str) -> Element:
        for branch in branches:
            if self._is_wanted(branch, owner):
                return branch
        return self.rng.choice(branches) if self.chance else branches[0]

    def _times(self, member: Element, owner: str) -> int:
        most = member.min_occurs + 2 if member.max_occurs is None else member.max_occurs
        if self._is_wanted(member, owner):
            return max(member.min_occurs, 1)
        if self.written < self.room and self.rng.random() < self.chance:
            return self.rng.randint(max(member.min_occurs, 1), min(most, member.min_occurs + 2))
        return member.min_occurs

    def _is_wanted(self, member: Element, owner: str) -> bool:
        if not self.wanted:
            return False
        if (owner, member.tag) in self.wanted:
            return True
        return not self.wanted.isdisjoint(self._reached_from(member.type))

    def _reached_from(self, name: str) -> frozenset[tuple[str, str]]:
        if name not in self.reach:
            self.reach[name] = frozenset(_members_reached(self.schema, name))
        return self.reach[name]


def _members_reached(schema: Schema, name: str | None = None) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    todo, seen = [name or schema.root.type], set()
    while todo:
        owner = todo.pop()
        if owner in seen:
            continue
        seen.add(owner)
        for member in _elements(schema, owner):
            found.add((owner, member.tag))
            todo.append(member.type)
    return found


def _elements(schema: Schema, name: str) -> Iterator[Element]:
    kind = schema.types[name]
    if isinstance(kind, ChoiceType):
        yield from kind.elements
    for particle in kind.particles if isinstance(kind, SequenceType) else ():
        if isinstance(particle, Element):
            yield particle
        elif isinstance(particle, ChoiceGroup):
            yield from particle.elements


def _escaped(text: str) -> str:
    return escape(text, {"\r": "&#13;"})


def _of_pattern(kind: SimpleType, rng: random.Random) -> str:
    parsed = _sre.parse(rng.choice(kind.patterns))
    low, high = kind.min_length or 0, kind.max_length or 10_000
    for _ in range(1_000):
        text = "".join(_matching(parsed, rng))
        if low <= len(text) <= high:
            return text
    raise AssertionError(f"no value of {kind.name} found")


def _matching(parsed: list[tuple[Any, Any]], rng: random.Random) -> Iterator[str]:
    """Write a text that a parsed pattern matches; covers the operations that the standard's patterns use."""
    for operation, argument in parsed:
        match str(operation), argument:
            case "LITERAL", int(code):
                yield chr(code)
            case "ANY", _:
                yield rng.choice("ABC 123")
            case "IN", list(options):
                kind, given = rng.choice(options)
                yield chr(rng.randint(*given)) if str(kind) == "RANGE" else chr(given)
            case "MAX_REPEAT", (least, most, inner):
                for _ in range(rng.randint(int(least), min(int(most), int(least) + 30))):
                    yield from _matching(inner, rng)
            case "SUBPATTERN", (*_, inner):
                yield from _matching(inner, rng)
            case "BRANCH", (_, branches):
                yield from _matching(rng.choice(branches), rng)
            case _:
                raise AssertionError(f"a pattern with {operation}")


def _of_base(kind: SimpleType, rng: random.Random) -> str:
    return _MAKERS[kind.base](kind, rng)


def _words(kind: SimpleType, rng: random.Random) -> str:
    low = kind.min_length or 0
    size = rng.randint(max(low, 1), max(low, min(kind.max_length or 60, 60)))
    return "".join(rng.choices(_TEXT, k=size))


def _binary(kind: SimpleType, rng: random.Random) -> str:
    return base64.b64encode(rng.randbytes(rng.randint(1, min(kind.max_length or 60, 60)))).decode()


def _decimal(kind: SimpleType, rng: random.Random) -> str:
    total, fraction = kind.total_digits or 18, kind.fraction_digits or 0
    after = rng.randint(0, min(fraction, total - 1))
    before = rng.randint(1, total - after)
    whole = str(rng.randint(1, 9)) + "".join(rng.choices("0123456789", k=before - 1))
    digits = whole + ("." + "".join(rng.choices("0123456789", k=after)) if after else "")
    signs = ("", "", "+", "00") if kind.min_inclusive is not None else ("", "-", "+", "-0")
    return rng.choice(signs) + digits


def _day(rng: random.Random) -> str:
    return f"{rng.randint(1990, 2060):04}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _clock(rng: random.Random) -> str:
    clock = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
    return rng.choice((clock, f"{clock}.{rng.randint(1, 999_999)}", "24:00:00"))


def _instant(rng: random.Random, zone: str) -> str:
    return f"{_day(rng)}T{_clock(rng)}{zone}"


_MAKERS: dict[str, Callable[[SimpleType, random.Random], str]] = {
    "string": _words,
    "base64Binary": _binary,
    "decimal": _decimal,
    "boolean": lambda _, rng: rng.choice(("true", "false", "1", "0")),
    "date": lambda _, rng: _day(rng) + rng.choice(_ZONES),
    "dateTime": lambda _, rng: _instant(rng, rng.choice(_ZONES)),
    "time": lambda _, rng: _clock(rng) + rng.choice(_ZONES),
    "gYear": lambda _, rng: str(rng.randint(1900, 2100)) + rng.choice(_ZONES),
    "gYearMonth": lambda _, rng: _day(rng)[:7] + rng.choice(_ZONES),
}
