"""The page about events names each type there is, and none besides; whatever a reader meets is described."""

import re
from collections import Counter

from broker.transform.mapping.shape import models
from broker.transform.schemas.data import BESIDE, PUBLISHED, event_schema, parts
from broker.transform.schemas.glossary import GLOSSARY
from tests.support.tree import ROOT

_ROW = re.compile(r"^\| `(iso20022\.[a-z.\-0-9]+)` \|", re.MULTILINE)


def test_every_type_has_its_row() -> None:
    """A reader finds on the page whatever is published."""
    rows = _ROW.findall((ROOT / "docs" / "events.md").read_text(encoding="utf-8"))

    assert set(rows) == set(PUBLISHED)
    assert len(rows) == len(set(rows))


def test_every_member_of_every_event_is_described() -> None:
    """Each field has a docstring in its model or a word in the glossary, and the published schemas say it."""
    schemas = {**parts(), **{event_type: event_schema(event_type) for event_type in PUBLISHED}}
    members = [
        (name, member, schema)
        for name, whole in schemas.items()
        for member, schema in whole.get("properties", {}).items()
        if member not in ("origin", *BESIDE)  # parts with descriptions of their own
    ]

    assert [(name, member) for name, member, schema in members if not schema.get("description")] == []


def test_the_glossary_says_what_several_models_share_and_no_more() -> None:
    """What one model alone has is described there, and what no field is called stands nowhere."""
    plain = Counter(
        name for model in models().values() for name, field in model.model_fields.items() if field.description is None
    )

    assert {name for name in GLOSSARY if plain[name] <= 1} == set()
