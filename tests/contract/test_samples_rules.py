"""Rules beyond the schema on messages of others: none is called wrong that another package calls right.

``ISO20022_SAMPLES_DIR`` names a folder of messages with ``INDEX.tsv``. Of the schema-valid ones, each account and legal
entity is judged by python-stdnum too, and it is said how often each rule fired.
"""

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml.etree import _Element
from stdnum import iban, lei
from stdnum.exceptions import ValidationError

from broker.message.finding import Finding
from broker.parse import Limits, Parsed, parse
from broker.validate import validate
from broker.validate.rules import RULES
from tests.support.hostile import CATALOGUE

_SAMPLES = os.environ.get("ISO20022_SAMPLES_DIR")
_LIMITS = Limits(10_000_000, 500_000, 64, 64, 1_000_000)

pytestmark = pytest.mark.skipif(
    not _SAMPLES, reason="ISO20022_SAMPLES_DIR is not set: no rule was tried on messages of others"
)


def test_rules_agree_with_stdnum_on_accounts_and_entities(record_property: Callable[[str, object], None]) -> None:
    """Each IBAN and LEI has an error exactly where python-stdnum refuses it."""
    differences, judged = [], 0
    for name, parsed, findings in _valid():
        wrong = {finding.path for finding in findings if finding.rule.startswith(("iban.", "lei."))}
        for path, element in _numbered(parsed.document):
            judged += 1
            if (path in wrong) == _is_right(element):
                differences.append((name, path))
    record_property("accounts and entities", judged)

    assert judged > 100
    assert differences == []


def test_what_fires_is_said(record_property: Callable[[str, object], None]) -> None:
    """Every finding is of a known rule; the report counts them, and how many messages have none."""
    fired: Counter[str] = Counter()
    clean = messages = 0
    for _, _, findings in _valid():
        messages += 1
        clean += not findings
        fired.update(finding.rule for finding in findings)
    counts = ", ".join(f"{rule} {count}" for rule, count in sorted(fired.items()))
    print(f"rules on {messages} schema-valid messages, {clean} without a finding: {counts}")  # noqa: T201 - the report
    record_property("rules", counts)

    assert messages > 100
    assert {rule for rule in fired if not rule.startswith(("header.", "encoding."))} <= set(RULES)


def _valid() -> Iterator[tuple[str, Parsed, tuple[Finding, ...]]]:
    with (Path(str(_SAMPLES)) / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        names = [row["file"] for row in csv.DictReader(file, delimiter="\t")]
    for name in names:
        parsed = parse((Path(str(_SAMPLES)) / name).read_bytes(), _LIMITS, CATALOGUE)
        if isinstance(parsed, Parsed):
            findings = validate(parsed, CATALOGUE)
            if not any(finding.rule.startswith(("schema.", "header.schema.")) for finding in findings):
                yield name, parsed, findings


def _numbered(document: _Element) -> Iterator[tuple[str, _Element]]:
    """The accounts and legal entities of a document with their places as findings give them."""
    for element in document.iter("{*}IBAN", "{*}LEI"):
        chain = [element, *element.iterancestors()]
        chain = chain[: chain.index(document) + 1]
        yield "".join(f"/{each.tag.rpartition('}')[2]}{_position(each, document)}" for each in reversed(chain)), element


def _position(element: _Element, document: _Element) -> str:
    same = [] if element is document else list(element.getparent().iterchildren(element.tag))
    return f"[{same.index(element) + 1}]" if len(same) > 1 else ""


def _is_right(element: _Element) -> bool:
    try:
        if element.tag.endswith("}IBAN"):
            iban.validate(element.text, check_country=False)
        else:
            lei.validate(element.text)
    except ValidationError:
        return False
    return True
