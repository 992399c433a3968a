"""Conversions in one call each, for scripts and notebooks: no server, no settings.

>>> from broker.conversion import from_events, to_events, to_json, to_version, to_xml
>>> from broker.generate import Generator
>>> xml = Generator(converter().catalogue, seed=1).pacs_008().body
>>> to_json(xml)[:37]
b'{"Document":{"FIToFICstmrCdtTrf":{"Gr'
>>> to_json(to_xml(to_json(xml))) == to_json(xml)
True
>>> from_events(to_events(xml)).report.losses
()
>>> to_version(to_version(xml, "pacs.008.001.09").xml, "pacs.008.001.08").report.losses
()

What is not valid raises InvalidMessageError with the findings; nothing is converted half.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache

import orjson

from broker.catalogue.catalogue import Catalogue
from broker.errors import ConfigurationError
from broker.message import identity
from broker.message.envelope import Direction, Envelope
from broker.message.failure import Failure
from broker.message.finding import Finding, Severity
from broker.observability.traces import no_span
from broker.parse import Parsed, parse
from broker.pipeline.channel import SPOKEN, ChannelPlan, message_root
from broker.pipeline.forwarding import Forwarding
from broker.pipeline.inbound import Inbound
from broker.pipeline.outcome import Rejected
from broker.settings import load
from broker.transform.bridge import Bridge
from broker.transform.events import content
from broker.transform.loss import LossReport
from broker.transform.ra_json import read_json
from broker.transform.ra_json import to_xml as write_xml
from broker.validate import validate
from broker.workbench import Workbench

WRAPPER = "Envelope"
"""The element around header and document where there is a header."""

_FROM_FILE = "file"  # tenant and channel of a message that no channel brought


class InvalidMessageError(ValueError):
    """The message is not valid; ``findings`` say where and why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        """Keep the findings; the text is the first one's."""
        super().__init__(f"{findings[0].rule} at {findings[0].path or 'the message'}: {findings[0].text}")
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Converted:
    """A message in another form, and what that form could not hold."""

    xml: bytes
    report: LossReport


class Converter:
    """The conversions over one workbench."""

    def __init__(self, bench: Workbench) -> None:
        """Take the compiled rooms."""
        self._bench = bench

    @property
    def catalogue(self) -> Catalogue:
        """The definitions it knows."""
        return self._bench.catalogue

    def examine(self, xml: bytes) -> tuple[Parsed | Failure, tuple[Finding, ...]]:
        """Parse and validate; the findings say everything that is wrong or odd."""
        parsed = parse(xml, self._bench.limits, self.catalogue)
        if isinstance(parsed, Failure):
            return parsed, parsed.findings or (Finding(parsed.code, Severity.ERROR, "", 0, parsed.text),)
        return parsed, parsed.findings + validate(parsed, self.catalogue)

    def to_json(self, xml: bytes) -> bytes:
        """RA JSON of an XML message: ``{"Document": …}``, with ``"AppHdr"`` beside it where there is a header."""
        parsed, inbound = self._valid(xml), self._inbound()
        return orjson.dumps(inbound.ra_object(parsed, valid=True))

    def to_events(self, xml: bytes) -> list[bytes]:
        """The canonical events of an XML message as CloudEvents, the message's own first."""
        self._valid(xml)
        digest = identity.digest(xml)
        key = identity.deduplication_key(None, digest)
        message_id = identity.message_id(_FROM_FILE, _FROM_FILE, key)
        now = datetime.now(UTC)
        envelope = Envelope(_FROM_FILE, _FROM_FILE, Direction.INBOUND, message_id, key, digest, now, xml)
        outcome = self._inbound().run(envelope, ChannelPlan(), no_span)
        if isinstance(outcome, Rejected):
            failure = outcome.failure
            raise InvalidMessageError(failure.findings or (Finding(failure.code, Severity.ERROR, "", 0, failure.text),))
        return [each.body for each in outcome.outgoing]

    def from_events(
        self, events: bytes | Iterable[bytes], definition: str | None = None, *, allow_loss: bool = False
    ) -> Converted:
        """XML made of the canonical events of one message, schema-valid: the way back of ``to_events``.

        ``events`` are CloudEvents as ``to_events`` gives them, or JSON of one, of an array of them, or of one a line.
        ``definition`` None: the one that their origin names. What the definition cannot hold raises
        InvalidMessageError, or is left out and reported with ``allow_loss``. Raises ConfigurationError where no
        definition is known.
        """
        said: list[tuple[str, Mapping[str, object]]] = []
        for text in _texts(events):
            said += _events(read_json(text))
        named = definition or next((origin for _, data in said if (origin := _origin(data))), None)
        if named is None:
            raise ConfigurationError("the events do not say of which definition they are; name it")
        if named not in self.catalogue:
            raise ConfigurationError(f"{named} is not in the catalogue")
        made = self._bench.mappings.to_message([(event_type, content(data)) for event_type, data in said], named)
        if isinstance(made, tuple):
            raise InvalidMessageError(made)
        if made.losses and not allow_loss:
            raise InvalidMessageError(tuple(each.as_finding(Severity.ERROR) for each in made.losses))
        xml = write_xml(made.ra, named, self.catalogue)
        if not isinstance(xml, bytes):
            raise InvalidMessageError(xml)
        return Converted(xml, LossReport(said[0][0], named, made.losses))

    def to_xml(self, json: bytes, definition: str | None = None) -> bytes:
        """XML of RA JSON, or of canonical events that lose nothing on the way; schema-valid.

        ``definition`` None: the one the header names, else the version usually sent of the message it holds. Raises
        ConfigurationError where neither says it or the catalogue does not have it.
        """
        return self.of_json(json, definition).xml

    def of_json(self, json: bytes, definition: str | None = None, *, allow_loss: bool = False) -> Converted:
        """As ``to_xml``; with ``allow_loss`` what the definition cannot hold of events is left out and reported."""
        if len(lines := _texts(json)) > 1:
            return self.from_events(lines, definition, allow_loss=allow_loss)
        message = read_json(json)
        if isinstance(message, Finding):
            raise InvalidMessageError((message,))
        if isinstance(message, list) or (isinstance(message, Mapping) and "specversion" in message):
            return self.from_events(json, definition, allow_loss=allow_loss)
        named = definition or self._named(message)
        if named is None:
            raise ConfigurationError("the JSON does not say which definition it is; name it, e.g. pacs.008.001.08")
        xml = write_xml(json, named, self.catalogue, wrapper=WRAPPER)
        if not isinstance(xml, bytes):
            raise InvalidMessageError(xml)
        return Converted(xml, LossReport(named, named))

    def to_version(self, xml: bytes, definition: str, *, allow_loss: bool = False) -> Converted:
        """An XML message in another version of its definition, valid there; header and wrapper stay.

        What the version cannot hold raises InvalidMessageError, or is left out and reported with ``allow_loss``; what
        it demands and the message lacks always raises. Raises ConfigurationError where ``definition`` is not in the
        catalogue or not a version of the message.
        """
        if definition not in self.catalogue:
            raise ConfigurationError(f"{definition} is not in the catalogue")
        parsed = self._valid(xml)
        if parsed.definition == definition:
            return Converted(xml, LossReport(definition, definition))
        made = self._forwarding.rewrite(parsed, self._inbound().ra_object(parsed, valid=True), definition)
        losses = made.report.losses
        if made.xml is None:
            raise InvalidMessageError(made.findings + tuple(each.as_finding(Severity.WARNING) for each in losses))
        if losses and not allow_loss:
            raise InvalidMessageError(tuple(each.as_finding(Severity.ERROR) for each in losses))
        return Converted(made.xml, made.report)

    def _valid(self, xml: bytes) -> Parsed:
        parsed, findings = self.examine(xml)
        if isinstance(parsed, Failure) or any(each.severity is Severity.ERROR for each in findings):
            raise InvalidMessageError(findings)
        return parsed

    @cached_property
    def _forwarding(self) -> Forwarding:
        bench = self._bench
        return Forwarding(bench.catalogue, Bridge(bench.catalogue, bench.mappings), bench.limits)

    def _inbound(self) -> Inbound:
        bench = self._bench
        return Inbound(bench.catalogue, bench.mappings, bench.limits, bench.settings.limits.events)

    def _named(self, message: object) -> str | None:
        if not isinstance(message, Mapping):
            return None
        header, document = message.get("AppHdr"), message.get("Document")
        if isinstance(header, Mapping) and isinstance(header.get("MsgDefIdr"), str):
            return str(header["MsgDefIdr"])
        roots = {message_root(each, self.catalogue): each for each in SPOKEN.values()}
        return roots.get(str(next(iter(document), None))) if isinstance(document, Mapping) else None


