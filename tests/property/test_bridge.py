"""The bridge holds along the whole chain of every message's versions, up and down, and for messages of others.

``ISO20022_SAMPLES_DIR`` names a folder of messages of others; without it this says what was not compared.
"""

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.catalogue.catalogue import Catalogue
from broker.law import folder
from broker.parse import Limits, Parsed, parse
from broker.transform.bridge import Bridge, Rewritten
from broker.transform.mapping import Mappings
from broker.transform.ra_json import to_object, to_xml
from tests.support.generated import covering, minimal, randomly
from tests.support.versions import Chain, canonical, chains

SAMPLES = os.environ.get("ISO20022_SAMPLES_DIR")
LIMITS = Limits(50_000_000, 5_000_000, 64, 64, 9_000_000)
CATALOGUE = Catalogue(folder("schemas/iso20022"))
CHAINS = chains(CATALOGUE.definitions())
AREAS = sorted({chain[0][:4] for chain in CHAINS})


@cache
def bridge() -> Bridge:
    """The bridge with our own mappings."""
    return Bridge(CATALOGUE, Mappings(folder("mappings"), CATALOGUE))


def parsed(xml: bytes) -> Parsed:
    """What parsing gives of a message."""
    found = parse(xml, LIMITS, CATALOGUE)
    assert isinstance(found, Parsed), found
    return found


def over(message: Parsed, target: str) -> Rewritten:
    """The message in another version."""
    return bridge().rewrite(message, to_object(message.document, CATALOGUE.schema(message.definition)), target)


def leaves(value: Any) -> Iterator[str]:  # noqa: ANN401 - RA JSON
    """Every scalar and amount of a message, wherever it stands."""
    if isinstance(value, dict) and "amt" not in value:
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield str(value)


def at(ra: Any, path: str) -> object:  # noqa: ANN401 - RA JSON
    """What stands at a loss's path; a number is given where an element occurs more than once."""
    for step in path.strip("/").split("/"):
        tag, _, number = step.rstrip("]").partition("[")
        ra = ra[tag]
        if isinstance(ra, list):
            assert number or len(ra) == 1, path
            ra = ra[int(number or 1) - 1]
    found: object = ra
    return found


def check(message: Parsed, target: str) -> str:
    """Hold one message to what the bridge promises; say what became of it."""
    source = message.definition
    ra = to_object(message.document, CATALOGUE.schema(source))
    made = bridge().rewrite(message, ra, target)
    if made.xml is None:
        assert made.findings
        return "refused"
    there = parsed(made.xml)
    assert CATALOGUE.validator(target).validate(there.document)
    kept = Counter(leaves(to_object(there.document, CATALOGUE.schema(target))))
    losses = [at(ra, each.path) for each in made.report.losses]
    assert kept + Counter(leaves(losses)) == Counter(leaves(ra)), "a value is kept, or named as lost"
    if losses:
        return "lost something"
    back = over(there, source)
    assert back.xml is not None
    assert not back.report.losses
    again = to_object(parsed(back.xml).document, CATALOGUE.schema(source))
    assert canonical(xml_of(again, source)) == canonical(xml_of(ra, source))
    return "there and back"


def xml_of(ra: dict[str, object], definition: str) -> bytes:
    """The message as XML of one spelling: the same whatever prefixes its sender likes."""
    written = to_xml(ra, definition, CATALOGUE)
    assert isinstance(written, bytes), written
    return written


def neighbours(chain: Chain) -> list[tuple[str, str]]:
    """Adjacent versions, both ways."""
    return [pair for one, other in itertools.pairwise(chain) for pair in ((one, other), (other, one))]


@pytest.mark.parametrize("area", AREAS)
def test_every_version_goes_to_its_neighbours(area: str) -> None:
    """Valid there and named losses, or refused; what lost nothing comes back equal, and nothing is invented."""
    counts: Counter[str] = Counter()
    for source, target in (pair for chain in CHAINS if chain[0].startswith(area) for pair in neighbours(chain)):
        schema = CATALOGUE.schema(source)
        for xml in (minimal(schema), *itertools.islice(covering(schema), 1)):
            counts[check(parsed(xml), target)] += 1
    print(f"\nbridge: {area}, generated messages to adjacent versions: {dict(counts)}")  # noqa: T201  says what was tried
    assert counts["there and back"] > counts["refused"]


@settings(max_examples=150)
@given(chain=st.sampled_from(CHAINS), ends=st.data(), seed=st.integers(0, 2**32))
def test_any_version_goes_to_any_other(chain: Chain, ends: st.DataObject, seed: int) -> None:
    """Random messages, versions apart however far."""
    source, target = (ends.draw(st.sampled_from(chain)) for _ in range(2))
    assert check(parsed(randomly(CATALOGUE.schema(source), seed)), target) in {
        "refused",
        "lost something",
        "there and back",
    }


@pytest.mark.skipif(not SAMPLES, reason="ISO20022_SAMPLES_DIR is not set: no messages of others were bridged")
def test_messages_of_others_go_to_the_newest_version_and_back() -> None:
    """Every valid one of an older version; what lost nothing equals the original under exclusive C14N."""
    newest = {version: chain[-1] for chain in CHAINS for version in chain[:-1]}
    counts: Counter[str] = Counter()
    for path in sorted(path for path in Path(SAMPLES or "").rglob("*") if path.is_file()):
        found = parse(path.read_bytes(), LIMITS, CATALOGUE)
        if not isinstance(found, Parsed) or found.definition not in newest:
            continue
        if CATALOGUE.validator(found.definition).validate(found.document):
            counts[check(found, newest[found.definition])] += 1
    print(f"\nbridge: messages of others to the newest version: {dict(counts)}")  # noqa: T201  says what was compared
    assert counts["there and back"] > counts["lost something"] + counts["refused"]
