"""What the pipeline says of a message: accepted with everything it causes, or rejected with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from broker.message.envelope import Envelope, Outgoing
from broker.message.failure import Failure
from broker.message.finding import Finding


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted message.

    ``digests`` binds the forms of the message in the audit log: SHA-256 (32 bytes) by form, of ``received``,
    ``ra-json``, ``event`` (all events in order) and ``xml`` where a form exists. ``findings`` are its warnings.
    """

    envelope: Envelope
    definition: str
    business_id: str | None
    outgoing: tuple[Outgoing, ...]
    digests: Mapping[str, bytes] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected message: it becomes a dead letter. ``outgoing`` holds the error event for a command's sender.

    ``definition`` and ``business_id`` are as far as the message was read.
    """

    envelope: Envelope
    failure: Failure
    definition: str | None = None
    business_id: str | None = None
    outgoing: tuple[Outgoing, ...] = ()


Outcome = Accepted | Rejected
