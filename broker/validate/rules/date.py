"""``date.*``: dates that make sense beside each other. There is no clock: the message's own creation is the present."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from lxml.etree import _Element

from broker.message.finding import Severity
from broker.validate.place import declared
from broker.validate.rules.rule import NONE, Breach, Check, Member, Rule, Run
from broker.validate.rules.tree import text_at

MOST_DAYS: Final = 366
"""So far from the creation of a message its payments may be settled or executed before somebody should look."""

FAR: Final = Rule(
    "date.far",
    Severity.WARNING,
    f"Settlement and execution lie within {MOST_DAYS} days of the message's creation.",
    "IntrBkSttlmDt, ReqdExctnDt and ReqdColltnDt, against the CreDtTm before them.",
    "definitions of these elements; the bound is this project's.",
    "The standard bounds no date, and some banks read 1999-01-01 as soon as possible; this finds a mistyped year.",
    "Ask the sender for the date.",
)
PERIOD: Final = Rule(
    "date.period",
    Severity.WARNING,
    "A period ends no earlier than it begins.",
    "Every type that has both FrDt and ToDt or both FrDtTm and ToDtTm.",
    "definitions of *FromDate* and *ToDate*, *FromDateTime* and *ToDateTime*: start and end of the range.",
    "The standard says it by the definitions and states no constraint.",
    "Ask the sender for the period.",
)
BIRTH: Final = Rule(
    "date.birth",
    Severity.WARNING,
    "Nobody named in a message is born after its creation.",
    "Every BirthDt, against the CreDtTm before it.",
    "definition of *BirthDate*.",
    "The standard bounds no date.",
    "Ask the sender for the date.",
)
RULES: Final = (FAR, PERIOD, BIRTH)

_DAY: Final = re.compile(r"\s*([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SETTLED: Final = ("IntrBkSttlmDt", "ReqdExctnDt", "ReqdColltnDt")
_STARTS: Final = {"ToDt": "FrDt", "ToDtTm": "FrDtTm"}  # of periods, by their ends


def check_for(member: Member) -> Check | None:
    """Give the check of a date or of a period's end; for CreDtTm the one that remembers it."""
    start = _STARTS.get(member.tag)
    if start is not None and any(child.tag == start for child in declared(member.owner)):
        return _period
    return _CHECKS.get(member.tag)


def _created(element: _Element, run: Run) -> Sequence[Breach]:
    run.created = run.created or element.text
    return NONE


def _settled(element: _Element, run: Run) -> Sequence[Breach]:
    text = element[0].text if len(element) else element.text  # a choice of date and time, or a date
    if run.created is None or text is None or text[:7] == run.created[:7]:
        return NONE
    day, created = _day(text), _day(run.created)
    if day is None or created is None or abs((day - created).days) <= MOST_DAYS:
        return NONE
    found = f"found {day}, and the message is of {created}; expected at most {MOST_DAYS} days between them"
    return (Breach(FAR, element, found),)


def _birth(element: _Element, run: Run) -> Sequence[Breach]:
    day, created = _day(element.text), _day(run.created)
    if day is None or created is None or day <= created:
        return NONE
    return (Breach(BIRTH, element, "found a day after the message's creation; expected an earlier one"),)


def _period(element: _Element, _: Run) -> Sequence[Breach]:
    period = element.getparent()
    namespace, _, name = element.tag.rpartition("}")
    start, end = _day(text_at(period, (f"{namespace}}}{_STARTS[name]}",))), _day(element.text)
    if start is None or end is None or end >= start:
        return NONE
    text = f"found {end} as the end of a period from {start} on; expected it no earlier"
    return (Breach(PERIOD, element, text),)


_CHECKS: Final[dict[str, Check]] = {"CreDtTm": _created, "BirthDt": _birth} | dict.fromkeys(_SETTLED, _settled)


def _day(text: str | None) -> date | None:
    match = _DAY.match(text or "")
    if match is None:
        return None  # of a year before 0 or after 9999
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None
