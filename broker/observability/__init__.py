"""Logs, traces and metrics: how a running broker says what it does.

Nothing here takes a payload, a name or an account number; whoever logs passes identifiers, codes and counts.
"""
