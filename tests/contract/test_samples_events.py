"""Canonical events of messages of others, held against an independent reading of the XML.

``ISO20022_SAMPLES_DIR`` names a folder of messages with ``INDEX.tsv`` (columns ``file``, ``message_id``, ``status``).
The readings are the tables of XPaths in tests/support/readings, written for the purpose: they use no mapping, no
RA JSON and no catalogue.
"""

import csv
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from broker import law
from broker.catalogue import Catalogue
from broker.parse import Limits, Parsed, parse
from broker.transform.canonical.registry import EVENTS
from broker.transform.mapping import Mappings
from broker.transform.ra_json import to_loose_object, to_object
from tests.support.readings import (
    cancellation,
    charges,
    direct_debit,
    fi_transfer,
    initiation,
    investigation,
    mandate,
    notification_to_receive,
    report_request,
    request_to_pay,
    returns,
    reversal,
    statement,
    status,
    status_request,
    system,
    transfer,
)

_SAMPLES = os.environ.get("ISO20022_SAMPLES_DIR")
_LIMITS = Limits(10_000_000, 500_000, 64, 64, 1_000_000)
_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))
_MAPPINGS = Mappings(law.folder("mappings"), _CATALOGUE)

pytestmark = pytest.mark.skipif(not _SAMPLES, reason="ISO20022_SAMPLES_DIR is not set: no event was compared")


_READINGS = {
    **cancellation.READINGS,
    **charges.READINGS,
    **direct_debit.READINGS,
    **fi_transfer.READINGS,
    **initiation.READINGS,
    **investigation.READINGS,
    **mandate.READINGS,
    **notification_to_receive.READINGS,
    **report_request.READINGS,
    **request_to_pay.READINGS,
    **returns.READINGS,
    **reversal.READINGS,
    **statement.READINGS,
    **status.READINGS,
    **status_request.READINGS,
    **system.READINGS,
    **transfer.READINGS,
}


def _in_event(data: Any, path: str) -> object:  # noqa: ANN401 - any JSON
    for step in path.split("."):
        if isinstance(data, list):
            data = data[int(step)] if int(step) < len(data) else None
        else:
            data = data.get(step) if data is not None else None
    return data


def _in_xml(item: etree._Element, xpath: str, namespace: str) -> str | None:
    found = item.xpath(xpath, namespaces={"n": namespace})
    if not found:
        return None
    return str(found[0]) if isinstance(found[0], str) else found[0].text or ""


def test_events_equal_an_independent_reading(record_property: Callable[[str, object], None]) -> None:
    """For every valid message of a claimed definition each field listed equals what XPath finds in the XML."""
    differences: list[tuple[str, int, str]] = []
    counts: Counter[str] = Counter()
    for row in _rows("valid"):
        parsed = parse((Path(str(_SAMPLES)) / row["file"]).read_bytes(), _LIMITS, _CATALOGUE)
        assert isinstance(parsed, Parsed), row["file"]
        reading = _READINGS[parsed.definition[:8]]
        namespace = etree.QName(parsed.document).namespace
        items = parsed.document.xpath(reading.items, namespaces={"n": namespace})
        ra = to_object(parsed.document, _CATALOGUE.schema(parsed.definition))
        events = _MAPPINGS.events(parsed.definition, ra)
        for event in events:
            EVENTS[event.event_type].model_validate(event.data)
        mine = [event for event in events if event.event_type == reading.event_type]
        if len(mine) != len(items):
            differences.append((row["file"], 0, f"{len(mine)} events of {len(items)} items"))
        for event, item in zip(mine, items, strict=False):
            for field, xpath in reading.fields.items():
                expected = _in_xml(item, xpath, str(namespace))
                counts["values"] += expected is not None
                if _in_event(event.data, field) != expected:
                    differences.append((row["file"], event.position, field))
        counts["messages"] += 1
        counts["events"] += len(events)

    told = f"{counts['values']} values in {counts['events']} events of {counts['messages']} messages compared"
    record_property("compared", told)
    print(f"\nindependent reading: {told}")  # noqa: T201 - the report says what was compared
    assert counts["messages"] > 0
    assert differences == []


def test_invalid_messages_give_events_of_what_fits() -> None:
    """Of each invalid message of a claimed definition, as a lenient channel lets it by, there is an event at least."""
    read = 0
    for row in _rows("invalid"):
        parsed = parse((Path(str(_SAMPLES)) / row["file"]).read_bytes(), _LIMITS, _CATALOGUE)
        if isinstance(parsed, Parsed):
            ra = to_loose_object(parsed.document, _CATALOGUE.schema(parsed.definition))
            events = _MAPPINGS.events(parsed.definition, ra, valid=False)

            assert events[0].position == 0
            read += 1

    assert read > 0


def _rows(status: str) -> list[dict[str, str]]:
    with (Path(str(_SAMPLES)) / "INDEX.tsv").open(encoding="utf-8") as file:
        claimed = _MAPPINGS.definitions()
        rows = csv.DictReader(file, delimiter="\t")
        return [row for row in rows if row["status"] == status and row["message_id"] in claimed]
