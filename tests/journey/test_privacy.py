"""Nothing of what people are called, own or write leaves through logs, spans, metrics or the operators' lists."""

import re
from io import StringIO

import orjson
import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from broker.generate import BAD_COMMANDS, DAMAGE, Generator
from broker.observability import logs
from broker.observability.metrics import Metrics
from broker.observability.traces import Tracing
from broker.parse import Parsed
from broker.pipeline.inbound import Inbound
from tests.support.journey import World
from tests.support.transports import Foreign

MARK = re.compile(r"(?i).{0,120}marked.{0,60}")
WRONG_VALUES: dict[str, tuple[bytes, bytes]] = {
    "a-code": (rb"<ChrgBr>[^<]*", b"<ChrgBr>MARKEDCODE"),
    "an-amount": (rb"(<IntrBkSttlmAmt [^>]*>)[^<]*", rb"\1MARKEDAMOUNT"),
    "a-currency": (rb'Ccy="[^"]*"', b'Ccy="MARKEDCCY"'),
    "a-date": (rb"<IntrBkSttlmDt>[^<]*", b"<IntrBkSttlmDt>MARKEDDATE"),
    "an-iban": (rb"<IBAN>[^<]*", b"<IBAN>MARKED IBAN"),
    "a-bic": (rb"<BICFI>[^<]*", b"<BICFI>MARKEDBIC"),
    "a-long-name": (rb"<Nm>[^<]*", b"<Nm>" + b"MARKEDNAME" * 20),
    "a-uetr": (rb"<UETR>[^<]*", b"<UETR>MARKEDUETR"),
    "text-between-elements": (rb"<GrpHdr>", b"<GrpHdr>MARKEDTEXT"),
    "an-attribute": (rb"<GrpHdr>", b'<GrpHdr note="MARKEDNOTE">'),
    "a-header-value": (rb"<MsgDefIdr>[^<]*", b"<MsgDefIdr>MARKEDDEFINITION"),
    "a-comment-cut-off": (rb"</GrpHdr>", b"<!-- MARKEDCOMMENT"),
    "an-entity": (rb"<Nm>[^<]*", b"<Nm>&MARKEDENTITY;"),
    "a-value-before-the-end": (rb"<Nm>[^<]*</Nm>", b"<Nm>MARKEDNAME</Nn>"),
}
WRONG_MEMBERS: dict[str, tuple[bytes, bytes]] = {
    "a-code": (rb'"ChrgBr":"[^"]*"', b'"ChrgBr":"MARKEDCODE"'),
    "an-amount": (rb'"amt":"[^"]*"', b'"amt":"MARKEDAMOUNT"'),
    "a-date": (rb'"IntrBkSttlmDt":"[^"]*"', b'"IntrBkSttlmDt":"MARKEDDATE"'),
    "an-iban": (rb'"IBAN":"[^"]*"', b'"IBAN":"MARKED IBAN"'),
    "an-object-for-a-text": (rb'"Nm":"[^"]*"', b'"Nm":{"MARKEDMEMBER":"MARKEDNAME"}'),
    "a-text-for-an-object": (rb'"PmtId":\{[^}]*\}', b'"PmtId":"MARKEDTEXT"'),
    "not-json-after-a-name": (rb'"Nm":"[^"]*"', b'"Nm":"MARKEDNAME" MARKEDTEXT'),
    "a-lone-surrogate": (rb'"Nm":"[^"]*"', rb'"Nm":"MARKEDNAME \\ud800"'),
}
CRASH = b"MARKEDCRASH"
CHANGES: tuple[tuple[bytes, bytes], ...] = (
    (rb"<Nm>[^<]*", b"<Nm>Anna MARKEDNAME"),
    (rb"<IBAN>[A-Z]{2}..[^<]*", b"<IBAN>DE02MARKEDIBAN0001"),
    (rb"<Ustrd>[^<]*", b"<Ustrd>MARKEDTEXT for the rent"),
    (rb'"Nm":"[^"]*', b'"Nm":"Anna MARKEDNAME'),
    (rb'"IBAN":"[^"]*', b'"IBAN":"DE02MARKEDIBAN0001'),
    (rb'"Ustrd":\["[^"]*', b'"Ustrd":["MARKEDTEXT for the rent'),
)


