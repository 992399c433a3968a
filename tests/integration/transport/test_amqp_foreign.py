"""Messages of foreign senders that a strict client library cannot decode are delivered all the same."""

from collections.abc import AsyncIterator

import pytest

from broker.transport.amqp import AmqpConfig, AmqpTransport
from broker.transport.seam import Publication
from tests.support import raw_amqp
from tests.support.rabbitmq import RabbitMQ
from tests.support.transports import queue

_HEADERS, _MESSAGE_ID, _TIMESTAMP = 0x2000, 0x0080, 0x0040


@pytest.fixture
async def transport(rabbitmq: RabbitMQ) -> AsyncIterator[AmqpTransport]:
    """Give an open transport."""
    transport = AmqpTransport(AmqpConfig(rabbitmq.url))
    await transport.open()
    yield transport
    await transport.close()


def properties(flags: int, values: bytes) -> bytes:
    """Encode the flags of the properties that are there, and their values."""
    return flags.to_bytes(2, "big") + values


@pytest.mark.parametrize(
    ("encoded", "message_id"),
    [
        (properties(_MESSAGE_ID, raw_amqp.short_text(b"caf\xe9")), "caf\\xe9"),
        (properties(_MESSAGE_ID, raw_amqp.short_text("café".encode())), "café"),
        (properties(_TIMESTAMP, (2**63 - 1).to_bytes(8, "big")), None),
        (properties(_HEADERS, raw_amqp.table(b"\x02\xff\xfeS\x00\x00\x00\x01x")), None),
        (properties(_HEADERS, raw_amqp.table(b"\x01tT" + (2**62).to_bytes(8, "big"))), None),
    ],
    ids=[
        "message id in Latin-1",
        "message id in UTF-8",
        "time beyond time",
        "header name of no encoding",
        "header time",
    ],
)
async def test_undecodable_properties(
    transport: AmqpTransport,
    rabbitmq: RabbitMQ,
    encoded: bytes,
    message_id: str | None,
) -> None:
    """The message arrives with what can be read of it, and the connection lives on."""
    name = await queue(transport)
    consumer = await transport.consumer([name], 10)
    await raw_amqp.put(rabbitmq.port, name, b"<a/>", encoded)
    [delivery] = await consumer.batch(1, 20)
    assert (delivery.body, delivery.message_id, dict(delivery.headers)) == (b"<a/>", message_id, {})
    await transport.publish([Publication("", name, "e", b"next")])
    assert [each.body for each in await consumer.batch(1, 20)] == [b"next"]
