"""The published JSON Schemas (draft 2020-12) of the events' data, made from the canonical models.

An optional member is absent or there, never null: so say the schemas. What several types share (parties, accounts,
amounts, scalars) is a part under one name, which means the same in all of them. The version of a type is the end of its
name, and of its schema's ``$id``.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import orjson
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from broker.transform.canonical.form import Canonical
from broker.transform.canonical.registry import EVENTS
from broker.transform.schemas.examples import example
from broker.transform.schemas.glossary import GLOSSARY
from broker.transform.schemas.rejection import COMMAND_REJECTED, CommandRejected
from broker.transform.schemas.scalars import SCALARS
from broker.transform.schemas.scalars import schema as scalar_schema

Schema = dict[str, Any]

DATA_SCHEMA_PREFIX: Final = "urn:iso20022-broker:event:"
"""``dataschema`` is this and the event type: the type carries the version."""

PUBLISHED: Final[Mapping[str, type[Canonical]]] = {**EVENTS, COMMAND_REJECTED: CommandRejected}
"""Event type → model, of all that the broker publishes: the canonical events, and the answer to a refused command."""

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
PREFIX: Final = "#/$defs/"

_MODE: Final[JsonSchemaMode] = "validation"
_MARKUP = re.compile(r"``([^`]*)``")


def data_schema(event_type: str) -> Schema:
    """The schema of an event type's ``data``, origin included, with every part it needs. KeyError: no such type."""
    known = parts()
    own = event_schema(event_type)
    reached = dict.fromkeys(reached_from(own, known))
    return {
        "$schema": DIALECT,
        "$id": DATA_SCHEMA_PREFIX + event_type,
        "title": event_type,
        **own,
        "$defs": {name: known[name] for name in sorted(reached)},
    }


def event_schema(event_type: str) -> Schema:
    """The schema of an event type's ``data`` alone: parts are referred to, not given. KeyError: no such type."""
    model = parts()[part_of(event_type)]
    schema = {name: value for name, value in model.items() if name != "examples"}
    origin = "Origin" if event_type in EVENTS else "CommandOrigin"
    schema["required"] = ["origin", *model.get("required", [])]
    beside = BESIDE if event_type in EVENTS else {}
    schema["properties"] = {"origin": {"$ref": PREFIX + origin}, **beside, **model["properties"]}
    given = model["examples"][0]
    return {**schema, "examples": [{"origin": example(origin, parts()), **given}]}


def part_of(event_type: str) -> str:
    """The name of the part that an event type's data are, apart from their origin. KeyError: no such type."""
    return _generated()[0][PUBLISHED[event_type]]


@cache
def parts() -> Mapping[str, Schema]:
    """Every part of every event type by its name, with description and example: models, scalars, the origin."""
    made = {name: _tidied(schema) for name, schema in _generated()[1].items()}
    made |= {
        name: {"description": scalar.description, **scalar_schema(scalar), "examples": list(scalar.examples)}
        for name, scalar in SCALARS.items()
    }
    made |= {"Origin": ORIGIN, "CommandOrigin": _COMMAND_ORIGIN, "Extensions": _EXTENSIONS, "RaJson": _RA_JSON}
    return {
        name: schema if "examples" in schema else {**schema, "examples": [example(name, made)]}
        for name, schema in made.items()
    }


def reached_from(schema: Schema, known: Mapping[str, Schema]) -> Iterator[str]:
    """The names of the parts that a schema refers to, directly or by others; each once."""
    seen: set[str] = set()
    waiting = list(references(schema))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting += references(known[name])


def references(schema: object) -> Iterator[str]:
    """The names of the parts that a schema refers to itself."""
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "$ref":
                yield value.removeprefix(PREFIX)
            elif name != "examples":
                yield from references(value)
    elif isinstance(schema, list):
        for each in schema:
            yield from references(each)


class _Generator(GenerateJsonSchema):
    """pydantic's, without what a reader of events never meets: null, and the default that stands for absence."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """A member that may be absent is never null."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Nothing is defaulted: what the message does not say is absent."""
        return self.generate_inner(schema["schema"])


