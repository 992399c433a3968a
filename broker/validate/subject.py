"""What the rules need of a message: a structural type, so that this room knows no parser."""

from typing import Protocol

from lxml.etree import _Element

from broker.message.header import BusinessHeader


class Subject(Protocol):
    """A well-formed message of a known definition; ``broker.parse.Parsed`` is one."""

    @property
    def document(self) -> _Element:
        """The definition's root element; its ancestors, if any, are wrappers and are not looked at."""
        ...

    @property
    def definition(self) -> str:
        """The document's definition, known to the catalogue."""
        ...

    @property
    def size(self) -> int:
        """Length of the whole message in bytes, which bounds what checking it can cost."""
        ...

    @property
    def header(self) -> _Element | None:
        """The ``AppHdr`` in its own namespace."""
        ...

    @property
    def header_facts(self) -> BusinessHeader | None:
        """What the header says; None where there is no header."""
        ...
