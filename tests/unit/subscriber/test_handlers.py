"""Registering handlers: each mistake is said when it is made, and not by the first event."""

import pytest

import broker.subscriber
from broker.errors import ConfigurationError
from broker.subscriber import Connection, Event, Status, Transfer
from broker.subscriber.handlers import Handlers
from broker.transform.canonical.form import Canonical
from broker.transform.canonical.registry import EVENTS
from tests.support.event_contract import MODELS, models_module
from tests.support.subscribing import STATUS, TRANSFER


async def book(transfer: Transfer, event: Event, transaction: Connection) -> None:
    """Take a transfer."""


async def audit(data: Canonical, event: Event, transaction: Connection) -> None:
    """Take anything."""


def test_a_handler_is_found_by_its_type() -> None:
    """What was registered is given with its model; other types have nobody."""
    handlers = Handlers()
    handlers.add(TRANSFER, book)
    found = handlers.of(TRANSFER)
    assert found is not None
    assert (found.handler, found.model) == (book, Transfer)
    assert handlers.of(STATUS) is None
    assert len(handlers) == 1


def test_one_handler_may_take_several_types() -> None:
    """A handler of any canonical model fits each type."""
    handlers = Handlers()
    for event_type in EVENTS:
        handlers.add(event_type, audit)
    assert len(handlers) == len(EVENTS)


def test_an_unknown_type_is_told_with_the_nearest() -> None:
    """A slip in the name is found at once."""
    with pytest.raises(ConfigurationError, match=r"did you mean iso20022\.payment\.transfer\.v1\?"):
        Handlers().add("iso20022.payments.transfer.v1", book)


def test_a_second_handler_is_refused() -> None:
    """Two effects of one event in two handlers would be two answers to one question."""
    handlers = Handlers()
    handlers.add(TRANSFER, book)
    with pytest.raises(ConfigurationError, match="already"):
        handlers.add(TRANSFER, audit)


def test_a_handler_of_another_model_is_refused() -> None:
    """A handler that says which model it takes gets no other."""
    with pytest.raises(ConfigurationError, match="takes Transfer, but these events are Status"):
        Handlers().add(STATUS, book)


def test_a_plain_function_is_refused() -> None:
    """What cannot be awaited would fail with every event."""

    def plain(status: Status, event: Event, transaction: Connection) -> None:
        """Take a status."""

    with pytest.raises(ConfigurationError, match="async def"):
        Handlers().add(STATUS, plain)  # type: ignore[arg-type]  # what is tested


def test_a_service_finds_every_model_in_one_place() -> None:
    """`broker.subscriber` offers each event's model; `python -m tests.support.event_contract` adds new ones."""
    assert {model.__name__ for model in EVENTS.values()} - set(broker.subscriber.__all__) == set()
    assert MODELS.read_text(encoding="utf-8") == models_module()


def test_a_type_is_named_by_its_model() -> None:
    """``on(Transfer)`` takes the one type whose data are transfers."""
    handlers = Handlers()
    handlers.add(Transfer, book)

    assert handlers.of(TRANSFER) is not None
    assert len(handlers) == 1


def test_a_model_of_no_type_or_of_several_names_none() -> None:
    """What is no event's model, and what is more than one's, has to be said by the type."""
    with pytest.raises(ConfigurationError, match=r"Canonical is not the model of one event type$"):
        Handlers().add(Canonical, audit)
    with pytest.raises(ConfigurationError, match="name one of a, b"):
        Handlers({"a": Transfer, "b": Transfer}).add(Transfer, book)
