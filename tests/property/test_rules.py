"""Rules over messages of every definition: nothing is raised, places are true, suspicion never overlooks anything."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import XPath, _Element

from broker.catalogue import Schema
from broker.parse import Limits, Parsed, parse
from broker.validate.rules import RULES, check_tree
from broker.validate.rules.checking import _breaches
from broker.validate.rules.plan import Plan, compile_plan
from broker.validate.rules.rule import Breach, Run
from tests.support.detection_page import MUTATIONS
from tests.support.generated import covering, randomly
from tests.support.hostile import CATALOGUE
from tests.support.mutations import SEEDS, Mutation

_DEFINITIONS = CATALOGUE.definitions()
_LIMITS = Limits(10_000_000, 500_000, 64, 64, 1_000_000)
_MANY = 101
_BEYOND = [each for each in MUTATIONS if not any(rule.startswith("schema.") for rule in each.found_by)]


@settings(max_examples=60)
@given(st.sampled_from(_DEFINITIONS), st.integers(0, 1_000))
def test_suspicion_overlooks_nothing(definition: str, seed: int) -> None:
    """What is found with every suspicion held true is found with suspicions as they are."""
    schema = CATALOGUE.schema(definition)
    root = etree.fromstring(randomly(schema, seed))

    assert _found(root, compile_plan(schema)) == _found(root, _suspecting_all(schema))


@pytest.mark.parametrize("mutation", _BEYOND, ids=lambda each: each.what)
def test_suspicion_overlooks_no_damage(mutation: Mutation) -> None:
    """The same with every kind of damage done that the schema does not see."""
    for seed in SEEDS[:2]:
        parsed = parse(mutation.done(seed), _LIMITS, CATALOGUE)
        assert isinstance(parsed, Parsed)
        schema = CATALOGUE.schema(parsed.definition)

        assert _found(parsed.document, compile_plan(schema)) == _found(parsed.document, _suspecting_all(schema))


@pytest.mark.parametrize("definition", _DEFINITIONS[::5])
def test_places_are_true(definition: str) -> None:
    """Every finding on a message that covers its definition is of a known rule and names an element that is there."""
    schema = CATALOGUE.schema(definition)
    for body in covering(schema):
        root = etree.fromstring(body)
        findings = check_tree(root, schema)

        assert len(findings) <= _MANY
        for finding in findings:
            assert finding.rule in RULES or finding.rule == "rules.more"
            assert _is_there(root, finding.path, schema), finding


def _suspecting_all(schema: Schema) -> Plan:
    plan = compile_plan(schema)
    if plan.suspects is None:
        return plan
    terms = [term[: term.index("[")] for term in plan.suspects.path.split("|")]
    return replace(plan, suspects=XPath("|".join(terms), namespaces={"n": schema.namespace}))


def _found(root: _Element, plan: Plan) -> list[tuple[str, _Element, str, str]]:
    return sorted(_facts(_breaches(root, plan, Run())), key=lambda fact: (fact[0], fact[2], fact[3], id(fact[1])))


def _facts(breaches: list[Breach]) -> Iterator[tuple[str, _Element, str, str]]:
    for breach in breaches:
        yield breach.rule.id, breach.element, breach.text, breach.child


def _is_there(root: _Element, path: str, schema: Schema) -> bool:
    """Whether a path leads to an element, or is that of an attribute or of a child that an element lacks."""
    steps = [step if step.startswith("@") else f"n:{step}" for step in path.split("/")[2:]]
    for end in (len(steps), len(steps) - 1):
        found = root.xpath("/".join((".", *steps[:end])), namespaces={"n": schema.namespace})
        if found:
            return len(found) == 1
    return not steps