async def test_nothing_personal_leaves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marked values in good and bad messages and commands: no log line, span, metric or list shows one."""
    exporter, reader, log = InMemorySpanExporter(), InMemoryMetricReader(), StringIO()
    logs.configure("debug", log)
    monkeypatch.setattr(Tracing, "to", lambda _: Tracing(exporter))
    monkeypatch.setattr(Metrics, "to", lambda _, __: Metrics(reader))
    _crash_where_told(monkeypatch)
    fed = await _feed(world)
    async with world.worker() as running:
        await running.until(lambda: _recorded(world, fed))
        await running.until(world.is_quiet)
        metrics = reader.get_metrics_data()
    assert metrics is not None
    shown = {
        "log": log.getvalue(),
        "spans": "".join(each.to_json() for each in exporter.get_finished_spans()),
        "metrics": metrics.to_json(),
        "status": await _printed(world, "broker", "status"),
        "status --json": await _printed(world, "broker", "status", "--json"),
        "dlq list": await _printed(world, "dlq", "list"),
        "dlq list --json": await _printed(world, "dlq", "list", "--json", "--limit", "1000"),
    }
    assert all(len(text) > 100 for text in shown.values())
    codes = await world.codes()
    assert {"validate.schema", "parse.malformed", "command.invalid", "internal.error"} <= set(codes)
    leaks = {name: sorted({*MARK.findall(text)}) for name, text in shown.items() if MARK.search(text)}
    assert leaks == {}
    assert MARK.search("".join(each.body.decode() for each in await world.drain(world.subscribed)))  # they were there


async def _feed(world: World) -> int:
    """Put in good and bad messages and commands, marked; give how many."""
    generator = Generator(world.catalogue, seed=41)
    good = [_marked(each.body) for each in generator.mixed(40, bad=0)]
    bad = [DAMAGE[kind].apply(_marked(generator.pacs_008(wrapped=DAMAGE[kind].wrapped).body)) for kind in DAMAGE]
    for pattern, by in WRONG_VALUES.values():
        bad.append(_changed(_marked(generator.pacs_008(wrapped=True).body), pattern, by))
    crash = generator.pacs_008().body.replace(b"</MsgId>", CRASH + b"</MsgId>", 1)
    commands = [_marked(generator.command(kind).body) for kind in (None, *BAD_COMMANDS)]
    for pattern, by in WRONG_MEMBERS.values():
        commands.append(_changed(_marked(generator.command().body), pattern, by))
    commands += [
        orjson.dumps({"specversion": "1.0", "type": "MARKEDTYPE", "data": {"debtor": {"name": "MARKEDNAME"}}}),
        orjson.dumps({"specversion": "1.0", "type": "iso20022.payment.transfer.v1", "data": {"debtor": "MARKEDNAME"}}),
        orjson.dumps({"MARKEDMEMBER": "MARKEDNAME"}),
        orjson.dumps({"Document": {"MARKEDMEMBER": {}}}),
        b'"MARKEDTEXT"',
    ]
    await world.put_all([*good, *(each for each in bad if each), crash])
    await world.put_all(commands, world.commands)
    lab = await world.lab()
    trace = {"traceparent": "Anna MARKEDNAME"}
    await lab.put(world.inbound, Foreign(good[0], "MARKEDID", "corr", headers=trace))
    await lab.put(world.inbound, Foreign(good[1], "MARKEDID", "corr", headers=trace))
    return len(good) + len([each for each in bad if each]) + 1 + len(commands) + 2


def _marked(body: bytes) -> bytes:
    for pattern, by in CHANGES:
        body = re.sub(pattern, by, body)
    return body


def _changed(body: bytes, pattern: bytes, by: bytes) -> bytes:
    changed, count = re.subn(pattern, by, body, count=1)
    assert count == 1, pattern
    return changed


def _crash_where_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect in the pipeline that quotes what it read."""
    original = Inbound.ra_object

    def ra_object(self: Inbound, parsed: Parsed, *, valid: bool) -> dict[str, object]:
        made = original(self, parsed, valid=valid)
        if CRASH.decode() in str(made):
            raise KeyError(str(made))
        return made

    monkeypatch.setattr(Inbound, "ra_object", ra_object)


async def _printed(world: World, *command: str) -> str:
    async with world.child(command, COLUMNS="400") as child:
        assert child.process.stdout is not None
        printed = await child.process.stdout.read()
        await child.process.wait()
        return printed.decode() + child.log.read_text()


async def _recorded(world: World, count: int) -> bool:
    return await world.rows.count("inbox") == count
