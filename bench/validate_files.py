"""Validating real files, beside a bare loop of lxml over the same files with the official schemas, in one run.

Ours has hardening, wrappers, headers, general rules and findings; the bare loop has libxml2's verdict on header and
document.

Needs ISO20022_SAMPLES_DIR (messages with their INDEX.tsv) and ISO20022_XSD_DIR (official schemas); says so where they
are not set. The files are those the index calls valid and our parser knows; both sides are warm.
"""

import csv
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree
from rich.console import Console

from broker.message.failure import Failure
from broker.parse import parse
from broker.settings import load
from broker.validate import validate
from broker.workbench import Workbench

_ROUNDS = 9


def main() -> int:
    """Measure and print; 2 where a folder is not named."""
    samples, schemas = os.environ.get("ISO20022_SAMPLES_DIR"), os.environ.get("ISO20022_XSD_DIR")
    if not samples or not schemas:
        Console(stderr=True).print("Set ISO20022_SAMPLES_DIR and ISO20022_XSD_DIR; nothing was measured.")
        return 2
    bench = Workbench(load(environment={}))
    files = [file for file in _valid(Path(samples)) if not isinstance(_ours(bench, file.read_bytes()), Failure)]
    bodies = [file.read_bytes() for file in files]
    bare = _bare(bodies, bench, Path(schemas))
    bare(), [_ours(bench, body) for body in bodies]
    rounds = [(_seconds(lambda: [_ours(bench, body) for body in bodies]), _seconds(bare)) for _ in range(_ROUNDS)]
    ours, floor = (statistics.median(each) * 1e3 for each in zip(*rounds, strict=True))
    ratio = statistics.median(mine / theirs for mine, theirs in rounds)
    Console().print(
        f"{len(bodies)} files: ours {ours:.1f} ms, bare lxml {floor:.1f} ms, ratio {ratio:.2f} (median of {_ROUNDS})"
    )
    return 0


def _valid(samples: Path) -> list[Path]:
    with (samples / "INDEX.tsv").open() as index:
        return [samples / row["file"] for row in csv.DictReader(index, delimiter="\t") if row["status"] == "valid"]


def _ours(bench: Workbench, body: bytes) -> object:
    parsed = parse(body, bench.limits, bench.catalogue)
    return parsed if isinstance(parsed, Failure) else validate(parsed, bench.catalogue)


def _bare(bodies: list[bytes], bench: Workbench, schemas: Path) -> Callable[[], None]:
    """The bare loop: parse, find header and document, validate each with its official schema."""
    parts = []
    for body in bodies:
        parsed = parse(body, bench.limits, bench.catalogue)
        assert not isinstance(parsed, Failure)
        found = [(parsed.definition, parsed.document.tag)]
        if parsed.header is not None and parsed.header_facts is not None:
            found.append((parsed.header_facts.definition, parsed.header.tag))
        parts.append(found)
    names = {name for found in parts for name, _ in found}
    compiled = {name: etree.XMLSchema(file=str(schemas / f"{name}.xsd")) for name in names}

    def loop() -> None:
        for body, found in zip(bodies, parts, strict=True):
            root = etree.fromstring(body)
            for name, tag in found:
                part = root if root.tag == tag else root.find(f".//{tag}")
                # Two files have no Document: their wrapper's own element stands for it, and only we put one around it.
                compiled[name].validate(root if part is None else part)

    return loop


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
