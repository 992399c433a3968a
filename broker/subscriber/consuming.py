"""Consuming: take an event → its effect and its id in one transaction → acknowledge. One event after another.

Several events may share a transaction: then all their effects and ids commit together, and all are acknowledged. Where
anything about one of them is out of the ordinary, each is taken alone, which finds out what it is.

Theory of operation
- Nothing is acknowledged before its effect committed, or before the refused queue confirmed it.
- An event whose transaction was lost with the database stays *in hand*, unacknowledged, until the database is back.
  Whether it had committed the inbox tells.
- A handler that raises is tried again after a wait, in a new transaction, so many times; then the event is refused. The
  events behind it wait meanwhile: that is what order means.
- An event that came back unsettled, with its process or its transaction, may be what ended it. It is counted in a
  transaction of its own *before* it is touched again, and refused beyond the limit, unhandled.
- While the refused queue takes nothing (it is full), the event stays in hand: it is neither lost nor passed over.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from broker.errors import ConfigurationError, StoreUnavailableError, TransportUnavailableError, UnavailableError
from broker.message.failure import FailureCode
from broker.observability.logs import logger
from broker.observability.names import LogEvent
from broker.store.subscriber_inbox import EventKey, SubscriberInbox
from broker.subscriber.config import SubscriberConfig
from broker.subscriber.event import Event, model_of, read
from broker.subscriber.handlers import Handlers, Handling
from broker.subscriber.refusal import EventRefusedError, Refusal, publication
from broker.transform.canonical.form import Canonical
from broker.transport.seam import Consumer, Delivery, PublishResult, Transport
from broker.transport.topology import REFUSED

_POLL_S = 0.25  # for a stop to be noticed; an event that comes ends the wait at once


@dataclass(frozen=True, slots=True)
class Ports:
    """What consuming works with. ``stopping`` ends the wait before another try."""

    transport: Transport
    inbox: SubscriberInbox
    handlers: Handlers
    stopping: asyncio.Event


class Outcome(StrEnum):
    """What became of a delivery: the ``outcome`` of its log line."""

    DONE = "done"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(slots=True)
class _InHand:
    """The delivery that is being settled, and what is known of it so far."""

    delivery: Delivery
    came_back: bool
    event: Event | None = None
    attempts: int = 0
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    """An event that can take effect; without a handling it is passed over."""

    delivery: Delivery
    event: Event
    handling: Handling | None = None
    model: Canonical | None = None


class Consuming:
    """The step of a subscriber's loop."""

    name = "subscriber"

    def __init__(self, queue: str, config: SubscriberConfig, ports: Ports) -> None:
        """Hold nothing until ``start``."""
        self._queue = queue
        self._config = config
        self._ports = ports
        self._consumer: Consumer | None = None
        self._in_hand: _InHand | None = None
        self._waiting: deque[Delivery] = deque()
        self._in_doubt = False

    async def start(self) -> None:
        """Make sure of the database, then consume, unless the consumer outlived what was away.

        Raises ConfigurationError where the queue, or the one for refused events, was never declared.
        """
        await self._ports.inbox.prepare()
        if self._consumer is None:
            await self._ports.transport.depth(REFUSED)
            prefetch = max(self._config.prefetch, self._config.batch)
            self._consumer = await self._ports.transport.consumer([self._queue], prefetch)

    async def stop(self) -> None:
        """End the consumer; what is unsettled goes back to its queue. Idempotent."""
        consumer, self._consumer, self._in_hand = self._consumer, None, None
        self._waiting.clear()
        if consumer is not None:
            await consumer.close()

    async def run_once(self) -> bool:
        """Take and settle one event; True when there was one."""
        assert self._consumer is not None, "start() comes first"
        try:
            return await self._turn(self._consumer)
        except StoreUnavailableError:
            if self._in_hand is not None:
                self._in_hand.came_back = True
            else:
                self._in_doubt = True
            raise
        except TransportUnavailableError:
            await self.stop()
            raise

    async def _turn(self, consumer: Consumer) -> bool:
        if self._in_hand is None:
            if not self._waiting:
                self._waiting.extend(await consumer.batch(self._config.batch, _POLL_S))
                self._in_doubt = False
                if len(self._waiting) > 1 and await self._together(consumer):
                    return True
            if not self._waiting:
                return False
            delivery = self._waiting.popleft()
            self._in_hand = _InHand(delivery, delivery.redelivered or self._in_doubt)
        in_hand = self._in_hand
        outcome = await self._outcome(in_hand)
        if outcome is None:
            return False
        await consumer.ack([in_hand.delivery])
        self._in_hand = None
        self._line(in_hand, outcome)
        return True

    async def _together(self, consumer: Consumer) -> bool:
        """Settle all that waits in one transaction; False, and nothing happened, where each has to be taken alone."""
        ready = [self._ready(each) for each in self._waiting]
        plain = [each for each in ready if each is not None]
        if len(plain) < len(ready):
            return False
        try:
            taken = await self._effects([each for each in plain if each.handling is not None])
        except (UnavailableError, ConfigurationError):
            raise
        except Exception:  # noqa: BLE001 - a loop's edge: each is taken alone, and the one that failed is found
            return False
        await consumer.ack(list(self._waiting))
        self._waiting.clear()
        for each in plain:
            new = _key(each.delivery, each.event) in taken
            taken.discard(_key(each.delivery, each.event))
            done = Outcome.IGNORED if each.handling is None else Outcome.DONE if new else Outcome.DUPLICATE
            self._line(_InHand(each.delivery, came_back=False, event=each.event, attempts=int(new)), done)
        return True

    def _ready(self, delivery: Delivery) -> "_Ready | None":
        """What is ready to take effect together with others, or to be passed over; None: to be taken alone."""
        found = None if delivery.redelivered else read(delivery.body)
        if found is None or isinstance(found, Refusal):
            return None
        event, data = found
        handling = self._ports.handlers.of(event.type)
        if handling is None:
            return None if self._config.unknown == "refuse" else _Ready(delivery, event)
        model = model_of(data, handling.model)
        return None if isinstance(model, Refusal) else _Ready(delivery, event, handling, model)

    async def _effects(self, ready: Sequence["_Ready"]) -> set[EventKey]:
        """Bring about the effects of events in their order, in one transaction; give those that had none before."""
        if not ready:
            return set()
        keys = [(_key(each.delivery, each.event), each.event.type) for each in ready]
        async with self._ports.inbox.effects(keys) as (transaction, new):
            left = set(new)
            for (key, _), each in zip(keys, ready, strict=True):
                if key in left and each.handling is not None:
                    left.discard(key)
                    async with asyncio.timeout(self._config.handler_timeout_s):
                        await each.handling.handler(each.model, each.event, transaction)
        return set(new)

    async def _outcome(self, in_hand: _InHand) -> Outcome | None:
        """Bring about what is to become of the delivery; None: the stop came first, and it goes back."""
        if in_hand.refusal is None:
            taken = await self._take(in_hand)
            if not isinstance(taken, Refusal):
                return taken
            in_hand.refusal = taken
        await self._refuse(in_hand, in_hand.refusal)
        return Outcome.REFUSED

    async def _take(self, in_hand: _InHand) -> Outcome | Refusal | None:
        found = read(in_hand.delivery.body)
        if isinstance(found, Refusal):
            return found
        in_hand.event, data = found
        handling = self._ports.handlers.of(in_hand.event.type)
        if handling is None:
            if self._config.unknown == "refuse":
                return Refusal(FailureCode.EVENT_UNKNOWN_TYPE, f"no handler takes {in_hand.event.type}")
            return Outcome.IGNORED
        model = model_of(data, handling.model)
        if isinstance(model, Refusal):
            return model
        if in_hand.came_back:
            returns = await self._ports.inbox.count(_key(in_hand.delivery, in_hand.event))
            if returns > self._config.returns:
                text = "delivered again and again without being settled: it may end the process that takes it"
                return Refusal(FailureCode.EVENT_POISON, text, attempts=returns)
        return await self._handle(in_hand, in_hand.event, model, handling)

    async def _handle(
        self, in_hand: _InHand, event: Event, model: Canonical, handling: Handling
    ) -> Outcome | Refusal | None:
        """Let the handler have its tries. What says that the service or a peer is not well is not the event's fault."""

        async def once() -> Outcome:
            in_hand.attempts += 1
            return await self._effect(_key(in_hand.delivery, event), event, model, handling)

        in_hand.attempts = 0
        try:
            return await self._retrying(event)(once)
        except (UnavailableError, ConfigurationError):
            raise
        except EventRefusedError as refused:
            return Refusal(FailureCode.HANDLER_REFUSED, str(refused), attempts=in_hand.attempts)
        except Exception as failed:  # noqa: BLE001 - a loop's edge: whatever a handler raises becomes a refusal
            if in_hand.attempts < self._config.attempts:
                return None
            # Its type alone is told: the text may quote what the event holds.
            kind = type(failed).__name__
            return Refusal(FailureCode.HANDLER_FAILED, f"the handler raised {kind} each time", kind, in_hand.attempts)

    async def _effect(self, key: EventKey, event: Event, model: Canonical, handling: Handling) -> Outcome:
        async with self._ports.inbox.effect(key, event.type) as transaction:
            if transaction is None:
                return Outcome.DUPLICATE
            async with asyncio.timeout(self._config.handler_timeout_s):
                await handling.handler(model, event, transaction)
        return Outcome.DONE

    async def _refuse(self, in_hand: _InHand, refusal: Refusal) -> None:
        """Hand the event over to the office. Raises UnavailableError while its queue takes nothing."""
        event = in_hand.event
        if in_hand.came_back and event is not None:
            # Before the event leaves: put back later, it begins with all its tries.
            await self._ports.inbox.forget(_key(in_hand.delivery, event))
        ready = publication(in_hand.delivery, refusal, None if event is None else event.id)
        (result,) = await self._ports.transport.publish([ready])
        if result is not PublishResult.CONFIRMED:
            raise UnavailableError(f"{REFUSED} does not take a refused event: {result}")

    def _retrying(self, event: Event) -> AsyncRetrying:
        return AsyncRetrying(
            stop=self._is_enough,
            wait=wait_random_exponential(multiplier=self._config.first_wait_s, max=self._config.longest_wait_s),
            retry=retry_if_exception(_may_pass),
            sleep=self._wait,
            before_sleep=lambda state: self._retried(event, state),
            reraise=True,
        )

    def _is_enough(self, state: RetryCallState) -> bool:
        return self._ports.stopping.is_set() or state.attempt_number >= self._config.attempts

    async def _wait(self, seconds: float) -> None:
        """Wait before another try, or until the stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._ports.stopping.wait()
        except TimeoutError:
            return

    def _retried(self, event: Event, state: RetryCallState) -> None:
        failed = state.outcome.exception() if state.outcome else None
        logger().warning(
            LogEvent.EVENT_RETRIED,
            queue=self._queue,
            event_id=event.id,
            event_type=event.type,
            error=type(failed).__name__,
            attempt=state.attempt_number,
        )

    def _line(self, in_hand: _InHand, outcome: Outcome) -> None:
        """One line for each event, without anything it holds."""
        told: dict[str, object] = {"queue": self._queue, "outcome": outcome.value, "attempts": in_hand.attempts}
        if in_hand.event is not None:
            told |= {"event_id": in_hand.event.id, "event_type": in_hand.event.type, "tenant": in_hand.event.tenant}
        if in_hand.refusal is not None:
            told["reason"] = in_hand.refusal.reason.value
        (logger().error if outcome is Outcome.REFUSED else logger().info)(LogEvent.EVENT, **told)


def _key(delivery: Delivery, event: Event) -> EventKey:
    return EventKey(delivery.queue, event.tenant, event.id)


def _may_pass(failed: BaseException) -> bool:
    """Whether another try makes sense: what a peer, the service or the handler itself said is final says not."""
    return isinstance(failed, Exception) and not isinstance(
        failed, UnavailableError | ConfigurationError | EventRefusedError
    )
