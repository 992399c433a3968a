"""What the pure core costs, counted: numbers that are the same on every machine, however busy it is.

A change that makes the way of a message longer fails here, and either is worth it and says so by a higher number, or is
not. What it costs in time is for ``make bench``.
"""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from broker.generate import Generator
from broker.message import identity
from broker.message.envelope import Direction, Envelope
from broker.pipeline.outcome import Outcome
from broker.pipeline.shapes import LEARNT_AT
from broker.settings import Settings
from broker.workbench import Workbench
from tests.support.collector import uncollected

# For one pacs.008 with one transfer, from its bytes to two events, first of a known shape, then of one that is parsed:
MOST_CALLS, MOST_CALLS_PARSED = 760, 700  # of Python and C functions
MOST_INSTRUCTIONS, MOST_INSTRUCTIONS_PARSED = 9_900, 10_400  # of bytecode
MOST_BYTES, MOST_BYTES_PARSED = 26_000, 30_000  # in use at once, of Python objects
MESSAGES = 500

if TYPE_CHECKING:
    from _typeshed import TraceFunction

_BENCH = Workbench(Settings.model_validate({"channels": {"core": {}}}))


def calls(work: Callable[[], object]) -> int:
    """Count the calls that a piece of work makes."""
    count = 0

    def heard(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    with uncollected():
        sys.setprofile(heard)
        try:
            work()
        finally:
            sys.setprofile(None)
    return count


def instructions(work: Callable[[], object]) -> int:
    """Count the bytecode instructions of a piece of work."""
    count, tracer = 0, sys.gettrace()

    def heard(frame: FrameType, event: str, _: object) -> "TraceFunction":
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return heard

    with uncollected():
        sys.settrace(heard)
        try:
            work()
        finally:
            sys.settrace(tracer)
    return count


def bytes_in_use(work: Callable[[], object]) -> int:
    """Find the most bytes that Python's objects take at once during a piece of work."""
    tracemalloc.start()
    try:
        work()  # what is kept from one message to the next is there
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        work()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return most - before


def left_behind(work: Callable[[], object]) -> int:
    """Count the objects that are more after a piece of work than before."""
    gc.collect()
    before = sys.getallocatedblocks()
    work()
    gc.collect()
    return sys.getallocatedblocks() - before


@dataclass(frozen=True, slots=True)
class Most:
    """What one message may cost; Python counts them the same everywhere."""

    calls: int
    instructions: int
    bytes: int


KNOWN = Most(MOST_CALLS, MOST_INSTRUCTIONS, MOST_BYTES)
PARSED = Most(MOST_CALLS_PARSED, MOST_INSTRUCTIONS_PARSED, MOST_BYTES_PARSED)


def ways(change: Callable[[bytes], bytes]) -> Callable[[], Outcome]:
    """Give the way of one transfer after the other, with everything compiled and learnt that ever is."""
    generator = Generator(_BENCH.catalogue, 1)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    message_id = identity.message_id("t", "core", "key")
    bodies = [change(generator.pacs_008(generator.transfer(1)).body) for _ in range(10 * LEARNT_AT)]
    envelopes = [Envelope("t", "core", Direction.INBOUND, message_id, "key", identity.digest(b), at, b) for b in bodies]
    for envelope in envelopes:
        assert len(_BENCH.pipeline.run(envelope).outgoing) == 2
    last = cycle(envelopes[-2:])
    return lambda: _BENCH.pipeline.run(next(last))


@pytest.fixture(scope="module", params=[KNOWN, PARSED], ids=["known", "parsed"])
def way(request: pytest.FixtureRequest) -> tuple[Callable[[], Outcome], Most]:
    """Give the way of a transfer of a shape that was learnt, and of one that is parsed, with what each may cost."""
    most: Most = request.param
    return ways(_as_it_is if most is KNOWN else _with_an_entity), most


def _as_it_is(body: bytes) -> bytes:
    return body


def _with_an_entity(body: bytes) -> bytes:
    return body.replace(b"<Nm>", b"<Nm>&amp; ", 1)


def test_a_transfer_takes_no_more_calls_than_it_did(way: tuple[Callable[[], Outcome], Most]) -> None:
    """One transfer goes from bytes to events in no more calls than are known to be needed, and not in none."""
    run, most = way
    assert most.calls // 2 < calls(run) <= most.calls


def test_a_transfer_takes_no_more_instructions_than_it_did(way: tuple[Callable[[], Outcome], Most]) -> None:
    """Loops that call nothing count as well."""
    run, most = way
    assert most.instructions // 2 < instructions(run) <= most.instructions


def test_a_transfer_takes_no_more_memory_than_it_did(way: tuple[Callable[[], Outcome], Most]) -> None:
    """What is in use at once stays within some ten times the message."""
    run, most = way
    assert most.bytes // 2 < bytes_in_use(run) <= most.bytes


def test_a_transfer_leaves_nothing_behind(way: tuple[Callable[[], Outcome], Most]) -> None:
    """After many messages there are not as many objects more: nothing keeps one of them for each."""
    run, _ = way

    def many() -> None:
        for _ in range(MESSAGES):
            run()

    many()  # what fills up and stays is full
    assert left_behind(many) < MESSAGES // 2
