"""File names of messages."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.transport.directory import names
from broker.transport.directory.names import HEADERS, MessageName, is_message, parse

FILE_NAMES = (
    st.binary(min_size=1, max_size=255).filter(lambda raw: b"/" not in raw and b"\0" not in raw).map(os.fsdecode)
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("payment.xml", True),
        ("no-extension", True),
        ("~", True),
        (".hidden", False),
        ("half.xml.tmp", False),
        (f"payment.xml{HEADERS}", False),
    ],
)
def test_what_is_a_message(name: str, *, expected: bool) -> None:
    """Dot-files, unfinished files and headers are no messages; everything else is one."""
    assert is_message(name) is expected


def test_a_name_counts_its_claims() -> None:
    """Each claim adds one to the count and keeps the token; the claim can be undone to find the headers."""
    first = parse("payment.xml").claimed()
    second = parse(str(first)).claimed()
    assert (first.base, first.count, second.count, first.token) == ("payment.xml", 1, 2, second.token)
    assert second.unclaimed() == first
    assert first.unclaimed() == MessageName("payment.xml")


@given(FILE_NAMES)
def test_any_name_survives(name: str) -> None:
    """Whatever a file is called, its claimed name is one that a file system takes, and can be read again."""
    claimed = parse(name).claimed()
    assert parse(str(claimed)) == claimed
    assert len(os.fsencode(f".{claimed}{HEADERS}.tmp")) <= 255
    assert "/" not in str(claimed)


def test_published_names_are_in_order() -> None:
    """Later messages have later names, and the ending tells people what is in them."""
    early, late = (names.published(stamp, "token", "application/xml") for stamp in (999, 1_000))
    assert early < late
    assert late.endswith(".xml")
    assert names.published(1, "t", "application/cloudevents+json; charset=utf-8").endswith(".json")
    assert names.published(1, "t", "image/png").endswith(".msg")
