"""The answer to a command that was refused: an event of its own, for the queue named in ``reply_to``."""

from typing import Final, Literal

from broker.transform.canonical.form import Canonical, Count, Text

COMMAND_REJECTED: Final = "iso20022.command.rejected.v1"


class CommandFinding(Canonical):
    """One thing that is wrong with a command: which rule, where, and in words."""

    rule: Text
    """The rule that it breaks, such as json.length."""
    severity: Literal["error", "warning"]
    """An error refuses the command, a warning does not."""
    path: str
    """The place in the command or its message; empty where there is none."""
    line: Count
    """Counted from 1, or 0 where unknown."""
    text: Text
    """What is wrong, in words; never the value."""


class CommandRejected(Canonical):
    """Why a command was refused: a failure code, one sentence, and the findings that led to it."""

    code: Text
    """The failure code."""
    text: Text
    """What it means."""
    findings: tuple[CommandFinding, ...]
    """What is wrong, one item each."""
    correlation_id: Text | None = None
    """The one that the command was sent with, where it had one."""
