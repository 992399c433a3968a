"""Every claimed version: generated messages give events their models accept, and transfers go back."""

from functools import cache
from typing import Any

import pytest
from lxml import etree

from broker import law
from broker.catalogue import Catalogue
from broker.transform.canonical.registry import EVENTS
from broker.transform.mapping import Mappings
from broker.transform.ra_json import to_object, to_xml
from tests.support.generated import covering, minimal, randomly

_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))
_MAPPINGS = Mappings(law.folder("mappings"), _CATALOGUE)
_PARSER = etree.XMLParser(remove_comments=True, remove_pis=True)
_TRANSFER = "iso20022.payment.transfer.v1"


@cache
def _messages(definition: str) -> tuple[dict[str, Any], ...]:
    """RA JSON of a minimal message, some random ones, and as many as it takes to cover each member of each type."""
    schema = _CATALOGUE.schema(definition)
    bodies = [minimal(schema), *(randomly(schema, seed) for seed in range(4)), *covering(schema)]
    return tuple(to_object(etree.fromstring(body, _PARSER), schema) for body in bodies)


@pytest.mark.parametrize("definition", _MAPPINGS.definitions())
def test_events_of_generated_messages_are_canonical(definition: str) -> None:
    """Whatever a valid message says, its events have the published shape, the message's own first."""
    for message in _messages(definition):
        events = _MAPPINGS.events(definition, message)

        assert [event.position for event in events] == list(range(len(events)))
        for event in events:
            EVENTS[event.event_type].model_validate(event.data)


@pytest.mark.parametrize(
    "definition", [each for each in _MAPPINGS.definitions() if _TRANSFER in _MAPPINGS.outward(each)]
)
def test_generated_transfers_go_out_and_come_back(definition: str) -> None:
    """A transfer written in its own version is schema-valid and reads again as the same transfer."""
    for message in _messages(definition):
        for event in _MAPPINGS.events(definition, message)[1:]:
            ra = _MAPPINGS.to_ra(event.event_type, event.data, definition)
            assert isinstance(ra, dict)
            body = to_xml(ra, definition, _CATALOGUE)
            assert isinstance(body, bytes)
            again = to_object(etree.fromstring(body, _PARSER), _CATALOGUE.schema(definition))
            back = [each.data for each in _MAPPINGS.events(definition, again) if each.event_type == _TRANSFER]

            assert back == [event.data]
