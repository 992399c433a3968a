"""The catalogue as it is committed: whole, sound, small, and quick to use."""

import json
import os
import subprocess
import sys
from collections import Counter
from time import process_time
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from broker import law
from broker.catalogue import Catalogue
from broker.catalogue.check import check
from broker.catalogue.json_schema import ID_PREFIX, json_schema_file_name
from tests.support.collector import uncollected

CATALOGUE = law.folder("schemas/iso20022")
FIRST_USE_MS = 100
FORTY_MB = 150
BYTES = 2_500_000
FORTY = """
from broker import law
from broker.catalogue import Catalogue
from broker.ingest.monitor import resident_mb
catalogue = Catalogue(law.folder("schemas/iso20022"))
families = ("pacs.008", "pacs.009", "pacs.002", "pacs.004", "pain.001", "pain.002", "pain.008", "camt.053", "camt.054")
chosen = [each for family in families for each in catalogue.definitions() if each.startswith(family)][-40:]
for each in chosen:
    catalogue.validator(each)
print(len(chosen), round(resident_mb()))
"""


def test_all_definitions_are_there() -> None:
    """The catalogue has every version of every pacs, pain, camt, head and admi message."""
    areas = Counter(
        definition.partition(".")[0] for definition in Catalogue(CATALOGUE).definitions() if "@" not in definition
    )

    assert areas == {"pacs": 98, "pain": 116, "camt": 367, "head": 5, "admi": 13}


def test_the_catalogue_holds_together() -> None:
    """Every definition compiles and reads back the same; no type is unused; every file is spelled as written."""
    report = check(CATALOGUE)

    assert report.wrong == ()


def test_the_catalogue_is_small() -> None:
    """All definitions together take less than 2.5 MB of text."""
    size = sum(file.stat().st_size for file in CATALOGUE.rglob("*.txt"))

    assert size < BYTES


def test_each_type_stands_once() -> None:
    """A name has more than one definition only where the standard's files truly differ."""
    variants = {
        key
        for entry in map(Catalogue(CATALOGUE).entry, Catalogue(CATALOGUE).definitions())
        for key in entry.variants.values()
    }

    assert variants == {"Max4AlphaNumericText~2"}


def test_the_first_use_of_a_definition_is_quick() -> None:
    """From nothing to a compiled validator takes less than 100 ms of work, whatever else the machine does meanwhile."""
    took = []
    with uncollected():
        for _ in range(3):
            begin = process_time()
            Catalogue(CATALOGUE).validator("pacs.008.001.13")
            took.append((process_time() - begin) * 1000)

    assert min(took) < FIRST_USE_MS


def test_forty_definitions_take_little_memory() -> None:
    """A process with forty compiled definitions stays under 150 MB."""
    done = subprocess.run(
        [sys.executable, "-c", FORTY], check=True, capture_output=True, text=True, env=dict(os.environ)
    )

    count, megabytes = map(int, done.stdout.split())

    assert count == 40
    # What is resident now, not the high-water mark: that one a child inherits from the process of the tests.
    assert 20 < megabytes < FORTY_MB


def test_every_json_schema_is_valid() -> None:
    """Each part of every definition's JSON Schema obeys the 2020-12 meta-schema, each distinct part asked once."""
    catalogue = Catalogue(CATALOGUE)
    parts: dict[str, dict[str, Any]] = {}
    for definition in catalogue.definitions():
        schema = catalogue.json_schema(definition)
        types = schema.pop("$defs")
        assert isinstance(types, dict)
        parts |= {json.dumps(each): each for each in [schema, *types.values()]}

    for part in parts.values():
        Draft202012Validator.check_schema(part)

    assert len(parts) > 4000


@pytest.mark.parametrize("definition", ["pacs.008.001.08", "head.001.001.02", "camt.053.001.13"])
def test_a_whole_json_schema_is_valid_and_named_as_recommended(definition: str) -> None:
    """The assembled schema obeys the meta-schema; every reference in it leads to an anchor; id and file name fit."""
    catalogue = Catalogue(CATALOGUE)
    schema = catalogue.json_schema(definition)
    text = json.dumps(schema)

    Draft202012Validator.check_schema(schema)

    anchors = {part.split('"', 1)[0] for part in text.split('"$anchor": "')[1:]}
    references = {part.split('"', 1)[0] for part in text.split('"$ref": "#')[1:]}
    assert references <= anchors
    assert schema["$id"] == ID_PREFIX + definition
    assert json_schema_file_name(catalogue.schema(definition)).startswith(f"{definition}-")
