"""Whatever a valid message says, its events make the same message again, in every version that has a way out.

What the canonical form does not carry stays behind; nothing else is lost, and nothing is there that was not.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import orjson
import pytest
from lxml import etree

from broker import law
from broker.catalogue import Catalogue
from broker.message.definition import Definition
from broker.pipeline.channel import SPOKEN
from broker.transform.mapping import CanonicalEvent, Mappings, Written
from broker.transform.mapping.bound import BoundConstant, BoundEvent, BoundGroup, BoundItem
from broker.transform.mapping.values import instant_in
from broker.transform.ra_json import to_object, to_xml
from tests.support.generated import covering, minimal, randomly

_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))
_MAPPINGS = Mappings(law.folder("mappings"), _CATALOGUE)
_PARSER = etree.XMLParser(remove_comments=True, remove_pis=True)
_SPARSE = {
    "camt.026": "/Document/camt.026.001.01/Justfn",
    "camt.055": "/Document/CstmrPmtCxlReq/Undrlyg",
    "camt.056": "/Document/FIToFIPmtCxlReq/Undrlyg",
    "pain.013": "/Document/CdtrPmtActvtnReq/PmtInf[]/DbtrAcct/Id",
}
"""What a schema demands though there may be nothing in it that an event speaks of, by family: an empty element, an
account known by none of the canonical identifiers."""
_NO_AGENT = "/FinInstnId"
"""Where a first version demands one of several names of a bank, of which the longest may say nothing."""
_ALIKE = {
    "ClrSysMmbId/Prtry": "ClrSysMmbId/Id",
    "CmbndId/BIC": "FinInstnId/BIC",
    "CmbndId/Nm": "NmAndAdr/Nm",
    "CmbndId/PrtryId": "FinInstnId/PrtryId",
    "OrgId/BEI": "OrgId/BIC",
}
"""Two names of a first version for what an event says in one way; a message made of it has the second."""
_ANEW = {("GrpHdr/Grpg", "MIXD")}
"""What a first version demands to be said and no event says."""
_UNTOLD = {".transactions", ".batches"}
"""What stands in one of several elements of which the events do not tell which: the transactions of an entry of several
batches, the batches of a message about several groups."""
_APART = {"camt.029": ["$[].original_message"] * 2}
"""Where a group and a batch stand in elements of their own, which the events do not tell: the batch's payments have no
original message and would be given the group's."""


def _family(definition: str) -> str:
    return Definition.parse(definition).family


def _outward() -> list[str]:
    """The definitions that can be made of all their events."""
    return [
        definition
        for definition in _MAPPINGS.definitions()
        if len(_MAPPINGS.outward(definition)) == len(_MAPPINGS.bound(definition))
    ]


def _neighbours() -> list[tuple[str, str]]:
    """Each definition with a way out, and the next version of its family."""
    all_of_them = _outward()
    return [(old, new) for old, new in itertools.pairwise(all_of_them) if _family(old) == _family(new)]


@cache
def _messages(definition: str) -> tuple[dict[str, Any], ...]:
    """Generated messages as RA JSON, each with the true number of its items where it says one."""
    schema = _CATALOGUE.schema(definition)
    bodies = [minimal(schema), *(randomly(schema, seed) for seed in range(4)), *covering(schema)]
    messages: tuple[dict[str, Any], ...] = tuple(to_object(etree.fromstring(body, _PARSER), schema) for body in bodies)
    for message in messages:
        for event in _MAPPINGS.bound(definition):
            _number(message["Document"][event.message], event)
    return messages


def _number(root: dict[str, Any], event: BoundEvent) -> None:
    items: list[Any] = [root]
    for step in event.each:
        found: list[Any] = [item[step.tag] for item in items if step.tag in item]
        items = list(itertools.chain.from_iterable(found)) if step.many else found
    for constant in _counts(event.items) if items else ():
        *above, last = constant.path.steps
        node: Any = root
        for step in above:
            node = node[step.tag]
        node[last.tag] = str(len(items))


def _counts(items: tuple[BoundItem, ...]) -> Iterator[BoundConstant]:
    for item in items:
        if isinstance(item, BoundGroup):
            yield from _counts(item.items)
        elif isinstance(item, BoundConstant) and item.text is None and not item.path.scope:
            yield item


