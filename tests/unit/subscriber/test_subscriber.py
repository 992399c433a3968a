"""Where events come from, an address or an error that gives nothing away; and how a handler is held to its type."""

from pathlib import Path

import pytest

from broker.errors import ConfigurationError
from broker.subscriber import Connection, Event, Status, Subscriber, Transfer
from broker.subscriber.subscriber import transport_at
from broker.transport.amqp import AmqpTransport
from broker.transport.directory import DirectoryTransport


@pytest.mark.parametrize("address", ["amqp://guest:guest@localhost/", "amqps://broker.example:5671/payments"])
def test_an_amqp_url_is_rabbitmq(address: str) -> None:
    """Either scheme of AMQP."""
    assert isinstance(transport_at(address), AmqpTransport)


@pytest.mark.parametrize(
    ("address", "root"),
    [
        ("var/queues", Path("var/queues")),
        (Path("/srv/queues"), Path("/srv/queues")),
        ("file:///srv/my%20queues", Path("/srv/my queues")),
        ("file://localhost/srv/queues", Path("/srv/queues")),
    ],
)
def test_a_path_or_a_file_url_is_a_folder(address: str | Path, root: Path) -> None:
    """The root of the broker's folders, however it is written."""
    transport = transport_at(address)
    assert isinstance(transport, DirectoryTransport)
    assert transport._config.root == root


@pytest.mark.parametrize("address", ["", "postgresql://u:secret@h/d", "http://u:secret@h/", "file://other/secret"])
def test_another_address_is_refused(address: str) -> None:
    """What is no transport is said by its scheme alone: the rest may be a password."""
    with pytest.raises(ConfigurationError, match="amqp://") as refused:
        transport_at(address)
    assert "secret" not in str(refused.value)


async def test_a_handler_named_by_its_model_is_held_to_it() -> None:
    """A type checker takes the first and refuses the second, which is refused at once when it runs, too."""

    async def book(transfer: Transfer, event: Event, transaction: Connection) -> None:
        """Take a transfer."""

    subscriber = Subscriber("var/queues", "postgresql:///none", queue="iso20022.events.none")

    assert subscriber.on(Transfer)(book) is book
    with pytest.raises(ConfigurationError, match="takes Transfer, but these events are Status"):
        subscriber.on(Status)(book)  # type: ignore[arg-type]  # what is tested
