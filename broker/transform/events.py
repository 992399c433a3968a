"""Canonical events as CloudEvents 1.0 in structured mode: the bytes that are published.

Owns the event's frame (id, source, subject, time, schema, trace) and its origin; what is in the data is the mapping's.
The same event of the same message gives the same bytes, whenever and however often it is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from broker.message.identity import event_id
from broker.transform.mapping import CanonicalEvent
from broker.transform.schemas.data import DATA_SCHEMA_PREFIX

CONTENT_TYPE: Final = "application/cloudevents+json"
"""Media type of what ``cloud_event`` gives (CloudEvents JSON format 1.0, section 3)."""

_BESIDE: Final = frozenset({"origin", "ra_json", "ra_json_path"})
"""Members of ``data`` that are no part of the canonical model."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from: the received message, identified. ``digest`` is SHA-256 of the received bytes.

    ``definition`` is None for a command that did not say what it is. ``received_at`` is an aware instant.
    ``business_message_id`` is the sender's own reference of the message. ``findings`` counts those of a message that
    only a lenient channel accepted; 0 for any other.
    """

    tenant: str
    channel: str
    message_id: UUID
    definition: str | None
    received_at: datetime
    digest: bytes
    business_message_id: str | None = None
    traceparent: str | None = None
    findings: int = 0


class Frame:
    """What every event of one message says alike; made once a message (CloudEvents 1.0.2, section 3.1)."""

    def __init__(self, origin: Origin) -> None:
        """Write out where the events come from."""
        where: dict[str, Any] = {} if origin.definition is None else {"message_definition": origin.definition}
        if origin.business_message_id is not None:
            where["message_id"] = origin.business_message_id
        self._where = where
        self._bytes: dict[str, Any] = {"digest": f"sha256:{origin.digest.hex()}"}
        if origin.findings:
            self._bytes |= {"lenient": True, "findings": origin.findings}
        self._source = f"/{origin.tenant}/{origin.channel}"
        self._time = _rfc3339(origin.received_at)
        self._traceparent = origin.traceparent

    def event(self, event: CanonicalEvent, number: UUID) -> bytes:
        """Give one event as a CloudEvent in JSON, UTF-8; ``number`` becomes its ``id``.

        ``data`` is the canonical data with ``origin`` beside it: message definition, message id, position in a bulk
        message and digest of the received bytes; of a message that only a lenient channel accepted also ``lenient`` and
        how many ``findings`` it has. ``ra_json`` stands beside it where the event carries it, with ``ra_json_path`` for
        an item's.
        """
        frame: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(number),
            "source": self._source,
            "type": event.event_type,
        }
        if event.subject is not None:
            frame["subject"] = event.subject
        frame["time"] = self._time
        frame["datacontenttype"] = "application/json"
        frame["dataschema"] = DATA_SCHEMA_PREFIX + event.event_type
        if self._traceparent is not None:
            frame["traceparent"] = self._traceparent
        origin = {**self._where, "position": event.position, **self._bytes}
        frame["data"] = {"origin": origin, **_beside(event), **event.data}
        return orjson.dumps(frame)


def cloud_event(event: CanonicalEvent, origin: Origin) -> bytes:
    """Give one event of a message; see ``Frame.event``.

    Its ``id`` is the same for every delivery and every replay, and with RA JSON as without.
    """
    return Frame(origin).event(event, event_id(origin.message_id, event.event_type, event.position))


def _beside(event: CanonicalEvent) -> dict[str, object]:
    if event.beside is None:
        return {}
    path = {} if event.beside.path is None else {"ra_json_path": event.beside.path}
    return {"ra_json": event.beside.ra, **path}


def content(data: Mapping[str, object]) -> dict[str, object]:
    """What an event's ``data`` says of the payment: all but where it comes from and the message's own form.

    So an event may be sent on as it is.
    """
    return {name: value for name, value in data.items() if name not in _BESIDE}


def _rfc3339(instant: datetime) -> str:
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return f"{utc.isoformat()[: -len('+00:00')]}Z"
