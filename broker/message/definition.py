"""The name of an ISO 20022 message definition, such as ``pacs.008.001.08``.

The four parts are the business area, the functionality, the variant and the version (ISO 20022-1, message definition
identifier). This module owns the name alone; what a definition contains is the catalogue's.
"""

import re
from dataclasses import dataclass
from typing import Self

NAMESPACE_PREFIX = "urn:iso:std:iso:20022:tech:xsd:"

_IDENTIFIER = re.compile(r"([a-z]{4})\.(\d{3})\.(\d{3})\.(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Definition:
    """A message definition identifier in its four parts; orders by area, functionality, variant, version."""

    area: str
    functionality: str
    variant: str
    version: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``pacs.008.001.08``. Raises ValueError where the text is not of that form."""
        match = _IDENTIFIER.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a message definition identifier; expected a form like pacs.008.001.08")
        return cls(*match.groups())

    @property
    def family(self) -> str:
        """Area and functionality: ``pacs.008``, what the versions of a message have in common."""
        return f"{self.area}.{self.functionality}"

    @property
    def namespace(self) -> str:
        """The XML namespace the standard assigns to this definition."""
        return f"{NAMESPACE_PREFIX}{self}"

    def __str__(self) -> str:
        """Give the identifier as the standard writes it."""
        return f"{self.area}.{self.functionality}.{self.variant}.{self.version}"
