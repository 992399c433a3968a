"""Invented examples, put together from the schemas: what must be there, and of the rest what readers look for first.

Pure. A member's value is one for its name where there is one here, else one of its scalar. People and accounts are
invented; the account numbers are test numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_BY_NAME: Final[Mapping[str, str]] = {
    "account_servicer_reference": "ASR-7702-41",
    "bic": "ZNLTDEB0XXX",
    "code": "OTHR",
    "creditor_account.iban": "GB33BUKB20201555555555",
    "creditor.name": "Orla Fenwick",
    "building_number": "12",
    "end_to_end_id": "E2E-2026-0302-17",
    "iban": "DE75512108001245126199",
    "id": "MSG-2026-0302-17",
    "instruction_id": "INS-2026-0302-17",
    "message_id": "MSG-2026-0301-04",
    "message_name": "pacs.008.001.08",
    "name": "Marisa Krombacher",
    "payment_information_id": "BATCH-2026-0302",
    "payment_method": "TRF",
    "post_code": "10115",
    "purpose.code": "SALA",
    "reason": "format",
    "reason.code": "AC04",
    "rejected_reference": "MSG-2026-0301-04",
    "street": "Lindenweg",
    "town": "Berlin",
    "transaction_id": "TX-2026-0302-17",
    "uetr": "7b0f4a6e-3c1d-4f5e-9a2b-6d8e0c4f1a37",
}
"""Texts for members of these names; before the dot, the member that they are in."""

_SHOWN: Final = frozenset(
    {
        *(_BY_NAME.keys() - {"name"}),
        *("country", "creditor", "creditor_account", "debtor_account", "original_message", "original_references"),
        *("outcome", "reasons", "settlement_date", "unstructured"),
    }
)
"""Optional members that an example has."""

_NAMED: Final = "Party"
"""The part whose examples have a name; a bank or an account has other marks."""


def example(name: str, parts: Mapping[str, dict[str, Any]]) -> Any:  # noqa: ANN401 - JSON
    """Give an example of a part; equal parts give equal examples."""
    return _Example(parts).of({"$ref": name}, "", "")


@dataclass(frozen=True, slots=True)
class _Example:
    parts: Mapping[str, dict[str, Any]]

    def of(self, schema: Mapping[str, Any], name: str, within: str) -> Any:  # noqa: ANN401 - JSON
        """Give an example of a member ``name`` of the member ``within``."""
        if "$ref" in schema:
            return self._part(schema["$ref"].rpartition("/")[2], name, within)
        if "examples" in schema:
            return schema["examples"][0]
        if "anyOf" in schema:
            return self.of(schema["anyOf"][0], name, within)
        if schema.get("type") == "array":
            return [self.of(schema["items"], name, within)]
        if "properties" in schema:
            return self._object(schema, name, ())
        return schema["const"] if "const" in schema else schema.get("enum", [_PLAIN.get(schema.get("type", ""))])[0]

    def _part(self, part: str, name: str, within: str) -> Any:  # noqa: ANN401 - JSON
        schema = self.parts[part]
        if part == "Text" and name in _BY_NAME:
            return _BY_NAME.get(f"{within}.{name}", _BY_NAME[name])
        if "properties" not in schema or part in ("Origin", "CommandOrigin"):
            return schema["examples"][0]
        return self._object(schema, name, ("name",) if part == _NAMED else ())

    def _object(self, schema: Mapping[str, Any], name: str, more: tuple[str, ...]) -> dict[str, Any]:
        members: Mapping[str, Mapping[str, Any]] = schema["properties"]
        wanted = {*schema.get("required", ()), *_SHOWN, *more}
        shown = [each for each in members if each in wanted] or list(members)[:1]
        return {each: self.of(members[each], each, name) for each in shown}


_PLAIN: Final[Mapping[str, object]] = {
    "string": "text",
    "integer": 1,
    "boolean": True,
    "object": {"Document": {"SysEvtAck": {"MsgId": {"MsgId": _BY_NAME["id"]}}}},
}
"""What stands where a schema says no more than its type; the one free object is RA JSON."""
