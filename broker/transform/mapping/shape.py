"""What a canonical model wants of each of its fields, read from the model itself."""

from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from broker.transform.canonical.form import Canonical, Instant, Kind, Money


@dataclass(frozen=True, slots=True)
class Shape:
    """One field: whether it must be there, whether it is a list, and what it (or each item) holds.

    Exactly one of ``kind`` (a scalar, money or an instant), ``model`` and ``words`` (a closed list) is given.
    """

    required: bool
    many: bool = False
    kind: Kind | None = None
    model: type[Canonical] | None = None
    words: tuple[str, ...] = ()


_WHOLE = {Money: Kind.MONEY, Instant: Kind.INSTANT}
"""Models that the engine builds itself."""


@cache
def shapes(model: type[Canonical]) -> dict[str, Shape]:
    """Give the shape of every field of a canonical model, by name in the model's order."""
    hints = get_type_hints(model, include_extras=True)
    return {name: _shape(hints[name], required=field.is_required()) for name, field in model.model_fields.items()}


@cache
def models() -> dict[str, type[Canonical]]:
    """Every canonical model by its class name; parts name theirs so."""
    found: dict[str, type[Canonical]] = {}
    waiting: list[type[Canonical]] = [Canonical]
    while waiting:
        model = waiting.pop()
        found[model.__name__] = model
        waiting.extend(model.__subclasses__())
    return found


def _shape(hint: Any, *, required: bool) -> Shape:  # noqa: ANN401 - an annotation may be any object
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        present = [argument for argument in get_args(hint) if argument is not NoneType]
        return _shape(present[0], required=required)
    if origin is tuple:
        inner = _shape(get_args(hint)[0], required=required)
        return Shape(required, many=True, kind=inner.kind, model=inner.model, words=inner.words)
    if origin is Literal:
        return Shape(required, words=get_args(hint))
    if origin is Annotated:
        kind = next(each for each in get_args(hint) if isinstance(each, Kind))
        return Shape(required, kind=kind)
    if hint in _WHOLE:
        return Shape(required, kind=_WHOLE[hint])
    return Shape(required, model=hint)
