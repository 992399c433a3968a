"""Declaring a topology on RabbitMQ. Idempotent: what exists as wanted stays; what differs is named, never changed.

And taking bindings and queues away again, where somebody asks for just that.
"""

import re
from collections.abc import Sequence

from aio_pika.abc import AbstractChannel
from aiormq.abc import AbstractChannel as WireChannel
from aiormq.exceptions import (
    ChannelAccessRefused,
    ChannelClosed,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
)
from pamqp.commands import Basic

from broker.errors import ConfigurationError, TopologyMismatchError
from broker.transport.amqp.connection import Line, asked
from broker.transport.seam import ExchangeSpec, QueueSpec, Topology

# RabbitMQ's reply 406: … inequivalent arg 'x-max-length' for queue 'q' in vhost …: received '5' but current is '10'
_INEQUIVALENT = re.compile(r"inequivalent arg '([^']*)' .*: received (.+) but current is (.+)")


async def declare(line: Line, topology: Topology, timeout_s: float) -> None:
    """Declare exchanges, queues and bindings, in this order. Raises TopologyMismatchError at the first that differs."""
    async with line.passing() as channel:
        for exchange in topology.exchanges:
            await _declare_exchange(channel, exchange, timeout_s)
        for queue in topology.queues:
            await _declare_queue(channel, queue, timeout_s)


async def unbind(line: Line, queue: str, bindings: Sequence[tuple[str, str]], timeout_s: float) -> None:
    """Take bindings away. Idempotent: one that is not there, or of a queue that is not there, is gone already."""
    async with line.passing() as channel:
        wire = await channel.get_underlay_channel()
        for exchange, pattern in bindings:
            await asked(wire.queue_unbind(queue, exchange, pattern), f"unbinding {queue} from {exchange}", timeout_s)


async def remove(line: Line, queue: str, timeout_s: float) -> bool:
    """Remove a queue without messages and consumers; False for any other.

    Looked at first and then removed: quorum queues know no "if empty". Unbind it before, so that nothing comes between.
    """
    async with line.passing() as channel:
        wire = await channel.get_underlay_channel()
        try:
            if await _in_use(wire, queue, timeout_s):
                return False
            await asked(wire.queue_delete(queue), f"removing {queue}", timeout_s)
        except ChannelNotFoundEntity:
            return True
    return True


async def _in_use(wire: WireChannel, queue: str, timeout_s: float) -> bool:
    """Whether a queue has messages or consumers. A message found is held until the channel closes."""
    if await _counted(wire, queue, timeout_s):
        return True
    # RabbitMQ also counts nought where a quorum queue's leader does not answer within 250 ms. So the leader itself is
    # asked for a message; it has answered then, and the consumers are counted again.
    found = await asked(wire.basic_get(queue), f"looking into {queue}", timeout_s)
    return isinstance(found.delivery, Basic.GetOk) or await _counted(wire, queue, timeout_s)


async def _counted(wire: WireChannel, queue: str, timeout_s: float) -> bool:
    counted = await asked(wire.queue_declare(queue, passive=True), f"counting {queue}", timeout_s)
    return bool(counted.message_count or counted.consumer_count)


async def _declare_exchange(channel: AbstractChannel, spec: ExchangeSpec, timeout_s: float) -> None:
    arguments = {"alternate-exchange": spec.alternate} if spec.alternate else {}
    request = channel.declare_exchange(spec.name, spec.kind, durable=True, arguments=dict(arguments))
    try:
        await asked(request, f"declaring the exchange {spec.name}", timeout_s)
    except ChannelClosed as refused:
        raise _explained(f"exchange {spec.name}", refused) from None


async def _declare_queue(channel: AbstractChannel, spec: QueueSpec, timeout_s: float) -> None:
    doing = f"declaring the queue {spec.name}"
    try:
        queue = await asked(
            channel.declare_queue(spec.name, durable=True, arguments=dict(spec.arguments)), doing, timeout_s
        )
        for exchange, pattern in spec.bindings:
            await asked(queue.bind(exchange, pattern), f"binding {spec.name} to {exchange}", timeout_s)
    except ChannelClosed as refused:
        raise _explained(f"queue {spec.name}", refused) from None


def _explained(what: str, refused: ChannelClosed) -> ConfigurationError:
    """The error for a refused declaration. RabbitMQ's text is read for display alone; its code has decided."""
    said = str(refused.args[0]) if refused.args else ""
    if isinstance(refused, ChannelPreconditionFailed):
        found = _INEQUIVALENT.search(said)
        differs = f"its {found[1]} is {found[3]}, wanted is {found[2]}" if found else said
        return TopologyMismatchError(
            f"{what} exists with another argument: {differs}."
            f" Delete it when it is empty, or set the setting to what exists.",
        )
    if isinstance(refused, ChannelAccessRefused):
        return ConfigurationError(f"{what} may not be declared by this user: {said}")
    return ConfigurationError(f"{what} cannot be declared: {said}")
