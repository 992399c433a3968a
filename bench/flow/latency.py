"""How long a message takes from the core's confirm to its first event in a subscriber's hands, at a steady load."""

import asyncio
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from uuid import uuid4

from bench.flow.arena import Arena, known_as
from bench.flow.contest import Contender, running
from bench.flow.workload import Workload
from broker.transport.seam import Publication, PublishResult

_TICK_S = 0.01
_WARM_UP = 0.2  # of the messages: not counted
_GIVE_UP_S = 60.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds, of a load in messages a second."""

    load_per_s: float
    p50_ms: float
    p99_ms: float


async def latency(
    arena: Arena, contender: Contender, some: Workload, load: float, progress: Callable[[float], None]
) -> Latency:
    """Feed messages at ``load`` a second and follow each one."""
    bodies = some.bodies
    await arena.empty()
    sent: dict[str, float] = {}
    seen: dict[str, float] = {}
    async with running(arena, contender):
        await _settled(arena, contender, some.first(1))
        watcher = asyncio.create_task(_watch(arena, seen))
        began, fed = perf_counter(), 0
        while fed < len(bodies):
            due = min(len(bodies), int((perf_counter() - began) * load) + 1)
            if due > fed:
                await _feed(arena, bodies[fed:due], sent)
                fed = due
            progress(fed / len(bodies))
            await asyncio.sleep(_TICK_S)
        async with asyncio.timeout(_GIVE_UP_S):
            while not seen.keys() >= sent.keys():  # noqa: ASYNC110  looked at seldom, so that looking costs nothing
                await asyncio.sleep(_TICK_S)
        watcher.cancel()
        await asyncio.wait({watcher})
    times = [1000 * (seen[key] - at) for key, at in list(sent.items())[int(len(sent) * _WARM_UP) :]]
    return Latency(load, statistics.median(times), statistics.quantiles(times, n=100)[98])


async def _settled(arena: Arena, contender: Contender, one: Workload) -> None:
    """Wait until the contender runs: until one message has come out of it."""
    await arena.feed(one.bodies)
    async with asyncio.timeout(_GIVE_UP_S):
        while await arena.published() < contender.publications(one):  # noqa: ASYNC110  a queue's depth has to be asked for
            await asyncio.sleep(_TICK_S)
    await arena.empty()


async def _feed(arena: Arena, bodies: Sequence[bytes], sent: dict[str, float]) -> None:
    some = [Publication("", arena.inbound, str(uuid4()), body, content_type="application/xml") for body in bodies]
    results = await arena.carrier.publish(some)
    assert set(results) == {PublishResult.CONFIRMED}, set(results)
    sent |= {str(known_as(each.event_id)): perf_counter() for each in some}


async def _watch(arena: Arena, seen: dict[str, float]) -> None:
    consumer = await arena.carrier.consumer([arena.events], 1000)
    try:
        while True:
            batch = await consumer.batch(1000, 1.0)
            now = perf_counter()
            for each in batch:
                seen.setdefault(each.headers["message-id"], now)
            if batch:
                await consumer.ack(batch)
    finally:
        await consumer.close()
