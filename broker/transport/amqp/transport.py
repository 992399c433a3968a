"""The transport over RabbitMQ: two lines, one that publishes and one that does all else.

Under a memory or disk alarm RabbitMQ stops reading from connections that publish: consumers, depths and declarations
are on the other line and go on.
"""

from collections.abc import Sequence

from aiormq.exceptions import ChannelNotFoundEntity

from broker.errors import ConfigurationError
from broker.transport.amqp.connection import AmqpConfig, Line, asked
from broker.transport.amqp.consumer import AmqpConsumer
from broker.transport.amqp.declaring import declare, remove, unbind
from broker.transport.amqp.publisher import Publisher
from broker.transport.seam import Publication, PublishResult, Topology


class AmqpTransport:
    """RabbitMQ behind the seam. Its next use opens a lost connection again; a lost consumer has to be made again."""

    def __init__(self, config: AmqpConfig) -> None:
        """Keep the configuration; nothing is opened yet."""
        self._config = config
        self._publisher = Publisher(config)
        self._line = Line(config, "consume")

    async def open(self) -> None:
        """Connect both lines. Raises TransportUnavailableError."""
        await self._line.open()
        await self._publisher.line.open()

    async def declare(self, topology: Topology) -> None:
        """Make the topology exist. Raises TopologyMismatchError naming the argument that differs."""
        await declare(self._line, topology, self._config.request_timeout_s)

    async def unbind(self, queue: str, bindings: Sequence[tuple[str, str]]) -> None:
        """Take bindings of a queue away. Idempotent."""
        await unbind(self._line, queue, bindings, self._config.request_timeout_s)

    async def remove(self, queue: str) -> bool:
        """Remove an empty queue that nobody consumes from; False for any other. Idempotent."""
        return await remove(self._line, queue, self._config.request_timeout_s)

    async def consumer(self, queues: Sequence[str], prefetch: int) -> AmqpConsumer:
        """Start consuming. Raises TransportUnavailableError, or ConfigurationError for a queue that does not exist."""
        if not queues:
            raise ConfigurationError("a consumer needs a queue")
        channel = await self._line.channel(confirms=False)
        wire = await channel.get_underlay_channel()
        consumer = AmqpConsumer(channel, wire, queues, self._config.request_timeout_s)
        try:
            await consumer.begin(prefetch)
        except BaseException:
            await consumer.close()
            raise
        return consumer

    async def publish(self, publications: Sequence[Publication]) -> list[PublishResult]:
        """Publish, pipelined, and wait for every outcome. Raises TransportUnavailableError when nothing was sent."""
        return await self._publisher.publish(publications)

    async def depth(self, queue: str) -> int:
        """Count the messages ready in a queue. Raises ConfigurationError when it does not exist."""
        async with self._line.passing() as channel:
            wire = await channel.get_underlay_channel()
            try:
                request = wire.queue_declare(queue, passive=True)
                answer = await asked(request, f"counting {queue}", self._config.request_timeout_s)
            except ChannelNotFoundEntity:
                raise ConfigurationError(f"queue {queue} does not exist; declare the topology") from None
        return answer.message_count or 0

    def blocked(self) -> str | None:
        """Say why RabbitMQ holds back publishers, or None."""
        if self._publisher.line.held_back():
            return "RabbitMQ holds back publishers (connection.blocked): it has a memory or disk alarm"
        return None

    async def close(self) -> None:
        """Close both lines. Idempotent."""
        await self._publisher.close()
        await self._line.close()
