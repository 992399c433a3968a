"""``Subscriber``: what a service opens to take the events of one queue, each with effect once.

Owns the addresses and the end of a run. How one event is taken is in ``consuming``.
"""

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, overload
from urllib.parse import unquote, urlsplit

from broker.errors import ConfigurationError
from broker.loop import Loop, LoopConfig
from broker.store.database import Database
from broker.store.subscriber_inbox import SubscriberInbox
from broker.subscriber.config import SubscriberConfig
from broker.subscriber.consuming import Consuming, Ports
from broker.subscriber.handlers import H, Handler, HandlerOf, Handlers, M
from broker.transform.canonical.form import Canonical
from broker.transport.amqp import AmqpConfig, AmqpTransport
from broker.transport.directory import DirectoryConfig, DirectoryTransport
from broker.transport.seam import Transport

_NAME = "iso20022-subscriber"


class Subscriber:
    """The events of one queue. Use it as an async context; register handlers, then ``run``.

    ``events`` is where the broker publishes: an AMQP URL, or the root of its folders as a path or a file URL.
    ``database`` is the PostgreSQL of the service, in which its effects are; two small tables are made there.
    ``queue`` is the subscription's: ``iso20022.events.<name>``. More processes on one queue share its events.
    """

    def __init__(
        self, events: str | Path, database: str, *, queue: str, config: SubscriberConfig | None = None
    ) -> None:
        """Open nothing yet. Raises ConfigurationError for an address that is none."""
        given = config or SubscriberConfig()
        self._stopping = asyncio.Event()
        self._handlers = Handlers()
        self._transport = transport_at(events)
        self._inbox = SubscriberInbox(Database(database, statement_cache=given.statement_cache, application=_NAME))
        ports = Ports(self._transport, self._inbox, self._handlers, self._stopping)
        self._step = Consuming(queue, given, ports)

    @overload
    def on(self, event: type[M]) -> Callable[[HandlerOf[M]], HandlerOf[M]]: ...

    @overload
    def on(self, event: str) -> Callable[[H], H]: ...

    def on(self, event: str | type[Canonical]) -> Callable[[Handler], Handler]:
        """Register the decorated ``async def`` for one type of event: it gets data, frame and the open transaction.

        The type is said by its name, or by its model: ``on(Transfer)``, which a type checker holds the handler to.

        What it writes with the transaction commits together with the event's id, when it returns; when it raises,
        nothing of it is kept. Raises ConfigurationError for an unknown type, a second handler, or another's model.
        """

        def register(handler: Handler) -> Handler:
            self._handlers.add(event, handler)
            return handler

        return register

    async def run(self, *, signals: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT)) -> None:
        """Take events until ``stop`` or one of ``signals``; the event in hand is finished and acknowledged first.

        A second signal ends the process at once, as it would without the kit, and loses nothing either. While the
        database or the transport is away it waits and goes on by itself. Raises ConfigurationError where something has
        to be mended first: no handler, no such queue, a wrong password, a table that a handler does not find.
        """
        if not len(self._handlers):
            raise ConfigurationError("no handler is registered; decorate an `async def` with `@events.on(TYPE)`")
        with _stopped_by(signals, self.stop):
            await Loop(self._step, LoopConfig(idle_s=0), self._stopping).run()

    def stop(self) -> None:
        """End ``run`` after the event in hand. Idempotent; for good."""
        self._stopping.set()

    async def __aenter__(self) -> Self:
        """Nothing is opened before ``run``: it waits for what is away."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Close the connections; what is unsettled goes back to its queue."""
        self.stop()
        await self._step.stop()
        await self._transport.close()
        await self._inbox.close()


def transport_at(events: str | Path) -> Transport:
    """Give the transport at an AMQP URL, a file URL or a path; not opened yet. ConfigurationError: none of these."""
    if isinstance(events, str):
        parts = urlsplit(events)
        if parts.scheme in ("amqp", "amqps"):
            return AmqpTransport(AmqpConfig(events, name=_NAME))
        if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path:
            return DirectoryTransport(DirectoryConfig(Path(unquote(parts.path))))
        if parts.scheme or not events:
            # The scheme alone is told: an address may hold a password.
            raise ConfigurationError(f"events come by amqp://, amqps://, file:/// or a path, not by {parts.scheme}:")
    return DirectoryTransport(DirectoryConfig(Path(events)))


@contextmanager
def _stopped_by(signals: Sequence[signal.Signals], stop: Callable[[], None]) -> Iterator[None]:
    """The first of the signals calls ``stop``; from then on each does what it does by default."""
    loop = asyncio.get_running_loop()

    def heard() -> None:
        for each in signals:
            loop.remove_signal_handler(each)
        stop()

    for each in signals:
        loop.add_signal_handler(each, heard)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
