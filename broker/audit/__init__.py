"""The signed audit log: leaf, Merkle tree, checkpoint, sequencer, publisher, and a verifier that trusts none of them.

An entry is written in the transaction of the change that it records (``leaf``); the sequencer gives it an index and
adds it to its tenant's tree (``merkle``); the publisher signs committed heads (``checkpoint``, ``note``, ``keys``); the
verifier re-derives all of it from rows and signed heads. What the database must do for that is ``ledger``.
"""
