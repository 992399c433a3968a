"""Both ways of one message, for tests: in memory as every message goes, and as a stream in tiny slices."""

import io
from dataclasses import dataclass, replace

from broker.message.envelope import Direction, Envelope, Outgoing
from broker.parse import Limits
from broker.parse.stream import StreamLimits
from broker.pipeline.bulk import Bulk, Portion
from broker.pipeline.bulk_check import Checked, CheckLimits, Refused
from broker.pipeline.channel import ChannelPlan
from broker.workbench import Workbench
from tests.support.envelopes import envelope

WHOLE = Limits(10_000_000, 1_000_000, 64, 64, 1_000_000)


@dataclass(frozen=True, slots=True)
class Slicing:
    """How small the slices are, and the bounds a test may want to meet."""

    slice_bytes: int = 4_096
    slice_items: int = 7
    part_bytes: int = 1_000_000
    groups: int = 1_000
    transactions: int = 100_000
    parked: int = 100
    whole: Limits = WHOLE


USUAL = Slicing()


def bulk(bench: Workbench, slicing: Slicing = USUAL) -> Bulk:
    """Give the way of bulk messages with these slices."""
    stream = StreamLimits(slicing.whole, slicing.slice_bytes, slicing.slice_items, slicing.part_bytes, slicing.groups)
    return Bulk(bench.catalogue, bench.mappings, CheckLimits(stream, slicing.transactions, slicing.parked))


def checked(bench: Workbench, body: bytes, slicing: Slicing = USUAL, *, partial: bool = False) -> Checked | Refused:
    """Read a message for the first time."""
    return bulk(bench, slicing).check(io.BytesIO(body), ChannelPlan(bulk=True, partial=partial))


def streamed(
    bench: Workbench, body: bytes, slicing: Slicing = USUAL, *, partial: bool = False
) -> tuple[Checked, list[Portion], dict[str, bytes]]:
    """Take a good message to its portions and digests."""
    found = checked(bench, body, slicing, partial=partial)
    assert isinstance(found, Checked), found
    effects = bulk(bench, slicing).effects(io.BytesIO(body), _without_body(body), found)
    portions = list(effects.portions)
    return found, portions, effects.digests


def outgoing(portions: list[Portion]) -> tuple[Outgoing, ...]:
    """All publications in their order."""
    return tuple(each for portion in portions for each in portion.outgoing)


def _without_body(body: bytes) -> Envelope:
    return replace(envelope(body, Direction.INBOUND), body=b"")
