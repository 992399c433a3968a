"""Figures of `make bench` and `make bench-scale` as pictures, one PNG file each, of what the figures hold."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from bench.end_to_end import median, medians
from bench.flow.contest import PARTS

_COLOURS = ("#1f6f8b", "#e8963a", "#7a9e3f")
_GREY = "#9a9a9a"
_DPI = 120
_FLAT = 100  # between the least and the greatest of what is drawn on an even scale
_MOST_MB = 200
_Axes = Any  # matplotlib publishes no types of its own


def draw(figures: Mapping[str, Any], folder: Path) -> None:
    """Draw what a run of `make bench` gave."""
    folder.mkdir(parents=True, exist_ok=True)
    if "iso_work" in figures:
        _save(_work(figures["iso_work"]), folder / "work.png")
    if "end_to_end" in figures:
        _save(_end_to_end(figures["end_to_end"]), folder / "end-to-end.png")
    if "memory" in figures:
        _save(_memory(figures["memory"]), folder / "memory.png")
    if "workers" in figures:
        draw_axes({"workers": figures["workers"]}, folder)


def draw_axes(axes: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    """Draw what a run of `make bench-scale` gave: a picture an axis, by the axis's name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, axis in axes.items():
        _save(_axis(axis), folder / f"{name}.png")


def _save(picture: Figure, to: Path) -> None:
    for axes in picture.axes:
        axes.spines[["top", "right"]].set_visible(False)
    picture.savefig(to, dpi=_DPI)


def _end_to_end(found: Mapping[str, Any]) -> Figure:
    picture = Figure(figsize=(11, 3.4 * len(found)), layout="constrained")
    for place, (name, figures) in enumerate(found.items()):
        rate, cpu, delay = (picture.add_subplot(len(found), 3, 3 * place + 1 + column) for column in range(3))
        each = medians(figures["rounds"])
        bars = rate.bar(list(each), [one["per_s"] for one in each.values()], color=_COLOURS[0])
        rate.bar_label(bars, [f"{one['per_s']:,.0f}" for one in each.values()])
        rate.set_title(f"{name}: messages a second")
        _stacked(cpu, list(each), list(each.values()))
        if figures.get("latency"):
            _latency(delay, figures["latency"])
        else:
            delay.remove()
    return picture


def _stacked(axes: _Axes, names: Sequence[str], results: Sequence[Mapping[str, float]]) -> None:
    below = [0.0] * len(names)
    for part, colour in zip(PARTS, _COLOURS, strict=True):
        times = [each[part] for each in results]
        axes.bar(names, times, bottom=below, color=colour, label=part)
        below = [low + each for low, each in zip(below, times, strict=True)]
    axes.set_ylim(0, 1.05 * max(below))
    axes.set_title("CPU µs a message")
    axes.legend(frameon=False, fontsize="small")


def _latency(axes: _Axes, found: Mapping[str, Mapping[str, float]]) -> None:
    names = list(found)
    for place, (name, colour) in enumerate(zip(("p50_ms", "p99_ms"), _COLOURS, strict=False)):
        places = [at + 0.4 * place for at in range(len(names))]
        heights = [found[each][name] for each in names]
        bars = axes.bar(places, heights, width=0.4, color=colour, label=name.partition("_")[0])
        axes.bar_label(bars, fmt="%.0f")
    axes.set_xticks([at + 0.2 for at in range(len(names))], names)
    axes.set_title(f"latency in ms at {next(iter(found.values()))['load_per_s']:,.0f} msg/s")
    axes.legend(frameon=False, fontsize="small")


def _work(found: Mapping[str, Any]) -> Figure:
    picture = Figure(figsize=(11, 5.6), layout="constrained")
    axes = picture.add_subplot()
    work = sorted(found["work"].items(), key=lambda each: each[1]["ratio"], reverse=True)
    bars = axes.barh([name for name, _ in work], [each["ratio"] for _, each in work], color=_COLOURS[0])
    axes.bar_label(bars, [f" {each['ratio']:.2f}" for _, each in work])
    axes.set_xscale("log")
    axes.set_title(f"one pacs.008 of {found['bytes']:,} bytes: times of libxml2's parse and validation")
    return picture


def _memory(found: Mapping[str, Any]) -> Figure:
    picture = Figure(figsize=(8, 3.4), layout="constrained")
    axes = picture.add_subplot()
    axes.plot(*zip(*found["series"], strict=True), color=_COLOURS[0])
    axes.axhline(_MOST_MB, color=_GREY, linestyle=":")
    axes.set_ylim(0, None)
    axes.set_xlabel("messages")
    axes.set_title("resident MB of a worker")
    return picture


def _axis(found: Mapping[str, Any]) -> Figure:
    picture = Figure(figsize=(11, 3.6), layout="constrained")
    rate, cpu = picture.subplots(1, 2)
    points = sorted(found["points"], key=lambda point: point["at"])
    names = [f"{point['at']:,}" for point in points]
    results = [median(point["rounds"]) for point in points]
    for place, point in enumerate(points):
        rounds = point["rate_ratio"]["rounds"]
        rate.plot([place] * len(rounds), rounds, "_", color=_GREY)
    rate.plot(range(len(points)), [point["rate_ratio"]["median"] for point in points], "o-", color=_COLOURS[0])
    rate.set_xticks(range(len(points)), names)
    first = found["points"][0]["at"]
    rate.set_title(f"messages a second, of those at {first:,}")
    rate.set_xlabel(found["name"])
    cpu.set_xlabel(found["name"])
    totals = [sum(each[part] for part in PARTS) for each in results]
    if max(totals) < _FLAT * min(totals):
        rate.set_ylim(0, None)
        _stacked(cpu, names, results)
        return picture
    for part, colour in zip(PARTS, _COLOURS, strict=True):
        cpu.plot(names, [each[part] for each in results], "o-", color=colour, label=part)
    cpu.set_title("CPU µs a message")
    cpu.legend(frameon=False, fontsize="small")
    for axes in (rate, cpu):
        axes.set_yscale("log")
    return picture
