"""RA JSON → XML text, by plans compiled once per message definition.

Owns the writing of elements in schema order and every check of an object against its type: names, presence, number,
choice, lexical form. Whatever is wrong becomes a finding and the walk goes on, so that one answer names all faults.
The depth is the schema's, never the input's: what the schema does not name is not entered.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeGuard

from rapidfuzz import process

from broker.catalogue.model import AmountType, AnyContent, ChoiceGroup, ChoiceType, Element, Schema, SimpleType, Type
from broker.transform.ra_json.content import amount_members, any_content, members, text_to_inner
from broker.transform.ra_json.lexical import Check, checker
from broker.transform.ra_json.place import Place, Writing
from broker.transform.ra_json.source import Repeated

Write = Callable[[object, str, Place, Writing], None]
"""Writes a value as the content of an element with that tag, which may carry attributes."""

_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", '"': "&quot;"})
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9]{0,39}")

_plans: dict[int, tuple[Schema, Write]] = {}  # by identity: a schema holds a mapping and cannot be hashed


def plan(schema: Schema) -> Write:
    """Give the compiled plan of a schema's root type; the first call per schema compiles it."""
    held = _plans.get(id(schema))
    if held is None:
        held = _plans[id(schema)] = (schema, _Compiler(schema).writer(schema.root.type))
    return held[1]


def refuse_unknown(value: Mapping[str, object], known: Mapping[str, object], place: Place | None, to: Writing) -> None:
    """Note every member of an object that its type does not have, with the nearest name that it does have."""
    for name in value:
        if name in known:
            continue
        if not _TAG.fullmatch(str(name)):  # a caller's object may have other keys than strings
            to.refuse("json.unknown", place, "has a member whose name is no ISO 20022 tag")
            continue
        nearest = process.extractOne(name, known.keys(), score_cutoff=60)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        to.refuse("json.unknown", (place, name, 0), f"the definition has no such member here{hint}")


