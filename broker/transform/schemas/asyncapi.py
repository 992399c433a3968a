"""The AsyncAPI 3.0 document of the broker, made from the models: what it publishes, what it takes, on which addresses.

Operations are told from the broker's side: it sends events and answers, and receives messages and commands. Pure. It
must not know a broker's settings: channels, tenants and subscriptions are parameters of addresses.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from broker.transform.canonical.registry import EVENTS
from broker.transform.schemas.data import (
    DATA_SCHEMA_PREFIX,
    PREFIX,
    PUBLISHED,
    Schema,
    event_schema,
    part_of,
    parts,
    reached_from,
)
from broker.transform.schemas.envelope import (
    CLOUD_EVENT,
    COMMAND_HEADERS,
    CONTENT_TYPE,
    MESSAGE_TRAIT,
    REFUSED_HEADERS,
    example_event,
)
from broker.transform.schemas.rejection import COMMAND_REJECTED

_SCHEMAS: Final = "#/components/schemas/"
_BINDING: Final = {"bindingVersion": "0.3.0"}
_RA_JSON: Final[Schema] = {
    "type": "object",
    "description": "A message as RA JSON: `broker schemas export --json-schema` gives the schema of each definition.",
    "required": ["Document"],
    "additionalProperties": False,
    "properties": {"AppHdr": {"type": "object"}, "Document": {"type": "object"}},
    "examples": [{"Document": {"FIToFIPmtStsReq": {"GrpHdr": {"MsgId": "REQ-7", "CreDtTm": "2026-03-02T09:15:00Z"}}}}],
}
_XML: Final[Schema] = {"type": "string", "description": "An ISO 20022 message, with or without header and envelope."}
_QUEUES: Final[Mapping[str, tuple[str, str, str]]] = {
    "in": ("iso20022.in.{channel}", "channel", "Messages of a core: XML of any definition that the channel accepts."),
    "commands": ("iso20022.commands.{channel}", "channel", "JSON commands of microservices for a core."),
    "out": ("iso20022.out.{channel}", "channel", "Messages for a core, in the versions that the channel speaks."),
    "subscription": (
        "iso20022.events.{subscription}",
        "subscription",
        "The queue of one subscription: the events that its patterns take. A microservice takes its events here.",
    ),
    "refused": ("iso20022.refused", "", "Events that a microservice could not take, with the reason in headers."),
    "replies": ("{replyTo}", "replyTo", "The queue that a command names in its reply_to."),
}
_PARAMETERS: Final = {
    "tenant": "Whom the event belongs to: lower case, digits and hyphens.",
    "channel": "The name of a channel in the broker's settings: one connection to a core.",
    "subscription": "The name of a subscription, in the settings or by `broker subscriptions add`.",
    "replyTo": "A queue whose name begins with `iso20022.replies.`, or one that RabbitMQ named for its client.",
}


def document(version: str, outward: Collection[str]) -> dict[str, Any]:
    """Give the document; ``version`` is the broker's, ``outward`` are the event types that commands may carry."""
    return {
        "asyncapi": "3.0.0",
        "info": _info(version),
        "defaultContentType": CONTENT_TYPE,
        "servers": _SERVERS,
        "channels": {**{each: _event_channel(each) for each in EVENTS}, **_queue_channels()},
        "operations": {**{f"send.{each}": _send(each) for each in EVENTS}, **_queue_operations()},
        "components": {
            "schemas": _schemas(outward),
            "messages": {**{each: _event_message(each) for each in PUBLISHED}, **_other_messages()},
            "messageTraits": {"cloudEvent": MESSAGE_TRAIT},
            "operationTraits": {"durable": {"bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, **_BINDING}}}},
            "securitySchemes": {
                "password": {"type": "userPassword", "description": "SASL PLAIN, over TLS on an open network."},
                "certificate": {"type": "X509", "description": "SASL EXTERNAL: the client's certificate names it."},
            },
        },
    }


def _info(version: str) -> dict[str, Any]:
    return {
        "title": "ISO 20022 message broker",
        "version": version,
        "description": (
            "Canonical events of ISO 20022 messages as CloudEvents 1.0 in structured mode, and JSON commands that "
            "become messages for a core. An event is delivered at least once, always under the same `id`: remember it "
            "in the transaction of the effect. The last part of a type is the version of its data; it is raised when a "
            "change would break a reader. Members may be added without that: ignore those you do not know."
        ),
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        "tags": [{"name": name} for name in sorted({_tag(each) for each in PUBLISHED})],
    }


_SERVERS: Final[Mapping[str, Any]] = {
    name: {
        "host": f"rabbitmq.example.com:{port}",
        "protocol": name,
        "protocolVersion": "0-9-1",
        "description": text,
        "security": [{"$ref": f"#/components/securitySchemes/{each}"} for each in security],
    }
    for name, port, text, security in (
        ("amqps", 5671, "RabbitMQ over TLS.", ("password", "certificate")),
        ("amqp", 5672, "RabbitMQ within a trusted network.", ("password",)),
    )
}


def _event_channel(event_type: str) -> dict[str, Any]:
    exchange = {"name": "iso20022.events", "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": f"{{tenant}}.{event_type}",
        "title": event_type,
        "description": (
            "The address is the routing key on the topic exchange iso20022.events; on iso20022.events-with-ra-json the "
            "same event goes, under the same id, with the message's RA JSON beside its data, where a subscription asks."
        ),
        "messages": {"event": _message(event_type)},
        "parameters": _parameter("tenant"),
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, **_BINDING}},
        "tags": [{"name": _tag(event_type)}],
    }


