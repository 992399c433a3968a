"""The contract with those who read events: what was published, what would be now, and whether a reader would break.

What was published is kept in ``schemas/events``: one file a type, and the parts that types share in one more. Run
``python -m tests.support.event_contract`` to write it anew, with the models that services import
(``broker/subscriber/models.py``); it refuses while a change would break a reader. ``--unreleased`` takes breaks of
types that nobody could have read yet.

Only an optional member more is no break. An event type may also be sent as a command, so what is asked of a writer must
not grow either: a value more in a closed set, a member that is always there from now on, a wider or narrower scalar are
breaks as well. A break is mended by raising the type's version: ``….v1`` goes, ``….v2`` comes.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from broker.transform.canonical.registry import EVENTS
from broker.transform.schemas.data import PREFIX, PUBLISHED, event_schema, parts, reached_from
from tests.support.tree import ROOT

FOLDER = ROOT / "schemas" / "events"
MODELS = ROOT / "broker" / "subscriber" / "models.py"
_PARTS = "parts.json"
_LINE = 120
_VERSION = re.compile(r"(.*)\.v(\d+)")
_WORDS = ("description", "examples", "title")


@dataclass(frozen=True, slots=True)
class Contract:
    """Schemas by type, and by name those of the parts that they refer to; without words and examples."""

    types: Mapping[str, dict[str, Any]]
    parts: Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One difference: in which type, where in its data, what; and whether it breaks a reader."""

    event_type: str
    path: str
    text: str
    breaks: bool

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.event_type}: {self.path or 'the data'}: {self.text}"


def current() -> Contract:
    """The contract as the models make it now."""
    types = {each: _bare(event_schema(each)) for each in PUBLISHED}
    reached = {name for each in PUBLISHED for name in reached_from(event_schema(each), parts())}
    return Contract(types, {name: _bare(parts()[name]) for name in sorted(reached)})


def published(folder: Path = FOLDER) -> Contract:
    """The contract as it was published."""
    texts = {path.name: orjson.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))}
    shared = texts.pop(_PARTS, {})
    return Contract({name.removesuffix(".json"): schema for name, schema in texts.items()}, shared)


def files(contract: Contract) -> dict[str, str]:
    """The files of a contract, by name: JSON with one member of an object a line."""
    texts = {f"{name}.json": f"{_text(schema)}\n" for name, schema in contract.types.items()}
    shared = ",\n".join(f'"{name}": {_text(schema)}' for name, schema in sorted(contract.parts.items()))
    return {**texts, _PARTS: f"{{\n{shared}\n}}\n"}


def changes(old: Contract, new: Contract) -> list[Change]:
    """Every difference from the old contract to the new one, each shared part's once a type."""
    found: list[Change] = []
    for event_type, schema in old.types.items():
        if event_type in new.types:
            found += _Comparison(event_type, old, new).of(schema, new.types[event_type], "")
        elif not _raised(event_type, new):
            found.append(Change(event_type, "", "the type is gone, and no higher version of it is there", breaks=True))
    added = [each for each in new.types if each not in old.types]
    return found + [Change(each, "", "the type is new", breaks=False) for each in added]


