"""What a run gives: figures with the machine's description, written as JSON; the ratios that count, taken together."""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.flow.workload import MIX, PACS_008

_PREFIXES = {PACS_008: "", MIX: "mix_"}


def ratios(found: Mapping[str, Any]) -> dict[str, Any]:
    """Every ratio of a run by its name, as medians with the rounds they are medians of."""
    taken = dict(found["iso_work"]["ratios"]) if "iso_work" in found else {}
    for name, each in found.get("end_to_end", {}).items():
        taken |= {f"{_PREFIXES[name]}{ratio}": told for ratio, told in each["ratios"].items()}
    for point in found.get("workers", {}).get("points", [])[1:]:
        taken |= {f"{part}_cpu_{point['at']}_workers_over_1": each for part, each in point["cpu_ratios"].items()}
    for each in found.get("workers", {}).get("apart", [])[1:]:
        taken[f"processes_apart_cpu_{each['at']}_over_1"] = each["cpu_ratio"]
    return taken


def write(figures: Mapping[str, Any], to: Path) -> None:
    """Write figures to a file, under the machine's description."""
    machine = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "measured_on": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps({"machine": machine, **figures}, indent=2) + "\n")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
