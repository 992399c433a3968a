"""A sender that speaks AMQP frame by frame, to say what no decent client library says."""

import asyncio

from pamqp import commands, frame, header
from pamqp.base import Frame


async def put(port: int, queue: str, body: bytes, properties: bytes) -> None:
    """Publish one message whose encoded properties (flags and values) are exactly these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def answer() -> object:
        head = await reader.readexactly(7)
        size = int.from_bytes(head[3:7], "big")
        return frame.unmarshal(head + await reader.readexactly(size + 1))[2]

    async def say(channel: int, said: Frame) -> None:
        writer.write(frame.marshal(said, channel))
        await answer()

    writer.write(header.ProtocolHeader().marshal())
    await answer()
    await say(0, commands.Connection.StartOk({}, "PLAIN", "\0guest\0guest", "en_US"))
    writer.write(frame.marshal(commands.Connection.TuneOk(2_047, 131_072, 0), 0))
    await say(0, commands.Connection.Open("/"))
    await say(1, commands.Channel.Open())
    await say(1, commands.Confirm.Select())
    writer.write(frame.marshal(commands.Basic.Publish(0, "", queue), 1))
    content = (60).to_bytes(2, "big") + bytes(2) + len(body).to_bytes(8, "big") + properties
    writer.write(_framed(2, content))
    writer.write(_framed(3, body))
    await answer()
    writer.close()
    await writer.wait_closed()


def short_text(content: bytes) -> bytes:
    """Encode a short string."""
    return bytes([len(content)]) + content


def table(content: bytes) -> bytes:
    """Encode a header table from its encoded fields."""
    return len(content).to_bytes(4, "big") + content


def _framed(kind: int, payload: bytes) -> bytes:
    return bytes([kind]) + (1).to_bytes(2, "big") + len(payload).to_bytes(4, "big") + payload + b"\xce"
