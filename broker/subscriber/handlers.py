"""Which coroutine takes which event: registered by type, held against the event's model when registered.

It must not know how events come or what becomes of them.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from rapidfuzz import process

from broker.errors import ConfigurationError
from broker.store.database import Connection
from broker.subscriber.event import Event
from broker.transform.canonical.form import Canonical
from broker.transform.canonical.registry import EVENTS

Handler = Callable[[Any, Event, Connection], Awaitable[None]]
"""What a service writes: ``async def book(transfer: Transfer, event: Event, transaction: Connection) -> None``."""

H = TypeVar("H", bound=Handler)
M = TypeVar("M", bound=Canonical)

HandlerOf = Callable[[M, Event, Connection], Awaitable[None]]
"""A handler of one model: ``HandlerOf[Transfer]``."""


@dataclass(frozen=True, slots=True)
class Handling:
    """A handler and the model it is given."""

    handler: Handler
    model: type[Canonical]


class Handlers:
    """The handlers of one subscriber, one a type."""

    def __init__(self, models: Mapping[str, type[Canonical]] = EVENTS) -> None:
        """Know the types and their models; no handler yet."""
        self._models = models
        self._handlings: dict[str, Handling] = {}

    def __len__(self) -> int:
        """Count the types handled."""
        return len(self._handlings)

    def of(self, event_type: str) -> Handling | None:
        """Who takes events of this type; None where nobody does."""
        return self._handlings.get(event_type)

    def add(self, event: str | type[Canonical], handler: Handler) -> None:
        """Register a handler for a type, or for the one type whose data are of this model.

        ConfigurationError: no such type, handled already, not ``async``, or another model.
        """
        event_type = event if isinstance(event, str) else self._type_of(event)
        model = self._models.get(event_type)
        if model is None:
            raise ConfigurationError(f"there is no event type {event_type!r}{self._nearest(event_type)}")
        if event_type in self._handlings:
            raise ConfigurationError(f"{event_type} has a handler already")
        if not inspect.iscoroutinefunction(handler):
            raise ConfigurationError(f"the handler of {event_type} is not an `async def`")
        _check_model(event_type, handler, model)
        self._handlings[event_type] = Handling(handler, model)

    def _type_of(self, model: type[Canonical]) -> str:
        types = [event_type for event_type, each in self._models.items() if each is model]
        if len(types) != 1:
            which = f"; name one of {', '.join(types)}" if types else ""
            raise ConfigurationError(f"{model.__name__} is not the model of one event type{which}")
        return types[0]

    def _nearest(self, event_type: str) -> str:
        best = process.extractOne(event_type, list(self._models), score_cutoff=60)
        return f"; did you mean {best[0]}?" if best else ""


def _check_model(event_type: str, handler: Handler, model: type[Canonical]) -> None:
    """Only what is said as a class can be held against the model: an annotation may be missing, or be text."""
    first = next(iter(inspect.signature(handler).parameters.values()), None)
    said = None if first is None else first.annotation
    if isinstance(said, type) and issubclass(said, Canonical) and not issubclass(model, said):
        raise ConfigurationError(
            f"the handler of {event_type} takes {said.__name__}, but these events are {model.__name__}"
        )
