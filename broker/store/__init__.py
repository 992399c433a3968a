"""The store: PostgreSQL, asyncpg and SQL live here and nowhere else.

What other rooms see: ``Database`` (held connections, errors of ours), ``migrate``, ``Recorder`` (a batch of outcomes in
one transaction), ``Outbox`` (what still has to be published), ``DeadLetters``, ``Attempts``, ``StatusBoard`` and
``Partitions``. Statements are named, in ``sql/*.sql``; every payload passes the codec.
"""
