"""``check_tree``: every rule over one schema-valid tree, as findings in the order of the document."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lxml.etree import _Element

from broker.catalogue import Schema
from broker.catalogue.model import ChoiceGroup, Type
from broker.message.finding import Finding, Severity
from broker.validate.place import declared
from broker.validate.rules.plan import Plan, compile_plan
from broker.validate.rules.rule import Breach, Check, Run

MOST_FINDINGS: Final = 100
"""Findings of one tree; what breaks rules beyond is counted in one last finding, ``rules.more``."""

_NO_LINE: Final = 65_535  # libxml2 keeps a line in 16 bits: this one means that or any later


def check_tree(root: _Element, schema: Schema, run: Run | None = None) -> tuple[Finding, ...]:
    """Check a schema-valid ``root`` of ``schema``'s definition; nothing where no rule is broken.

    ``run`` is given where the tree is a slice of a message, whose own ``MOST_FINDINGS`` are for others to count.
    Of a tree that is not valid the findings may say anything, but nothing is raised.
    """
    found = _breaches(root, _plan(schema), run or Run())
    most = MOST_FINDINGS if run is None else len(found)
    return _findings(root, schema, found, most) if found else ()


def looks_at(root: _Element, schema: Schema, *, whole: bool = True) -> list[tuple[Check, _Element]]:
    """Give what the rules look at in a tree, whatever its values are; it is theirs to say whether they find anything.

    ``whole``: the elements are those of all trees that are meant, so what they alone decide is decided.
    """
    plan = _plan(schema)
    checked = root.iter(*plan.tags) if plan.tags else ()  # none would mean all to lxml
    looks = [(plan.checks[element.tag], element) for element in checked if element.tag in plan.checks]
    for each in plan.suspicions:
        suspected = root.xpath(each.where if whole else each.anywhere, namespaces={"n": schema.namespace})
        looks += [(each.check, element) for element in suspected]
    return looks


def findings_of(root: _Element, schema: Schema, breaches: Sequence[Breach]) -> tuple[Finding, ...]:
    """Say breaches that others have found in a tree, all of them, in the order of the document."""
    return _findings(root, schema, list(breaches), len(breaches)) if breaches else ()


def _breaches(root: _Element, plan: Plan, run: Run) -> list[Breach]:
    found: list[Breach] = []
    checks = plan.checks
    if plan.tags:  # none would mean all to lxml
        for element in root.iter(*plan.tags):
            check = checks.get(element.tag)
            if check is not None and (breaches := check(element, run)):
                found += breaches
    if plan.suspects is not None:
        for element in plan.suspects(root):
            found += plan.suspected[element.tag](element, run)
    return found


@dataclass(frozen=True, slots=True)
class _Child:
    """A child that a type declares, and whether there may be another of its tag."""

    tag: str
    type: str
    repeats: bool


def _described(type_: Type) -> Iterator[_Child]:
    elements = list(declared(type_))
    tags = Counter(element.tag for element in elements)
    groups = [each for each in getattr(type_, "particles", ()) if isinstance(each, ChoiceGroup)]
    again = {element.tag for group in groups if group.max_occurs != 1 for element in group.elements}
    for element in elements:
        repeats = element.max_occurs != 1 or tags[element.tag] > 1 or element.tag in again
        yield _Child(element.tag, element.type, repeats)


# Both by the schema's identity, as a catalogue keeps its schemas; the plan's entry keeps the schema alive.
_DECLARED: Final[dict[int, dict[str, dict[str, _Child]]]] = {}
_PLANS: Final[dict[int, tuple[Schema, Plan]]] = {}


def _plan(schema: Schema) -> Plan:
    """Compile a schema's plan once; schemas are shared values of a catalogue and are known by identity."""
    kept = _PLANS.get(id(schema))
    if kept is None:
        kept = _PLANS[id(schema)] = (schema, compile_plan(schema))
    return kept[1]


def _findings(root: _Element, schema: Schema, breaches: list[Breach], most: int) -> tuple[Finding, ...]:
    if len(breaches) > 1:
        tags = {breach.element.tag for breach in breaches}
        order = {element: place for place, element in enumerate(root.iter(*tags))}
        breaches.sort(key=lambda breach: order[breach.element])
    places = _Places(root, schema)
    told = [finding for breach in breaches[:most] if (finding := _finding(breach, places)) is not None]
    more = breaches[most:]
    if more:
        told.append(more_findings(len(more), wrong=any(breach.rule.severity is Severity.ERROR for breach in more)))
    return tuple(told)


def more_findings(count: int, *, wrong: bool) -> Finding:
    """Give the last finding: so many breaches beyond the first ``MOST_FINDINGS``, an error among them or not."""
    text = f"found {count:,} more breaches of rules; mend the first {MOST_FINDINGS} and check again"
    return Finding("rules.more", Severity.ERROR if wrong else Severity.WARNING, "", 0, text)


def _finding(breach: Breach, places: "_Places") -> Finding | None:
    path = places.path(breach.element)
    if path is None:
        return None  # within xs:any nothing is known of what a tag means
    where = f"{path}/{breach.child}" if breach.child else path
    line = breach.element.sourceline or 0
    return Finding(breach.rule.id, breach.rule.severity, where, line if line < _NO_LINE else 0, breach.text)


class _Places:
    """Paths of elements in ISO names. Siblings are numbered once a parent, so that many findings stay cheap."""

    def __init__(self, root: _Element, schema: Schema) -> None:
        self._schema = schema
        self._declared = _DECLARED.setdefault(id(schema), {})
        self._numbers: dict[tuple[_Element, str], dict[_Element, int]] = {}
        self._known: dict[_Element, tuple[str, str] | None] = {root: (f"/{schema.root.tag}", schema.root.type)}

    def path(self, element: _Element) -> str | None:
        """Give an element's path; None where the model does not describe it."""
        chain = []
        while element not in self._known:
            chain.append(element)
            element = element.getparent()
        known = self._known[element]
        for each in reversed(chain):
            if known is not None:
                path, type_name = known
                child = self._children(type_name).get(each.tag)
                known = None if child is None else (f"{path}/{child.tag}{self._position(each, child)}", child.type)
            self._known[each] = known
        return None if known is None else known[0]

    def _children(self, type_name: str) -> dict[str, _Child]:
        """What a type declares, by the tag as lxml gives it."""
        known = self._declared.get(type_name)
        if known is None:
            start = f"{{{self._schema.namespace}}}"
            children = _described(self._schema.types[type_name])
            known = self._declared[type_name] = {start + child.tag: child for child in children}
        return known

    def _position(self, element: _Element, child: _Child) -> str:
        if not child.repeats:
            return ""
        parent = element.getparent()
        key = (parent, element.tag)
        numbers = self._numbers.get(key)
        if numbers is None:
            same = parent.iterchildren(element.tag)
            numbers = self._numbers[key] = {sibling: number for number, sibling in enumerate(same, 1)}
        return f"[{numbers[element]}]" if len(numbers) > 1 else ""