class _Compiler:
    """Compiles the writers of one schema; types are shared, so each is compiled once."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._writers: dict[str, Write] = {}

    def writer(self, name: str) -> Write:
        if name not in self._writers:
            kind = self._schema.types[name]
            content = any_content(kind)
            if isinstance(kind, SimpleType):
                self._writers[name] = _scalar(checker(kind))
            elif isinstance(kind, AmountType):
                self._writers[name] = self._amount(kind)
            elif content is not None:
                self._writers[name] = _inner(content)
            else:
                table: dict[str, tuple[Element, Write]] = {}
                self._writers[name] = _object(kind, table)  # known before its members are, should it contain itself
                for member in members(kind):
                    table[member.tag] = (member, self.writer(member.type))
        return self._writers[name]

    def _amount(self, kind: AmountType) -> Write:
        value, currency = self._schema.types[kind.value], self._schema.types[kind.currency]
        assert isinstance(value, SimpleType)
        assert isinstance(currency, SimpleType)
        return _amount(amount_members(kind), (checker(value), checker(currency)))


def _scalar(check: Check) -> Write:
    def write(value: object, tag: str, place: Place, to: Writing) -> None:
        if not isinstance(value, str):
            to.refuse("json.type", place, f"expected a string, found {_kind_of(value)}")
            return
        wrong = check(value)
        if wrong is not None:
            to.refuse(wrong[0], place, wrong[1])
            return
        to.out.append(f"<{tag}>{value.translate(_ESCAPED)}</{tag}>")

    return write


def _amount(names: tuple[str, str], checks: tuple[Check, Check]) -> Write:
    known = dict.fromkeys(names)

    def write(value: object, tag: str, place: Place, to: Writing) -> None:
        if not _is_object(value, place, to):
            return
        texts = [
            _amount_part(value.get(name), check, (place, name, 0), to)
            for name, check in zip(names, checks, strict=True)
        ]
        if len(value) != len(names):
            refuse_unknown(value, known, place, to)
        amount, currency = texts
        if amount is not None and currency is not None:
            to.out.append(f'<{tag} {names[1]}="{currency.translate(_ESCAPED)}">{amount.translate(_ESCAPED)}</{tag}>')

    return write


def _amount_part(value: object, check: Check, place: Place, to: Writing) -> str | None:
    if not isinstance(value, str):
        missing = value is None
        text = "is missing" if missing else f"expected a string, found {_kind_of(value)}"
        to.refuse("json.missing" if missing else "json.type", place, text)
        return None
    wrong = check(value)
    if wrong is not None:
        to.refuse(wrong[0], place, wrong[1])
    return value


def _inner(content: AnyContent) -> Write:
    wanted = None if content.namespace == "##any" else content.namespace

    def write(value: object, tag: str, place: Place, to: Writing) -> None:
        if not isinstance(value, str):
            to.refuse("json.type", place, f"expected a string, found {_kind_of(value)}")
            return
        inner = text_to_inner(value)
        if inner is None:
            to.refuse("json.content", place, "expected one well-formed XML element without DOCTYPE as a string")
        elif wanted is not None and inner[1] != wanted:
            to.refuse("json.content", place, f"expected an element of the namespace {wanted}")
        else:
            to.out.append(f"<{tag}>{inner[0]}</{tag}>")

    return write


def _object(kind: Type, table: dict[str, tuple[Element, Write]]) -> Write:
    present = _Presence(kind)

    def write(value: object, tag: str, place: Place, to: Writing) -> None:
        if not _is_object(value, place, to):
            return
        to.out.append(f"<{tag}>")
        seen = 0
        for name, (member, writer) in table.items():
            if name in value:
                seen += 1
                _member(value[name], member, writer, (place, name, 0), to)
        if seen != len(value):
            refuse_unknown(value, table, place, to)
        present.check(value, place, to)
        to.out.append(f"</{tag.partition(' ')[0]}>")

    return write


def _member(value: object, member: Element, writer: Write, place: Place, to: Writing) -> None:
    if not isinstance(value, list | tuple) or member.max_occurs == 1:
        if member.min_occurs > 1:
            to.refuse("json.occurs", place, f"expected an array of at least {member.min_occurs}")
        writer(value, member.tag, place, to)
        return
    least = max(member.min_occurs, 1)
    if len(value) < least or (member.max_occurs is not None and len(value) > member.max_occurs):
        bounds = f"at least {least}" if member.max_occurs is None else f"{least} to {member.max_occurs}"
        to.refuse("json.occurs", place, f"expected {bounds} items, found {len(value)}")
        return
    above, name, _ = place
    for position, item in enumerate(value, 1):
        writer(item, member.tag, (above, name, position), to)


class _Presence:
    """What a type demands to be there: each mandatory element, and exactly one of each choice."""

    def __init__(self, kind: Type) -> None:
        particles = (ChoiceGroup(kind.elements),) if isinstance(kind, ChoiceType) else getattr(kind, "particles", ())
        self._mandatory = tuple(one.tag for one in particles if isinstance(one, Element) and one.min_occurs > 0)
        self._choices = tuple(
            (
                tuple(element.tag for element in one.elements),
                one.min_occurs > 0 and all(e.min_occurs for e in one.elements),
            )
            for one in particles
            if isinstance(one, ChoiceGroup)
        )

    def check(self, value: Mapping[str, object], place: Place, to: Writing) -> None:
        for tag in self._mandatory:
            if tag not in value:
                to.refuse("json.missing", (place, tag, 0), "is missing")
        for tags, one_must_be in self._choices:
            count = sum(tag in value for tag in tags)
            if count > 1 or (one_must_be and not count):
                to.refuse("json.choice", place, f"expected exactly one of {', '.join(tags)}, found {count}")


def _is_object(value: object, place: Place, to: Writing) -> TypeGuard[Mapping[str, object]]:
    if isinstance(value, Repeated):
        to.refuse("json.duplicate", place, "has the same member twice")
        return False
    if not isinstance(value, Mapping):
        to.refuse("json.type", place, f"expected an object, found {_kind_of(value)}")
        return False
    return True


def _kind_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean; it is written as the string true or false"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, Mapping | Repeated):
        return "an object"
    if isinstance(value, list | tuple):
        return "an array"
    return "a number; numbers are written as strings"
