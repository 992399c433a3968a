"""RA JSON → XML: schema-valid, or refused with findings.

Owns the outer shape of the output (declaration, wrapper, header beside document, namespaces) and the last word of the
schema's validator on it. Must not know channels: the caller says which wrapper and which header definition.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lxml import etree

from broker.catalogue.model import Schema
from broker.errors import ConfigurationError
from broker.message.finding import Finding, Severity
from broker.transform.ra_json.content import hardened_parser
from broker.transform.ra_json.place import Writing
from broker.transform.ra_json.plan import plan, refuse_unknown
from broker.transform.ra_json.source import Repeated, read_json

if TYPE_CHECKING:
    from broker.catalogue.catalogue import Catalogue

_HEADER = "AppHdr"
_WRAPPER = re.compile(r"(?:\{([^{}<>&\"\s]+)\})?([A-Za-z_][A-Za-z0-9_.-]*)")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def to_xml(
    source: Mapping[str, object] | bytes,
    definition: str,
    catalogue: "Catalogue",
    *,
    wrapper: str | None = None,
    header: str = "head.001.001.02",
) -> bytes | tuple[Finding, ...]:
    """Give the XML of an RA JSON message (an object, or JSON bytes), in UTF-8 with a declaration.

    ``{"Document": …}`` gives a bare document. With ``"AppHdr"`` beside it the header is written in the definition
    ``header`` and both stand in an element called ``wrapper``, in Clark notation (``{namespace}Name``) where it has a
    namespace; without a wrapper it is refused. What
    comes back is schema-valid; findings carry the path in the JSON, in schema order, a hundred at most, and show no
    value. Raises CatalogueError for an unknown definition and ConfigurationError for a wrapper that is no XML name.
    """
    around = _around(wrapper)
    schema = catalogue.schema(definition)
    message = read_json(source) if isinstance(source, bytes) else source
    if isinstance(message, Finding):
        return (message,)
    parts = {definition: schema}
    if isinstance(message, Mapping) and _HEADER in message and schema.root.tag != _HEADER:
        parts = {header: catalogue.schema(header), definition: schema}
    to = Writing()
    texts = _written(message, parts, to)
    if len(parts) > 1 and wrapper is None:
        to.refuse("json.wrapper", (None, _HEADER, 0), "the channel names no wrapper to carry a header in")
    if to.findings:
        return tuple(to.findings)
    wrong = [finding for name, text in texts.items() for finding in _schema_findings(text, name, catalogue)]
    if wrong:
        return tuple(wrong)
    body = "".join(texts.values())
    start, end = around if len(parts) > 1 else ("", "")
    return f"{_DECLARATION}{start}{body}{end}".encode()


def _around(wrapper: str | None) -> tuple[str, str]:
    """Give the wrapper's start and end tag."""
    if wrapper is None:
        return "", ""
    match = _WRAPPER.fullmatch(wrapper)
    if match is None:
        raise ConfigurationError("the wrapper of an outbound channel must be an XML name, or {namespace}name")
    namespace, name = match.groups()
    return (f'<{name} xmlns="{namespace}">' if namespace else f"<{name}>"), f"</{name}>"


def _written(message: object, parts: Mapping[str, Schema], to: Writing) -> dict[str, str]:
    """Write each part, by definition; what is wrong goes to ``to.findings``."""
    if not isinstance(message, Mapping):
        repeated = isinstance(message, Repeated)
        text = "has the same member twice" if repeated else "expected an object"
        to.refuse("json.duplicate" if repeated else "json.type", None, text)
        return {}
    roots = {schema.root.tag: schema for schema in parts.values()}
    refuse_unknown(message, roots, None, to)
    texts = {}
    for definition, schema in parts.items():
        tag = schema.root.tag
        if tag not in message:
            to.refuse("json.missing", (None, tag, 0), "is missing")
            continue
        plan(schema)(message[tag], f'{tag} xmlns="{schema.namespace}"', (None, tag, 0), to)
        texts[definition] = "".join(to.out)
        to.out.clear()
    return texts


def _schema_findings(text: str, definition: str, catalogue: "Catalogue") -> list[Finding]:
    """Ask the schema's own validator. It seldom finds anything: the plan has checked all the type model says."""
    try:
        document = etree.fromstring(text, hardened_parser())
    except etree.XMLSyntaxError:
        return [Finding("json.schema", Severity.ERROR, "", 0, "a text in it is longer than an XML parser takes")]
    validator = catalogue.validator(definition)
    if validator.validate(document):
        return []
    rules = sorted({entry.type_name.removeprefix("SCHEMAV_") for entry in validator.error_log})
    return [Finding("json.schema", Severity.ERROR, "", 0, f"{definition} does not permit it: {rule}") for rule in rules]
