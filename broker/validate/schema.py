"""``schema.*``: what the definition's schema refuses, said by the type model.

libxml2 decides; which rule broke is read from its error code, where from its path, and what was found and expected
from the message and the type model. Its own texts quote the message and are never used.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from lxml import etree

from broker.catalogue import Catalogue, Schema
from broker.catalogue.model import AmountType, ChoiceType, SequenceType, SimpleType
from broker.message.finding import Finding, Severity
from broker.validate.content import ContentProblem, explain
from broker.validate.expected import expected_value, hint, one_of
from broker.validate.found import found_value, shown_name
from broker.validate.place import Place, declared, find_place, local_name
from broker.validate.subject import Subject
from broker.validate.wide import Reports, reports_on

MOST_FINDINGS: Final = 100
"""Findings of one document or header; what is wrong beyond is counted in one last finding, ``schema.more``."""

_NO_LINE: Final = 65_535  # libxml2 keeps a line in 16 bits: this one means that or any later
_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_XSI_HARMLESS: Final = (f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation", f"{_XSI}type", f"{_XSI}nil")
_E: Final = etree.ErrorTypes

_VALUE_RULES: Final = {
    _E.SCHEMAV_CVC_PATTERN_VALID: "pattern",
    _E.SCHEMAV_CVC_ENUMERATION_VALID: "enumeration",
    _E.SCHEMAV_CVC_LENGTH_VALID: "length",
    _E.SCHEMAV_CVC_MINLENGTH_VALID: "length",
    _E.SCHEMAV_CVC_MAXLENGTH_VALID: "length",
    _E.SCHEMAV_CVC_TOTALDIGITS_VALID: "digits",
    _E.SCHEMAV_CVC_FRACTIONDIGITS_VALID: "digits",
    _E.SCHEMAV_CVC_MININCLUSIVE_VALID: "minimum",
    _E.SCHEMAV_CVC_DATATYPE_VALID_1_2_1: "type",
    _E.SCHEMAV_CVC_DATATYPE_VALID_1_2_2: "type",
    _E.SCHEMAV_CVC_DATATYPE_VALID_1_2_3: "type",
}
_LACKING: Final = ("missing", "choice")
_NUMBER_RULES: Final = ("digits", "minimum", "type")


def check(subject: Subject, catalogue: Catalogue) -> Iterable[Finding]:
    """Check the document by the schema of its definition."""
    reports = reports_on(subject.document, catalogue.validator(subject.definition), subject.size)
    return () if reports is None else explained(reports, catalogue.schema(subject.definition), "schema")


def explained(reports: Reports, schema: Schema, family: str) -> Iterator[Finding]:
    """Say libxml2's reports on a root element of ``schema``, in their order; rules are ``<family>.<rule>``.

    One finding a place: libxml2 may report a value twice, once for the facet and once for its type.
    """
    told: set[str] = set()
    more = reports.more
    for entry in reports.log:
        if len(told) == MOST_FINDINGS:
            more += 1
            continue
        place = find_place(reports.root, entry.path or "", schema)
        problem = _problem(entry.type, place, schema)
        # An element of which something was told already lacks its children for the same reason.
        if problem.path in told or (problem.rule in _LACKING and place.path in told):
            continue
        told.add(problem.path)
        yield Finding(f"{family}.{problem.rule}", Severity.ERROR, problem.path, _line(entry.line), problem.text)
    if more:
        text = f"found {more:,} more problems; mend the first {len(told)} and check again"
        yield Finding(f"{family}.more", Severity.ERROR, "", 0, text)


def _line(line: int) -> int:
    return line if line < _NO_LINE else 0


def _problem(code: int, place: Place, schema: Schema) -> ContentProblem:
    rule = _VALUE_RULES.get(code)
    if rule is not None:
        return _value(rule, place, schema)
    return _STRUCTURE.get(code, _other)(place)


def _value(rule: str, place: Place, schema: Schema) -> ContentProblem:
    type_, path, text = place.type, place.path, place.element.text or ""
    if isinstance(type_, AmountType):
        # Digits and bounds are the amount's, patterns and lengths the currency's: no type of the standard has both.
        if rule in _NUMBER_RULES:
            type_ = schema.types[type_.value]
        else:
            path, text = f"{path}/@{type_.attribute}", place.element.get(type_.attribute, "")
            type_ = schema.types[type_.currency]
    if not isinstance(type_, SimpleType):
        return _other(place)
    found = f"found {found_value(text, type_)}; expected {expected_value(type_)}{hint(text, type_)}"
    return ContentProblem(rule, path, found)


def _text_between(place: Place) -> ContentProblem:
    names = [element.tag for element in declared(place.type)]
    within = one_of(names) if isinstance(place.type, ChoiceType) or len(names) == 1 else "elements"
    found = f"found text in {local_name(place.element)}; expected {within} in it"
    return ContentProblem("text", place.path, found)


def _elements_within(place: Place) -> ContentProblem:
    found = f"found elements in {local_name(place.element)}; expected a value"
    return ContentProblem("unexpected", place.path, found)


def _attribute_unknown(place: Place) -> ContentProblem:
    allowed = (place.type.attribute,) if isinstance(place.type, AmountType) else ()
    names = [name for name in place.element.attrib if name not in {*allowed, *_XSI_HARMLESS}]
    name = shown_name(names[0].rpartition("}")[2]) if names else "an attribute"
    expected = f"only {allowed[0]}" if allowed else "no attribute"
    return ContentProblem("attribute", f"{place.path}/@{name}", f"found the attribute {name}; expected {expected}")


def _attribute_missing(place: Place) -> ContentProblem:
    name = place.type.attribute if isinstance(place.type, AmountType) else "an attribute"
    found = f"found no attribute {name}; expected the currency in it"
    return ContentProblem("attribute", f"{place.path}/@{name}", found)


def _instance_attribute(place: Place) -> ContentProblem:
    found = f"found xsi:nil or xsi:type on {local_name(place.element)}; no element of ISO 20022 has either"
    return ContentProblem("attribute", place.path, found)


def _root(place: Place) -> ContentProblem:
    return ContentProblem("root", place.path, f"found {local_name(place.element)}, which is the root of no definition")


def _other(place: Place) -> ContentProblem:
    described = isinstance(place.type, SequenceType | ChoiceType | SimpleType | AmountType)
    expected = "what its type allows" if described else "what its own schema allows"
    return ContentProblem("content", place.path, f"found content of {local_name(place.element)} that is not {expected}")


_STRUCTURE: Final[dict[int, Callable[[Place], ContentProblem]]] = {
    _E.SCHEMAV_ELEMENT_CONTENT: explain,
    _E.SCHEMAV_CVC_COMPLEX_TYPE_2_3: _text_between,
    _E.SCHEMAV_CVC_COMPLEX_TYPE_2_2: _elements_within,
    _E.SCHEMAV_CVC_TYPE_3_1_2: _elements_within,
    _E.SCHEMAV_CVC_COMPLEX_TYPE_3_2_1: _attribute_unknown,
    _E.SCHEMAV_CVC_TYPE_3_1_1: _attribute_unknown,
    _E.SCHEMAV_CVC_COMPLEX_TYPE_4: _attribute_missing,
    _E.SCHEMAV_CVC_ELT_3_1: _instance_attribute,
    _E.SCHEMAV_CVC_ELT_4_1: _instance_attribute,
    _E.SCHEMAV_CVC_ELT_4_2: _instance_attribute,
    _E.SCHEMAV_CVC_ELT_4_3: _instance_attribute,
    _E.SCHEMAV_CVC_ELT_1: _root,
}
