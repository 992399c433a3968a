"""What the ISO work on one message costs, and what others ask for less, beside libxml2's own parse and validation.

Part of `make bench`; alone: `python -m bench.iso_work`. Every figure is a ratio to the floor measured in the same
rounds; the median over rounds is what counts, since machines are noisy.
"""

import statistics
import timeit
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Any

import orjson
from lxml import etree
from rich.console import Console
from rich.table import Table

from bench.flow.workload import envelope
from bench.peers import peers
from broker.generate import Generator, Sample
from broker.parse import Parsed, parse
from broker.settings import load
from broker.transform.bridge import Bridge
from broker.transform.events import Origin, cloud_event
from broker.transform.ra_json import to_object
from broker.validate import validate
from broker.workbench import Workbench

_DEFINITION = "pacs.008.001.08"
_FLOOR = "libxml2: parse and validate"
_WHOLE = "the whole pipeline: bytes → event bytes, digests"
_WALK = "a plain walk: tree → dicts by local name"
_EVENTS = "tree → canonical event bytes"
_ROUNDS = 15
_CALLS = 200
_SECONDS = 0.1  # for one contender in one round, where so many calls would take longer
_MESSAGES = 40  # of a kind, in turns: no two have all their values in common


def contenders(bodies: Sequence[bytes]) -> dict[str, Callable[[], object]]:
    """The work by name, the floor first; it and the whole are done on all messages in turn, parts on the first one."""
    body = bodies[0]
    bench = Workbench(load(environment={}))
    catalogue, mappings, limits = bench.catalogue, bench.mappings, bench.limits
    parsed = parse(body, limits, catalogue)
    assert isinstance(parsed, Parsed)
    name, document = parsed.definition, parsed.document
    schema, validator = catalogue.schema(name), catalogue.validator(name)
    ra, bridge = to_object(document, schema), Bridge(catalogue, mappings)
    taken = envelope(body)
    origin = Origin("t", "c", taken.message_id, name, taken.received_at, taken.digest)

    def events() -> list[bytes]:
        return [cloud_event(each, origin) for each in mappings.events(name, to_object(document, schema))]

    return {
        _FLOOR: _floor(validator, bodies),
        "ours: parse, hardened, header and definition found": lambda: parse(body, limits, catalogue),
        "ours: validate, with findings": lambda: validate(parsed, catalogue),
        "tree → RA JSON bytes": lambda: orjson.dumps(to_object(document, schema)),
        "RA JSON object → canonical data": lambda: mappings.events(name, ra),
        _WALK: lambda: _walked(document),
        _EVENTS: events,
        "RA JSON object → that of the next version": lambda: bridge.convert(ra, name, "pacs.008.001.09"),
        "RA JSON object → that of the version before, with losses": lambda: bridge.convert(ra, name, "pacs.008.001.07"),
        _WHOLE: _whole(bench, bodies),
    }


def _floor(validator: etree.XMLSchema, bodies: Sequence[bytes]) -> Callable[[], object]:
    turns = cycle(bodies)
    return lambda: validator.validate(etree.fromstring(next(turns)))


def _whole(bench: Workbench, bodies: Sequence[bytes]) -> Callable[[], object]:
    """The pipeline as it is in a worker that has met such messages before."""
    envelopes = [envelope(body) for body in bodies]
    for each in envelopes * 2:
        bench.pipeline.run(each)
    turns = cycle(envelopes)
    return lambda: bench.pipeline.run(next(turns))


def measure(work: dict[str, Callable[[], object]]) -> dict[str, dict[str, Any]]:
    """Seconds a call and the ratio to the floor, medians over rounds in which the contenders take turns."""
    calls = {name: _calls(each) for name, each in work.items()}
    rounds = [
        {name: timeit.timeit(each, number=calls[name]) / calls[name] for name, each in work.items()}
        for _ in range(_ROUNDS)
    ]
    return {
        name: {
            "us": statistics.median(each[name] for each in rounds) * 1e6,
            "ratio": statistics.median(each[name] / each[_FLOOR] for each in rounds),
            "rounds": [each[name] / each[_FLOOR] for each in rounds],
        }
        for name in work
    }


def _calls(work: Callable[[], object]) -> int:
    work()  # the first call may compile something
    return max(1, min(_CALLS, int(_SECONDS / timeit.timeit(work, number=1))))


def figures() -> dict[str, Any]:
    """Measure: ``ratios`` to the floor, every contender's microseconds, and the whole pipeline on each kind."""
    bench = Workbench(load(environment={}))
    generator = Generator(bench.catalogue, 1)
    bodies = [generator.pacs_008().body for _ in range(_MESSAGES)]
    work = measure(contenders(bodies) | peers(bodies[0], bench.catalogue.xsd(_DEFINITION)))
    whole = work[_WHOLE]
    events = [mine / walk for mine, walk in zip(work[_EVENTS]["rounds"], work[_WALK]["rounds"], strict=True)]
    ratios = {"iso_work_over_floor": _told(whole["rounds"]), "canonical_events_over_walk": _told(events)}
    kinds = {each[0].definition: _kind(bench, each) for each in _samples(generator)}
    return {"bytes": round(statistics.mean(map(len, bodies))), "work": work, "kinds": kinds, "ratios": ratios}


def _samples(generator: Generator) -> list[list[Sample]]:
    make = (generator.pacs_008, generator.pacs_002, generator.pacs_004, generator.pain_001, generator.pain_002)
    return [[each() for _ in range(_MESSAGES)] for each in (*make, generator.camt_053, generator.camt_056)]


def _kind(bench: Workbench, samples: Sequence[Sample]) -> dict[str, Any]:
    bodies = [each.body for each in samples]
    validator = bench.catalogue.validator(samples[0].definition)
    found = measure({_FLOOR: _floor(validator, bodies), _WHOLE: _whole(bench, bodies)})
    size = round(statistics.mean(map(len, bodies)))
    return {"bytes": size, "floor_us": found[_FLOOR]["us"], **found[_WHOLE]}


def _told(rounds: list[float]) -> dict[str, Any]:
    return {"median": round(statistics.median(rounds), 2), "rounds": [round(each, 2) for each in rounds]}


def _walked(element: etree._Element) -> dict[str, Any] | str | None:
    found: dict[str, Any] = {}
    for child in element:
        tag, value = child.tag.rpartition("}")[2], _walked(child)
        if tag in found:
            found[tag] = [*found[tag], value] if isinstance(found[tag], list) else [found[tag], value]
        else:
            found[tag] = value
    return found or element.text


def show(measured: Mapping[str, Any]) -> None:
    """Print the figures as a table."""
    title = f"The work on one pacs.008 of {measured['bytes']:,} bytes, {_ROUNDS} rounds"
    table = Table("work", "µs", "of the floor", title=title)
    for name, each in measured["work"].items():
        table.add_row(name, f"{each['us']:,.0f}", f"{each['ratio']:.2f}")
    console = Console()
    console.print(table)
    kinds = Table("definition", "bytes", "the floor, µs", "the whole pipeline, µs", "ratio", title="Each kind")
    for name, each in measured["kinds"].items():
        kinds.add_row(
            name, f"{each['bytes']:,}", f"{each['floor_us']:,.0f}", f"{each['us']:,.0f}", f"{each['ratio']:.2f}"
        )
    console.print(kinds)
    for name, ratio in measured["ratios"].items():
        console.print(f"{name}: {ratio['median']}")


if __name__ == "__main__":
    show(figures())
