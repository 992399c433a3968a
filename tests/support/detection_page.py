"""Writes ``docs/detection.md`` by doing each kind of damage and looking what finds it.

Run it as ``python -m tests.support.detection_page``.
"""

from broker.message.finding import Finding
from broker.parse import Limits, Parsed, parse
from broker.validate import validate
from broker.validate.rules import RULES
from tests.support.hostile import CATALOGUE
from tests.support.mutations import SEEDS, Mutation
from tests.support.mutations_rules import AMOUNTS, DATES, GROUPS, LATER, VALUES
from tests.support.mutations_schema import HEADER, SCHEMA
from tests.support.tree import ROOT

PAGE = ROOT / "docs" / "detection.md"
MUTATIONS = (*SCHEMA, *HEADER, *VALUES, *GROUPS, *AMOUNTS, *DATES, *LATER)

_LIMITS = Limits(10_000_000, 500_000, 64, 64, 1_000_000)
_SECTIONS = (
    ("What the schema sees", SCHEMA),
    ("Header and bytes", HEADER),
    ("Values", VALUES),
    ("Identifiers, totals and groups", GROUPS),
    ("Amounts and agents", AMOUNTS),
    ("Dates", DATES),
    ("Not yet", LATER),
)
_OPENING = """\
# What is detected

Each kind of damage is done to {seeds} good messages that the generator makes, and the rules that find it are written
down. The page is made by doing so, with `python -m tests.support.detection_page`; `tests/contract/test_detection.py`
holds it to what is found, each kind to the rules it must be found by and no other, and the good messages to no finding
at all. {found} kinds are found. What is not found is the affair of a scheme and waits for the schemes' packs of rules.
"""
_HEAD = "| damage | to | found by | in |\n|---|---|---|---|\n"


def findings_of(body: bytes) -> tuple[Finding, ...]:
    """Give all that is found in a message that can be parsed."""
    parsed = parse(body, _LIMITS, CATALOGUE)
    assert isinstance(parsed, Parsed)
    return parsed.findings + validate(parsed, CATALOGUE)


def render() -> str:
    """Give the text of the page."""
    found = sum(bool(mutation.found_by) for mutation in MUTATIONS)
    sections = (
        f"## {title}\n\n{_HEAD}{''.join(_row(mutation) for mutation in mutations)}" for title, mutations in _SECTIONS
    )
    return "\n".join((_OPENING.format(seeds=len(SEEDS), found=found), *sections))


def _row(mutation: Mutation) -> str:
    found = [sorted({finding.rule for finding in findings_of(mutation.done(seed))}) for seed in SEEDS]
    rules = sorted({rule for each in found for rule in each})
    named = ", ".join(f"[`{rule}`](rules/{rule}.md)" if rule in RULES else f"`{rule}`" for rule in rules)
    return f"| {mutation.what} | {mutation.to} | {named or 'nothing'} | {sum(map(bool, found))} of {len(found)} |\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
