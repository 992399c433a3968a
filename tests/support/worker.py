"""A worker in a process of its own that kills itself (SIGKILL) at a named point, for the fault tests.

``python -m tests.support.worker POINT PASS`` with the broker's settings in the environment. It says ``ready`` on
standard output, runs until SIGTERM, and dies at the given pass of the point. ``never`` is passed by nobody; ``poison``
is passed by each message whose bytes hold the word ``POISON``.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence

from broker import wiring
from broker.cli.worker import worker_name
from broker.message.envelope import Envelope
from broker.observability import logs
from broker.observability.traces import StageSpan, no_span
from broker.pipeline.outcome import Outcome
from broker.pipeline.pipeline import Pipeline
from broker.settings import load
from broker.store import at_once, status
from broker.store.recorder import Recorder
from broker.transport.amqp import AmqpTransport
from broker.transport.directory import DirectoryTransport
from broker.transport.seam import Publication, PublishResult

POISON = b"POISON"
INTAKE_POINTS = ("received", "processed", "written", "recording", "committed", "acknowledged")
RELAY_POINTS = ("taken", "partly-published", "confirmed", "settling", "marked")
"""In the order of a message's way. ``written`` is inside the transaction of a batch in which something was rejected,
before its commit; at ``recording`` and ``settling`` a statement that commits by itself was sent and not answered.
"""


class Fuse:
    """Kills the process at the ``at``-th pass of ``point``."""

    def __init__(self, point: str, at: int) -> None:
        """Count from one."""
        self.point = point
        self._left = at

    def passed(self, point: str) -> None:
        """Hear of a point that was passed."""
        if point == self.point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def main(point: str, at: int) -> None:
    """Run the worker until SIGTERM or its end."""
    status._LIVE_S = 1.0  # a dead worker counts as dead soon, as in the process of the tests
    fuse = Fuse(point, at)
    _listen_where_no_probe_is(fuse)
    logs.configure("info")
    asyncio.run(_run(fuse))


async def _run(fuse: Fuse) -> None:
    worker = wiring.Worker(load(), worker_name(), fuse.passed)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    await worker.run(lambda: print("ready", flush=True))  # noqa: T201  the parent waits for this line


def _listen_where_no_probe_is(fuse: Fuse) -> None:
    """Put the fuse where the broker itself tells nobody: inside transactions, between publishes, in the pipeline."""
    _after(fuse, "written", Recorder, "_write")
    _while(fuse, "recording", "record")
    _while(fuse, "settling", "confirm")
    if fuse.point == "partly-published":
        _publish_by_halves(fuse)
    if fuse.point == "poison":
        _die_of_poison(fuse)


def _after(fuse: Fuse, point: str, owner: object, name: str) -> None:
    original: Callable[..., object] = getattr(owner, name)

    async def then(*arguments: object) -> object:
        result = await original(*arguments)  # type: ignore[misc]  # both are coroutine functions
        fuse.passed(point)
        return result

    setattr(owner, name, then)


def _while(fuse: Fuse, point: str, name: str) -> None:
    """The process dies when a statement was sent that commits by itself: whether it does nobody hears."""
    original: Callable[..., Coroutine[object, object, object]] = getattr(at_once, name)

    async def meanwhile(*arguments: object) -> object:
        answer = asyncio.create_task(original(*arguments))
        await asyncio.sleep(0)  # what was prepared at an earlier pass is sent in the task's first step
        fuse.passed(point)
        return await answer

    setattr(at_once, name, meanwhile)


def _publish_by_halves(fuse: Fuse) -> None:
    """The process dies when the first half of a batch is confirmed and the second was never sent."""
    for kind in (AmqpTransport, DirectoryTransport):
        original = kind.publish

        async def publish(
            self: object, publications: Sequence[Publication], original: Callable[..., object] = original
        ) -> list[PublishResult]:
            half = (len(publications) + 1) // 2
            first = await original(self, publications[:half])  # type: ignore[misc]  # a coroutine function
            fuse.passed("partly-published")
            return [*first, *await original(self, publications[half:])]  # type: ignore[misc]  # as above

        setattr(kind, "publish", publish)  # noqa: B010  mypy forbids assigning to a method


def _die_of_poison(fuse: Fuse) -> None:
    original = Pipeline.run

    def run(self: Pipeline, envelope: Envelope, span: StageSpan = no_span) -> Outcome:
        if POISON in envelope.body:
            fuse.passed("poison")
        return original(self, envelope, span)

    setattr(Pipeline, "run", run)  # noqa: B010  mypy forbids assigning to a method


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
