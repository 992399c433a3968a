"""The published JSON Schema: form as the recommendation has it, and judgements as the model has them."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from broker.catalogue.importer import read_xsd
from broker.catalogue.json_schema import json_schema_file_name, write_json_schema
from tests.support.small_xsd import SMALL, varied

GREETING: dict[str, Any] = {"Id": "1", "Agt": "HIGH", "Who": [{"Nm": "Ada"}]}
AMOUNT = {"amt": "5.10", "Ccy": "EUR"}


@pytest.fixture(name="published", scope="module")
def _published() -> dict[str, Any]:
    """The JSON Schema of the small definition."""
    return write_json_schema(read_xsd(SMALL.encode()).schema)


def test_the_root_is_as_recommended(published: dict[str, Any]) -> None:
    """Dialect, id, one required member, nothing else but the business header."""
    assert published["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert published["$id"] == "urn:iso:std:iso:20022:tech:json:demo.001.001.01"
    assert (published["required"], published["additionalProperties"]) == (["Document"], False)
    assert published["properties"]["Document"] == {"$ref": "#_Document"}


def test_every_type_stands_under_its_name_with_its_anchor(published: dict[str, Any]) -> None:
    """Types are referred to by anchors of their ISO names."""
    assert {name: each["$anchor"] for name, each in published["$defs"].items()} == {
        name: name for name in published["$defs"]
    }
    assert "GreetingV01" in published["$defs"]


def test_a_repeating_element_is_an_item_or_an_array(published: dict[str, Any]) -> None:
    """MaxOccurs above one admits a bare item and an array within the bounds."""
    amount = published["$defs"]["GreetingV01"]["properties"]["Amt"]

    assert amount == {
        "anyOf": [
            {"$ref": "#Amount"},
            {"type": "array", "minItems": 1, "items": {"$ref": "#Amount"}, "maxItems": 3},
        ]
    }


def test_an_element_that_must_repeat_is_an_array_only() -> None:
    """A bare item would be too few."""
    text = varied('type="WhoChoice" maxOccurs="unbounded"', 'type="WhoChoice" minOccurs="2" maxOccurs="unbounded"')

    schema: Any = write_json_schema(read_xsd(text.encode()).schema)

    assert schema["$defs"]["GreetingV01"]["properties"]["Who"] == {
        "type": "array", "minItems": 2, "items": {"$ref": "#WhoChoice"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "valid"),
    [
        ({}, True),
        ({"Who": {"Nm": "Ada"}}, True),
        ({"Who": []}, False),
        ({"Who": [{}]}, False),
        ({"Who": [{"Nm": "Ada", "Flg": "1"}]}, False),
        ({"Who": [{"Flg": True}]}, False),
        ({"Id": ""}, False),
        ({"Id": None}, False),
        ({"Id": 1}, False),
        ({"Other": "1"}, False),
        ({"Clnt": "Bo"}, False),
        ({"Amt": AMOUNT}, True),
        ({"Amt": [AMOUNT] * 3}, True),
        ({"Amt": [AMOUNT] * 4}, False),
        ({"Amt": {"amt": "5.10"}}, False),
        ({"Amt": {"amt": 5.1, "Ccy": "EUR"}}, False),
        ({"Amt": {"amt": "-1", "Ccy": "EUR"}}, False),
        ({"Amt": {"amt": "5.10", "Ccy": "eur"}}, False),
        ({"Tm": "2024-02-29T24:00:00"}, True),
        ({"Tm": "2024-02-29"}, False),
        ({"Envlp": "<A xmlns='urn:a'/>"}, True),
        ({"Envlp": {"A": "1"}}, False),
    ],
)
def test_the_schema_judges_as_the_model_says(
    published: dict[str, Any],
    change: dict[str, object],
    valid: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Arrays, choices, amounts, scalars, absent and unknown members, null and numbers: each as the convention says."""
    message = {"Document": {"Greetng": GREETING | change}}

    assert Draft202012Validator(published).is_valid(message) is valid


def test_a_choice_within_a_sequence_admits_one_or_none(published: dict[str, Any]) -> None:
    """Where an alternative may be absent, none at all is valid, as in XML; both never are."""
    validator = Draft202012Validator(published)
    neither = {name: value for name, value in GREETING.items() if name != "Agt"}

    assert validator.is_valid({"Document": {"Greetng": neither}})
    assert validator.is_valid({"Document": {"Greetng": neither | {"Clnt": "Bo"}}})


def test_an_element_that_may_be_empty_may_be_the_empty_object() -> None:
    """A type of which nothing is mandatory asks for one member, and its element may be empty as it may in XML."""
    text = varied('<xs:element name="Nm" type="Max35Text"/>', '<xs:element name="Nm" type="Optional"/>').replace(
        "</xs:schema>",
        '<xs:complexType name="Optional"><xs:sequence><xs:element name="A" type="Flag" minOccurs="0"/></xs:sequence>'
        "</xs:complexType></xs:schema>",
    )
    schema: Any = write_json_schema(read_xsd(text.encode()).schema)

    assert schema["$defs"]["Optional"]["minProperties"] == 1
    for name in ({}, {"A": "1"}):
        message = {"Document": {"Greetng": GREETING | {"Who": {"Nm": name}}}}
        assert Draft202012Validator(schema).is_valid(message)


def test_a_business_header_may_stand_beside_the_document(published: dict[str, Any]) -> None:
    """The header travels in the same object; its own schema says its shape."""
    assert Draft202012Validator(published).is_valid({"AppHdr": {"Fr": {}}, "Document": {"Greetng": GREETING}})


def test_the_file_is_named_by_definition_and_message() -> None:
    """The name carries the message's own name."""
    assert json_schema_file_name(read_xsd(SMALL.encode()).schema) == "demo.001.001.01-GreetingV01.schema.json"