def _queue_channels() -> dict[str, Any]:
    carried: Mapping[str, Mapping[str, str]] = {
        "in": {"xml": "xml"},
        "commands": {"command": "command"},
        "out": {"xml": "xml"},
        "subscription": {each: each for each in EVENTS},
        "refused": {"refused": "refused"},
        "replies": {"rejected": COMMAND_REJECTED},
    }
    return {name: _queue_channel(name, carried[name]) for name in _QUEUES}


def _queue_channel(name: str, carried: Mapping[str, str]) -> dict[str, Any]:
    address, parameter, text = _QUEUES[name]
    # What a name with a parameter is in the end, and how its sender made a queue for answers, is not said here.
    queue: dict[str, Any] = {"durable": True, "exclusive": False, "autoDelete": False} if name != "replies" else {}
    if not parameter:
        queue["name"] = address
    made: dict[str, Any] = {
        "address": None if name == "replies" else address,
        "description": text,
        "messages": {own: _message(each) for own, each in carried.items()},
        "bindings": {"amqp": {"is": "queue", "queue": queue, **_BINDING}},
    }
    if parameter and name != "replies":
        made["parameters"] = _parameter(parameter)
    return made


def _send(event_type: str) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{event_type}"},
        "summary": parts()[part_of(event_type)]["description"],
        "traits": [{"$ref": "#/components/operationTraits/durable"}],
    }


