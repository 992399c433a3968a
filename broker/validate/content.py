"""Which element is missing, misplaced, repeated or unknown.

libxml2 says that a content model broke at an element and lists what it would have taken. What went wrong is found by
following the model again: the standard's are deterministic, so one pass over the elements before the place tells what
may come next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from broker.catalogue.model import AnyContent, ChoiceGroup, ChoiceType, Element, SequenceType, Type
from broker.validate.expected import nearest, one_of
from broker.validate.found import shown_name
from broker.validate.place import Place, declared, in_namespace_of, local_name

ANY: Final = "any element"


@dataclass(frozen=True, slots=True)
class ContentProblem:
    """What broke: the rule, the path it belongs to, and the text."""

    rule: str
    path: str
    text: str


def explain(place: Place) -> ContentProblem:
    """Say what broke at an element: within it (something is missing) or with it (it should not be there)."""
    parent = place.element.getparent()
    if place.parent_type is not None and parent is not None and not _goes_on(place):
        before = [local_name(sibling) for sibling in parent[: parent.index(place.element)]]
        state = _follow(place.parent_type, before)
        allowed, _ = state.next()
        if not in_namespace_of(place.element, parent) and not state.takes_any():
            return _foreign(place, allowed)
        if local_name(place.element) not in allowed and ANY not in allowed:
            return _unexpected(place, state, before)
    return _incomplete(place)


def _goes_on(place: Place) -> bool:
    """Whether the element follows one of its own that may occur without end: then it is where it should be.

    Without this, each broken transaction of a bulk message would have those before it counted again.
    """
    previous = place.element.getprevious()
    if previous is None or previous.tag != place.element.tag:
        return False
    name = local_name(place.element)
    return any(element.tag == name and element.max_occurs is None for element in declared(place.parent_type))


@dataclass(frozen=True, slots=True)
class _Slot:
    """One particle: alternatives of which ``least`` to ``most`` are taken (``most`` None: any number)."""

    elements: tuple[Element, ...]
    least: int
    most: int | None


@dataclass(slots=True)
class _State:
    """How far a content model has been followed."""

    slots: Sequence[_Slot]
    slot: int = 0
    taken: int = 0
    element: Element | None = None
    repeated: int = 0

    def take(self, name: str) -> bool:
        """Take one more element; False where the model has no place for it any more."""
        while self.slot < len(self.slots):
            slot = self.slots[self.slot]
            if self.element and self.element.tag in {name, ANY} and _below(self.repeated, self.element.max_occurs):
                self.repeated += 1
                return True
            chosen = next((element for element in slot.elements if element.tag in {name, ANY}), None)
            if chosen is not None and _below(self.taken, slot.most):
                self.taken, self.element, self.repeated = self.taken + 1, chosen, 1
                return True
            self.slot, self.taken, self.element, self.repeated = self.slot + 1, 0, None, 0
        return False

    def takes_any(self) -> bool:
        """Whether the model has a place for elements of any namespace."""
        return any(element.tag == ANY for slot in self.slots for element in slot.elements)

    def next(self) -> tuple[list[str], list[str]]:
        """The names that may come next, and those of which one must; none of these where the content may end here."""
        names: list[str] = []
        if self.element and _below(self.repeated, self.element.max_occurs):
            names.append(self.element.tag)
            if self.repeated < self.element.min_occurs:
                return names, names
        taken = self.taken
        for slot in self.slots[self.slot :]:
            alternatives = [element.tag for element in slot.elements]
            if _below(taken, slot.most):
                names += alternatives
            if taken < slot.least:
                return names, alternatives
            taken = 0
        return names, []


def _follow(type_: Type, names: Sequence[str]) -> _State:
    state = _State(_slots(type_))
    for name in names:
        if not state.take(name):
            break
    return state


def _slots(type_: Type) -> list[_Slot]:
    if isinstance(type_, ChoiceType):
        return [_Slot(type_.elements, 1, 1)]
    if not isinstance(type_, SequenceType):
        return []
    slots = []
    for particle in type_.particles:
        match particle:
            case Element():
                slots.append(_Slot((particle,), min(particle.min_occurs, 1), 1))
            case ChoiceGroup():
                slots.append(_Slot(particle.elements, particle.min_occurs, particle.max_occurs))
            case AnyContent():
                anything = Element(ANY, "", particle.min_occurs, particle.max_occurs)
                slots.append(_Slot((anything,), min(particle.min_occurs, 1), 1))
    return slots


def _below(count: int, most: int | None) -> bool:
    return most is None or count < most


def _incomplete(place: Place) -> ContentProblem:
    inside = [local_name(child) for child in place.element]
    names = _follow(place.type, inside).next()[1] if place.type is not None else []
    found = f"found the end of {local_name(place.element)}" if inside else f"{local_name(place.element)} is empty"
    expected = f"expected {one_of(names)}" if names else "expected other content"
    path = f"{place.path}/{names[0]}" if len(names) == 1 and names[0] != ANY else place.path
    choice = isinstance(place.type, ChoiceType) and not inside
    return ContentProblem("choice" if choice else "missing", path, f"{found}; {expected}{_before_end(inside)}")


def _before_end(inside: Sequence[str]) -> str:
    return f" after {inside[-1]}" if inside else " in it"


def _foreign(place: Place, allowed: Sequence[str]) -> ContentProblem:
    namespace = place.element.tag.rpartition("}")[0][1:]
    found = f"in the namespace {shown_name(namespace)}" if namespace else "in no namespace"
    known = local_name(place.element) in allowed
    wanted = f"expected {'it in' if known else 'an element of'} that of the message"
    return ContentProblem("namespace", place.path, f"found {local_name(place.element)} {found}; {wanted}")


def _unexpected(place: Place, state: _State, before: Sequence[str]) -> ContentProblem:
    name = local_name(place.element)
    allowed, needed = state.next()
    expected = f"expected {one_of(needed or allowed) if allowed else 'nothing more'}"
    known = {element.tag: element for element in declared(place.parent_type)}
    if name not in known:
        near = nearest(name, list(known))
        suffix = f"; nearest is {near}" if near else ""
        return ContentProblem(
            "unexpected", place.path, f"found {shown_name(name)}, which is unknown here; {expected}{suffix}"
        )
    if _other_branch(state, name):
        chosen = state.element.tag if state.element else before[-1]
        alternatives = one_of(sorted(element.tag for element in state.slots[state.slot].elements))
        return ContentProblem("choice", place.path, f"found {name} beside {chosen}; expected {alternatives} alone")
    if before and before[-1] == name:
        most = known[name].max_occurs or 1
        times = "once" if most == 1 else f"at most {most} times"
        return ContentProblem("occurrence", place.path, f"found {name} once more; expected it {times}")
    if not needed or _is_past(state, name) or _comes_later(place, needed):
        return ContentProblem("order", place.path, f"found {name} at the wrong place; {expected} here")
    path = f"{place.parent_path}/{needed[0]}" if len(needed) == 1 and needed[0] != ANY else place.parent_path
    return ContentProblem("missing", path, f"found {name}; {expected} before it")


def _other_branch(state: _State, name: str) -> bool:
    if state.slot >= len(state.slots) or state.element is None or state.element.tag == name:
        return False
    alternatives = state.slots[state.slot].elements
    return len(alternatives) > 1 and any(element.tag == name for element in alternatives)


def _is_past(state: _State, name: str) -> bool:
    return any(element.tag == name for slot in state.slots[: state.slot] for element in slot.elements)


def _comes_later(place: Place, names: Sequence[str]) -> bool:
    return any(local_name(sibling) in names for sibling in place.element.itersiblings())
