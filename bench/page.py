"""The figures of runs into the pages that show them: ``python -m bench.page bench/results/latest.json …``.

Rewrites the blocks of docs/performance.md and docs/scaling.md, from ``<!-- figures: NAME -->`` to ``<!-- end -->``, for
which a given file has figures, and draws the pictures beside them. What stands between blocks is written by hand.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import picture, reckoning
from bench.end_to_end import median, medians
from bench.flow.contest import PARTS

_DOCS = Path(__file__).parent.parent / "docs"
_PAGES = ("performance.md", "scaling.md")
_END = "<!-- end -->"
_PICTURES = {"iso_work": "work", "end_to_end": "end-to-end", "workers": "workers", "memory": "memory"}
_AIMS = {
    "ours_over_ceiling": "0.70 or more",
    "ours_over_usual_stack": "8 or more",
    "iso_work_over_floor": "6 or less",
    "canonical_events_over_walk": "2 or less",
    **{f"{part}_cpu_4_workers_over_1": "0.90 to 1.10" for part in PARTS},
}
_Figures = Mapping[str, Any]


def main(files: Sequence[str]) -> None:
    """Rewrite the blocks and the pictures that these files have figures for."""
    for file in files:
        figures = json.loads(Path(file).read_text())
        axes = figures.get("axes", {})
        for name in _PAGES:
            page = _DOCS / name
            page.write_text(_filled(page.read_text(), blocks(figures, axes)))
        picture.draw(figures, _DOCS / "performance")
        picture.draw_axes(axes, _DOCS / "performance")


def _filled(page: str, texts: Mapping[str, str]) -> str:
    for name, text in texts.items():
        before, begins, rest = page.partition(f"<!-- figures: {name} -->\n")
        if begins:
            page = f"{before}{begins}{text}{rest[rest.index(_END) :]}"
    return page


def blocks(figures: _Figures, axes: Mapping[str, _Figures]) -> dict[str, str]:
    """Give the text of each block by its name."""
    made: dict[str, str] = {}
    writers: dict[str, Callable[[Any], str]] = {
        "iso_work": _work,
        "end_to_end": _end_to_end,
        "ratios": _ratios,
        "workers": _axis,
        "memory": _memory,
        "volume": _volume,
        "serial": _serial,
        "bulk": _bulk,
    }
    for name, writer in writers.items():
        if figures.get(name):
            made[name] = f"{_machine(figures)}\n\n{writer(figures[name])}{_drawn(_PICTURES.get(name))}"
    if {"end_to_end", "volume", "serial"} <= figures.keys():
        made["reckoned"] = _reckoned(figures)
    for name, axis in axes.items():
        made[name] = f"{_machine(figures)}\n\n{_axis(axis)}{_drawn(name)}"
    return made


def _drawn(name: str | None) -> str:
    return f"\n![The figures above, drawn](performance/{name}.png)\n" if name else ""


def _machine(figures: _Figures) -> str:
    machine = figures["machine"]
    where = f"{machine['cores']} cores ({machine['processor']}), Python {machine['python']}"
    return f"Measured on {machine['measured_on']}: {where}."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _work(found: _Figures) -> str:
    work = [[name, f"{each['us']:,.0f}", f"{each['ratio']:.2f}"] for name, each in found["work"].items()]
    kinds = [
        [name, f"{each['bytes']:,}", f"{each['floor_us']:,.0f}", f"{each['us']:,.0f}", f"{each['ratio']:.2f}"]
        for name, each in found["kinds"].items()
    ]
    head = ["the whole pipeline on", "bytes", "the floor, µs", "ours, µs", "of the floor"]
    title = f"a pacs.008 of {found['bytes']:,} bytes"
    return f"{_table([title, 'µs', 'of the floor'], work)}\n{_table(head, kinds)}"


def _end_to_end(found: _Figures) -> str:
    parts = []
    for name, figures in found.items():
        delays = figures.get("latency", {})
        load = next(iter(delays.values()))["load_per_s"] if delays else 0
        latency = [f"latency p50, p99 at {load:,.0f} msg/s"] if delays else []
        size, count, rounds = figures["bytes_a_message"], figures["messages"], len(figures["rounds"])
        title = f"{name}: {count:,} of {size:,} bytes, {rounds} rounds"
        rows = []
        for contender, each in medians(figures["rounds"]).items():
            row = [contender, f"{each['per_s']:,.0f}", *(f"{each[part]:,.0f}" for part in PARTS)]
            told = delays.get(contender)
            rows.append([*row, f"{told['p50_ms']:.0f} ms, {told['p99_ms']:.0f} ms" if told else ""][: 5 + len(latency)])
        head = [title, "messages a second", *(f"{part}, CPU µs a message" for part in PARTS), *latency]
        parts.append(_table(head, rows))
    return "\n".join(parts)


def _ratios(found: _Figures) -> str:
    rows = [
        [
            name.replace("_", " "),
            f"{each['median']:.2f}",
            ", ".join(f"{one:.2f}" for one in each["rounds"][:5]),
            _aim(name),
        ]
        for name, each in found.items()
    ]
    return _table(["ratio", "median", "of the rounds (the first five)", "aim"], rows)


def _aim(name: str) -> str:
    return _AIMS.get(name.removeprefix("mix_"), "")


def _axis(found: _Figures) -> str:
    rows = []
    for point in sorted(found["points"], key=lambda each: each["at"]):
        each = median(point["rounds"])
        cpu = [f"{each[part]:,.0f} ({point['cpu_ratios'][part]['median']:.3g})" for part in PARTS]
        rate = [f"{each['per_s']:,.0f}", f"{point['rate_ratio']['median']:.3g}"]
        rows.append([f"{point['at']:,}", *rate, f"{each['per_s'] * point['publications_a_message']:,.0f}", *cpu])
    first = f"of those at {found['points'][0]['at']:,}"
    parts = [f"{part}, CPU µs a message (of those)" for part in PARTS]
    head = [found["name"], "messages a second", first, "publications a second", *parts]
    control = [
        [f"{each['at']:,}", f"{each['cpu_us']:,.0f} ({each['cpu_ratio']['median']:.3g})"]
        for each in found.get("apart", ())
    ]
    alone = _table(["processes that share nothing", "the pure work, CPU µs a message (of that at 1)"], control)
    return f"{_table(head, rows)}\n{alone}" if control else _table(head, rows)


def _memory(found: _Figures) -> str:
    rows = [
        ["in the second tenth", f"{found['early_mb']:.0f}"],
        ["in the last tenth", f"{found['late_mb']:.0f}"],
        ["at most", f"{found['highest_mb']:.0f}"],
    ]
    return _table([f"a worker over {found['messages']:,} messages of the mix", "resident MB"], rows)


def _volume(found: _Figures) -> str:
    size, publications = found["bytes_a_message"], found["publications"]
    rows = [
        ["published", f"{found['published_bytes']:,.0f} bytes in {publications:.1f} publications"],
        ["AMQP, to the worker", f"{found['amqp_in_bytes']:,.0f} bytes"],
        ["AMQP, from the worker", f"{found['amqp_out_bytes']:,.0f} bytes"],
        ["write-ahead log", f"{found['wal_bytes']:,.0f} bytes"],
        ["transactions", f"{found['commits']:.3f}"],
        ["syncs of the log", f"{found['wal_syncs']:.3f}"],
        ["audit entries", f"{found['audit_entries']:.2f}"],
        *([f"table {name}", _rows(each)] for name, each in found["tables"].items()),
    ]
    return _table([f"a pacs.008 of {size:,.0f} bytes leaves", "of one message"], rows)


def _bulk(found: Sequence[_Figures]) -> str:
    rows = [
        [
            each["definition"],
            f"{one['transactions']:,.0f}",
            f"{one['bytes'] / 1e6:.1f}",
            f"{one['per_s']:,.0f}",
            f"{one['per_cpu_s']:,.0f}",
            f"{one['peak_mb']:.0f}",
        ]
        for each in found
        for one in (each["small"], each["large"])
    ]
    head = ["definition", "transactions", "MB", "transactions a second", "a second of CPU", "peak MB"]
    return _table(head, rows)


def _serial(found: _Figures) -> str:
    names = {
        "queue_takes_per_s": "one quorum queue takes, messages a second",
        "queue_gives_per_s": "one quorum queue gives, messages a second",
        "audit_entries_per_s": "one tenant's audit log grows, entries a second",
    }
    return _table(["alone", "measured"], [[text, f"{found[name]:,.0f}"] for name, text in names.items()])


def _reckoned(figures: _Figures) -> str:
    head = ["reckoned at", *(f"{rate:,} messages a second" for rate in reckoning.RATES)]
    return _table(head, [[name, *values] for name, values in reckoning.rows(figures)])


def _rows(each: Mapping[str, float]) -> str:
    return f"{each['rows']:,.0f} bytes of rows, {each['indexes']:,.0f} of indexes"


if __name__ == "__main__":
    main(sys.argv[1:])
