"""The canonical models: what they accept and refuse, and that every event type can be told from its name."""

import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from broker.transform.canonical.form import Canonical, Date, Decimal, Instant, Money, TimeOfDay
from broker.transform.canonical.registry import EVENTS, Generic
from broker.transform.mapping.shape import models, shapes

_NOT_MAPPED = {Canonical, Generic, Instant}
"""The form itself, the event that carries RA JSON as it is, and the value the engine builds from one text."""
_FAMILIES = "account|investigation|mandate|message|payment|request|system"


@pytest.mark.parametrize("event_type", EVENTS)
def test_event_types_follow_one_form(event_type: str) -> None:
    """Standard, family, what it is, version: lower case, joined by dots."""
    assert re.fullmatch(rf"iso20022\.({_FAMILIES})\.[a-z]+(-[a-z]+)*\.v[1-9]\d*", event_type)


@pytest.mark.parametrize("event_type", EVENTS)
def test_event_types_are_documented(event_type: str) -> None:
    """docs/events.md is the contract with those who read events: it names each type."""
    page = Path(__file__).parents[3] / "docs" / "events.md"

    assert f"`{event_type}`" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "model", [each for each in models().values() if each not in _NOT_MAPPED], ids=lambda m: m.__name__
)
def test_every_model_can_be_mapped(model: type[Canonical]) -> None:
    """Each field is a scalar of a known kind, words, or another model; absence is the only default."""
    fields = shapes(model)

    assert fields.keys() == model.model_fields.keys()
    for name, shape in fields.items():
        assert [shape.kind, shape.model, shape.words or None].count(None) == 2, name
        assert shape.required or model.model_fields[name].default is None


@pytest.mark.parametrize("model", models().values(), ids=lambda model: model.__name__)
def test_every_model_says_what_it_is(model: type[Canonical]) -> None:
    """A model is described in a sentence, frozen and closed."""
    assert model.__doc__
    assert model.__doc__ != Canonical.__doc__ or model is Canonical
    assert model.model_config.get("frozen")
    assert model.model_config.get("extra") == "forbid"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Decimal, ["1", "-1.50", "+.5", "5.", "007"], ["", "1e3", "NaN", "1,5", ".", 1.5]),
        (Date, ["2025-11-03", "2025-11-03Z", "2025-11-03+02:00", "-0044-03-15"], ["03.11.2025", "2025-11-3", ""]),
        (TimeOfDay, ["16:30:00", "16:30:00.5Z", "16:30:00-05:00"], ["16:30", "4pm"]),
    ],
)
def test_scalars_accept_what_a_message_may_write(kind: type[str], good: list[str], bad: list[object]) -> None:
    """Lexical forms of the standard pass as they are, others and numbers of the machine do not."""
    adapter = TypeAdapter(kind)

    assert [adapter.validate_python(each) for each in good] == good
    for each in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(each)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"utc": "2025-11-03T09:00:00Z", "local": "2025-11-03T09:00:00"},
        {"local": "2025-11-03T09:00:00", "offset": "+01:00"},
        {"utc": "2025-11-03T09:00:00+01:00"},
        {"local": "2025-11-03T09:00:00Z"},
    ],
)
def test_instant_is_exactly_one_thing(given: dict[str, str]) -> None:
    """An instant in UTC, a local time, or as written: never two, never none, and the offset only beside UTC."""
    with pytest.raises(ValidationError):
        Instant.model_validate(given)


def test_money_is_text_with_its_currency() -> None:
    """An amount is never a float and never without a currency; unknown members are refused."""
    money = Money.model_validate({"currency": "EUR", "amount": "1234.50"})

    assert money.amount == "1234.50"
    for wrong in ({"currency": "EUR", "amount": 1.5}, {"amount": "1"}, {"currency": "EUR", "amount": "1", "sign": "-"}):
        with pytest.raises(ValidationError):
            Money.model_validate(wrong)
