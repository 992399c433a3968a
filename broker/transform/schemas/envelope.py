"""The frame around an event's data, as a schema: CloudEvents 1.0.2 in structured mode, and the headers beside it."""

from typing import Any, Final

from broker.transform.schemas.data import DATA_SCHEMA_PREFIX, Schema

CONTENT_TYPE: Final = "application/cloudevents+json"

_ID: Final = "5f1d7a52-3a0b-8c4e-9d21-60b7c2f4a918"
_TRACE: Final = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

CLOUD_EVENT: Final[Schema] = {
    "type": "object",
    "description": "CloudEvents 1.0.2, JSON format, structured mode.",
    "required": ["specversion", "id", "source", "type", "time", "datacontenttype", "dataschema", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "description": "The same for every delivery and every replay of the same event."},
        "source": {"type": "string", "pattern": "^/[^/]+/[^/]+$", "description": "/tenant/channel."},
        "type": {"type": "string", "description": "What the event is; its last part is the version of its data."},
        "subject": {
            "type": "string",
            "description": "UETR, else end-to-end id, else a further reference; of a whole message its id.",
        },
        "time": {"type": "string", "format": "date-time", "description": "When the broker received the message, UTC."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "format": "uri", "description": "The $id of the schema of the data."},
        "traceparent": {"type": "string", "description": "W3C Trace Context, where there is one."},
        "data": {"type": "object"},
    },
}

MESSAGE_TRAIT: Final[dict[str, Any]] = {
    "contentType": CONTENT_TYPE,
    "headers": {
        "type": "object",
        "description": "AMQP headers, for those who decide without reading the body.",
        "required": ["ce-id", "ce-type", "tenant", "message-id"],
        "properties": {
            "ce-id": {
                "type": "string",
                "description": "The event's id. AMQP's own message id differs with each attempt.",
            },
            "ce-type": {"type": "string", "description": "The event's type."},
            "tenant": {"type": "string", "description": "Whom it belongs to."},
            "message-id": {"type": "string", "description": "The broker's id of the message it comes of."},
            "traceparent": {"type": "string", "description": "W3C Trace Context, where there is one."},
        },
    },
    "bindings": {"amqp": {"contentEncoding": "utf-8", "bindingVersion": "0.3.0"}},
}

COMMAND_HEADERS: Final[Schema] = {
    "type": "object",
    "description": "Of these reply_to and correlation_id are AMQP properties.",
    "properties": {
        "reply_to": {"type": "string", "description": "Where an answer goes; without it there is none."},
        "correlation_id": {"type": "string", "description": "Comes back in the answer."},
        "ce-id": {"type": "string", "description": "The same command sent twice under one id takes effect once."},
        "traceparent": {"type": "string", "description": "W3C Trace Context."},
    },
}


REFUSED_HEADERS: Final[Schema] = {
    "type": "object",
    "description": "Beside the headers that the event came with.",
    "required": ["ce-id", "refused-by", "refused-reason"],
    "properties": {
        "ce-id": {"type": "string", "description": "The event's id."},
        "refused-by": {"type": "string", "description": "The queue it was refused from; a replay goes there alone."},
        "refused-reason": {
            "enum": [
                *("event.malformed", "event.unknown-type", "event.data", "event.poison"),
                *("handler.failed", "handler.refused"),
            ]
        },
        "refused-detail": {"type": "string", "description": "A sentence for a person, without what the event holds."},
        "refused-exception": {"type": "string", "description": "The type that a handler raised, without its text."},
        "refused-attempts": {"type": "string", "pattern": "^[0-9]+$", "description": "How often it was tried."},
    },
}


def example_event(event_type: str, data: dict[str, Any]) -> dict[str, Any]:
    """Give an event with these data in its frame."""
    return {
        "specversion": "1.0",
        "id": _ID,
        "source": "/bank-a/core",
        "type": event_type,
        "subject": "7b0f4a6e-3c1d-4f5e-9a2b-6d8e0c4f1a37",
        "time": "2026-03-02T09:15:00.120000Z",
        "datacontenttype": "application/json",
        "dataschema": DATA_SCHEMA_PREFIX + event_type,
        "traceparent": _TRACE,
        "data": data,
    }
