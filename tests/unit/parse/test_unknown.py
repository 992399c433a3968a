"""An unknown definition: what is nearest to it."""

import pytest

from broker.message.failure import FailureCode
from broker.parse.unknown import nearest_definitions, unknown_definition
from tests.support.hostile import CATALOGUE, ISO


@pytest.mark.parametrize(("name", "first"), [
    (f"{ISO}pain.001.001.03.ch.02", "pain.001.001.03"),
    ("http://www.example.org/de/pain.001.001.03.ch.02.xsd", "pain.001.001.03"),
    (f"{ISO}pacs.002.001.03S2", "pacs.002.001.03"),
    (f"{ISO}PACS.008.001.08", "pacs.008.001.08"),
])  # fmt: skip
def test_a_dialect_is_nearest_to_what_it_extends(name: str, first: str) -> None:
    """A dialect that carries its definition's name is nearest to that definition."""
    assert nearest_definitions(name, CATALOGUE)[0] == first


def test_nothing_is_near_to_what_is_no_definition() -> None:
    """A namespace of something else has no near definition."""
    assert nearest_definitions("http://www.w3.org/1999/xhtml", CATALOGUE) == ()


def test_the_header_helps() -> None:
    """Where the namespace says nothing, the header's ``MsgDefIdr`` does."""
    failure = unknown_definition("urn:example:envelope", "camt.056.001.08", CATALOGUE)

    assert failure.code is FailureCode.IDENTIFY_UNKNOWN_DEFINITION
    assert "nearest are camt.056.001.08" in failure.text


def test_a_header_that_names_no_definition_is_not_repeated() -> None:
    """What stands in ``MsgDefIdr`` is shown only where it looks like a definition."""
    assert "Lindqvist" not in unknown_definition("", "Zoë Lindqvist", CATALOGUE).text


def test_a_long_namespace_is_cut_and_made_printable() -> None:
    """A namespace of any length and any letters makes a short line."""
    failure = unknown_definition("urn:x\u202e\n" + "y" * 10_000, None, CATALOGUE)

    assert failure.text.isprintable()
    assert len(failure.text) < 300
