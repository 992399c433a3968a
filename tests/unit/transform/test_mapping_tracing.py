"""Where fields came from in one message: held against the events themselves, for every definition claimed."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from broker import law
from broker.catalogue import Catalogue
from broker.transform.mapping import Mappings
from broker.transform.mapping.tracing import trace
from broker.transform.ra_json import to_object
from tests.support.generated import covering, randomly

_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))
_MAPPINGS = Mappings(law.folder("mappings"), _CATALOGUE)
_PARSER = etree.XMLParser(remove_comments=True, remove_pis=True)
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@cache
def _messages(definition: str) -> tuple[tuple[etree._Element, dict[str, Any]], ...]:
    """Messages as XML and RA JSON: some random ones, and some that say much."""
    schema = _CATALOGUE.schema(definition)
    bodies = [*(randomly(schema, seed) for seed in range(2)), *list(covering(schema))[:2]]
    documents = (etree.fromstring(body, _PARSER) for body in bodies)
    return tuple((document, to_object(document, schema)) for document in documents)


def _look(data: Any, field: str) -> Any:  # noqa: ANN401 - JSON
    for name, number in _STEP.findall(field):
        data = data[int(number)] if number else data[name]
    return data


def _count(value: object) -> int:
    if isinstance(value, dict):
        return sum(map(_count, value.values()))
    if isinstance(value, list):
        return sum(map(_count, value))
    return 1


@pytest.mark.parametrize("definition", _MAPPINGS.definitions())
def test_trace_tells_all_that_the_events_say(definition: str) -> None:
    """Each field traced has the value the event has, no scalar of an event is untraced, and the path leads to it."""
    for document, ra in _messages(definition):
        events = _MAPPINGS.events(definition, ra)
        traces = list(trace(_MAPPINGS.bound(definition), ra, document))

        assert [event.event_type for event in events] == [event_type for event_type, _ in traces]
        for event, (_, fields) in zip(events, traces, strict=True):
            assert {each.field: each.value for each in fields} == {
                each.field: _look(event.data, each.field) for each in fields
            }
            assert sum(_count(each.value) for each in fields) == _count(event.data)
            for each in fields:
                assert _at(document, each.path).sourceline == each.line


def _at(document: etree._Element, path: str) -> etree._Element:
    """Follow a path as anybody would."""
    element = document
    for step in path.split("/")[2:]:
        tag, _, number = step.removesuffix("]").partition("[")
        element = element.findall(f"{{*}}{tag}")[int(number or 1) - 1]
    return element


_STATUS = b"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt>
<GrpHdr><MsgId>S-1</MsgId><CreDtTm>2026-03-02T10:00:00Z</CreDtTm></GrpHdr>
<TxInfAndSts><OrgnlTxId>TX-1</OrgnlTxId>
<TxSts>RJCT</TxSts></TxInfAndSts>
<TxInfAndSts>
<OrgnlEndToEndId>E2E-2</OrgnlEndToEndId></TxInfAndSts>
</FIToFIPmtStsRpt></Document>"""


def test_alternative_table_and_line_of_the_mapping_are_told(tmp_path: Path) -> None:
    """The second source fires where the first is not there; the line that says so may be a bank's own."""
    (tmp_path / "own.map").write_text(
        "over iso20022.payment.status.v1\n  original_references\n    end_to_end_id = OrgnlEndToEndId | OrgnlTxId\n"
    )
    bank = Mappings(tmp_path, _CATALOGUE, _MAPPINGS)
    document = etree.fromstring(_STATUS, _PARSER)
    ra = to_object(document, _CATALOGUE.schema("pacs.002.001.10"))

    _, (_, first), (_, second) = trace(bank.bound("pacs.002.001.10"), ra, document)

    told = {each.field: each for each in first}
    chosen = told["original_references.end_to_end_id"]
    assert (chosen.value, chosen.alternative, chosen.alternatives) == ("TX-1", 2, 2)
    assert (chosen.path, chosen.line) == ("/Document/FIToFIPmtStsRpt/TxInfAndSts[1]/OrgnlTxId", 3)
    assert str(chosen.place) == f"{tmp_path.name}/own.map:3"
    assert (told["outcome"].table, told["outcome"].value) == ("outcome", "rejected")
    assert {each.field: each.line for each in second}["original_references.end_to_end_id"] == 6