def _leaves(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf by its place without positions: slots of a list (``IntrmyAgt2``) are filled from the first."""
    if isinstance(value, dict):
        for tag, each in value.items():
            yield from _leaves(each, f"{place}/{re.sub('[0-9]', '', tag)}")
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, place)
    else:
        yield place, _said(str(value))


def _endings(leaves: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Leaves by their last two tags: an item that is put beside its group says itself what the group said for it."""
    endings = (("/".join(place.split("/")[-2:]), text) for place, text in leaves)
    return Counter((_ALIKE.get(ending, ending), text) for ending, text in endings)


def _data(events: list[CanonicalEvent], definition: str) -> list[bytes]:
    """What the events say; in any order where items stand in groups, since those of one group are put together."""
    data = [orjson.dumps([event.event_type, event.data], option=orjson.OPT_SORT_KEYS) for event in events]
    return sorted(data) if any(len(event.each) > 1 for event in _MAPPINGS.bound(definition)) else data


def _said(text: str) -> str:
    """What a lexical form says: 24:00:00 is the next midnight, 1 is true, 007 is 7."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.+", text):
        return str(instant_in(text))
    number = {"true": "1", "false": "0"}.get(text, text)
    return str(float(number)) if re.fullmatch(r"[+-]?[0-9]+\.?", number) else text


@pytest.mark.parametrize("definition", _outward())
def test_message_goes_to_events_and_back(definition: str) -> None:
    """A message made of a message's events has no leaf that the message had not, is valid, and gives those events."""
    schema = _CATALOGUE.schema(definition)
    compared = 0
    for message in _messages(definition):
        events = _MAPPINGS.events(definition, message)
        if not events:
            continue

        made = _MAPPINGS.to_message([(event.event_type, event.data) for event in events], definition)
        if not isinstance(made, Written):
            assert [re.sub(r"[0-9]+", "", each.path) for each in made] == _APART.get(_family(definition)), made
            continue
        body = to_xml(made.ra, definition, _CATALOGUE)

        assert {re.sub(r"^[$](\[[0-9]+\])?", "", each.path) for each in made.losses} <= _UNTOLD
        extra = Counter(_leaves(made.ra)) - Counter(_leaves(message))
        assert set(_endings(extra)) <= set(_endings(_leaves(message))) | _ANEW
        if not isinstance(body, bytes):
            lacking = {re.sub(r"\[[0-9]+\]", "[]", each.path) for each in body}
            assert {each for each in lacking if not each.endswith(_NO_AGENT)} <= {_SPARSE.get(_family(definition))}
            continue
        again = _MAPPINGS.events(definition, to_object(etree.fromstring(body, _PARSER), schema))
        assert made.losses or _data(again, definition) == _data(events, definition)
        compared += 1
    assert compared


@pytest.mark.parametrize("definition", SPOKEN.values())
def test_what_a_channel_sends_by_itself_can_be_made_of_events(definition: str) -> None:
    """Each family has a way out in the version that is sent where the channel names none."""
    assert definition in _outward()


_NAMED = [f"pacs.{number}" for number in ("002", "004", "008", "009", "028")]
_NAMED += [f"pain.{number}" for number in ("001", "002", "008")]
_NAMED += [f"camt.{number}" for number in ("029", "053", "054", "056", "060")]


@pytest.mark.parametrize("family", _NAMED)
def test_every_version_of_what_cores_are_sent_has_a_way_out(family: str) -> None:
    """Whatever version of these messages a channel names, it can be made of all its events."""
    assert {each for each in _CATALOGUE.definitions() if _family(each) == family} <= set(_outward())


@pytest.mark.parametrize("versions", _neighbours(), ids=lambda versions: f"{versions[0]}-{versions[1][-2:]}")
@pytest.mark.parametrize("turned", [False, True], ids=["up", "down"])
def test_message_goes_to_the_next_version_with_every_loss_named(
    versions: tuple[str, str],
    turned: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Written in its neighbour's version a message is valid, or lacks only what that version demands or has lost."""
    # Where nothing was lost its events are the same there. What items may say each for itself in one version, and must
    # share in the other and do not, is a contradiction. Events of which the other knows nothing have no way out.
    old, new = reversed(versions) if turned else versions
    schema = _CATALOGUE.schema(new)
    for message in _messages(old):
        events = _MAPPINGS.events(old, message)
        if not events:
            continue

        made = _MAPPINGS.to_message([(event.event_type, event.data) for event in events], new)
        if not isinstance(made, Written):
            unknown = {event.event_type for event in events} - set(_MAPPINGS.outward(new))
            assert {each.rule for each in made} == {"mapping.no-way-out" if unknown else "mapping.contradiction"}, made
            continue
        body = to_xml(made.ra, new, _CATALOGUE)

        if isinstance(body, bytes):
            again = _MAPPINGS.events(new, to_object(etree.fromstring(body, _PARSER), schema))
            assert made.losses or _data(again, new) == _data(events, new)
        else:
            assert {each.rule for each in body} <= {"json.missing", "json.choice"}
