"""Vocabulary: the nouns every room speaks, in standard-library Python only.

A value here is frozen and knows nothing of transports, databases, clocks or XML. Time and identifiers are always
arguments, so that the same input gives the same value on every machine and after every redelivery.
"""
