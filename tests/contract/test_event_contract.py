"""The contract with those who read events: kept, and each kind of break noticed."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.event_contract import Contract, changes, current, files, published

TRANSFER = "iso20022.payment.transfer.v1"
STATUS = "iso20022.payment.status.v1"

Mutation = Callable[[dict[str, Any], dict[str, Any]], object]
"""Changes a contract: (schemas by type, parts by name)."""


def _members(schemas: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = schemas[name]["properties"]
    return found


BREAKS: dict[str, tuple[Mutation, str]] = {
    "a member is gone": (lambda types, _: _members(types, TRANSFER).pop("purpose"), f"{TRANSFER}: purpose: is gone"),
    "a member is renamed": (
        lambda types, _: _members(types, TRANSFER).update(why=_members(types, TRANSFER).pop("purpose")),
        f"{TRANSFER}: purpose: is gone",
    ),
    "a member is not always there": (
        lambda types, _: types[TRANSFER]["required"].remove("debtor"),
        f"{TRANSFER}: debtor: is not always there any more",
    ),
    "a member must be there": (
        lambda types, _: types[TRANSFER]["required"].append("purpose"),
        f"{TRANSFER}: purpose: must be there now",
    ),
    "a new member must be there": (
        lambda types, _: (
            _members(types, TRANSFER).update(extra={"type": "string"}),
            types[TRANSFER]["required"].append("extra"),
        ),
        f"{TRANSFER}: extra: is new, and must be there",
    ),
    "a code more": (
        lambda types, _: _members(types, TRANSFER)["charge_bearer"]["enum"].append("nobody"),
        f"{TRANSFER}: charge_bearer: was",
    ),
    "a code less": (
        lambda types, _: _members(types, TRANSFER)["charge_bearer"]["enum"].pop(),
        f"{TRANSFER}: charge_bearer: was",
    ),
    "a scalar is another": (
        lambda types, _: _members(types, TRANSFER).update(settlement_date={"$ref": "#/$defs/Text"}),
        f"{TRANSFER}: settlement_date: was",
    ),
    "a scalar is wider": (
        lambda _, parts: parts["Text"].pop("minLength"),
        f"{TRANSFER}: message.id: was minLength 1",
    ),
    "a scalar is narrower": (
        lambda _, parts: parts["Currency"].update(pattern="^EUR$"),
        f"{TRANSFER}: settlement.account.currency: was pattern",
    ),
    "one becomes many": (
        lambda types, _: _members(types, TRANSFER).update(purpose={"type": "array", "items": {"$ref": "#/$defs/Code"}}),
        f"{TRANSFER}: purpose",
    ),
    "many become one": (
        lambda types, _: _members(types, TRANSFER).update(charges={"$ref": "#/$defs/Charge"}),
        f"{TRANSFER}: charges",
    ),
    "a list holds something else": (
        lambda types, _: _members(types, TRANSFER)["charges"].update(items={"$ref": "#/$defs/Code"}),
        f"{TRANSFER}: charges[]",
    ),
    "a shared part loses a member": (
        lambda _, parts: _members(parts, "Party").pop("name"),
        f"{STATUS}: reasons[].originator.name: is gone",
    ),
    "an object is opened": (
        lambda types, _: types[TRANSFER].update(additionalProperties=True),
        f"{TRANSFER}: the data: was",
    ),
    "a type is gone": (lambda types, _: types.pop(TRANSFER), f"{TRANSFER}: the data: the type is gone"),
}

KEEPS: dict[str, Mutation] = {
    "an optional member more": lambda types, _: _members(types, TRANSFER).update(extra={"$ref": "#/$defs/Text"}),
    "an optional member more in a shared part": lambda _, parts: _members(parts, "Party").update(
        extra={"$ref": "#/$defs/Text"}
    ),
    "a type more": lambda types, _: types.update({"iso20022.payment.new.v1": types[TRANSFER]}),
    "another order": lambda types, _: types[TRANSFER].update(
        properties=dict(reversed(_members(types, TRANSFER).items()))
    ),
    "a part is called otherwise": lambda types, parts: (
        parts.update(Whoever=parts["Party"]),
        _members(types, TRANSFER).update(debtor={"$ref": "#/$defs/Whoever"}),
    ),
    "a version is raised": lambda types, _: types.update(
        {TRANSFER.replace(".v1", ".v2"): {"type": "object", "properties": {}, "gone": types.pop(TRANSFER) is None}}
    ),
}


def _mutated(mutate: Mutation) -> Contract:
    now = current()
    types, parts = copy.deepcopy(dict(now.types)), copy.deepcopy(dict(now.parts))
    mutate(types, parts)
    return Contract(types, parts)


def test_no_reader_breaks() -> None:
    """What is published now can be read by whoever reads what was published; else raise the version of the type."""
    assert [str(each) for each in changes(published(), current()) if each.breaks] == []


def test_what_is_published_is_written_down() -> None:
    """The files are those of the models; `python -m tests.support.event_contract` writes them anew."""
    assert files(published()) == files(current())


@pytest.mark.parametrize("kind", BREAKS)
def test_a_break_is_noticed(kind: str) -> None:
    """Each kind of change that would break a reader, or a writer of commands, is told where it is."""
    mutate, told = BREAKS[kind]

    found = [str(each) for each in changes(current(), _mutated(mutate)) if each.breaks]

    assert any(each.startswith(told) for each in found), found[:5]


@pytest.mark.parametrize("kind", KEEPS)
def test_what_breaks_nobody_is_let_by(kind: str) -> None:
    """A change that readers need not know of breaks nothing."""
    assert [str(each) for each in changes(current(), _mutated(KEEPS[kind])) if each.breaks] == []


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """The files hold the whole contract."""
    for name, text in files(current()).items():
        (tmp_path / name).write_text(text)

    assert changes(published(tmp_path), current()) == changes(current(), published(tmp_path)) == []
