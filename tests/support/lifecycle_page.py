"""Writes ``docs/lifecycle.md`` from the tables of ``broker/message/lifecycle.py``.

Run it as ``python -m tests.support.lifecycle_page``.
The prose stands here; states, transitions and diagrams come from the tables alone.
"""

from broker.message.lifecycle import DEAD_LETTER, MESSAGE, PUBLICATION, Transitions
from tests.support.tree import ROOT

PAGE = ROOT / "docs" / "lifecycle.md"

_OPENING = """\
# Lifecycles

Three things live in the store: a message, its dead letter if it has one, and each publication it causes. The tables
in `broker/message/lifecycle.py` say how they move; the database's CHECK constraints repeat the states; this page is
made from the tables with `python -m tests.support.lifecycle_page`. A test holds the three together.
"""

_MESSAGE = """\
Every message ever received has a row. It is accepted with all that it causes, or it is dead and a dead letter says why.
A second delivery of it changes nothing here: it is counted and audited as a duplicate."""

_DEAD_LETTER = """\
A failure code's policy decides the first state: waiting with a retry due, or parked for a person. A request to replay
is carried out by a worker, in one transaction with its outcome; so a dead letter is replayed at most once. A replay
that fails again ends the dead letter and opens a child of it."""

_PUBLICATION = """\
Committed with its message and pending until the transport has confirmed it. One that no queue takes is tried again by
its policy and then parked with a dead letter; replaying that puts it back, under the same event id."""

_SECTIONS: tuple[tuple[str, str, Transitions], ...] = (
    ("A message", _MESSAGE, MESSAGE),
    ("A dead letter", _DEAD_LETTER, DEAD_LETTER),
    ("A publication", _PUBLICATION, PUBLICATION),
)


def render() -> str:
    """Give the text of the page."""
    sections = (f"## {title}\n\n{prose}\n\n{_diagram(table)}\n\n{_rows(table)}\n" for title, prose, table in _SECTIONS)
    return "\n".join((_OPENING, *sections))


def _diagram(table: Transitions) -> str:
    lines = [f"    {before or '[*]'} --> {after}: {by}" for (before, by), after in table.items()]
    left = {before for before, _ in table}
    lines += [f"    {state} --> [*]" for state in dict.fromkeys(table.values()) if state not in left]
    return "\n".join(("```mermaid", "stateDiagram-v2", *lines, "```"))


def _rows(table: Transitions) -> str:
    lines = [f"| {before or ''} | {by} | {after} |" for (before, by), after in table.items()]
    return "\n".join(("| from | by | to |", "|---|---|---|", *lines))


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
