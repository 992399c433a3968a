"""What is looked at in messages of one definition: compiled once from its type model.

An element's check follows from its tag alone wherever the definition gives a tag one meaning, and else from the tags
above it, as many as it takes: ``Cd`` is a purpose in ``Purp`` and a service level in ``SvcLvl``. Checking a message
is then one pass of libxml2 over the elements with those tags, and one XPath that finds what else is suspicious.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from lxml.etree import XPath, _Element

from broker.catalogue import Schema
from broker.catalogue.model import Element, Type
from broker.validate.place import declared
from broker.validate.rules import (
    agent,
    amount,
    bic,
    code,
    country,
    currency,
    date,
    duplicate,
    entry,
    group,
    iban,
    lei,
    total,
    uetr,
)
from broker.validate.rules.rule import NONE, Breach, Check, Member, Rule, Run, Suspicion

FAMILIES: Final = (
    iban,
    bic,
    lei,
    country,
    currency,
    code,
    uetr,
    duplicate,
    total,
    entry,
    group,
    amount,
    agent,
    date,
)
RULES: Final[Mapping[str, Rule]] = {rule.id: rule for family in FAMILIES for rule in family.RULES}
"""Every rule by its id, in the order of the families."""

_DEEPEST: Final = 8  # tags above an element that may tell what it is; the standard needs four
_MOST_PATHS: Final = 8  # of one element; beyond, it is looked for anywhere

_Checks = tuple[Check, ...]
_Tree: TypeAlias = "_Checks | dict[str, _Tree]"  # the checks of an element, or a table by the tag above
_Above: TypeAlias = "dict[str, Check | _Above]"  # the same with one check for all
_Holder = tuple[str, _Checks]  # the type that holds an element, or holds what holds it; and the element's checks
_References = Mapping[str, Sequence[tuple[str, str]]]  # by type: which types have a child of it, by which tag


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look at: the check of each tag in Clark notation, and of each tag that ``suspects`` gives.

    ``tags`` are those of ``checks``, but of any namespace: lxml is faster with these. ``suspects`` is an expression to
    be asked of the root; None where there is none. ``suspicions`` are the same one by one.
    """

    tags: tuple[str, ...]
    checks: Mapping[str, Check]
    suspects: XPath | None
    suspected: Mapping[str, Check]
    suspicions: Sequence["Suspected"]


@dataclass(frozen=True, slots=True)
class Suspected:
    """A suspicion in a definition: an expression gives the elements ``anywhere`` that it may be of.

    ``where`` leaves out those of which it cannot be, whatever their values are. Neither is compiled: they are asked of
    the few messages that are learnt.
    """

    check: Check
    anywhere: str
    where: str


def compile_plan(schema: Schema) -> Plan:
    """Make the plan of a definition."""
    start = f"{{{schema.namespace}}}"
    holders: dict[str, set[_Holder]] = defaultdict(set)
    references: dict[str, list[tuple[str, str]]] = defaultdict(list)
    suspicions: dict[str, dict[Suspicion, list[str]]] = defaultdict(lambda: defaultdict(list))
    for owner in schema.types.values():
        for element in declared(owner):
            references[element.type].append((owner.name, element.tag))
            wanted = _wanted(element, owner, schema)
            holders[element.tag].add((owner.name, tuple(each for each in wanted if not isinstance(each, Suspicion))))
            for each in wanted:
                if isinstance(each, Suspicion):
                    suspicions[element.tag][each].append(owner.name)
    checks = {
        start + tag: _check_of(tree)
        for tag, of_tag in holders.items()
        if (tree := _distinguish(frozenset(of_tag), references, start, _DEEPEST)) != ()
    }
    return Plan(tuple(tag.replace(start, "{*}") for tag in checks), checks, *_suspects(suspicions, references, schema))


def _check_of(tree: _Tree) -> Check:
    """Make one check of several, or of a table by the tag above, and where need be by the tag above that."""
    if isinstance(tree, tuple):
        return tree[0] if len(tree) == 1 else _all_of(tree)
    above = _by_tag_above(tree)

    def check(element: _Element, run: Run) -> Sequence[Breach]:
        known: _Above | Check | None = above
        ancestor = element.getparent()
        while isinstance(known, dict):
            if ancestor is None:
                return NONE
            known = known.get(ancestor.tag)
            ancestor = ancestor.getparent()
        return NONE if known is None else known(element, run)

    return check


def _by_tag_above(tree: "dict[str, _Tree]") -> "_Above":
    return {
        tag: _by_tag_above(each) if isinstance(each, dict) else _check_of(each)
        for tag, each in tree.items()
        if each != ()
    }


def _all_of(checks: _Checks) -> Check:
    def check_all(element: _Element, run: Run) -> Sequence[Breach]:
        found = NONE
        for check in checks:
            found += tuple(check(element, run))
        return found

    return check_all


def _wanted(element: Element, owner: Type, schema: Schema) -> tuple[Check | Suspicion, ...]:
    member = Member(element.tag, schema.types[element.type], owner, schema)
    return tuple(check for family in FAMILIES if (check := family.check_for(member)) is not None)


def _distinguish(holders: frozenset[_Holder], references: _References, start: str, depth: int) -> _Tree:
    """Give the checks where all holders agree, else a table by the tag above."""
    kinds = {checks for _, checks in holders}
    if len(kinds) == 1:
        return kinds.pop()
    if depth == 0:
        return ()
    by_tag: dict[str, set[_Holder]] = defaultdict(set)
    for name, checks in holders:
        for owner, tag in references.get(name, ()):
            by_tag[start + tag].add((owner, checks))
    return {tag: _distinguish(frozenset(each), references, start, depth - 1) for tag, each in by_tag.items()}


def _suspects(
    suspicions: Mapping[str, Mapping[Suspicion, Sequence[str]]], references: _References, schema: Schema
) -> tuple[XPath | None, Mapping[str, Check], Sequence[Suspected]]:
    """Give one expression for all suspicions, the checks of what it finds, by tag, and the suspicions one by one.

    Elements of one tag that differ in their suspicions are given all of their checks, which look at what they know.
    """
    terms: list[str] = []
    suspected: dict[str, Check] = {}
    alone: list[Suspected] = []
    for tag, by_suspicion in suspicions.items():
        where = " or ".join(each.where for each in by_suspicion)
        owners = {owner for several in by_suspicion.values() for owner in several}
        ways = [f"{path}n:{tag}" for path in _paths(owners, references, schema)]
        terms += [f"{way}[{where}]" for way in ways]
        suspected[f"{{{schema.namespace}}}{tag}"] = _check_of(tuple(each.check for each in by_suspicion))
        anywhere = "|".join(ways)
        for each in by_suspicion:
            where = "|".join(f"{way}[{each.where}]" for way in ways) if each.structural else anywhere
            alone.append(Suspected(each.check, anywhere, where))
    return XPath("|".join(terms), namespaces={"n": schema.namespace}) if terms else None, suspected, alone


def _paths(owners: Iterable[str], references: _References, schema: Schema) -> Sequence[str]:
    """Give the ways from the root to elements of the types ``owners``, each ending in ``/``; any way where many."""
    paths = []
    todo = [(owner, "", 0) for owner in owners]
    while todo:
        name, path, depth = todo.pop()
        if name == schema.root.type:
            paths.append(path)
        todo += [(owner, f"n:{tag}/{path}", depth + 1) for owner, tag in references.get(name, ())]
        if len(paths) > _MOST_PATHS or len(todo) > _MOST_PATHS * _DEEPEST or depth > 2 * _DEEPEST:
            return ("descendant::",)
    return paths
