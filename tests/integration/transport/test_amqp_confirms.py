"""Confirms find their message: several at once, out of order, late, missing, after a return or a cancelled publish."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from pamqp import commands

from broker.transport.amqp import AmqpConfig, AmqpTransport
from broker.transport.amqp.publisher import Publisher
from broker.transport.seam import Publication, PublishResult
from tests.support.scripted_amqp import ScriptedPeer, scripted_peer
from tests.support.waiting import WAIT_S

CONFIRMED, REFUSED = PublishResult.CONFIRMED, PublishResult.REFUSED
UNROUTABLE, UNKNOWN = PublishResult.UNROUTABLE, PublishResult.UNKNOWN


@pytest.fixture
async def stack() -> AsyncIterator[contextlib.AsyncExitStack]:
    """Close in reverse what a test opened."""
    async with contextlib.AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def peer(stack: contextlib.AsyncExitStack) -> ScriptedPeer:
    """Give a peer that answers no publish by itself."""
    return await stack.enter_async_context(scripted_peer())


@pytest.fixture
def deadlines(monkeypatch: pytest.MonkeyPatch) -> list[asyncio.Timeout]:
    """Give the deadline of each publish, in order, for the test to look at and to end."""
    made: list[asyncio.Timeout] = []
    usual = asyncio.timeout_at

    def noted(when: float) -> asyncio.Timeout:
        made.append(usual(when))
        return made[-1]

    monkeypatch.setattr(asyncio, "timeout_at", noted)
    return made


def publisher(peer: ScriptedPeer, stack: contextlib.AsyncExitStack, **more: float) -> Publisher:
    """Make a publisher on the peer."""
    made = Publisher(AmqpConfig(f"amqp://u:p@127.0.0.1:{peer.port}/?heartbeat=0", close_timeout_s=0.5, **more))  # type: ignore[arg-type]
    stack.push_async_callback(made.close)
    return made


def publications(*names: str) -> list[Publication]:
    """One publication a name, which is its body too."""
    return [Publication("x", f"key.{name}", f"event-{name}", name.encode()) for name in names]


async def test_one_by_one_out_of_order(peer: ScriptedPeer, stack: contextlib.AsyncExitStack) -> None:
    """Each outcome is of the message whose tag the confirm names, in whatever order confirms come."""
    task = asyncio.create_task(publisher(peer, stack).publish(publications("a", "b", "c")))
    a, b, c = await peer.arrived(3)
    peer.ack(c.tag, channel=c.channel)
    peer.nack(a.tag, channel=a.channel)
    peer.ack(b.tag, channel=b.channel)
    assert await task == [REFUSED, CONFIRMED, CONFIRMED]


async def test_several_at_once(peer: ScriptedPeer, stack: contextlib.AsyncExitStack) -> None:
    """A multiple confirm settles all up to its tag that are still open, and none behind it."""
    task = asyncio.create_task(publisher(peer, stack).publish(publications("a", "b", "c", "d", "e")))
    a, b, c, d, e = await peer.arrived(5)
    peer.nack(b.tag, channel=b.channel)
    peer.ack(c.tag, channel=c.channel, multiple=True)
    peer.nack(e.tag, channel=e.channel, multiple=True)
    assert await task == [CONFIRMED, REFUSED, CONFIRMED, REFUSED, REFUSED]
    assert [each.body for each in (a, b, c, d, e)] == [b"a", b"b", b"c", b"d", b"e"]


async def test_returned(peer: ScriptedPeer, stack: contextlib.AsyncExitStack) -> None:
    """A returned message is unroutable, although a confirm follows; its neighbours are not."""
    task = asyncio.create_task(publisher(peer, stack).publish(publications("a", "b", "c")))
    a, b, c = await peer.arrived(3)
    peer.give_back(b)
    peer.ack(c.tag, channel=a.channel, multiple=True)
    assert await task == [CONFIRMED, UNROUTABLE, CONFIRMED]


async def test_missing(peer: ScriptedPeer, stack: contextlib.AsyncExitStack, deadlines: list[asyncio.Timeout]) -> None:
    """What is never confirmed is unknown at the timeout; what was confirmed before is confirmed."""
    made = publisher(peer, stack, in_flight=3)
    task = asyncio.create_task(made.publish(publications("a", "b", "c")))
    _, b, _ = await peer.arrived(3)
    peer.ack(b.tag, channel=b.channel)
    await made._window.enter(1, 0)  # there is room once the confirm has come
    deadlines[0].reschedule(0)
    assert await task == [UNKNOWN, CONFIRMED, UNKNOWN]


async def test_connecting_takes_nothing_of_the_timeout(
    peer: ScriptedPeer, stack: contextlib.AsyncExitStack, deadlines: list[asyncio.Timeout]
) -> None:
    """However long it takes to connect and to open a channel, confirms have the whole timeout after it."""
    task = asyncio.create_task(publisher(peer, stack, confirm_timeout_s=20.0).publish(publications("a")))
    (a,) = await peer.arrived(1)
    peer.ack(a.tag, channel=a.channel)
    assert await task == [CONFIRMED]
    when = deadlines[0].when()
    assert when is not None
    assert when >= peer.opened_at + 20.0


async def test_a_line_given_up_while_a_channel_closes(peer: ScriptedPeer, stack: contextlib.AsyncExitStack) -> None:
    """What was asked for on the channel has been answered and is given; nobody is cancelled."""
    peer.waiting, peer.silent_from = 3, (commands.Channel.Close,)
    transport = AmqpTransport(AmqpConfig(f"amqp://u:p@127.0.0.1:{peer.port}/?heartbeat=0", close_timeout_s=0.2))
    asking = asyncio.create_task(transport.depth("q"))
    await asyncio.wait_for(peer.silent.wait(), WAIT_S)
    await transport.close()
    assert await asking == 3


async def test_late_after_a_cancelled_publish(peer: ScriptedPeer, stack: contextlib.AsyncExitStack) -> None:
    """Confirms of a publish that was cancelled come late and settle nothing of the next one."""
    made = publisher(peer, stack)
    first = asyncio.create_task(made.publish(publications("a", "b")))
    a, b = await peer.arrived(2)
    first.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await first
    second = asyncio.create_task(made.publish(publications("c", "d")))
    _, _, c, d = await peer.arrived(4)
    peer.nack(a.tag, channel=a.channel)
    peer.nack(b.tag, channel=b.channel)
    peer.ack(c.tag, channel=c.channel)
    peer.nack(d.tag, channel=d.channel)
    assert await second == [CONFIRMED, REFUSED]


async def test_two_at_once(peer: ScriptedPeer, stack: contextlib.AsyncExitStack) -> None:
    """Publishes that run at the same time get their own outcomes, and each keeps its own order."""
    made = publisher(peer, stack)
    tasks = [asyncio.create_task(made.publish(publications(*names))) for names in (("a", "b"), ("c", "d"))]
    arrived = {each.body: each for each in await peer.arrived(4)}
    tags = {body: each.tag for body, each in arrived.items()}
    assert tags[b"a"] < tags[b"b"]
    assert tags[b"c"] < tags[b"d"]
    for body, each in arrived.items():
        (peer.ack if body in {b"a", b"d"} else peer.nack)(each.tag, channel=each.channel)
    assert await asyncio.gather(*tasks) == [[CONFIRMED, REFUSED], [REFUSED, CONFIRMED]]


async def test_the_channel_closes(peer: ScriptedPeer, stack: contextlib.AsyncExitStack) -> None:
    """Where the peer closes the channel, what it had not answered is unknown; the next publish opens another."""
    made = publisher(peer, stack)
    task = asyncio.create_task(made.publish(publications("a", "b")))
    a, _ = await peer.arrived(2)
    peer.ack(a.tag, channel=a.channel)
    peer.close_channel(a.channel)
    assert await task == [CONFIRMED, UNKNOWN]
    again = asyncio.create_task(made.publish(publications("c")))
    c = (await peer.arrived(3))[-1]
    assert c.tag == 1
    peer.ack(c.tag, channel=c.channel)
    assert await again == [CONFIRMED]


async def test_no_more_on_their_way_than_allowed(peer: ScriptedPeer, stack: contextlib.AsyncExitStack) -> None:
    """While nothing is confirmed, no more publishes leave than the window admits; each confirm lets others follow."""
    made = publisher(peer, stack, in_flight=150)
    task = asyncio.create_task(made.publish(publications(*map(str, range(400)))))
    arrived = await peer.arrived(100)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(peer.arrived(101), 0.2)
    peer.ack(100, channel=arrived[0].channel, multiple=True)
    assert len(await peer.arrived(200)) == 200
    for tag in (200, 300, 400):
        peer.ack(tag, channel=arrived[0].channel, multiple=True)
        await peer.arrived(min(400, tag + 100))
    assert await task == [CONFIRMED] * 400


async def test_what_cannot_be_said_is_refused_alone(peer: ScriptedPeer, stack: contextlib.AsyncExitStack) -> None:
    """A header that is no UTF-8 and an id of over 255 bytes are refused; those around them go."""
    made = publisher(peer, stack)
    a, c = publications("a", "c")
    odd = Publication("x", "k", "e", b"b", headers={"name": "\ud800"})
    long = Publication("x", "k", "e", b"d", correlation_id="i" * 256)
    task = asyncio.create_task(made.publish([a, odd, c, long]))
    first, second = await peer.arrived(2)
    peer.ack(second.tag, channel=first.channel, multiple=True)
    assert await task == [CONFIRMED, REFUSED, CONFIRMED, REFUSED]


async def test_a_body_in_several_frames(peer: ScriptedPeer, stack: contextlib.AsyncExitStack) -> None:
    """A body larger than a frame arrives whole, and what is said of it arrives as it was said."""
    body = bytes(range(256)) * 40
    one = Publication("x", "k.ü", "event", body, "text/x", correlation_id="same", headers={"tenant": "bänk", "": "e"})
    task = asyncio.create_task(publisher(peer, stack).publish([one]))
    (got,) = await peer.arrived(1)
    peer.ack(got.tag, channel=got.channel)
    assert await task == [CONFIRMED]
    said = got.header.properties
    assert (got.body, got.method.exchange, got.method.routing_key, got.method.mandatory) == (body, "x", "k.ü", True)
    assert (said.content_type, said.correlation_id, said.delivery_mode) == ("text/x", "same", 2)
    assert said.headers == {"tenant": "bänk", "": "e", "ce-id": "event"}
