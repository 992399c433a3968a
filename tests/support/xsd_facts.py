"""What an XSD says, as plain values to compare: read apart from the importer, so that no fault of its can hide itself.

Reads with the standard library's parser and asks the standard library's regular expressions what a pattern means. Two
XSDs give equal facts where they agree in order, cardinality, types, facets, attributes, root and namespace, however
they are spelled.
"""

import importlib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from typing import Any

XS = "{http://www.w3.org/2001/XMLSchema}"
_sre = importlib.import_module("re._parser")

Facts = dict[str, Any]


def facts(text: str | bytes) -> Facts:
    """Give everything an XSD says. Raises ValueError at an element or attribute that these facts have no place for."""
    schema = ET.fromstring(text)
    types = {node.get("name"): _type(node) for node in schema if node.tag != f"{XS}element"}
    roots = [_element(node) for node in schema if node.tag == f"{XS}element"]
    settings = {name: value for name, value in schema.items() if name != "targetNamespace"}
    return {"namespace": schema.get("targetNamespace"), "settings": settings, "roots": roots, "types": types}


def _type(node: ET.Element) -> object:
    if node.tag == f"{XS}simpleType":
        (restriction,) = node
        found: dict[str, list[str]] = {}
        for facet in restriction:
            value = facet.attrib["value"]
            found.setdefault(facet.tag, []).append(_meaning(value) if facet.tag == f"{XS}pattern" else value)
        return "simple", restriction.get("base"), {name: sorted(values) for name, values in found.items()}
    (content,) = node
    if content.tag == f"{XS}simpleContent":
        (extension,) = content
        (attribute,) = extension
        return "amount", extension.get("base"), sorted(attribute.items())
    if content.tag == f"{XS}choice":
        return "complex", [_group(content)]
    if content.tag == f"{XS}sequence" and not content.attrib:
        return "complex", list(_particles(content))
    raise ValueError(f"{content.tag} has no place")


def _particles(node: ET.Element) -> Iterator[object]:
    for child in node:
        if child.tag == f"{XS}element":
            yield _element(child)
        elif child.tag == f"{XS}choice":
            yield _group(child)
        elif child.tag == f"{XS}any":
            yield "any", sorted(child.items())
        else:
            raise ValueError(f"{child.tag} has no place")


def _group(node: ET.Element) -> object:
    return "choice", _occurs(node), list(_particles(node))


def _element(node: ET.Element) -> object:
    unknown = set(node.attrib) - {"name", "type", "minOccurs", "maxOccurs"}
    if unknown or len(node):
        raise ValueError(f"{sorted(unknown)} has no place")
    return node.get("name"), node.get("type"), _occurs(node)


def _occurs(node: ET.Element) -> tuple[str, str]:
    return node.get("minOccurs", "1"), node.get("maxOccurs", "1")


def _meaning(pattern: str) -> str:
    """What a pattern means, whatever its spelling: its syntax tree, with repetitions of exactly one undone."""
    return repr(_tree(_sre.parse(pattern).data))


def _tree(data: Iterable[tuple[object, Any]]) -> list[object]:
    flat: list[object] = []
    for operation, value in data:
        name = str(operation)
        if name == "MAX_REPEAT" and value[:2] == (1, 1):
            flat.extend(_tree(value[2].data))
        elif name == "MAX_REPEAT":
            flat.append((name, int(value[0]), str(value[1]), _tree(value[2].data)))
        elif name == "SUBPATTERN":
            flat.append((name, _tree(value[3].data)))
        elif name == "BRANCH":
            flat.append((name, [_tree(each.data) for each in value[1]]))
        elif name == "IN" and len(value) == 1 and str(value[0][0]) == "LITERAL":
            flat.append(("LITERAL", value[0][1]))
        else:
            flat.append((name, repr(value)))
    return flat
