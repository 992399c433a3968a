"""A document whose definition the catalogue does not have: what it is called, and what is nearest to it."""

import re
from typing import Final, Protocol

from rapidfuzz import fuzz, process

from broker.message.definition import NAMESPACE_PREFIX
from broker.message.failure import Failure, FailureCode

_DEFINITION: Final = re.compile(r"[A-Za-z]{4}\.[A-Za-z0-9.]{3,30}")
_NEAREST: Final = 3
_LEAST_LIKENESS: Final = 60  # of 100
_LONGEST_SHOWN: Final = 100  # characters of a namespace


class Definitions(Protocol):
    """What is needed of the catalogue here: the names it has."""

    def definitions(self) -> tuple[str, ...]:
        """Every definition's name."""
        ...


def unknown_definition(namespace: str, named_by_header: str | None, catalogue: Definitions) -> Failure:
    """The failure of a document in ``namespace`` (empty: none), which names the nearest known definitions.

    ``named_by_header`` is the header's ``MsgDefIdr`` where there is one.
    """
    if namespace:
        text = f"The namespace {_shown(namespace)} is of no definition in the catalogue"
    else:
        text = f"The document has no namespace; one such as {NAMESPACE_PREFIX}pacs.008.001.08 says what it is"
    if named_by_header and _DEFINITION.fullmatch(named_by_header):
        text = f"{text}; its header names {named_by_header}"
    nearest = nearest_definitions(namespace, catalogue) or nearest_definitions(named_by_header or "", catalogue)
    if nearest:
        text = f"{text}; nearest {'is' if len(nearest) == 1 else 'are'} {', '.join(nearest)}"
    return Failure(FailureCode.IDENTIFY_UNKNOWN_DEFINITION, f"{text}.")


def nearest_definitions(name: str, catalogue: Definitions) -> tuple[str, ...]:
    """The known definitions most like a namespace or name, best first; none where nothing is like it."""
    asked = name[:_LONGEST_SHOWN].rpartition(":")[2].rpartition("/")[2].removesuffix(".xsd").lower()
    known = catalogue.definitions()
    extended = [definition for definition in known if definition in asked]  # a dialect: pain.001.001.03.ch.02
    alike = process.extract(asked, known, scorer=fuzz.ratio, limit=_NEAREST, score_cutoff=_LEAST_LIKENESS)
    return tuple(dict.fromkeys([*extended, *(definition for definition, _, _ in alike)]))[:_NEAREST]


def _shown(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else "?" for letter in text[:_LONGEST_SHOWN])
    return printable if len(text) <= _LONGEST_SHOWN else f"{printable}…"
