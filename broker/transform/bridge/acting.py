"""What is done to a member of a message on its way into another version: the closures that a plan is made of.

Each takes what stands in the source and puts what fits into the target's object; what does not fit is noted as lost.
Nothing here knows a schema: everything was decided when the plan was compiled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker.transform.bridge.suiting import Demand
from broker.transform.bridge.walking import INCOMPLETE, TOO_MANY, Act, Convert, Walk, numbered
from broker.transform.ra_json.lexical import Check
from broker.transform.ra_json.place import Place


@dataclass(frozen=True, slots=True)
class Spot:
    """A member of the target: the tags that lead to it from the object, each with whether it is a list.

    ``most``: how many it takes, None: any number. ``optional``: the object may do without it. ``demand``: what it must
    hold itself, None for scalars.
    """

    way: tuple[tuple[str, bool], ...]
    most: int | None
    optional: bool
    demand: Demand | None


def whole(value: object, _: Place, __: Walk) -> object:
    """The value is one of the target's as it stands."""
    return value


def scalar(check: Check) -> Convert:
    """Take a text that the target's type permits."""

    def convert(value: object, place: Place, walk: Walk) -> object:
        wrong = check(str(value))
        if wrong is None:
            return value
        walk.lose(value, place, *wrong)
        return None

    return convert


def amount(attribute: str, checks: tuple[Check, Check]) -> Convert:
    """Take an amount whose number and currency the target's types permit."""
    check_number, check_currency = checks

    def convert(value: Any, place: Place, walk: Walk) -> object:  # noqa: ANN401 - RA JSON
        wrong = check_number(value["amt"]) or check_currency(value[attribute])
        if wrong is None:
            return value
        walk.lose(value, place, *wrong)
        return None

    return convert


def elements(table: Mapping[str, Act | None]) -> Convert:
    """Take an object member by member; None in the table: as it stands."""

    def convert(value: Any, place: Place, walk: Walk) -> object:  # noqa: ANN401 - RA JSON
        node: dict[str, object] = {}
        for tag, inner in value.items():
            act = table[tag]
            if act is None:
                node[tag] = inner
            else:
                act(inner, node, (place, tag, 0), walk)
        return node

    return convert


def held(tag: str, convert: Convert, *, many: bool) -> Convert:
    """Put a bare value into an element of its own."""

    def into(value: object, place: Place, walk: Walk) -> object:
        made = convert(value, place, walk)
        return None if made is None else {tag: [made] if many else made}

    return into


def bare(tag: str, convert: Convert) -> Convert:
    """Take the value out of the element that holds it; what stands beside it is lost."""

    def out_of(value: Any, place: Place, walk: Walk) -> object:  # noqa: ANN401 - RA JSON
        made: object = None
        for name, inner in value.items():
            if name != tag:
                walk.no_place(inner, (place, name, 0))
                continue
            items = inner if isinstance(inner, list) else [inner]
            made = convert(items[0], numbered((place, name, 0), 1, len(items)), walk)
            for number, item in enumerate(items[1:], 2):
                walk.lose(item, (place, name, number), TOO_MANY, f"{walk.target} takes one")
        return made

    return out_of


def put(spot: Spot, convert: Convert) -> Act:
    """Convert a member, one or several, and put it where it belongs."""
    last, many = spot.way[-1]

    def act(value: object, node: dict[str, object], place: Place, walk: Walk) -> None:
        made, complete = _converted(value, place, walk, (spot, convert))
        if not complete:
            walk.incomplete[id(node)] = node
        if not made:
            return
        holder: Any = node
        for tag, repeats in spot.way[:-1]:
            below = holder.setdefault(tag, [{}] if repeats else {})
            holder = below[0] if repeats else below
        if last in holder:
            walk.no_place(value, place)  # something else stands there already
        else:
            holder[last] = made if many else made[0]

    return act


def _converted(value: object, place: Place, walk: Walk, to: tuple[Spot, Convert]) -> tuple[list[object], bool]:
    """What was made of a member's items, and whether all of it is complete.

    What lacks something that it must have is lost where the target may do without it, else the element around it lacks
    it as well. Not so an item of a list, since a whole transaction might go with it: the schema refuses the message.
    """
    spot, convert = to
    complete = True
    items = value if isinstance(value, list) else [value]
    count = len(items)
    made: list[object] = []
    for number, item in enumerate(items, 1):
        at = numbered(place, number, count)
        mark = len(walk.lost)
        one = convert(item, at, walk)
        if one is None or (not one and item and spot.optional):
            continue
        lacking = (
            spot.most == 1 and spot.demand is not None and (id(one) in walk.incomplete or spot.demand.lacking(one))
        )
        if lacking and spot.optional:
            del walk.lost[mark:]
            walk.lose(item, at, INCOMPLETE, f"{walk.target} demands more beside it than there is")
            continue
        complete = complete and not lacking
        if spot.most is not None and len(made) >= spot.most and not _joined(made, one):
            del walk.lost[mark:]
            walk.lose(item, at, TOO_MANY, f"{walk.target} takes {spot.most}")
        elif spot.most is None or len(made) < spot.most:
            made.append(one)
    return made, complete


def _joined(made: list[object], one: object) -> bool:
    """Whether both are nothing but a list in an element, which then is one list (``Chrgs`` by the record)."""
    last: Any = made[-1]
    if not isinstance(one, dict) or len(one) != 1 or not isinstance(last, dict) or last.keys() != one.keys():
        return False
    ((tag, items),) = one.items()
    if not isinstance(items, list):
        return False
    made[-1] = {tag: [*last[tag], *items]}
    return True


def no_place(value: object, _: dict[str, object], place: Place, walk: Walk) -> None:
    """The target has no place for the member."""
    walk.no_place(value, place)


def spread(table: Mapping[str, Act | None]) -> Act:
    """Put what stands in a member into the object around it, each by the table; of several the first."""

    def act(value: object, node: dict[str, object], place: Place, walk: Walk) -> None:
        items: list[Any] = value if isinstance(value, list) else [value]
        at = numbered(place, 1, len(items))
        if not items[0]:
            walk.no_place(items[0], at)
        for tag, inner in items[0].items():
            inner_act = table[tag]
            if inner_act is not None:
                inner_act(inner, node, (at, tag, 0), walk)
            elif tag in node:
                walk.no_place(inner, (at, tag, 0))
            else:
                node[tag] = inner
        for number, item in enumerate(items[1:], 2):
            walk.lose(item, numbered(place, number, len(items)), TOO_MANY, f"{walk.target} takes one")

    return act


def each(tag: str, act: Act) -> Act:
    """Take an object that holds nothing but a list as one object an item, as ``act`` expects them."""

    def several(value: Any, node: dict[str, object], place: Place, walk: Walk) -> None:  # noqa: ANN401 - RA JSON
        alone = isinstance(value, Mapping) and value.keys() == {tag}
        act([{tag: [item]} for item in value[tag]] if alone else value, node, place, walk)

    return several
