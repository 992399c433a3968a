"""Detection: each kind of damage to a good message is found by the rules that must find it, and by no other.

The good messages are generated, of several seeds; the kinds are in ``tests/support/mutations_*``. The table in
``docs/detection.md`` is made from what is found here.
"""

import pytest

from broker.generate import Generator
from broker.validate.rules import RULES
from tests.support.detection_page import MUTATIONS, PAGE, findings_of, render
from tests.support.hostile import CATALOGUE
from tests.support.mutations import SEEDS, Mutation, good_message, kinds_of_message

_LEAST = 60


@pytest.mark.parametrize("kind", kinds_of_message())
def test_good_messages_have_no_finding(kind: str) -> None:
    """What damage is done to has no finding before, not even a warning."""
    assert [findings_of(good_message(kind, seed)) for seed in SEEDS] == [()] * len(SEEDS)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.what)
def test_damage_is_found_by_its_rules_and_no_other(mutation: Mutation) -> None:
    """On every seed the rules that find the damage are those it names."""
    found = [tuple(sorted({finding.rule for finding in findings_of(mutation.done(seed))})) for seed in SEEDS]

    assert found == [mutation.found_by] * len(SEEDS)


def test_there_are_many_kinds_and_every_rule_has_one() -> None:
    """At least sixty kinds of damage are found, and each rule beyond the schema finds one of them."""
    found = [mutation for mutation in MUTATIONS if mutation.found_by]

    assert len(found) >= _LEAST
    assert set(RULES) <= {rule for mutation in found for rule in mutation.found_by}
    assert len({mutation.what for mutation in MUTATIONS}) == len(MUTATIONS)


def test_the_page_is_what_was_found() -> None:
    """`python -m tests.support.detection_page` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == render()


def test_a_day_of_generated_messages_has_no_finding() -> None:
    """Of hundreds of good messages of all kinds none has an error or a warning."""
    samples = list(Generator(CATALOGUE, 7).mixed(300, bad=0))

    found = {sample.name: findings_of(sample.body) for sample in samples}

    assert {name: findings for name, findings in found.items() if findings} == {}
