"""A quick look at a value never takes for right what libxml2 refuses, and knows the values that senders write."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from broker.catalogue.catalogue import Catalogue
from broker.catalogue.model import Element, Schema, SimpleType
from broker.catalogue.xsd import compile_xsd
from broker.generate import Generator
from broker.law import folder
from broker.parse import Limits, Parsed, parse
from broker.parse.shape import places, shape_of
from broker.validate.facets import SPACE, TEXT, nothing, surely
from broker.validate.recheck import _Looks

CATALOGUE = Catalogue(folder("schemas/iso20022"))
LIMITS = Limits(1_000_000, 100_000, 64, 64, 100_000)


@cache
def types() -> tuple[SimpleType, ...]:
    """Every simple type of the standard, one of those that differ in their name alone."""
    found: dict[object, SimpleType] = {}
    for definition in CATALOGUE.definitions():
        for each in CATALOGUE.schema(definition).types.values():
            if isinstance(each, SimpleType):
                found.setdefault((each.base, each.patterns, each.enumeration[:2], *_facets(each)), each)
    return tuple(found.values())


def _facets(each: SimpleType) -> tuple[object, ...]:
    bounds = (each.min_length, each.max_length, each.min_inclusive, each.max_inclusive)
    return (*bounds, each.total_digits, each.fraction_digits)


@cache
def validator(number: int) -> etree.XMLSchema:
    """Compile a schema with one element of a type."""
    each = types()[number]
    return compile_xsd(Schema("one", "urn:one", Element("a", each.name), {each.name: each}))


def right(number: int, value: str) -> bool:
    """Ask libxml2."""
    element = etree.Element("{urn:one}a")
    try:
        element.text = value
    except ValueError:
        return False
    return bool(validator(number).validate(element))


@pytest.mark.parametrize("number", range(len(types())), ids=lambda number: types()[number].name)
def test_what_surely_fits_is_valid(number: int) -> None:
    """For every type of the standard: values made from the look itself, and odd ones around them."""
    look = surely(types()[number])
    pattern = getattr(getattr(look, "__self__", None), "pattern", None)
    texts = st.from_regex(pattern, fullmatch=True) if pattern else st.sampled_from(types()[number].enumeration or ("",))
    odd = st.text(st.sampled_from("0123456789-+.:TZ eEAZaz\n\t\x01\x85\ufffe\u0660é"), max_size=12)

    @settings(max_examples=25)
    @given(st.one_of(texts, odd, st.builds("{}{}".format, texts, odd), st.builds("{}{}".format, odd, texts)))
    def holds(value: str) -> None:
        if value and look(value):
            assert right(number, value), value

    holds()


@pytest.mark.parametrize("value", ["\x00", "\x0b", "a\x1f", "\ufffe", "a\uffff"])
def test_what_xml_does_not_allow_is_no_text(value: str) -> None:
    """Signs that no XML may hold are known nowhere."""
    assert not TEXT(value)
    assert not SPACE(value)


def test_the_usual_values_are_known() -> None:
    """Of what the generator writes hardly a value needs to be asked of libxml2."""
    generator = Generator(CATALOGUE, 1)
    asked = unknown = 0
    for sample in generator.mixed(60, bad=0):
        parsed, shape = parse(sample.body, LIMITS, CATALOGUE), shape_of(sample.body, LIMITS, lambda _: None)
        assert isinstance(parsed, Parsed)
        if shape is None:
            continue
        looks = _Looks(parsed, CATALOGUE)
        for place in places(parsed.document, shape.values) or ():
            look = looks.at(place)
            asked += 1
            unknown += not look(place.text)
            assert look is not nothing

    assert asked > 1_000
    assert unknown < asked / 100