@dataclass(slots=True)
class _Comparison:
    """Two versions of one type, member by member; a part that was compared is not compared again."""

    event_type: str
    old: Contract
    new: Contract
    seen: set[tuple[str, str]] = field(default_factory=set)

    def of(self, old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
        """Give the differences of two schemas in the same place."""
        names = old.get("$ref", ""), new.get("$ref", "")
        if any(names):
            if names in self.seen:
                return
            self.seen.add(names)
            old, new = _resolved(old, self.old), _resolved(new, self.new)
        if "properties" in old and "properties" in new:
            yield from self._members(old, new, path)
        elif old.get("type") == new.get("type") == "array" and "items" in old and "items" in new:
            yield from self.of(old["items"], new["items"], f"{path}[]")
        left, right = _rest(old), _rest(new)
        if left != right:
            yield self._change(path, f"was {_short(left)}, is {_short(right)}")

    def _members(self, old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
        was, now = old["properties"], new["properties"]
        before, after = set(old.get("required", ())), set(new.get("required", ()))
        for name in was:
            place = f"{path}.{name}".lstrip(".")
            if name not in now:
                yield self._change(place, "is gone")
                continue
            if (name in before) != (name in after):
                yield self._change(place, "is not always there any more" if name in before else "must be there now")
            yield from self.of(was[name], now[name], place)
        for name in (each for each in now if each not in was):
            text = "is new, and must be there" if name in after else "is new"
            yield self._change(f"{path}.{name}".lstrip("."), text, breaks=name in after)

    def _change(self, path: str, text: str, *, breaks: bool = True) -> Change:
        return Change(self.event_type, path, text, breaks)


def _raised(event_type: str, new: Contract) -> bool:
    stem, version = _split(event_type)
    return any(_split(each)[0] == stem and _split(each)[1] > version for each in new.types)


def _split(event_type: str) -> tuple[str, int]:
    found = _VERSION.fullmatch(event_type)
    assert found is not None, f"{event_type} ends in no version"
    return found[1], int(found[2])


def _resolved(schema: dict[str, Any], contract: Contract) -> dict[str, Any]:
    reference = schema.get("$ref")
    return schema if reference is None else contract.parts[reference.removeprefix(PREFIX)]


def _rest(schema: dict[str, Any]) -> dict[str, Any]:
    """What is compared as it stands: all but members, items and their order."""
    left = {name: value for name, value in schema.items() if name not in ("properties", "required", "items")}
    if "properties" not in schema and "items" in schema:
        left["items"] = ...
    return {name: sorted(value) if name == "enum" else value for name, value in left.items()}


def _short(schema: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in schema.items() if value is not ...) or "unbounded"


def _bare(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Without words and examples; a member that has such a name stays."""
    if isinstance(schema, list):
        return [_bare(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: {member: _bare(each) for member, each in value.items()} if name == "properties" else _bare(value)
        for name, value in schema.items()
        if name not in _WORDS
    }


def _text(schema: dict[str, Any]) -> str:
    if "properties" not in schema:
        return orjson.dumps(schema).decode()
    head = orjson.dumps({name: value for name, value in schema.items() if name != "properties"}).decode()
    members = ",\n".join(f'  "{name}": {orjson.dumps(value).decode()}' for name, value in schema["properties"].items())
    return f'{head[:-1]}, "properties": {{\n{members}\n}}}}'


def models_module() -> str:
    """The module that offers the model of every event type to services."""
    models = sorted(set(EVENTS.values()), key=lambda each: (each.__module__, each.__name__))
    lines = ['"""The model of every event\'s data; written from the registry with the contract of the events."""', ""]
    for module, group in groupby(models, key=lambda each: each.__module__):
        names = [each.__name__ for each in group]
        line = f"from {module} import {', '.join(names)}"
        wrapped = [f"from {module} import (", *(f"    {name}," for name in names), ")"]
        lines += [line] if len(line) <= _LINE else wrapped
    listed = [f'    "{name}",' for name in sorted(each.__name__ for each in models)]
    return "\n".join([*lines, "", "__all__ = [", *listed, "]", ""])


def main() -> int:
    """Write the contract anew, unless a reader would break."""
    now = current()
    found = changes(published(), now)
    breaking = [each for each in found if each.breaks]
    for each in breaking or found:
        print(each)  # noqa: T201  a command's answer
    if breaking and "--unreleased" not in sys.argv:
        print("these break readers: raise the version of each type, or take the change back")  # noqa: T201  as above
        return 1
    MODELS.write_text(models_module(), encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    wanted = files(now)
    for old in FOLDER.glob("*.json"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
