"""A model as JSON Schema (draft 2020-12): the published shape of a definition's RA JSON.

Owns the form of objects, after the ISO 20022 Technical Support Group's recommendation named in ``RECOMMENDATION``;
scalars are json_scalar.py's. What the recommendation leaves open is fixed here: an ``xs:any`` is one string, and an
element that may be empty in XML may be the empty object, for else a valid message would have no valid JSON.
"""

from collections.abc import Iterator
from typing import Final

from broker.catalogue.json_scalar import write_scalar
from broker.catalogue.model import (
    AmountType,
    AnyContent,
    ChoiceGroup,
    ChoiceType,
    Element,
    Schema,
    SequenceType,
    SimpleType,
    Type,
)

RECOMMENDATION: Final = "Generation of JSON Schema Draft 2020-12 for ISO 20022:2013 (2025-03-21)"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ID_PREFIX: Final = "urn:iso:std:iso:20022:tech:json:"

Keywords = dict[str, object]


def write_json_schema(schema: Schema) -> Keywords:
    """Give the JSON Schema of a definition.

    A document may have its business header beside it, as any object: the header's own definition says its shape.
    """
    writer = _Writer(schema)
    header: Keywords = {"AppHdr": {"type": "object"}} if schema.root.tag == "Document" else {}
    return {
        "$schema": DIALECT,
        "$id": ID_PREFIX + schema.definition,
        "$comment": f"After {RECOMMENDATION}",
        "type": "object",
        "additionalProperties": False,
        "required": [schema.root.tag],
        "properties": header | {schema.root.tag: writer.member(schema.root)},
        "$defs": dict(writer.definitions()),
    }


def json_schema_file_name(schema: Schema) -> str:
    """The file name a definition's JSON Schema is published under: ``<definition>-<MessageName>.schema.json``."""
    match schema.types[schema.root.type]:
        case SequenceType(name, (Element(type=message),)) if name == schema.root.tag:
            return f"{schema.definition}-{message}.schema.json"
        case _:
            return f"{schema.definition}-{schema.root.type}.schema.json"


class _Writer:
    """Writes the types of one definition, each once."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def definitions(self) -> Iterator[tuple[str, Keywords]]:
        for declared in self._schema.types.values():
            name = self._anchor(declared.name)
            yield name, {"$anchor": name} | self._type(declared)

    def member(self, element: Element) -> Keywords:
        """What stands under a tag: one value, or an array where it may repeat."""
        one: Keywords = {"$ref": f"#{self._anchor(element.type)}"}
        if _may_be_empty(self._schema.types[element.type]):
            one = {"anyOf": [one, {"type": "object", "maxProperties": 0}]}
        low, high = element.min_occurs, element.max_occurs
        if high == 1:
            return one
        many: Keywords = {"type": "array", "minItems": max(low, 1), "items": one}
        if high is not None:
            many["maxItems"] = high
        return many if low > 1 else {"anyOf": [one, many]}

    def _anchor(self, name: str) -> str:
        """The name of a type's subschema; the document's is ``_Document``."""
        return f"_{name}" if name == self._schema.root.tag else name

    def _type(self, declared: Type) -> Keywords:
        match declared:
            case SimpleType():
                return write_scalar(declared)
            case AmountType():
                members = {"amt": declared.value, declared.attribute: declared.currency}
                properties: Keywords = {tag: {"$ref": f"#{self._anchor(name)}"} for tag, name in members.items()}
                return _object(properties, list(members))
            case ChoiceType():
                alternatives: Keywords = {element.tag: self.member(element) for element in declared.elements}
                return _object(alternatives, []) | {"minProperties": 1, "maxProperties": 1}
            case SequenceType(_, (AnyContent(),)):
                return {"type": "string", "minLength": 1}
            case _:
                return self._sequence(declared)

    def _sequence(self, declared: SequenceType) -> Keywords:
        properties: Keywords = {}
        required: list[str] = []
        groups: list[Keywords] = []
        for particle in declared.particles:
            match particle:
                case Element():
                    properties[particle.tag] = self.member(particle)
                    if particle.min_occurs:
                        required.append(particle.tag)
                case ChoiceGroup():
                    properties |= {element.tag: self.member(element) for element in particle.elements}
                    groups.append(_one_of(particle))
                case AnyContent():
                    pass  # beside elements there is no member to hold it; the importer refuses such a type
        keywords = _object(properties, required)
        if not required:
            keywords["minProperties"] = 1
        if groups:
            keywords["allOf"] = groups
        return keywords


def _object(properties: Keywords, required: list[str]) -> Keywords:
    keywords: Keywords = {"type": "object", "additionalProperties": False, "properties": properties}
    return keywords | ({"required": required} if required else {})


def _one_of(group: ChoiceGroup) -> Keywords:
    """Exactly one alternative is there; or none, where the group or one of its alternatives may be absent."""
    present: list[Keywords] = [{"required": [element.tag]} for element in group.elements]
    if not _optional(group):
        return {"oneOf": present}
    return {"oneOf": [*present, {"not": {"anyOf": present}}]}


def _optional(group: ChoiceGroup) -> bool:
    return group.min_occurs == 0 or any(element.min_occurs == 0 for element in group.elements)


def _may_be_empty(declared: Type) -> bool:
    """Whether an element of this type may have no content at all."""
    match declared:
        case SequenceType():
            return all(
                _optional(particle) if isinstance(particle, ChoiceGroup) else particle.min_occurs == 0
                for particle in declared.particles
            )
        case ChoiceType():
            return any(element.min_occurs == 0 for element in declared.elements)
        case _:
            return False
