"""What the pure core costs, counted: numbers that are the same on every machine, however busy it is.

A change that makes the way of a message longer fails here, and either is worth it and says so by a higher number, or is
not. What it costs in time is for ``make bench``.
"""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from broker.generate import Generator
from broker.message import identity
from broker.message.envelope import Direction, Envelope
from broker.pipeline.outcome import Outcome
from broker.settings import Settings
from broker.wiring import Workbench
from tests.support.collector import uncollected

# For one pacs.008 with one transfer, from its bytes to two events:
MOST_CALLS = 640  # of Python and C functions
MOST_INSTRUCTIONS = 8_300  # of bytecode
MOST_BYTES = 28_000  # in use at once, of Python's objects
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


@pytest.fixture(scope="module")
def run() -> Callable[[], Outcome]:
    """Give the way of one transfer, with everything compiled that is compiled once."""
    body = Generator(_BENCH.catalogue, 1).pacs_008().body
    at = datetime(2026, 1, 1, tzinfo=UTC)
    message_id = identity.message_id("t", "core", "key")
    envelope = Envelope("t", "core", Direction.INBOUND, message_id, "key", identity.digest(body), at, body)
    for _ in range(2):  # what is compiled once, and what is compiled when a shape comes again
        assert len(_BENCH.pipeline.run(envelope).outgoing) == 2
    return lambda: _BENCH.pipeline.run(envelope)


def test_a_transfer_takes_no_more_calls_than_it_did(run: Callable[[], Outcome]) -> None:
    """One transfer goes from bytes to events in no more calls than are known to be needed, and not in none."""
    assert MOST_CALLS // 2 < calls(run) <= MOST_CALLS


def test_a_transfer_takes_no_more_instructions_than_it_did(run: Callable[[], Outcome]) -> None:
    """Loops that call nothing count as well."""
    assert MOST_INSTRUCTIONS // 2 < instructions(run) <= MOST_INSTRUCTIONS


def test_a_transfer_takes_no_more_memory_than_it_did(run: Callable[[], Outcome]) -> None:
    """What is in use at once stays within some ten times the message."""
    assert MOST_BYTES // 2 < bytes_in_use(run) <= MOST_BYTES


def test_a_transfer_leaves_nothing_behind(run: Callable[[], Outcome]) -> None:
    """After many messages there are not as many objects more: nothing keeps one of them for each."""

    def many() -> None:
        for _ in range(MESSAGES):
            run()

    many()  # what fills up and stays is full
    assert left_behind(many) < MESSAGES // 2
