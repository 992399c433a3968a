"""libxml2's reports on a tree, in a time that a hostile message cannot stretch.

With each report libxml2 writes the path of its place and counts the siblings before it: half a million wrong siblings,
which fit into 10 MB, would hold a worker for half an hour. So a tree with very many siblings is first checked as a
stream, which writes no paths and takes linear time; that tells how many reports there are. Few are then taken from the
tree as always. Of many, those on the first siblings are taken, and the others are counted.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree
from lxml.etree import XPath, _Element

_SMALL_BYTES: Final = 65_536  # so few hold no more than 16,000 elements, whose paths take 0.3 s at the very worst
_SIBLINGS: Final = 1_000
_REPORTS: Final = 200
_HAS_MANY: Final = XPath(f"boolean(descendant-or-self::*/*[{_SIBLINGS + 1}])")
_WITH_MANY: Final = XPath(f"descendant-or-self::*[*[{_SIBLINGS + 1}]]")


@dataclass(frozen=True, slots=True)
class Reports:
    """What libxml2 reports: ``log`` on places in ``root``, and ``more`` that were counted alone.

    ``root`` is the tree that was given, or a copy of it without most of its siblings.
    """

    root: _Element
    log: Sequence[etree._LogEntry] = ()
    more: int = 0


def reports_on(root: _Element, validator: etree.XMLSchema, size: int) -> Reports | None:
    """Validate ``root``; None where it is valid.

    ``size`` is the length of the message in bytes, which bounds what it can hold.
    """
    if size > _SMALL_BYTES and _HAS_MANY(root):
        count = _count(root, validator)
        if count == 0:
            return None
        if count > _REPORTS:
            return _on_first_siblings(root, validator, count)
    if validator.validate(root):
        return None
    return Reports(root, validator.error_log)


def _count(root: _Element, validator: etree.XMLSchema) -> int:
    # What is read here was parsed before and is written by lxml: nothing in it is left to resolve or to refuse.
    parser = etree.XMLParser(schema=validator, encoding="utf-8", resolve_entities=False, no_network=True)
    try:
        etree.fromstring(etree.tostring(root, encoding="utf-8", with_tail=False), parser)
    except etree.XMLSyntaxError:
        return max(1, len(parser.error_log))
    return 0


def _on_first_siblings(root: _Element, validator: etree.XMLSchema, count: int) -> Reports:
    shortened = copy.deepcopy(root)
    for parent in _WITH_MANY(shortened):
        # Names that did not occur yet stay, so that what must follow a long list is not found missing.
        kept = {child.tag for child in parent[:_SIBLINGS]}
        others = [child for child in parent[_SIBLINGS:] if child.tag not in kept]
        parent[_SIBLINGS:] = others[:_SIBLINGS]
    validator.validate(shortened)
    return Reports(shortened, validator.error_log, max(0, count - len(validator.error_log)))
