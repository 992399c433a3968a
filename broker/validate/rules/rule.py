"""What a rule is, what breaks one, and how a family of rules meets a message.

A family is one module: its rules as values, and ``check_for``, which is asked once a definition for every element the
type model declares and gives the check of those it cares for. So no rule knows paths: a type's name or its children
decide, and a new definition is covered by what it declares.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lxml.etree import _Element

from broker.catalogue import Schema
from broker.catalogue.model import Type
from broker.message.finding import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, and all that its page says.

    ``says`` is what must hold, ``at`` where it is looked at, ``source`` the clause it rests on, ``because`` why it has
    its severity, ``mend`` what to do. An ERROR is wrong in every scheme by the standard itself; all else is a WARNING.
    """

    id: str
    severity: Severity
    says: str
    at: str
    source: str
    because: str
    mend: str


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule broken at an element: ``text`` says what was found and what was expected, masked.

    ``child`` goes on from the element's path where the culprit is an attribute (``@Ccy``) or is missing.
    """

    rule: Rule
    element: _Element
    text: str
    child: str = ""


class References(Protocol):
    """Which identifiers were seen, with the number of what had them first: a dictionary, or ``Seen``."""

    def setdefault(self, key: tuple[str, str | None], number: int, /) -> int:
        """Give the number an identifier was seen with first; if it was not, it is this one."""


@dataclass(slots=True)
class Run:
    """What one run over one tree remembers.

    When the message was created, as it says; its first payment, until there is a second; how many payments, and other
    things with references, there were; and which identifiers were seen, with the number of what had them first.

    A tree may be a slice of a message. Then ``sliced`` is said, and numbers and what was seen are those of the slices
    before it.
    """

    created: str | None = None
    payment: _Element | None = None
    payments: int = 0
    others: int = 0
    seen: References = field(default_factory=dict[tuple[str, str | None], int])
    sliced: bool = False


Check = Callable[[_Element, Run], Sequence[Breach]]
"""Look at one element of a schema-valid tree. Of what xs:any let in anything may be said, but nothing is raised."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A check that an element needs only where an XPath 1.0 predicate holds, tags prefixed with ``n``.

    libxml2 asks it, so that what is right costs next to nothing. It may hold too often and never too seldom, and it
    looks at siblings from their parent alone: asked of each of very many, that would take quadratic time.
    """

    check: Check
    where: str

    @property
    def structural(self) -> bool:
        """Whether it compares no values: then the elements alone decide, which all messages of a shape share."""
        return "=" not in self.where


@dataclass(frozen=True, slots=True)
class Member:
    """An element as a definition declares it: its tag, its type, the type it is in and the definition's schema."""

    tag: str
    type: Type
    owner: Type
    schema: Schema

    @property
    def start(self) -> str:
        """What the definition's tags begin with in Clark notation."""
        return f"{{{self.schema.namespace}}}"

    @property
    def family(self) -> str:
        """What the versions of the message have in common: ``pacs.008``."""
        return self.schema.definition[:8]


NONE: tuple[Breach, ...] = ()
"""Nothing is wrong."""
