"""What the pipeline knows of a channel, as plain values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from broker.catalogue.catalogue import Catalogue
from broker.catalogue.model import Element, SequenceType
from broker.errors import ConfigurationError
from broker.message.definition import Definition
from broker.transform.mapping import CanonicalEvent, Mappings

SPOKEN: Mapping[str, str] = {
    "admi.002": "admi.002.001.01",
    "admi.004": "admi.004.001.02",
    "admi.007": "admi.007.001.01",
    "admi.011": "admi.011.001.01",
    "pacs.002": "pacs.002.001.10",
    "pacs.003": "pacs.003.001.08",
    "pacs.004": "pacs.004.001.09",
    "pacs.007": "pacs.007.001.09",
    "pacs.008": "pacs.008.001.08",
    "pacs.009": "pacs.009.001.08",
    "pacs.010": "pacs.010.001.03",
    "pacs.028": "pacs.028.001.03",
    "pain.001": "pain.001.001.09",
    "pain.002": "pain.002.001.10",
    "pain.007": "pain.007.001.09",
    "pain.008": "pain.008.001.08",
    "camt.029": "camt.029.001.09",
    "camt.052": "camt.052.001.08",
    "camt.053": "camt.053.001.08",
    "camt.054": "camt.054.001.08",
    "camt.056": "camt.056.001.08",
    "camt.057": "camt.057.001.06",
    "camt.060": "camt.060.001.05",
}
"""The version in which a family is sent where its channel says nothing: those that live in the schemes."""


class Asked:
    """Which events somebody takes with RA JSON beside them, by routing key; may be said anew while it is in use."""

    __slots__ = ("keys",)

    def __init__(self, keys: frozenset[str] = frozenset()) -> None:
        """``keys`` are ``<tenant>.<event type>``."""
        self.keys = keys

    def among(self, events: Sequence[CanonicalEvent], tenant: str) -> list[CanonicalEvent]:
        """Give those of a message's events that are asked for."""
        keys = self.keys
        return [event for event in events if f"{tenant}.{event.event_type}" in keys] if keys else []


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """A channel's rules.

    ``accepts`` None: every definition of the catalogue. ``lenient``: findings do not reject, they are kept and flagged.
    ``bulk``: a message over the ordinary size is taken as a stream; ``partial``: its bad transactions are parked alone.
    ``guidelines`` gives the named variant by which a definition is validated. ``roots`` gives the definition that is
    sent to the core by a message's root element, ``events`` those that can be made of a canonical event type.
    ``lossy``: what such a definition cannot hold is left out and noted; otherwise it refuses the command.
    ``versions`` gives the definition spoken by family; ``forward``, by family, the channel to whose core messages go
    on, in the version it speaks, beside their events.
    ``mappings`` are the channel's own; None: those of all channels. ``asked`` tells which events go out with RA JSON.
    ``sender`` and ``receiver`` are the BICs of the header that is added to a message without one; None: none is added.
    ``header`` is the definition of the header sent, ``wrapper`` the element around header and document.
    """

    accepts: frozenset[str] | None = None
    lenient: bool = False
    bulk: bool = False
    partial: bool = False
    guidelines: Mapping[str, str] = field(default_factory=dict)
    roots: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lossy: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    forward: Mapping[str, str] = field(default_factory=dict)
    mappings: Mappings | None = None
    asked: Asked = field(default_factory=Asked)
    sender: str | None = None
    receiver: str | None = None
    business_service: str | None = None
    header: str = "head.001.001.02"
    wrapper: str = "Envelope"


@dataclass(frozen=True, slots=True)
class PipelineLimits:
    """Bounds that hold before a parser or decoder sees a byte, on what a message may cause, and on who may be answered.

    ``message_bytes`` is the size of a message, ``events`` how many it may cause, ``reply_prefix`` what a ``reply_to``
    must begin with.
    """

    message_bytes: int
    events: int
    reply_prefix: str


def speaking(speaks: Mapping[str, str], catalogue: Catalogue) -> dict[str, str]:
    """Complete a channel's versions with the default ones, by family.

    Raises ConfigurationError where a family or definition is unknown or they do not fit each other.
    """
    by_family = {**SPOKEN, **speaks}
    for family, definition in by_family.items():
        if definition not in catalogue:
            raise ConfigurationError(f"speaks: {definition} is not in the catalogue; see `broker schemas list`")
        if Definition.parse(definition).family != family:
            raise ConfigurationError(f"speaks: {definition} is not a version of {family}")
    return by_family


def makeable(spoken: Iterable[str], outward: Callable[[str], Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Give, for each canonical event type, the definitions among ``spoken`` that can be made of it, in their order."""
    by_event: dict[str, tuple[str, ...]] = {}
    for definition in spoken:
        for event_type in outward(definition):
            by_event[event_type] = (*by_event.get(event_type, ()), definition)
    return by_event


def narrowing(guidelines: Mapping[str, str], catalogue: Catalogue) -> dict[str, str]:
    """Check usage guidelines, by definition. Raises ConfigurationError for one that is not there or narrows another."""
    for definition, guideline in guidelines.items():
        if guideline not in catalogue:
            raise ConfigurationError(f"guidelines: {guideline} is not in the catalogue; see `broker schemas import`")
        if guideline.partition("@")[0] != definition:
            raise ConfigurationError(f"guidelines: {guideline} does not narrow {definition}")
    return dict(guidelines)


def message_root(definition: str, catalogue: Catalogue) -> str:
    """The element that holds the message: ``FIToFICstmrCdtTrf`` of pacs.008; the root itself where that is all."""
    schema = catalogue.schema(definition)
    root = schema.types[schema.root.type]
    if schema.root.tag == "Document" and isinstance(root, SequenceType) and isinstance(root.particles[0], Element):
        return root.particles[0].tag
    return schema.root.tag
