"""RA JSON holds for the whole standard: every definition, every member and branch, there and back."""

import itertools
from functools import cache

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree

from broker.catalogue.catalogue import Catalogue
from broker.law import folder
from broker.transform.ra_json import to_loose_object, to_object, to_xml
from tests.support.generated import covering, members_of, minimal, randomly

CATALOGUE = Catalogue(folder("schemas/iso20022"))
DEFINITIONS = CATALOGUE.definitions()
AREAS = sorted({definition[:4] for definition in DEFINITIONS})


def canonical(xml: bytes) -> bytes:
    """The exclusive canonical form, by which messages are compared."""
    octets: bytes = etree.tostring(etree.fromstring(xml), method="c14n", exclusive=True, with_comments=False)
    return octets


def there_and_back(xml: bytes, definition: str) -> tuple[dict[str, object], bytes]:
    """Go from XML to an object to JSON bytes to XML; fails where any step refuses."""
    element = etree.fromstring(xml)
    assert CATALOGUE.validator(definition).validate(element), definition
    made = to_object(element, CATALOGUE.schema(definition))
    back = to_xml(orjson.dumps(made), definition, CATALOGUE)
    assert isinstance(back, bytes), (definition, back)
    return made, back


def scalars(value: object) -> list[object]:
    """Every scalar of an object."""
    if isinstance(value, dict):
        return list(itertools.chain.from_iterable(scalars(one) for one in value.values()))
    if isinstance(value, list):
        assert value, "no empty arrays"
        return list(itertools.chain.from_iterable(scalars(one) for one in value))
    return [value]


@pytest.mark.parametrize("area", AREAS)
def test_every_member_of_every_definition_survives(area: str) -> None:
    """Messages with every member and branch of every type come back equal under exclusive C14N; the JSON is valid."""
    for definition in (one for one in DEFINITIONS if one.startswith(area)):
        schema = CATALOGUE.schema(definition)
        published = Draft202012Validator(CATALOGUE.json_schema(definition))
        for xml in (minimal(schema), *covering(schema)):
            made, back = there_and_back(xml, definition)

            assert canonical(back) == canonical(xml), definition
            assert published.is_valid(made), definition


@settings(max_examples=150)
@given(definition=st.sampled_from(DEFINITIONS), seed=st.integers(0, 2**32))
def test_random_messages_survive(definition: str, seed: int) -> None:
    """A random message of any definition comes back equal, every scalar is a string, and both readers agree."""
    schema = CATALOGUE.schema(definition)
    xml = randomly(schema, seed)

    made, back = there_and_back(xml, definition)

    assert canonical(back) == canonical(xml)
    assert all(isinstance(scalar, str) for scalar in scalars(made))
    assert to_loose_object(etree.fromstring(xml), schema) == made


@cache
def reference_message() -> dict[str, object]:
    """A pacs.008 with many members, as an object."""
    schema = CATALOGUE.schema("pacs.008.001.08")
    return to_object(etree.fromstring(next(iter(covering(schema)))), schema)


@cache
def published() -> Draft202012Validator:
    """The published JSON Schema of the reference message."""
    return Draft202012Validator(CATALOGUE.json_schema("pacs.008.001.08"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of everything in an object."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *itertools.chain.from_iterable(places(one, (*path, key)) for key, one in entries)]


@settings(max_examples=300)
@given(data=st.data(), junk=JSON)
def test_damaged_json_is_refused_or_valid(data: st.DataObject, junk: object) -> None:
    """Whatever stands anywhere in a message, the answer is schema-valid XML or findings; nothing is raised."""
    damaged = orjson.loads(orjson.dumps(reference_message()))
    *above, last = data.draw(st.sampled_from(places(damaged)[1:]))
    holder = damaged
    for step in above:
        holder = holder[step]
    holder[last] = junk

    answer = to_xml(damaged, "pacs.008.001.08", CATALOGUE)

    if isinstance(answer, bytes):
        assert CATALOGUE.validator("pacs.008.001.08").validate(etree.fromstring(answer))
        assert published().is_valid(damaged)
    else:
        assert answer
        assert all(finding.path.startswith("/Document") for finding in answer if finding.rule != "json.unknown")


@settings(max_examples=200)
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_findings(body: bytes) -> None:
    """Bytes that are no message give findings."""
    answer = to_xml(body, "pacs.008.001.08", CATALOGUE)

    assert isinstance(answer, tuple)
    assert answer


def test_the_generator_covers_what_it_says() -> None:
    """The covering messages of a definition contain every member of every type that can be reached."""
    schema = CATALOGUE.schema("pain.001.001.09")

    tags = {etree.QName(one).localname for xml in covering(schema) for one in etree.fromstring(xml).iter("*")}

    assert {tag for _, tag in members_of(schema)} <= tags


def test_equal_seeds_make_equal_messages() -> None:
    """A seed decides everything about a generated message."""
    schema = CATALOGUE.schema("camt.053.001.08")

    assert randomly(schema, 7) == randomly(schema, 7)
    assert randomly(schema, 7) != randomly(schema, 8)
