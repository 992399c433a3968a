"""Folders as they are in the world: hostile names, links, broken headers, dead processes, many processes."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.errors import ConfigurationError, TransportUnavailableError
from broker.transport.directory import DirectoryConfig, DirectoryTransport
from broker.transport.seam import Delivery, ExchangeSpec, Publication, PublishResult, QueueSpec, Topology
from tests.support.waiting import WAIT_S

QUEUE = "in.core"

_HOLDER = """
import asyncio, sys
from pathlib import Path
from broker.transport.directory import DirectoryConfig, DirectoryTransport

async def main():
    transport = DirectoryTransport(DirectoryConfig(Path(sys.argv[1])))
    await transport.open()
    consumer = await transport.consumer(["in.core"], 100)
    taken = []
    while len(taken) < int(sys.argv[2]):
        batch = await consumer.batch(10, 20)
        taken += batch
        if sys.argv[3] == "ack":
            await consumer.ack(batch)
        print(*(delivery.body.decode() for delivery in batch), sep="\\n", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


_DOOMED = """
import asyncio, os, signal, sys
from pathlib import Path
from broker.transport.directory import DirectoryConfig, DirectoryTransport

left, renames, unlinks = int(sys.argv[3]), Path.rename, Path.unlink

def doomed(call):
    def then(self, *arguments, **named):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(self, *arguments, **named)
    return then

async def main():
    transport = DirectoryTransport(DirectoryConfig(Path(sys.argv[1]), keep_done=sys.argv[2] == "keep"))
    await transport.open()
    Path.rename, Path.unlink = doomed(renames), doomed(unlinks)
    consumer = await transport.consumer(["in.core"], 100)
    await consumer.ack(await consumer.batch(1, 20))
    await asyncio.Event().wait()

asyncio.run(main())
"""
_CALLS = 6  # renames and unlinks between taking one message and having settled it: one too many is where it lives on


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Name a root inside a folder that holds other things."""
    return tmp_path / "root"


@pytest.fixture
async def transport(root: Path) -> AsyncIterator[DirectoryTransport]:
    """Give an open transport with one queue."""
    transport = DirectoryTransport(DirectoryConfig(root, poll_interval_s=0.01, max_body_bytes=1_000))
    await transport.open()
    await transport.declare(Topology((), (QueueSpec(QUEUE),)))
    yield transport
    await transport.close()


async def take(transport: DirectoryTransport, count: int) -> list[Delivery]:
    """Take and settle ``count`` deliveries with a consumer of their own."""
    consumer = await transport.consumer([QUEUE], 100)
    taken: list[Delivery] = []
    while len(taken) < count:
        batch = await consumer.batch(count - len(taken), WAIT_S)
        assert batch, f"{len(taken)} of {count} came"
        await consumer.ack(batch)
        taken += batch
    assert await consumer.batch(1, 0.1) == []
    await consumer.close()
    return taken


def hold(root: Path, count: int, then: str = "hold") -> subprocess.Popen[str]:
    """Start another process that takes messages, prints them, and then holds on to what it has."""
    command = [sys.executable, "-c", _HOLDER, str(root), str(count), then]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def read_lines(process: subprocess.Popen[str], count: int) -> list[str]:
    """Read what a holding process says it took."""
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(count)]


def end(process: subprocess.Popen[str]) -> None:
    """Kill a process that this test started."""
    process.send_signal(signal.SIGKILL)
    process.communicate()


async def test_bare_file(transport: DirectoryTransport, root: Path) -> None:
    """A file without headers is a message without an id."""
    (root / QUEUE / "payment.xml").write_bytes(b"<a/>")
    [delivery] = await take(transport, 1)
    assert (delivery.body, delivery.message_id, delivery.content_type, dict(delivery.headers)) == (
        b"<a/>",
        None,
        None,
        {},
    )


async def test_order_is_by_time_then_name(transport: DirectoryTransport, root: Path) -> None:
    """Dropped files come oldest first, files of one moment by name, between the published ones."""
    for name, at in (("b", 2_000), ("a", 2_000), ("z", 1_000)):
        (root / QUEUE / name).write_text(name)
        os.utime(root / QUEUE / name, ns=(at, at))
    await transport.publish([Publication("", QUEUE, "e", b"published")])
    assert [delivery.body for delivery in await take(transport, 4)] == [b"z", b"a", b"b", b"published"]


async def test_hostile_names(transport: DirectoryTransport, root: Path) -> None:
    """Whatever a file is called, it is delivered, once, and its name goes nowhere."""
    names = [
        "-rf",
        "~1.0123456789ab",
        "x~999999.0123456789ab",
        " ",
        "a\nb",
        "x" * 255,
        "ü" * 127,
        "$(id)",
        "%2e%2e",
        "done",
    ]
    raw = [os.fsencode(name) for name in names] + [b"\xff\xfe.xml"]
    for number, name in enumerate(raw):
        (root / QUEUE / os.fsdecode(name)).write_text(str(number))
    taken = await take(transport, len(raw))
    assert {delivery.body.decode() for delivery in taken} == {str(number) for number in range(len(raw))}


async def test_no_messages(transport: DirectoryTransport, root: Path, tmp_path: Path) -> None:
    """Links, folders, pipes, dot-files, unfinished files and lone headers are left where they are, followed nowhere."""
    outside = tmp_path / "secret"
    outside.write_text("secret")
    queue = root / QUEUE
    (queue / "link.xml").symlink_to(outside)
    (queue / "dangling.xml").symlink_to(tmp_path / "nowhere")
    (queue / "linked-folder").symlink_to(tmp_path)
    (queue / "folder.xml").mkdir()
    (queue / ".hidden.xml").write_text("x")
    (queue / "half.xml.tmp").write_text("x")
    (queue / "alone.xml.headers.json").write_text("{}")
    os.mkfifo(queue / "pipe.xml")
    before = sorted(path.name for path in queue.iterdir())
    (queue / "good.xml").write_text("good")
    assert [delivery.body for delivery in await take(transport, 1)] == [b"good"]
    assert await transport.depth(QUEUE) == 0
    assert sorted({path.name for path in queue.iterdir()} - {"done"}) == before
    assert outside.read_text() == "secret"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"message_id": 7, "headers": []}', b"\xff" * 2_000_000]
)
async def test_broken_headers(transport: DirectoryTransport, root: Path, content: bytes) -> None:
    """A message whose headers cannot be read is delivered without them."""
    (root / QUEUE / "a.xml.headers.json").write_bytes(content)
    (root / QUEUE / "a.xml").write_bytes(b"<a/>")
    [delivery] = await take(transport, 1)
    assert (delivery.body, delivery.message_id, dict(delivery.headers)) == (b"<a/>", None, {})


async def test_linked_headers(transport: DirectoryTransport, root: Path, tmp_path: Path) -> None:
    """Headers that are a link are not followed."""
    (tmp_path / "outside.json").write_text('{"message_id": "stolen"}')
    (root / QUEUE / "a.xml.headers.json").symlink_to(tmp_path / "outside.json")
    (root / QUEUE / "a.xml").write_bytes(b"<a/>")
    [delivery] = await take(transport, 1)
    assert delivery.message_id is None


async def test_too_large_is_set_aside(transport: DirectoryTransport, root: Path) -> None:
    """A file over the limit is set aside, unread, with its headers, and does not stand in the way."""
    (root / QUEUE / "a.xml.headers.json").write_text("{}")
    (root / QUEUE / "a.xml").write_bytes(b"x" * 1_001)
    (root / QUEUE / "b.xml").write_bytes(b"x" * 1_000)
    assert len(await take(transport, 1)) == 1
    aside = sorted(path.name.partition("~")[0] for path in (root / QUEUE / "unreadable").iterdir())
    assert aside == ["a.xml", "a.xml"]
    assert await transport.publish([Publication("", QUEUE, "e", b"x" * 1_001)]) == [PublishResult.REFUSED]


async def test_a_queue_that_is_a_link(transport: DirectoryTransport, root: Path, tmp_path: Path) -> None:
    """A link in place of a queue's folder is not used."""
    (root / "linked").symlink_to(tmp_path)
    with pytest.raises((ConfigurationError, TransportUnavailableError)):
        await transport.declare(Topology((), (QueueSpec("linked"),)))
    with pytest.raises(ConfigurationError, match="link"):
        await transport.consumer(["linked"], 1)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc", ".hidden", "a\0b", "x" * 201, "ü"])
async def test_queue_names(transport: DirectoryTransport, name: str) -> None:
    """A name that is no plain folder name cannot be declared, consumed, counted or published to."""
    with pytest.raises(ConfigurationError):
        await transport.declare(Topology((), (QueueSpec(name),)))
    with pytest.raises(ConfigurationError):
        await transport.consumer([name], 1)
    with pytest.raises(ConfigurationError):
        await transport.depth(name)
    assert await transport.publish([Publication("", name, "e", b"x")]) == [PublishResult.UNROUTABLE]


async def test_refused_declaration_leaves_nothing(transport: DirectoryTransport) -> None:
    """What comes before the mistake in a refused topology is not kept either."""
    with pytest.raises(ConfigurationError):
        await transport.declare(
            Topology((ExchangeSpec("events", "topic"),), (QueueSpec("x", bindings=(("missing", "#"),)),))
        )
    assert await transport.publish([Publication("", "x", "e", b"x")]) == [PublishResult.UNROUTABLE]


async def test_same_name_while_claimed(transport: DirectoryTransport, root: Path) -> None:
    """A file dropped under the name of one that is out is another message: neither replaces the other."""
    consumer = await transport.consumer([QUEUE], 10)
    seen = []
    for body in (b"first", b"second", b"third"):
        (root / QUEUE / "payment.xml.headers.json").write_bytes(b'{"message_id": "%s"}' % body)
        (root / QUEUE / "payment.xml").write_bytes(body)
        seen += await consumer.batch(1, WAIT_S)
    await consumer.requeue(seen)
    again = await take(transport, 3)
    assert {(delivery.body, delivery.message_id) for delivery in again} == {
        (b"first", "first"),
        (b"second", "second"),
        (b"third", "third"),
    }
    assert all(delivery.delivery_count == 1 for delivery in again)


async def test_done(root: Path, transport: DirectoryTransport) -> None:
    """An acknowledged message is kept in ``done`` with its headers, or is gone, as configured."""
    await transport.publish([Publication("", QUEUE, "e", b"kept")])
    await take(transport, 1)
    kept = [path for path in (root / QUEUE / "done").iterdir() if not path.name.endswith(".headers.json")]
    assert [path.read_bytes() for path in kept] == [b"kept"]
    other = DirectoryTransport(DirectoryConfig(root, keep_done=False, poll_interval_s=0.01))
    await other.publish([Publication("", QUEUE, "e", b"gone")])
    await take(other, 1)
    await other.close()
    assert len(list((root / QUEUE / "done").iterdir())) == 2
    assert [path for path in (root / QUEUE).iterdir() if path.is_file()] == []


async def test_killed_process(transport: DirectoryTransport, root: Path) -> None:
    """What a killed process held comes back, marked; while it lives, nobody else gets it."""
    await transport.publish([Publication("", QUEUE, str(n), str(n).encode()) for n in range(20)])
    process = hold(root, 10)
    try:
        held = await asyncio.to_thread(read_lines, process, 10)
        rest = [delivery.body.decode() for delivery in await take(transport, 10)]
    finally:
        end(process)
    back = await take(transport, 10)
    assert sorted(held + rest, key=int) == [str(n) for n in range(20)]
    assert [delivery.body.decode() for delivery in back] == held
    assert all(delivery.redelivered and delivery.delivery_count == 1 for delivery in back)
    assert [delivery.headers["ce-id"] for delivery in back] == held


async def test_died_between_message_and_headers(transport: DirectoryTransport, root: Path) -> None:
    """Where a process died between claiming a message and its headers, both are together again."""
    await transport.publish([Publication("", QUEUE, "event", b"x")])
    process = hold(root, 1)
    await asyncio.to_thread(read_lines, process, 1)
    end(process)
    [headers] = (root / QUEUE / ".claimed").glob("*/*.headers.json")
    headers.rename(root / QUEUE / f"{headers.name.partition('~')[0]}.headers.json")
    [delivery] = await take(transport, 1)
    assert delivery.headers["ce-id"] == "event"


@pytest.mark.parametrize("keep", ["keep", "remove"])
@pytest.mark.parametrize("call", range(1, _CALLS))
async def test_died_at_any_call(transport: DirectoryTransport, root: Path, call: int, keep: str) -> None:
    """Wherever a process dies while it takes or settles a message: it comes back whole, or is settled."""
    await transport.publish([Publication("", QUEUE, "event", b"x")])
    died = await asyncio.create_subprocess_exec(sys.executable, "-c", _DOOMED, str(root), keep, str(call))
    assert await died.wait() == -signal.SIGKILL
    consumer = await transport.consumer([QUEUE], 10)
    back = await consumer.batch(10, 0.2)
    kept = list((root / QUEUE / "done").glob("*"))
    assert [delivery.headers["ce-id"] for delivery in back] in (["event"], [])
    assert back or keep == "remove" or sorted(path.name.endswith(".headers.json") for path in kept) == [False, True]
    await consumer.ack(back)
    await consumer.close()
    await take(transport, 0)
    assert [path for path in (root / QUEUE / ".claimed").iterdir() if not path.name.startswith(".")] == []
    assert [path for path in (root / QUEUE).iterdir() if path.is_file()] == []


async def test_many_processes(transport: DirectoryTransport, root: Path) -> None:
    """Processes that compete for one queue share it: each message goes to one of them."""
    processes = [hold(root, 100, "ack") for _ in range(3)]
    try:
        await transport.publish([Publication("", QUEUE, str(n), str(n).encode()) for n in range(320)])
        lines = await asyncio.gather(*(asyncio.to_thread(read_lines, process, 100) for process in processes))
    finally:
        for process in processes:
            end(process)
    left = [delivery.body.decode() for delivery in await take(transport, await transport.depth(QUEUE))]
    seen = [line for each in lines for line in each] + left
    assert len(seen) == len(set(seen))


async def test_folder_taken_away(transport: DirectoryTransport, root: Path) -> None:
    """A queue whose folder is gone refuses; nothing is said to be there that is not."""
    (root / QUEUE).rename(root / "elsewhere")
    assert await transport.publish([Publication("", QUEUE, "e", b"x")]) == [PublishResult.REFUSED]
    with pytest.raises(ConfigurationError):
        await transport.depth(QUEUE)


async def test_root_that_cannot_be(tmp_path: Path) -> None:
    """A root that is a file is unavailable, in words."""
    (tmp_path / "file").write_text("")
    with pytest.raises(TransportUnavailableError, match="folders cannot be used"):
        await DirectoryTransport(DirectoryConfig(tmp_path / "file")).open()


async def test_a_large_body_is_given_as_a_file(root: Path) -> None:
    """What is too large to be held is not read: it can be read from its file until it is settled."""
    transport = DirectoryTransport(DirectoryConfig(root, poll_interval_s=0.01, held_body_bytes=1_000))
    await transport.open()
    await transport.declare(Topology((), (QueueSpec(QUEUE),)))
    (root / QUEUE / "small.xml").write_bytes(b"x" * 1_000)
    (root / QUEUE / "large.xml").write_bytes(b"x" * 1_001)
    consumer = await transport.consumer([QUEUE], 10)
    deliveries = {len(each.body): each for each in await consumer.batch(10, 5)}
    small, large = deliveries[1_000], deliveries[0]
    assert small.path is None
    assert large.path is not None
    assert large.path.read_bytes() == b"x" * 1_001
    await consumer.ack([small, large])
    assert not large.path.exists()
    await transport.close()