def _queue_operations() -> dict[str, Any]:
    actions = {
        "receiveMessage": ("receive", "in", "Take a message of a core, to events or to the dead letters."),
        "receiveCommand": ("receive", "commands", "Take a command, to a message for a core or to an answer why not."),
        "sendMessage": ("send", "out", "Hand a message over to a core."),
        "deliverEvents": ("send", "subscription", "Deliver the events that a subscription asked for."),
        "receiveRefused": ("receive", "refused", "Take what a microservice refused into the dead-letter office."),
    }
    made: dict[str, Any] = {
        name: {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": text}
        for name, (action, channel, text) in actions.items()
    }
    made["receiveCommand"]["reply"] = {
        "address": {"location": "$message.header#/reply_to", "description": _PARAMETERS["replyTo"]},
        "channel": {"$ref": "#/channels/replies"},
        "messages": [{"$ref": "#/channels/replies/messages/rejected"}],
    }
    return made


def _event_message(event_type: str) -> dict[str, Any]:
    return {
        "name": event_type,
        "title": event_type,
        "summary": parts()[part_of(event_type)]["description"],
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "payload": {
            "allOf": [
                {"$ref": f"{_SCHEMAS}CloudEvent"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": event_type},
                        "dataschema": {"const": DATA_SCHEMA_PREFIX + event_type},
                        "data": {"allOf": [{"$ref": _SCHEMAS + event_type}, {"required": ["origin"]}]},
                    },
                },
            ]
        },
        "examples": [{"payload": example_event(event_type, event_schema(event_type)["examples"][0])}],
        "tags": [{"name": _tag(event_type)}],
    }


def _other_messages() -> dict[str, Any]:
    event = {"$ref": f"{_SCHEMAS}Command"}
    # Told in words and not by reference: tools write references out, and this would double the document for them.
    each = {"type": "object", "required": ["specversion", "type", "data"], "description": "As a command of one event."}
    whole = {"type": "array", "minItems": 1, "items": each, "description": "The events of one message."}
    return {
        "refused": {
            "title": "An event that a microservice refused",
            "summary": "Whole and as it came, with who refused it and why in its headers.",
            "contentType": CONTENT_TYPE,
            "headers": REFUSED_HEADERS,
            "payload": {"$ref": f"{_SCHEMAS}CloudEvent"},
        },
        "xml": {"title": "An ISO 20022 message", "contentType": "application/xml", "payload": _XML},
        "command": {
            "title": "A command for a core",
            "summary": "RA JSON, or the canonical event of the message, or an array of its events.",
            "contentType": "application/json",
            "headers": COMMAND_HEADERS,
            "payload": {"anyOf": [{"$ref": f"{_SCHEMAS}CommandRaJson"}, event, whole]},
        },
    }


def _schemas(outward: Collection[str]) -> dict[str, Any]:
    known = parts()
    data = {each: event_schema(each) for each in PUBLISHED}
    made = {name: known[name] for schema in data.values() for name in reached_from(schema, known)}
    # That an event has an origin is said of its message: a command of the same data need not have one.
    made |= {each: {**schema, "required": schema["required"][1:]} for each, schema in data.items()}
    return {
        **{name: _referring(made[name]) for name in sorted(made)},
        "CloudEvent": CLOUD_EVENT,
        "Command": {"anyOf": [_command(each) for each in sorted(outward)]},
        "CommandRaJson": _RA_JSON,
    }


def _command(event_type: str) -> Schema:
    """A command says what an event says; where an event came from may stay in it and is passed over."""
    data = {"$ref": _SCHEMAS + event_type}
    return {
        "type": "object",
        "required": ["specversion", "type", "data"],
        "properties": {"specversion": {"const": "1.0"}, "type": {"const": event_type}, "data": data},
    }


def _referring(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """With references into the components; what stands beside a reference would be passed over, so it encloses it.

    A description beside a reference is left to the event's JSON Schema: enclosed, two thousand of them keep AsyncAPI's
    own parser busy for more than ten minutes, instead of half of one.
    """
    if isinstance(schema, list):
        return [_referring(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target = {"$ref": _SCHEMAS + schema["$ref"].removeprefix(PREFIX)}
        beside = {name: value for name, value in schema.items() if name not in {"$ref", "description"}}
        return {**beside, "allOf": [target]} if beside else target
    return {name: value if name == "examples" else _referring(value) for name, value in schema.items()}


def _message(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/messages/{name}"}


def _parameter(name: str) -> dict[str, Any]:
    return {name: {"description": _PARAMETERS[name]}}


def _tag(event_type: str) -> str:
    return event_type.split(".")[1]
