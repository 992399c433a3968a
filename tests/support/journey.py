"""The world around one broker: its settings, the core and the microservices that put and take, its books to check.

A ``World`` is one transport and one database for one test, under names that no other test has. What it tells is read
past the code under test: from the queues as a foreign client, and from the tables.
"""

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import aio_pika
import orjson

from broker.audit.keys import KeyFolder
from broker.audit.verdict import Verdict
from broker.audit.verifier import Trust, verify
from broker.catalogue.catalogue import Catalogue
from broker.generate import Sample
from broker.message.failure import FailureCode
from broker.outside import key_folder, transport
from broker.queues import queues
from broker.settings import Settings, load
from broker.store.codec import PlainCodec
from broker.store.database import Database
from broker.store.dead_letters import DeadLetters
from broker.store.ledger import Ledger
from broker.transform.mapping import Mappings
from broker.transport import topology
from broker.transport.seam import Delivery, Publication, PublishResult, Transport
from broker.wiring import Worker
from tests.support import expected, raw_amqp
from tests.support.processes import Child, child
from tests.support.rabbitmq import RabbitMQ
from tests.support.rows import Reader
from tests.support.transports import AmqpLab, DirectoryLab, Foreign, Lab, drain
from tests.support.waiting import LOOK_S, WAIT_S

_QUICK = {
    "BROKER_RELAY__LEASE_S": "1",
    "BROKER_INGEST__BATCH_MESSAGES": "20",
    "BROKER_INGEST__PREFETCH_MESSAGES": "100",
    "BROKER_RELAY__BATCH_MESSAGES": "40",
    "BROKER_AUDIT__CHECKPOINT_INTERVAL_S": "0.2",
}


