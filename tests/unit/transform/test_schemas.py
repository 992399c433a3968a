"""The published schemas of the events: parts, scalars, examples."""

import orjson
import pytest
from jsonschema import Draft202012Validator

from broker.transform.schemas.data import PUBLISHED, data_schema, event_schema, part_of, parts, reached_from
from broker.transform.schemas.scalars import SCALARS

TRANSFER = "iso20022.payment.transfer.v1"


@pytest.mark.parametrize("name", sorted(parts()))
def test_every_part_is_described_and_its_examples_fit(name: str) -> None:
    """Each model, scalar and the origin has a description and examples that its own schema accepts."""
    part = parts()[name]
    validator = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": dict(parts())})

    assert part["description"].endswith(".")
    assert part["examples"]
    assert [list(validator.iter_errors(each)) for each in part["examples"]] == [[]] * len(part["examples"])


@pytest.mark.parametrize("event_type", sorted(PUBLISHED))
def test_the_example_of_an_event_fits_model_and_schema(event_type: str) -> None:
    """What is shown of an event could be one: the model that services are given takes it, and so does the schema."""
    (shown,) = event_schema(event_type)["examples"]
    data = {name: value for name, value in shown.items() if name != "origin"}

    PUBLISHED[event_type].model_validate(data)
    assert list(Draft202012Validator(data_schema(event_type)).iter_errors(shown)) == []


@pytest.mark.parametrize("event_type", sorted(PUBLISHED))
def test_a_schema_holds_all_it_refers_to_and_no_more(event_type: str) -> None:
    """The schema of one type stands alone."""
    schema = data_schema(event_type)

    assert set(schema["$defs"]) == set(reached_from(schema, schema["$defs"]))


def test_nothing_is_ever_null_or_defaulted() -> None:
    """What a message does not say is absent: no schema speaks of null or of a default."""
    text = orjson.dumps([data_schema(event_type) for event_type in PUBLISHED]).decode()

    assert '"null"' not in text
    assert '"default"' not in text


def test_scalars_are_told_by_name() -> None:
    """A field of any model refers to its scalar; each scalar is some field's."""
    transfer = parts()[part_of(TRANSFER)]["properties"]
    referred = {name for schema in parts().values() for name in SCALARS if f"/{name}" in str(schema)}

    assert transfer["settlement_date"]["$ref"] == "#/$defs/Date"
    assert referred == set(SCALARS)


def test_an_unknown_type_has_no_schema() -> None:
    """A type that is not registered is a KeyError."""
    with pytest.raises(KeyError):
        data_schema("iso20022.payment.nothing.v1")
