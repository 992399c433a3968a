"""What one message is bridged with: where in it something stands, and what is lost there.

Owns the naming of losses: a leaf each, in the order of the source, by path and rule and never by value.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from broker.transform.loss import Loss
from broker.transform.ra_json.place import Place, path_of

NO_PLACE = "mapping.not-representable"
TOO_MANY = "json.occurs"
INCOMPLETE = "json.missing"


@dataclass(slots=True)
class Lost:
    """A leaf that the target has no room for: its place in the source, the rule, the reason."""

    place: Place
    rule: str
    text: str

    def loss(self) -> Loss:
        """The leaf as a loss."""
        return Loss(path_of(self.place), self.rule, self.text)


@dataclass(slots=True)
class Walk:
    """One message on its way: what was lost so far, and objects made that lack what they must have, by identity."""

    target: str
    lost: list[Lost] = field(default_factory=list)
    incomplete: dict[int, object] = field(default_factory=dict)

    def no_place(self, value: object, place: Place) -> None:
        """All of a value is lost: the target has no such place."""
        self.lose(value, place, NO_PLACE, f"{self.target} has no place for it")

    def lose(self, value: object, place: Place, rule: str, text: str) -> None:
        """Every leaf of a value is lost for one reason."""
        self.lost += (Lost(leaf, rule, text) for leaf in leaves(value, place))


Act = Callable[[object, dict[str, object], Place, Walk], None]
"""Takes a member's value, the target's object, the member's place, and what is noted; puts what fits."""
Convert = Callable[[object, Place, Walk], object]
"""Takes a value, its place and what is noted; gives the target's value, None where nothing of it fits."""


def leaves(value: object, place: Place) -> Iterator[Place]:
    """The places of all scalars and amounts in a value, and of elements without content."""
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from leaves(item, numbered(place, number, len(value)))
    elif isinstance(value, Mapping) and value and "amt" not in value:
        for tag, inner in value.items():
            yield from leaves(inner, (place, tag, 0))
    else:
        yield place


def numbered(place: Place, number: int, count: int) -> Place:
    """The place of an item of a list, counted from 1 where there are several."""
    above, tag, _ = place
    return (above, tag, number) if count > 1 else place