@dataclass
class World:
    """Everything around one broker. ``environment`` is what a child process of this world sees."""

    name: str
    environment: dict[str, str]
    folder: Path
    rows: Reader
    stack: contextlib.AsyncExitStack
    catalogue: Catalogue
    node: RabbitMQ | None = None
    mappings: Mappings | None = None
    fed: list[Sample] = field(default_factory=list)
    delivered: list[Delivery] = field(default_factory=list)
    _carrier: Transport | None = None
    _lab: Lab | None = None

    @property
    def settings(self) -> Settings:
        """The settings as a worker of this world reads them."""
        return load(environment=self.environment)

    @property
    def channel(self) -> str:
        """The one channel."""
        return f"core-{self.name}"

    @property
    def tenant(self) -> str:
        """Whom its messages belong to."""
        return f"t-{self.name}"

    @property
    def inbound(self) -> str:
        """Where the core puts messages."""
        return topology.inbound(self.channel)

    @property
    def commands(self) -> str:
        """Where microservices put commands."""
        return topology.commands(self.channel)

    @property
    def outbound(self) -> str:
        """Where the core takes messages."""
        return topology.outbound(self.channel)

    @property
    def subscribed(self) -> str:
        """Where every event of the tenant comes."""
        return f"{topology.EVENTS}.all-{self.name}"

    async def carrier(self) -> Transport:
        """Give the transport of whoever is not the broker, with everything declared."""
        if self._carrier is None:
            self._carrier = transport(self.settings)
            self.stack.push_async_callback(self._carrier.close)
            await self._carrier.open()
            await self._carrier.declare(queues(self.settings))
        return self._carrier

    async def lab(self) -> Lab:
        """Give the foreign client, which says its own message ids and headers."""
        await self.carrier()
        if self._lab is None:
            amqp = None if self.node is None else AmqpLab(self.node, self.stack)
            self._lab = amqp or DirectoryLab(self.folder / "home" / "queues", self.stack)
        return self._lab

    async def feed(self, samples: Iterable[Sample], queue: str | None = None) -> None:
        """Put messages on the inbound queue, or another, each under an id of its own."""
        chosen = list(samples)
        await self.put_all([each.body for each in chosen], queue)
        self.fed += chosen

    async def put_all(self, bodies: Sequence[bytes], queue: str | None = None) -> None:
        """Put bytes on a queue and hear that it took them."""
        carrier = await self.carrier()
        put = [Publication("", queue or self.inbound, uuid4().hex, body) for body in bodies]
        results = await carrier.publish(put)
        assert set(results) <= {PublishResult.CONFIRMED}

    async def put_without_id(self, body: bytes) -> None:
        """Put one message on the inbound queue that says no id, as a foreign client may."""
        await self.carrier()
        if self.node is None:
            await (await self.lab()).put(self.inbound, Foreign(body))
        else:  # the usual client library invents an id where none is given
            await raw_amqp.put(self.node.port, self.inbound, body, bytes(2))

    async def subscribe(self) -> None:
        """Take every event as it comes, as a microservice does, until cancelled."""
        consumer = await (await self.carrier()).consumer([self.subscribed], 1000)
        while True:
            some = await consumer.batch(1000, 0.1)
            await consumer.ack(some)
            self.delivered += some

    async def drain(self, queue: str, wanted: Iterable[str] = ()) -> list[Delivery]:
        """Take and settle everything a queue holds: what it counts, and every event that is wanted, by id."""
        carrier = await self.carrier()
        taken = await drain(carrier, queue, wanted, least=await carrier.depth(queue))
        assert await carrier.depth(queue) == 0
        return taken

    @contextlib.asynccontextmanager
    async def worker(self, **more: str) -> AsyncIterator["Running"]:
        """Run a worker in this process for as long as the block lasts; it ends in good order."""
        worker = Worker(load(environment={**self.environment, **more}), f"test-{uuid4().hex[:8]}")
        # Neither depends on settings: what the session has compiled serves every world.
        if self.mappings is not None:
            worker.bench.__dict__.update(catalogue=self.catalogue, mappings=self.mappings)
        ready = asyncio.Event()
        task = asyncio.create_task(worker.run(ready.set))
        running = Running(self, worker, task)
        try:
            await running.until(_always(ready.is_set))
            yield running
        finally:
            worker.stop()
            await asyncio.wait_for(task, WAIT_S)

    @contextlib.asynccontextmanager
    async def child(self, module: Sequence[str], **more: str) -> AsyncIterator[Child]:
        """Run a program with this world's settings in a process of its own."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BROKER_")}
        log = self.folder / f"{uuid4().hex[:8]}.log"
        async with child(module, {**inherited, **self.environment, **more}, log) as started:
            yield started

    async def is_quiet(self) -> bool:
        """Whether nothing waits: no message on a queue of the broker, no publication, no audit entry, all recorded."""
        waiting = "SELECT (SELECT count(*) FROM broker.outbox_pending) + (SELECT count(*) FROM broker.audit_pending)"
        if await self.rows.value(waiting) or await self.rows.count("inbox") < len(self.fed):
            return False
        carrier = await self.carrier()
        return not await carrier.depth(self.inbound) and not await carrier.depth(self.commands)

    async def settle(self) -> None:
        """Run a worker until nothing waits, and end it."""
        async with self.worker() as running:
            await running.until(self.is_quiet)

    async def audit(self) -> Verdict:
        """Verify the audit log of this world's tenant."""
        ledger = Ledger(Database(self.environment["BROKER_DATABASE_URL"]).session(), PlainCodec())
        try:
            keys = KeyFolder(key_folder(self.settings)).public_keys()
            (verdict,) = await verify(ledger, Trust(self.settings.audit.origin, keys))
        finally:
            await ledger.close()
        return verdict

    def dead_letters(self) -> DeadLetters:
        """Give the office's way to the dead letters."""

        def never(_: FailureCode, __: int, ___: object) -> None:
            return None

        letters = DeadLetters(Database(self.environment["BROKER_DATABASE_URL"]), PlainCodec(), never)
        self.stack.push_async_callback(letters.close)
        return letters

    async def codes(self) -> Counter[str]:
        """Count the dead letters by code."""
        return Counter(await self.rows.column("SELECT code FROM broker.dead_letter"))

    async def audited(self) -> Counter[str]:
        """Count the audit entries by kind."""
        return Counter(await self.rows.column("SELECT kind FROM broker.audit_entry"))

    async def check_books(self) -> int:
        """Hold what was put in against what came out; give how many deliveries were duplicates.

        Everything fed is accepted or a dead letter, with the code that belongs to it. What was delivered is what the
        accepted cause: as many events of each type, each under one id with one content. Each effect was recorded once.
        The queues are empty, nothing is pending, the audit log holds to its end.
        """
        good = [each for each in self.fed if each.expected is None]
        states = Counter(await self.rows.column("SELECT state FROM broker.message"))
        assert states == Counter(accepted=len(good), dead=len(self.fed) - len(good))
        assert await self.codes() == expected.codes(self.fed)
        published = await self.rows.column("SELECT event_id::text FROM broker.outbox WHERE destination = 'event'")
        missing = set(published) - {each.headers["ce-id"] for each in self.delivered}
        deliveries = [*self.delivered, *await self.drain(self.subscribed, missing)]
        effects = {orjson.loads(each.body)["id"]: each for each in deliveries}
        assert Counter(orjson.loads(each.body)["type"] for each in effects.values()) == expected.total(self.fed)
        assert len({(orjson.loads(each.body)["id"], each.body) for each in deliveries}) == len(effects)
        assert Counter(published) == Counter(effects.keys())
        await self.check_ended(len(good))
        return len(deliveries) - len(effects)

    async def check_ended(self, accepted: int) -> None:
        """Nothing waits anywhere, and the audit log tells of each effect once and holds to its end."""
        assert await self.is_quiet()
        carrier = await self.carrier()
        assert await carrier.depth(topology.SAFETY_NET) == 0
        audited = await self.audited()
        assert audited["accepted"] == accepted
        leaves = await self.rows.column("SELECT leaf FROM broker.audit_entry WHERE kind = 'confirmed'")
        assert sum(orjson.loads(each)["facts"]["publications"] for each in leaves) == await self.rows.count("outbox")
        verdict = await self.audit()
        assert verdict.holds, verdict.problem
        assert (verdict.waiting, verdict.proven) == (0, verdict.size)
        assert verdict.size == audited.total()


