"""The mapping language (docs/mappings.md) and its engine: files under ``mappings/`` → canonical events, and back.

A file is read into values (``lines``, ``items``, ``reading`` → ``syntax``), bound to each message definition it claims
with every path, type and cardinality checked (``binding``, ``suiting``, ``keys`` → ``bound``), and compiled (``inward``
with ``unrolling``; ``outward`` with ``placing``, which ``joining`` makes messages with). ``mappings`` joins them. Must
not know channels, CloudEvents or where the folder lies.
"""

from broker.transform.mapping.event import CanonicalEvent
from broker.transform.mapping.mappings import Mappings, Written

__all__ = ["CanonicalEvent", "Mappings", "Written"]