@cache
def _generated() -> tuple[Mapping[type[Canonical], str], Mapping[str, Schema]]:
    """Name of each event's model among the parts, and the parts as pydantic makes them."""
    models = list(dict.fromkeys(PUBLISHED.values()))
    by_model, made = models_json_schema([(each, _MODE) for each in models], schema_generator=_Generator)
    names = {each: str(by_model[each, _MODE]["$ref"]).removeprefix(PREFIX) for each in models}
    return names, made["$defs"]


def _tidied(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Without titles, which repeat names; with scalars by their names; descriptions as plain text."""
    if isinstance(schema, list):
        return [_tidied(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    said = schema.get("description")
    bare = {name: value for name, value in schema.items() if name not in ("title", "description")}
    scalar = _scalar_names().get(_key(bare))
    if scalar is not None:
        bare = {"$ref": PREFIX + scalar}
    elif "properties" in bare:
        members = {name: _described(name, _tidied(value)) for name, value in bare["properties"].items()}
        bare = {name: value if name == "properties" else _tidied(value) for name, value in bare.items()}
        bare["properties"] = members
    else:
        bare = {name: _tidied(value) for name, value in bare.items()}
    return bare if said is None else {"description": _MARKUP.sub(r"\1", " ".join(said.split())), **bare}


def _described(name: str, member: Schema) -> Schema:
    """A member with what its model says of it, or else the glossary of what its name does."""
    said = GLOSSARY.get(name)
    return member if said is None or "description" in member else {"description": said, **member}


@cache
def _scalar_names() -> Mapping[bytes, str]:
    return {_key(scalar_schema(scalar)): name for name, scalar in SCALARS.items()}


def _key(schema: Schema) -> bytes:
    return orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)


ORIGIN: Final[Schema] = {
    "description": "The message the event comes from.",
    "type": "object",
    "additionalProperties": False,
    "required": ["message_definition", "position", "digest"],
    "properties": {
        "message_definition": {"type": "string", "description": "Such as pacs.008.001.08."},
        "message_id": {"type": "string", "description": "The message's reference as its sender gave it."},
        "position": {"type": "integer", "minimum": 0, "description": "0: the message as a whole; 1: its first item."},
        "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$", "description": "Of the received bytes."},
        "lenient": {"const": True, "description": "A strict channel would have rejected the message."},
        "findings": {"type": "integer", "minimum": 1, "description": "How many, where the message is lenient."},
    },
    "examples": [
        {
            "message_definition": "pacs.008.001.08",
            "message_id": "MSG-2026-0302-17",
            "position": 1,
            "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        }
    ],
}
"""Where an event comes from: a member of every event's data."""

_EXTENSIONS: Final[Schema] = {
    "description": "Fields of the bank's own, as the mappings it lays over those of the broker declare them.",
    "type": "object",
    "minProperties": 1,
    "examples": [{"contract_number": "C-2026-117", "fee": {"currency": "EUR", "amount": "1.50"}}],
}

_RA_JSON: Final[Schema] = {
    "description": "The message's own form, losslessly: without its items, or the element of the event's item.",
    "type": "object",
    "minProperties": 1,
    "examples": [{"CdtTrfTxInf": {"PmtId": {"EndToEndId": "E2E-2026-0302-4"}}}],
}

BESIDE: Final[Schema] = {
    "extensions": {"$ref": PREFIX + "Extensions"},
    "ra_json": {"$ref": PREFIX + "RaJson"},
    "ra_json_path": {"type": "string", "description": "Where the item stands in the message, items counted from 1."},
}
"""Members that any event's data may have: a bank's own fields, and for those who ask the message's own form."""

_COMMAND_ORIGIN: Final[Schema] = {
    "description": "The command that was refused. What it was to become may be unknown.",
    "type": "object",
    "additionalProperties": False,
    "required": ["position", "digest"],
    "properties": {name: ORIGIN["properties"][name] for name in ("position", "digest")},
    "examples": [{"position": 0, "digest": ORIGIN["examples"][0]["digest"]}],
}
