"""Where each canonical field comes from, and which leaves of a definition reach the canonical events.

Reads what was bound; the message itself is not needed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from broker.transform.mapping.bound import (
    BoundConstant,
    BoundEvent,
    BoundField,
    BoundGroup,
    BoundItem,
    BoundPath,
    BoundSource,
)
from broker.transform.mapping.problems import Place
from broker.transform.mapping.schema_view import SchemaView, Step
from broker.transform.mapping.syntax import Way


@dataclass(frozen=True, slots=True)
class Origin:
    """One scalar field of an event and one place it comes from, both as whole paths.

    ``place`` is below the root element (``FIToFICstmrCdtTrf/CdtTrfTxInf[]/PmtId/UETR``); ``[]`` marks what repeats.
    ``table`` is the code table it is read by, if any; ``mapping`` the line that says so. Where a field has several
    origins the first present counts.
    """

    field: str
    place: str
    table: str | None
    mapping: Place


@dataclass(frozen=True, slots=True)
class Coverage:
    """The leaves of a definition: those that reach a canonical event, and those that travel in RA JSON alone."""

    canonical: tuple[str, ...]
    ra_json_alone: tuple[str, ...]


def origins(event: BoundEvent) -> Iterator[Origin]:
    """Give every scalar field of an event with each of its origins, in the order of the file."""
    scopes = [event.message]
    for step in event.each:
        scopes.append(_join(scopes[-1], (step,)))
    yield from _origins(event.items, "", tuple(scopes))


def coverage(events: Iterable[BoundEvent], view: SchemaView) -> Coverage:
    """Sort the leaves of a definition by whether any event says them."""
    reached = {origin.place.replace("[]", "") for event in events for origin in origins(event)}
    leaves = list(_leaves(view, view.root, "", frozenset()))
    return Coverage(
        tuple(leaf for leaf in leaves if leaf.replace("[]", "") in reached),
        tuple(leaf for leaf in leaves if leaf.replace("[]", "") not in reached),
    )


def _origins(items: Iterable[BoundItem], above: str, scopes: tuple[str, ...]) -> Iterator[Origin]:
    for item in items:
        if isinstance(item, BoundConstant) or (isinstance(item, BoundField) and item.way is Way.OUTWARD):
            continue
        name = f"{above}.{item.name}" if above else item.name
        if isinstance(item, BoundField):
            for source in item.sources:
                yield from _of_source(item, source, name, scopes)
        elif isinstance(item, BoundGroup):
            yield from _origins(item.items, name, scopes)
        else:
            for number, slot in enumerate(item.slots):
                yield from _origins(slot, f"{name}[{number}]", scopes)


def _of_source(item: BoundField, source: BoundSource, name: str, scopes: tuple[str, ...]) -> Iterator[Origin]:
    place = _place(source.path, scopes)
    name = f"{name}[]" if item.shape.many else name
    if source.part is None:
        yield Origin(name, place, item.table.name if item.table else None, item.place)
    else:
        yield from _origins(source.part.items, name, (place,))


def _place(path: BoundPath, scopes: tuple[str, ...]) -> str:
    return _join(scopes[path.scope], path.steps)


def _join(start: str, steps: Iterable[Step]) -> str:
    return "/".join([start, *(f"{step.tag}[]" if step.many else step.tag for step in steps)])


def _leaves(view: SchemaView, type_name: str, above: str, inside: frozenset[str]) -> Iterator[str]:
    children = view.children(type_name)
    if not children or type_name in inside:
        yield above
        return
    for step, child_type in children.values():
        place = _join(above, (step,)) if above else step.tag
        yield from _leaves(view, child_type, place, inside | {type_name})