def _texts(events: bytes | Iterable[bytes]) -> list[bytes]:
    """The texts of events: as they are given, or one a line as ``broker convert --to event`` prints them."""
    if not isinstance(events, bytes):
        return list(events)
    several = events.lstrip().startswith(b"{") and b"\n{" in events
    return [line for line in events.splitlines() if line.strip()] if several else [events]


def _events(read: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Event type and data of one CloudEvent, or of each in an array."""
    for event in read if isinstance(read, list) else [read]:
        if isinstance(event, Finding):
            raise InvalidMessageError((event,))
        event_type = event.get("type") if isinstance(event, Mapping) else None
        data = event.get("data") if isinstance(event, Mapping) else None
        if not isinstance(event_type, str) or not isinstance(data, Mapping):
            text = 'expected a CloudEvent with "type" (a text) and "data" (an object), or an array of them'
            raise InvalidMessageError((Finding("json.event", Severity.ERROR, "", 0, text),))
        yield event_type, data


def _origin(data: Mapping[str, object]) -> str | None:
    origin = data.get("origin")
    named = origin.get("message_definition") if isinstance(origin, Mapping) else None
    return named if isinstance(named, str) else None


@lru_cache(1)
def converter() -> Converter:
    """The converter with the catalogue and mappings that came with the broker."""
    return Converter(Workbench(load(environment={})))


def to_json(xml: bytes) -> bytes:
    """As ``Converter.to_json``, with what came with the broker."""
    return converter().to_json(xml)


def to_xml(json: bytes, definition: str | None = None) -> bytes:
    """As ``Converter.to_xml``, with what came with the broker."""
    return converter().to_xml(json, definition)


def to_events(xml: bytes) -> list[bytes]:
    """As ``Converter.to_events``, with what came with the broker."""
    return converter().to_events(xml)


def from_events(
    events: bytes | Iterable[bytes], definition: str | None = None, *, allow_loss: bool = False
) -> Converted:
    """As ``Converter.from_events``, with what came with the broker."""
    return converter().from_events(events, definition, allow_loss=allow_loss)


def to_version(xml: bytes, definition: str, *, allow_loss: bool = False) -> Converted:
    """As ``Converter.to_version``, with what came with the broker."""
    return converter().to_version(xml, definition, allow_loss=allow_loss)
