"""One spelling for what XML Schema lets one say in many.

The standard's files were made by several generators that write the same fact in different ways. Two spellings of one
fact become one here, so that a type that says the same is the same type. Nothing is changed in meaning.
"""

import re
from typing import Final

from broker.catalogue.model import ChoiceGroup, ChoiceType, Particle, SequenceType

_TOKEN: Final = re.compile(r"\\[pP]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|.", re.DOTALL)
_QUANTIFIERS: Final = {"{1}": "", "{1,1}": "", "{0,1}": "?", "{0,}": "*", "{1,}": "+"}
_SINGLE: Final = re.compile(r"\[\\?([+*?.(){}|$])\]")
_SAME: Final = re.compile(r"\{(\d+),\1\}")


def pattern(text: str) -> str:
    """Spell a pattern (XML Schema 1.0 part 2, appendix F) in one way.

    ``{2,2}`` becomes ``{2}``, ``{1}`` nothing, ``{0,1}`` ``?``; a class of one special character becomes that
    character escaped.
    """
    return "".join(_token(found[0]) for found in _TOKEN.finditer(text))


def complex_type(name: str, particles: tuple[Particle, ...]) -> SequenceType | ChoiceType:
    """Make a complex type of a sequence; one that holds a single required choice and nothing else is that choice."""
    match particles:
        case (ChoiceGroup(elements, 1, 1),):
            return ChoiceType(name, elements)
        case _:
            return SequenceType(name, particles)


def _token(token: str) -> str:
    if token in _QUANTIFIERS:
        return _QUANTIFIERS[token]
    if len(token) > 1 and token[0] == "{":
        return _SAME.sub(r"{\1}", token)
    return _SINGLE.sub(r"\\\1", token)
