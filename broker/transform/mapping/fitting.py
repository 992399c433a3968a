"""Cuts RA JSON of an invalid message down to what its type model knows, so that a mapping can read what is there.

A lenient channel accepts such messages with their findings, which say what is wrong; an event made of one has the
right shape and lacks what did not fit. Scalars are kept whatever they say.
"""

from collections.abc import Mapping
from typing import Any

from broker.transform.mapping.schema_view import SchemaView


def fitting(value: object, type_name: str, view: SchemaView) -> Any:  # noqa: ANN401 - any RA JSON value
    """Give the parts of a value that have the shape of a type; None where nothing has."""
    if view.is_amount(type_name):
        whole = isinstance(value, Mapping) and all(isinstance(value.get(name), str) for name in ("amt", "Ccy"))
        return value if whole else None
    children = view.children(type_name)
    if not children:
        return value if isinstance(value, str) else None
    if not isinstance(value, Mapping):
        return None
    fit: dict[str, Any] = {}
    for tag, each in value.items():
        if tag not in children:
            continue
        step, child_type = children[tag]
        several = each if isinstance(each, list) else [each]
        kept = [made for one in several if (made := fitting(one, child_type, view)) is not None]
        if kept:
            fit[tag] = kept if step.many else kept[0]
    return fit
