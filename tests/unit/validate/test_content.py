"""Content models: whatever is done to the elements of any definition, one finding names it."""

import copy
import random

import pytest
from lxml import etree
from lxml.etree import _Element

from broker.message.finding import Finding
from broker.parse import Limits, Parsed, parse
from broker.validate import validate
from tests.support.generated import randomly
from tests.support.hostile import CATALOGUE

_LIMITS = Limits(10**7, 10**6, 10**3, 200, 10**7)
_DEFINITIONS = CATALOGUE.definitions()[::9]
_PLACES = 8


def _remove(element: _Element) -> None:
    element.getparent().remove(element)


def _repeat(element: _Element) -> None:
    element.addnext(copy.deepcopy(element))


def _exchange(element: _Element) -> None:
    following = element.getnext()
    if following is not None:
        following.addnext(element)


def _rename(element: _Element) -> None:
    element.tag += "X"


def _empty(element: _Element) -> None:
    del element[:]
    element.text = None


def _write(element: _Element) -> None:
    element.text = "some text"


DAMAGE = {
    _remove: {"schema.missing", "schema.choice"},
    _repeat: {"schema.occurrence", "schema.unexpected"},
    _exchange: {"schema.order"},
    _rename: {"schema.unexpected"},
    _empty: {f"schema.{rule}" for rule in ("missing", "choice", "length", "pattern", "enumeration", "type", "digits")},
    _write: {f"schema.{rule}" for rule in ("text", "length", "pattern", "enumeration", "type")},
}


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__.strip("_"))
def test_one_damage_is_one_finding(damage: object) -> None:
    """In a random message of every ninth definition each damage is found once, by a rule of its kind."""
    assert callable(damage)
    found = 0
    for definition in _DEFINITIONS:
        source = randomly(CATALOGUE.schema(definition), seed=1, most=100)
        count = len(_described(etree.fromstring(source)))
        for place in random.Random(definition).sample(range(count), min(_PLACES, count)):
            root = etree.fromstring(source)
            damage(_described(root)[place])
            findings = _findings(root)
            if findings:  # an optional element may go, a repeating one may come again
                found += 1
                assert len(findings) == 1, (definition, findings)
                assert findings[0].rule in DAMAGE[damage], (definition, findings)
    assert found > len(_DEFINITIONS), "the damage did too little to prove anything"


def _described(root: _Element) -> list[_Element]:
    """The elements whose parent the schema describes: all but the root and what stands within any content."""
    namespace = root.tag.rpartition("}")[0]
    return [element for element in root.iterdescendants() if element.getparent().tag.startswith(namespace)]


def _findings(root: _Element) -> tuple[Finding, ...]:
    parsed = parse(etree.tostring(root), _LIMITS, CATALOGUE)
    assert isinstance(parsed, Parsed)
    return tuple(finding for finding in validate(parsed, CATALOGUE) if finding.rule.startswith("schema."))