@dataclass(frozen=True)
class Running:
    """A worker at work in this process."""

    world: World
    worker: Worker
    task: asyncio.Task[None]

    async def until(self, holds: Callable[[], Awaitable[bool]], within_s: float = WAIT_S) -> None:
        """Wait until something holds; a worker that ends meanwhile is a failure."""
        async with asyncio.timeout(within_s):
            while not await holds():
                if self.task.done():
                    self.task.result()
                    raise AssertionError("the worker ended")
                await asyncio.wait({self.task}, timeout=LOOK_S)


def environment(name: str, dsn: str, folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """The settings of a world, as environment variables."""
    return {
        "BROKER_HOME": str(folder / "home"),
        "BROKER_DATABASE_URL": dsn,
        "BROKER_CHANNELS": orjson.dumps({f"core-{name}": {"tenant": f"t-{name}"}}).decode(),
        "BROKER_SUBSCRIPTIONS": orjson.dumps({f"all-{name}": {"events": [f"t-{name}.#"]}}).decode(),
        **_QUICK,
        **more,
    }


async def remove_queues(node: RabbitMQ, names: Iterable[str]) -> None:
    """Delete queues, so that a session of many worlds does not end with all of their queues."""
    connection = await aio_pika.connect(node.url)
    async with connection:
        channel = await connection.channel()
        for name in names:
            await channel.queue_delete(name)


def _always(condition: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        return condition()

    return asked
