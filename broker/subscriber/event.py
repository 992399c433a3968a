"""An event as a handler sees it: the frame around the data, and where it comes from.

Owns reading a CloudEvent in structured mode out of bytes (CloudEvents 1.0.2, JSON format 1.0). Pure: it must not know
queues, databases or handlers. What cannot be read is a value, a ``Refusal``, and not an exception.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from broker.message.failure import FailureCode
from broker.subscriber.refusal import Refusal
from broker.transform.canonical.form import Canonical

_PLACES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Origin:
    """The message an event comes from. ``position`` 0 is the message as a whole, 1 its first item.

    ``definition`` is such as ``pacs.008.001.08``; ``message_id`` the message's reference as its sender gave it;
    ``digest`` (``sha256:`` and 64 hexadecimal digits) that of the bytes the broker received. ``lenient`` says that a
    strict channel would have rejected the message, for ``findings`` reasons.
    """

    position: int
    digest: str
    definition: str | None = None
    message_id: str | None = None
    lenient: bool = False
    findings: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """The frame. ``id`` is the same for every delivery and every replay of the same event.

    ``subject`` is the UETR or end-to-end id, where there is one; ``time`` when the broker received the message;
    ``traceparent`` the W3C trace context, for those who carry a trace on. ``extensions`` are fields of the bank's own.
    ``ra_json`` is the message's own form, of an item's event that of the item, which stands at ``ra_json_path``: for a
    subscription that asked for it.
    """

    id: str
    type: str
    tenant: str
    channel: str
    subject: str | None
    time: datetime
    origin: Origin
    traceparent: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)
    ra_json: Mapping[str, Any] | None = None
    ra_json_path: str | None = None

    @property
    def source(self) -> str:
        """The CloudEvents source: ``/<tenant>/<channel>``."""
        return f"/{self.tenant}/{self.channel}"


def read(body: bytes) -> tuple[Event, dict[str, Any]] | Refusal:
    """Give the frame of a CloudEvent and its canonical data, not looked into yet."""
    try:
        frame = _Frame.model_validate_json(body)
    except ValidationError as error:
        return Refusal(FailureCode.EVENT_MALFORMED, f"not an event of the broker: {_places(error)}")
    origin = frame.data.origin
    _, tenant, channel = frame.source.split("/")
    event = Event(
        id=frame.id,
        type=frame.type,
        tenant=tenant,
        channel=channel,
        subject=frame.subject,
        time=frame.time,
        origin=Origin(
            origin.position,
            origin.digest,
            origin.message_definition,
            origin.message_id,
            origin.lenient,
            origin.findings,
        ),
        traceparent=frame.traceparent,
        extensions=frame.data.extensions,
        ra_json=frame.data.ra_json,
        ra_json_path=frame.data.ra_json_path,
    )
    whole = {} if frame.data.ra_json is None else {"ra_json": frame.data.ra_json}
    return event, {**(frame.data.model_extra or {}), **whole}


def model_of(data: dict[str, Any], model: type[Canonical]) -> Canonical | Refusal:
    """Give the data as its canonical model. Members this program does not know yet are ignored: a type may grow."""
    try:
        return model.model_validate(data, extra="ignore")
    except ValidationError as error:
        return Refusal(FailureCode.EVENT_DATA, f"the data does not fit {model.__name__}: {_places(error)}")


_Printable = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x20-\x7e]+$")]


class _Origin(BaseModel):
    model_config = ConfigDict(extra="ignore")
    position: int
    digest: str
    message_definition: str | None = None
    message_id: str | None = None
    lenient: bool = False
    findings: int = 0


class _Data(BaseModel):
    model_config = ConfigDict(extra="allow")
    origin: _Origin
    extensions: dict[str, Any] = {}
    ra_json: dict[str, Any] | None = None
    ra_json_path: str | None = None


class _Frame(BaseModel):
    """``source`` and ``id`` become part of a key, and ``type`` part of log lines: their form is held."""

    model_config = ConfigDict(extra="ignore")
    specversion: Literal["1.0"]
    id: _Printable
    source: Annotated[str, Field(pattern=r"^/[a-z][a-z0-9-]{0,62}/[a-z][a-z0-9-]{0,62}$")]
    type: _Printable
    subject: str | None = None
    time: AwareDatetime
    traceparent: str | None = None
    data: _Data


def _places(error: ValidationError) -> str:
    """Where it went wrong and how, without a value."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = [f"{'.'.join(map(str, each['loc'])) or 'body'} ({each['type']})" for each in found[:_PLACES_SHOWN]]
    return ", ".join(told) + (f" and {len(found) - _PLACES_SHOWN} more" if len(found) > _PLACES_SHOWN else "")
