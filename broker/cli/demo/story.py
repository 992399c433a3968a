"""What the demo does, in order: feed, watch, look, mend, command, verify. What it shows it claims, and checks."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
from lxml import etree
from rich.progress import Progress

from broker.audit.keys import KeyFolder
from broker.audit.verifier import Trust, verify
from broker.cli.demo.cast import Cast, events_of
from broker.cli.demo.claims import Claims
from broker.cli.demo.stage import Stage, pretty_json
from broker.message import identity
from broker.message.lifecycle import DeadLetterState
from broker.outside import key_folder, policies, transport
from broker.parse import Parsed, parse
from broker.queues import queues
from broker.store.codec import PlainCodec
from broker.store.database import Database
from broker.store.dead_letters import DeadLetter, DeadLetters, Decision, Filter
from broker.store.ledger import Ledger
from broker.store.status import read as read_status
from broker.transport import topology
from broker.transport.seam import Delivery, Publication, PublishResult, Transport
from broker.wiring import Worker
from broker.workbench import Workbench

if TYPE_CHECKING:
    from lxml.etree import _Element

CHANNEL = "core"
SUBSCRIPTION = "ledger"
_EVENTS_QUEUE = f"{topology.EVENTS}.{SUBSCRIPTION}"
_PATIENCE_S = 120.0
_LOOK_S = 0.1


@dataclass(slots=True)
class Story:
    """One run of the demo."""

    bench: Workbench
    stage: Stage
    cast: Cast
    claims: Claims = field(default_factory=Claims)
    events: dict[str, bytes] = field(default_factory=dict)

    async def tell(self, worker: Worker, opened: Database) -> None:
        """Run it whole, beside ``worker``, which is started and stopped here."""
        carrier = transport(self.bench.settings)
        await carrier.open()
        try:
            await self._with_worker(worker, opened, carrier)
            self.stage.heading("The signed audit log")
            await self._verify(opened)
        finally:
            await carrier.close()

    async def _with_worker(self, worker: Worker, opened: Database, carrier: Transport) -> None:
        await carrier.declare(queues(self.bench.settings))
        running = asyncio.create_task(worker.run())
        letters = DeadLetters(opened, PlainCodec(), policies().retry_at)
        try:
            doing = asyncio.create_task(self._acts(opened, carrier, letters))
            await asyncio.wait({running, doing}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                doing.cancel()  # the worker ended first: what it raised is what counts
                with suppress(asyncio.CancelledError):
                    await doing
            else:
                await doing
        finally:
            worker.stop()
            await letters.close()
            await running

    async def _acts(self, opened: Database, carrier: Transport, letters: DeadLetters) -> None:
        await self._feed(opened, carrier, letters)
        await self._collect(carrier)
        self._show_pair()
        await self._show_dead_letters(letters)
        await self._mend(opened, carrier, letters)
        await self._command(carrier)

    async def _feed(self, opened: Database, carrier: Transport, letters: DeadLetters) -> None:
        cast, queue = self.cast, topology.inbound(CHANNEL)
        self.stage.heading(
            f"{len(cast.messages)} messages of seven kinds from a core, {cast.failures.total()} of them bad"
        )
        with self.stage.progress() as progress:
            sent = progress.add_task("put on the core's queue", total=len(cast.messages))
            results = await carrier.publish([Publication("", queue, each.name, each.body) for each in cast.messages])
            progress.update(sent, completed=results.count(PublishResult.CONFIRMED))
            await self._watch(progress, opened, carrier, letters)
        self.claims.add("messages the queue took", len(cast.messages), results.count(PublishResult.CONFIRMED))

    async def _watch(self, progress: Progress, opened: Database, carrier: Transport, letters: DeadLetters) -> None:
        cast = self.cast
        taken = progress.add_task("validated, transformed, committed", total=len(cast.messages))
        dead = progress.add_task("dead letters", total=cast.failures.total())
        published = progress.add_task("canonical events confirmed", total=cast.events)

        async def settled() -> bool:
            waiting = await carrier.depth(topology.inbound(CHANNEL))
            progress.update(taken, completed=len(cast.messages) - waiting)
            progress.update(dead, completed=len(await letters.frozen(Filter())))
            progress.update(published, completed=await carrier.depth(_EVENTS_QUEUE))
            return waiting == 0 and progress.finished and (await read_status(opened)).outbox_depth == 0

        await _until(settled)

    async def _collect(self, carrier: Transport) -> None:
        """Be the microservice: take every event and acknowledge it."""
        deliveries = await _drain(carrier, _EVENTS_QUEUE)
        self.events = {orjson.loads(each.body)["id"]: each.body for each in deliveries}
        kinds = Counter(str(orjson.loads(body)["type"]) for body in self.events.values())
        self.stage.counts("event", kinds)
        self.claims.add("events that reached the subscriber", self.cast.events, len(deliveries))
        self.claims.add("events with an id of their own", self.cast.events, len(self.events))

    def _show_pair(self) -> None:
        self.stage.heading("One pacs.008 and the canonical event made of it")
        shown = self.cast.shown
        origin = f"sha256:{identity.digest(shown.body).hex()}"
        mine = [body for body in self.events.values() if orjson.loads(body)["data"]["origin"]["digest"] == origin]
        transfer = next((body for body in mine if b"payment.transfer.v1" in body), b"{}")
        self.stage.pair(
            ("XML from the core", "xml", self._pretty_xml(shown.body)), ("event", "json", pretty_json(transfer))
        )
        amount = self._tree(shown.body).findtext(".//{*}IntrBkSttlmAmt")
        found = orjson.loads(transfer).get("data", {}).get("settlement_amount", {}).get("amount")
        self.claims.add("amount of the event is that of the XML", amount, found)

    async def _show_dead_letters(self, letters: DeadLetters) -> None:
        self.stage.heading("Dead letters: reason, place, runbook")
        page = await letters.page(Filter())
        self.stage.dead_letters(page)
        self.claims.add("dead letters, each with the code it must have", self.cast.failures, Counter(_codes(page)))

    async def _mend(self, opened: Database, carrier: Transport, letters: DeadLetters) -> None:
        self.stage.heading("One of them mended and replayed")
        digest = identity.digest(self.cast.broken.body)
        letter = next(each for each in await letters.page(Filter()) if each.digest == digest)
        self.stage.say(f"{letter.code} at {letter.findings[0]['path']}: {letter.findings[0]['text']}")
        decision = Decision("demo", "the UETR was written in capitals; the sender confirmed it")
        await letters.request_replay([letter.id], decision, self.cast.mended)

        async def replayed() -> bool:
            now = await letters.get(letter.id)
            done = now is not None and now.state is DeadLetterState.REPLAYED
            return done and (await read_status(opened)).outbox_depth == 0

        await _until(replayed)
        deliveries = await _drain(carrier, _EVENTS_QUEUE)
        expected = events_of(self.cast.broken.definition, self.cast.mended)
        self.stage.say(f"Replayed by demo with the mended bytes: {len(deliveries)} events, once.")
        self.claims.add("events of the mended message", expected, len(deliveries))
        again = await letters.request_replay([letter.id], decision, self.cast.mended)
        self.claims.add("replays when asked a second time", 0, len(again.done))

    async def _command(self, carrier: Transport) -> None:
        self.stage.heading("A JSON command from a microservice and the XML made for the core")
        command = self.cast.command
        await carrier.publish([Publication("", topology.commands(CHANNEL), command.name, command.body)])
        out = topology.outbound(CHANNEL)

        async def arrived() -> bool:
            return await carrier.depth(out) > 0

        await _until(arrived)
        deliveries = await _drain(carrier, out)
        xml = deliveries[0].body
        self.stage.pair(
            ("command", "json", pretty_json(command.body)), ("XML for the core", "xml", self._pretty_xml(xml))
        )
        self.claims.add("messages for the core", 1, len(deliveries))

    def _tree(self, body: bytes) -> "_Element":
        parsed = parse(body, self.bench.limits, self.bench.catalogue)
        assert isinstance(parsed, Parsed), "the demo shows well-formed messages"
        return parsed.document.getroottree().getroot()

    def _pretty_xml(self, body: bytes) -> str:
        return str(etree.tostring(self._tree(body), pretty_print=True, encoding="unicode"))

    async def _verify(self, opened: Database) -> None:
        ledger = Ledger(opened.session(), PlainCodec())
        trust = Trust(self.bench.settings.audit.origin, KeyFolder(key_folder(self.bench.settings)).public_keys())
        try:
            verdicts = await verify(ledger, trust)
        finally:
            await ledger.close()
        self.stage.verdicts(verdicts)
        self.claims.add("audit logs that hold", 1, sum(each.holds for each in verdicts))
        self.claims.add(
            "entries without a place or a signature",
            0,
            sum(each.size - each.proven + each.waiting for each in verdicts),
        )


def _codes(letters: list[DeadLetter]) -> list[str]:
    return [each.code for each in letters]


async def _drain(carrier: Transport, queue: str) -> list[Delivery]:
    """Take and acknowledge everything in a queue."""
    taken: list[Delivery] = []
    consumer = await carrier.consumer([queue], 500)
    try:
        while deliveries := await consumer.batch(500, 0.5):
            await consumer.ack(deliveries)
            taken += deliveries
    finally:
        await consumer.close()
    return taken


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Look until it holds. Raises TimeoutError when it does not in two minutes."""
    async with asyncio.timeout(_PATIENCE_S):
        while not await holds():  # noqa: ASYNC110  what is looked at is in files and tables
            await asyncio.sleep(_LOOK_S)
