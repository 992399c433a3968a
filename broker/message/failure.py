"""Every reason a message may fail, or an event at a subscriber, in one closed set.

A code is ``<stage>.<reason>``. Each has a policy in ``dlq/policies.toml``, a runbook page in ``dlq/runbooks/`` and a
test; ``tests/tree`` holds the four together. Decide by code, never by the text.
"""

from dataclasses import dataclass
from enum import StrEnum

from broker.message.finding import Finding


class FailureCode(StrEnum):
    """The closed set, in the order of a message's way."""

    RECEIVE_EMPTY = "receive.empty"
    RECEIVE_TOO_LARGE = "receive.too-large"
    RECEIVE_UNKNOWN_CHANNEL = "receive.unknown-channel"
    RECEIVE_CONFLICT = "receive.conflict"
    RECEIVE_POISON = "receive.poison"
    RECEIVE_DELIVERY_LIMIT = "receive.delivery-limit"

    PARSE_DOCTYPE = "parse.doctype"
    PARSE_ENCODING_UNKNOWN = "parse.encoding-unknown"
    PARSE_ENCODING_MISMATCH = "parse.encoding-mismatch"
    PARSE_LEADING_SPACE = "parse.leading-space"
    PARSE_MALFORMED = "parse.malformed"
    PARSE_TOO_DEEP = "parse.too-deep"
    PARSE_TOO_MANY_ELEMENTS = "parse.too-many-elements"
    PARSE_TOO_MANY_ATTRIBUTES = "parse.too-many-attributes"
    PARSE_TEXT_TOO_LONG = "parse.text-too-long"

    IDENTIFY_NO_DOCUMENT = "identify.no-document"
    IDENTIFY_SEVERAL_DOCUMENTS = "identify.several-documents"
    IDENTIFY_UNKNOWN_DEFINITION = "identify.unknown-definition"
    IDENTIFY_NOT_ACCEPTED = "identify.not-accepted"

    VALIDATE_SCHEMA = "validate.schema"
    VALIDATE_HEADER = "validate.header"
    VALIDATE_RULE = "validate.rule"

    TRANSFORM_TOO_MANY_EVENTS = "transform.too-many-events"
    TRANSFORM_NOT_REPRESENTABLE = "transform.not-representable"

    COMMAND_MALFORMED = "command.malformed"
    COMMAND_UNKNOWN_TYPE = "command.unknown-type"
    COMMAND_INVALID = "command.invalid"
    COMMAND_NOT_REPRESENTABLE = "command.not-representable"
    COMMAND_OUTPUT_INVALID = "command.output-invalid"

    STORE_REFUSED = "store.refused"

    RELAY_UNROUTABLE = "relay.unroutable"
    RELAY_REFUSED = "relay.refused"

    EVENT_MALFORMED = "event.malformed"
    EVENT_UNKNOWN_TYPE = "event.unknown-type"
    EVENT_DATA = "event.data"
    EVENT_POISON = "event.poison"
    EVENT_DELIVERY_LIMIT = "event.delivery-limit"
    HANDLER_FAILED = "handler.failed"
    HANDLER_REFUSED = "handler.refused"

    INTERNAL_ERROR = "internal.error"

    @property
    def stage(self) -> str:
        """The stage of the message's way at which it failed: ``parse`` of ``parse.doctype``."""
        return self.value.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message was not accepted: a code, one sentence for a person, and the findings that led to it."""

    code: FailureCode
    text: str
    findings: tuple[Finding, ...] = ()
