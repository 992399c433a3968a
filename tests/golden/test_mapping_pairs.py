"""The golden pairs of each mapping folder: our own messages and the events they must give, and the way back.

A pair is ``mappings/*/golden/NAME.xml`` and ``NAME.json``: an array of {"type", "subject", "position", "data"}.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml import etree

from broker import law
from broker.catalogue import Catalogue
from broker.parse import Limits, Parsed, parse
from broker.transform.canonical.registry import EVENTS
from broker.transform.mapping import Mappings, Written
from broker.transform.mapping.bound import BoundConstant
from broker.transform.mapping.explaining import coverage
from broker.transform.mapping.schema_view import SchemaView
from broker.transform.ra_json import to_object, to_xml
from broker.validate import validate

_FOLDER = law.folder("mappings")
_PAIRS = sorted(_FOLDER.glob("*/golden/*.xml"))
_LIMITS = Limits(max_bytes=1_000_000, max_elements=10_000, max_attributes=10, max_depth=50, max_text_characters=10_000)


@cache
def _catalogue() -> Catalogue:
    return Catalogue(law.folder("schemas/iso20022"))


@cache
def _mappings() -> Mappings:
    return Mappings(_FOLDER, _catalogue())


def _parsed(pair: Path) -> Parsed:
    parsed = parse(pair.read_bytes(), _LIMITS, _catalogue())
    assert isinstance(parsed, Parsed)
    return parsed


def _expected(pair: Path) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = orjson.loads(pair.with_suffix(".json").read_bytes())
    return events


def _canonical_xml(element: etree._Element) -> bytes:
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
    return bytes(etree.tostring(etree.fromstring(etree.tostring(element), parser), method="c14n", exclusive=True))


def test_every_mapping_folder_has_golden_pairs() -> None:
    """A folder whose files claim definitions carries at least one pair."""
    claiming = {Path(file.name).parts[0] for file in _mappings().files if file.claims}

    assert claiming == {pair.parent.parent.name for pair in _PAIRS}


@pytest.mark.parametrize("pair", _PAIRS, ids=lambda pair: pair.stem)
def test_message_gives_the_events_beside_it(pair: Path) -> None:
    """A golden message is valid and gives its events, each of which its model accepts."""
    parsed = _parsed(pair)

    assert validate(parsed, _catalogue()) == ()
    events = _mappings().events(parsed.definition, to_object(parsed.document, _catalogue().schema(parsed.definition)))

    made = [{"type": e.event_type, "subject": e.subject, "position": e.position, "data": e.data} for e in events]
    assert made == _expected(pair)
    for event in events:
        EVENTS[event.event_type].model_validate(event.data)


def _outward() -> Iterator[Path]:
    """The pairs of definitions that can be made of all their events."""
    for pair in _PAIRS:
        definition = _parsed(pair).definition
        events = [event.event_type for event in _mappings().bound(definition)]
        if events and set(events) == set(_mappings().outward(definition)):
            yield pair


def _carried(document: etree._Element, definition: str) -> etree._Element:
    """The message without the leaves that no canonical event says, nor the mapping for all of them."""
    view = SchemaView(_catalogue().schema(definition), {})
    bound = _mappings().bound(definition)
    leaves = {leaf.replace("[]", "") for leaf in coverage(bound, view).canonical}
    leaves |= {
        f"{event.message}/{item.path}" for event in bound for item in event.items if isinstance(item, BoundConstant)
    }
    copy = etree.fromstring(etree.tostring(document), etree.XMLParser(remove_blank_text=True, remove_comments=True))
    for element in list(copy.iter("{*}*")):
        names = [etree.QName(each).localname for each in reversed([element, *element.iterancestors()])]
        if not len(element) and element.text and "/".join(names[1:]) not in leaves:
            _remove(element)
    return copy


def _remove(element: etree._Element) -> None:
    """Take an element out, and what is empty without it."""
    above = element.getparent()
    if above is not None and not len(element):
        above.remove(element)
        _remove(above)


@pytest.mark.parametrize("pair", list(_outward()), ids=lambda pair: pair.stem)
def test_events_go_back_to_the_message_they_came_from(pair: Path) -> None:
    """A message is made again from all its events, equal under exclusive C14N in everything that they carry."""
    parsed = _parsed(pair)

    made = _mappings().to_message([(each["type"], each["data"]) for each in _expected(pair)], parsed.definition)

    assert isinstance(made, Written), made
    assert made.losses == ()
    body = to_xml(made.ra, parsed.definition, _catalogue())
    assert isinstance(body, bytes), body
    assert _canonical_xml(etree.fromstring(body)) == _canonical_xml(_carried(parsed.document, parsed.definition))


def test_a_transfer_alone_goes_back_to_its_message() -> None:
    """A message of one transfer is made of that event alone: what it shares with its message is all there is."""
    pair = next(pair for pair in _PAIRS if pair.stem == "pacs.008.001.08-full")
    (transfer,) = (each for each in _expected(pair) if each["type"] == "iso20022.payment.transfer.v1")

    ra = _mappings().to_ra(transfer["type"], transfer["data"], "pacs.008.001.08")

    assert isinstance(ra, dict)
    body = to_xml(ra, "pacs.008.001.08", _catalogue())
    assert isinstance(body, bytes)
    assert _canonical_xml(etree.fromstring(body)) == _canonical_xml(_parsed(pair).document)
