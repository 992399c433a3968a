"""Verdicts on messages of others: equal to the official schema's on each.

``ISO20022_SAMPLES_DIR`` names a folder of messages with ``INDEX.tsv`` (columns ``file``, ``message_id``, ``header_id``,
``status``, ``header_status``), ``ISO20022_XSD_DIR`` one of official XSDs. The official verdict is taken here with the
official XSD and lxml alone, without the code under test, and then held against the index and against ours.
"""

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from broker.message.failure import Failure, FailureCode
from broker.parse import Limits, Parsed, parse
from broker.validate import validate
from tests.support.hostile import CATALOGUE, ISO

_SAMPLES = os.environ.get("ISO20022_SAMPLES_DIR")
_SCHEMAS = os.environ.get("ISO20022_XSD_DIR")
_LIMITS = Limits(10_000_000, 500_000, 64, 64, 1_000_000)

pytestmark = pytest.mark.skipif(
    not (_SAMPLES and _SCHEMAS),
    reason="ISO20022_SAMPLES_DIR and ISO20022_XSD_DIR are not both set: no verdict was compared",
)


@dataclass(frozen=True, slots=True)
class _Verdict:
    definition: str
    valid: bool


def test_verdicts_equal_the_official_schemas(record_property: Callable[[str, object], None]) -> None:
    """For every message of a definition in the catalogue, document and header are judged as the official XSD does."""
    differences: list[tuple[str, str, str]] = []
    documents, headers, refused = [0, 0], [0, 0], 0
    for row in _rows():
        body = (Path(str(_SAMPLES)) / row["file"]).read_bytes()
        parsed = parse(body, _LIMITS, CATALOGUE)
        if isinstance(parsed, Failure):
            refused += 1
            if row["message_id"] in CATALOGUE:
                differences.append((row["file"], "refused", parsed.code))
            continue
        ours = _ours(parsed)
        official = _official(body, row)
        if ours != official:
            differences.append((row["file"], str(ours), str(official)))
        documents[ours["document"].valid] += 1
        if "header" in ours:
            headers[ours["header"].valid] += 1
    counts = (
        f"{sum(documents)} documents ({documents[1]} valid, {documents[0]} invalid), "
        f"{sum(headers)} headers ({headers[1]} valid, {headers[0]} invalid), {refused} refused as not of the catalogue"
    )
    print(f"compared with the official schemas: {counts}, {len(differences)} differences")  # noqa: T201 - the report
    record_property("verdicts", counts)

    assert differences == []
    assert sum(documents) > 0


def test_what_is_refused_is_refused_for_its_definition() -> None:
    """A message is refused where, and only where, the index gives it no definition of the catalogue."""
    expected = {FailureCode.IDENTIFY_UNKNOWN_DEFINITION, FailureCode.IDENTIFY_NO_DOCUMENT}
    for row in _rows():
        parsed = parse((Path(str(_SAMPLES)) / row["file"]).read_bytes(), _LIMITS, CATALOGUE)

        if isinstance(parsed, Failure):
            assert parsed.code in expected, row["file"]
            assert row["message_id"] not in CATALOGUE, row["file"]


def _rows() -> list[dict[str, str]]:
    with (Path(str(_SAMPLES)) / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _ours(parsed: Parsed) -> dict[str, _Verdict]:
    rules = [finding.rule for finding in validate(parsed, CATALOGUE)]
    verdicts = {"document": _Verdict(parsed.definition, not any(rule.startswith("schema.") for rule in rules))}
    if parsed.header_facts is not None:
        valid = not any(rule.startswith("header.schema.") for rule in rules)
        verdicts["header"] = _Verdict(parsed.header_facts.definition, valid)
    return verdicts


def _official(body: bytes, row: dict[str, str]) -> dict[str, _Verdict]:
    """The verdict of the official XSD, which must be the index's too."""
    root = etree.fromstring(body)
    document = _part(root, row["message_id"], "Document")
    verdicts = {"document": _Verdict(row["message_id"], _validator(row["message_id"]).validate(document))}
    assert verdicts["document"].valid == (row["status"] == "valid"), row["file"]
    if row["header_id"]:
        header = _part(root, row["header_id"], "AppHdr")
        verdicts["header"] = _Verdict(row["header_id"], _validator(row["header_id"]).validate(header))
        assert verdicts["header"].valid == (row["header_status"] == "valid"), row["file"]
    return verdicts


def _part(root: etree._Element, definition: str, tag: str) -> etree._Element:
    """A copy of the part in its namespace as a document of its own; made where only its content is in the namespace."""
    namespace = f"{{{ISO}{definition}}}"
    whole = next(root.iter(f"{namespace}{tag}"), None)
    part = etree.Element(f"{namespace}{tag}")
    if whole is not None:
        return etree.fromstring(etree.tostring(whole, with_tail=False))
    inside = [one for one in root.iter(f"{namespace}*") if not one.getparent().tag.startswith(namespace)]
    part.extend(inside)
    return etree.fromstring(etree.tostring(part))


@cache
def _validator(definition: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(str(_SCHEMAS)) / f"{definition}.xsd"))
