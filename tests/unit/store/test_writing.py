"""What every write shares."""

import pytest

from broker.errors import ConfigurationError, StoreRefusedError
from broker.message.finding import Finding, Severity
from broker.store.codec import PlainCodec
from broker.store.outbox_writes import LANES, lane, order_key
from broker.store.writing import columns, findings_json, storable


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        (None, None),
        ("plain", "plain"),
        ("Müller €", "Müller €"),
        ("a\0b", "a\\x00b"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_a_peer_chose_becomes_storable(text: str | None, stored: str | None) -> None:
    """NUL and lone surrogates are written out; everything else stays as it is."""
    assert storable(text) == stored


def test_rows_become_columns() -> None:
    """Each column holds the values of one place, in the order of the rows."""
    assert columns([(1, "a"), (2, "b")]) == [[1, 2], ["a", "b"]]


def test_findings_are_json() -> None:
    """Findings are an array of objects; none is an empty array."""
    finding = Finding("schema.pattern", Severity.ERROR, "/Document", 3, "Odd.")

    assert findings_json((finding,)).startswith('[{"rule":"schema.pattern","severity":"error"')
    assert findings_json(()) == "[]"


def test_a_finding_that_is_no_unicode_is_refused() -> None:
    """A lone surrogate in a finding is refused as data, without its text."""
    finding = Finding("schema.pattern", Severity.ERROR, "/Document", 3, "MARKED\ud800")

    with pytest.raises(StoreRefusedError) as caught:
        findings_json((finding,))

    assert "MARKED" not in str(caught.value)


def test_an_order_key_is_the_same_everywhere() -> None:
    """The key depends on tenant, destination and subject alone: pinned, since rows of older versions have it."""
    assert order_key("north", "event", "s") == -8650138671816278105
    assert len({order_key(*each) for each in (("a", "b", "c"), ("a", "b", "d"), ("a", "c", "c"), ("b", "b", "c"))}) == 4


def test_lanes_are_used_evenly() -> None:
    """Subjects spread over every lane."""
    used = [lane(order_key("north", "event", str(number))) for number in range(1600)]

    assert set(used) == set(range(LANES))
    assert max(map(used.count, range(LANES))) < 2 * 1600 / LANES


def test_the_plain_codec_refuses_what_another_wrote() -> None:
    """Bytes under another codec's name are not taken for plain."""
    codec = PlainCodec()

    assert codec.decode("north", codec.name, codec.encode("north", b"body")) == b"body"
    with pytest.raises(ConfigurationError):
        codec.decode("north", "sealed", b"body")
