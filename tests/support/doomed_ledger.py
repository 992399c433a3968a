"""The example ledger in a process that kills itself (SIGKILL) at a named point, for the fault tests.

``python -m tests.support.doomed_ledger POINT PASS`` with the ledger's settings in the environment. It dies at the given
pass of the point. ``never`` is passed by nobody.
"""

import asyncio
import os
import signal
import sys

from broker.store.subscriber_inbox import SubscriberInbox
from broker.subscriber.consuming import Consuming
from broker.transport.amqp.consumer import AmqpConsumer
from broker.transport.directory.consumer import DirectoryConsumer
from examples import ledger_service

POINTS = ("counted", "handled", "committed", "acknowledged", "handed-over")
"""``counted`` is passed by what came back, ``handed-over`` by what was refused; the others by each event, in order."""


class Fuse:
    """Kills the process at the ``at``-th pass of ``point``."""

    def __init__(self, point: str, at: int) -> None:
        """Count from one."""
        self._point = point
        self._left = at

    def after(self, point: str, owner: object, name: str) -> None:
        """Pass a point whenever a coroutine function of ``owner`` has returned."""
        original = getattr(owner, name)

        async def then(*arguments: object) -> object:
            result = await original(*arguments)
            if point == self._point:
                self._left -= 1
                if self._left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(owner, name, then)


def main(point: str, at: int) -> None:
    """Run the ledger until SIGTERM or its end."""
    fuse = Fuse(point, at)
    fuse.after("counted", SubscriberInbox, "count")
    fuse.after("handled", ledger_service, "book")
    fuse.after("committed", Consuming, "_effect")
    fuse.after("committed", Consuming, "_effects")
    fuse.after("handed-over", Consuming, "_refuse")
    for kind in (AmqpConsumer, DirectoryConsumer):
        fuse.after("acknowledged", kind, "ack")
    asyncio.run(ledger_service.main())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
