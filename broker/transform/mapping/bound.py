"""A mapping bound to one definition: only what exists there, with every question answered.

``binding`` makes these values; ``inward`` and ``outward`` compile them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from broker.transform.mapping.problems import Place
from broker.transform.mapping.schema_view import Step
from broker.transform.mapping.shape import Shape
from broker.transform.mapping.syntax import Table, Take, Way


@dataclass(frozen=True, slots=True)
class BoundPath:
    """A path: the scope it starts from (0 is the message, the highest is here), its steps, the type at its end."""

    scope: int
    steps: tuple[Step, ...]
    type_name: str

    @property
    def many(self) -> bool:
        """Whether it can lead to several values."""
        return any(step.many for step in self.steps)

    @property
    def always(self) -> bool:
        """Whether a valid message always has a value there."""
        return all(step.always for step in self.steps)

    def __str__(self) -> str:
        """The tags of the path."""
        return "/".join(step.tag for step in self.steps) or "."


@dataclass(frozen=True, slots=True)
class BoundCondition:
    """A condition; ``path`` None means the source's own value."""

    path: BoundPath | None
    values: frozenset[str]
    negated: bool


@dataclass(frozen=True, slots=True)
class BoundSource:
    """A source; ``part`` is what to apply to what is found, where the field holds a model.

    ``text`` is the value itself where the source says no more than that there is something.
    """

    path: BoundPath
    take: Take | None
    when: BoundCondition | None
    part: "BoundPart | None"
    text: str | None = None

    @property
    def certain(self) -> bool:
        """Whether a valid message always has a value here; of several, `only` may mean none."""
        alone = self.take is not Take.ONLY or not self.path.many
        return self.when is None and alone and self.path.always


@dataclass(frozen=True, slots=True)
class BoundField:
    """A field with the sources that this definition has, in order; never empty. ``place``: the line that says so."""

    name: str
    shape: Shape
    sources: tuple[BoundSource, ...]
    table: Table | None
    way: Way
    place: Place

    @property
    def certain(self) -> bool:
        """Whether a valid message always gives the field a value."""
        if self.way is Way.OUTWARD:
            return False
        paths = [source.path for source in self.sources if source.when is None]
        some = any(source.certain for source in self.sources)
        return not lossy(self.table) and (some or _every_branch(paths))


def lossy(converter: object) -> bool:
    """Whether a converter may make nothing of something."""
    return isinstance(converter, Table) and converter.otherwise == "absent"


def _every_branch(paths: Sequence[BoundPath]) -> bool:
    """Whether the paths between them take every branch of a choice that is always there."""
    taken: dict[tuple[object, ...], set[str]] = {}
    for path in paths:
        *before, last = path.steps or (None,)
        if last is not None and last.branches and all(step.always for step in before):
            tags = taken.setdefault((path.scope, *before), set())
            tags.add(last.tag)
            if tags == last.branches:
                return True
    return False


@dataclass(frozen=True, slots=True)
class BoundConstant:
    """A text to write on the way out; None: how many items there are."""

    text: str | None
    path: BoundPath

    @property
    def certain(self) -> bool:
        """A constant fills no field."""
        return False


@dataclass(frozen=True, slots=True)
class BoundGroup:
    """The fields of one canonical model, each from a place of its own."""

    name: str
    items: tuple["BoundItem", ...]

    @property
    def certain(self) -> bool:
        """Whether there is always something in it."""
        return any(item.certain for item in self.items)


@dataclass(frozen=True, slots=True)
class BoundSlots:
    """A list with a place for each of its items."""

    name: str
    slots: tuple[tuple["BoundItem", ...], ...]

    @property
    def certain(self) -> bool:
        """Whether the list always has an item."""
        return any(item.certain for slot in self.slots for item in slot)


BoundItem = BoundField | BoundConstant | BoundGroup | BoundSlots


@dataclass(frozen=True, slots=True, eq=False)
class BoundPart:
    """A part applied to a type; ``scalar`` where that type is not made of elements, so that only ``.`` can be read."""

    name: str
    items: tuple[BoundItem, ...]
    scalar: bool


@dataclass(frozen=True, slots=True)
class BoundEvent:
    """One event of one definition: the way to the message, the way to each item, the subject, the fields.

    ``keys`` has one entry for each step of ``each``: the tags that lead from there to what tells it apart, or None.
    """

    event_type: str
    message: str
    each: tuple[Step, ...]
    keys: tuple[tuple[str, ...] | None, ...]
    read_only: bool
    subject: tuple[BoundSource, ...]
    items: tuple[BoundItem, ...]
