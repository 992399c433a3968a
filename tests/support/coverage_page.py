"""Writes ``docs/coverage.md``: how much of each definition the canonical events say.

Run it as ``python -m tests.support.coverage_page``. The prose stands here; the figures come from the mappings alone.
"""

from collections.abc import Mapping
from itertools import groupby

from broker import law
from broker.catalogue import Catalogue
from broker.message.definition import Definition
from broker.transform.mapping import Mappings
from broker.transform.mapping.explaining import coverage
from broker.transform.mapping.schema_view import SchemaView
from tests.support.tree import ROOT

PAGE = ROOT / "docs" / "coverage.md"

_PROSE = """\
# What the canonical events say of each message

For each family of definitions that a mapping claims: its versions, how many leaves (elements that hold a value) a
message of the oldest and of the newest can have, and the share of them that reaches a canonical event. The rest travels
in RA JSON alone, such as supplementary data. `broker mappings coverage DEF` names each leaf.

This page is made from the mappings with `python -m tests.support.coverage_page`.

| family | versions | leaves | reach an event |
|---|---|---|---|
"""


def render() -> str:
    """Give the page."""
    catalogue = Catalogue(law.folder("schemas/iso20022"))
    mappings = Mappings(law.folder("mappings"), catalogue)
    counts: dict[str, tuple[int, int]] = {}
    for name in mappings.definitions():
        found = coverage(mappings.bound(name), SchemaView(catalogue.schema(name), {}))
        counts[name] = len(found.canonical), len(found.canonical) + len(found.ra_json_alone)
    return _PROSE + "".join(_rows(counts))


def _rows(counts: Mapping[str, tuple[int, int]]) -> list[str]:
    rows = []
    for family, group in groupby(counts, key=lambda name: Definition.parse(name).family):
        names = list(group)
        shares = sorted(100 * counts[name][0] / counts[name][1] for name in names)
        versions = _span(names[0].rpartition(".")[2], names[-1].rpartition(".")[2])
        leaves = _span(f"{counts[names[0]][1]:,}", f"{counts[names[-1]][1]:,}")
        rows.append(f"| {family} | {versions} | {leaves} | {_span(f'{shares[0]:.0f}', f'{shares[-1]:.0f}')} % |\n")
    return rows


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
