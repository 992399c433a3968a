"""What the office shows: everything that is known, and nothing that could harm a terminal."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from rich.console import Console, RenderableType

from broker.message.failure import FailureCode
from broker.message.lifecycle import DeadLetterState
from broker.outside import policies
from broker.store.dead_letters import DeadLetter
from dlq import printing

NOW = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
POLICIES = policies()
RUNBOOKS = Path(__file__).parents[3] / "dlq" / "runbooks"
LETTER = DeadLetter(
    id=UUID(int=1),
    tenant="north",
    message_id=UUID(int=2),
    parent_id=None,
    channel="core-a",
    direction="inbound",
    code="validate.schema",
    reason="2 findings.",
    findings=(
        {"rule": "schema.pattern", "severity": "error", "path": "/Document/A[2]", "line": 7, "text": "found x"},
        {"rule": "schema.order", "severity": "warning", "path": "", "line": 0, "text": "[bold]y[/]"},
    ),
    definition="pacs.008.001.08",
    business_id="BIZ-1",
    state=DeadLetterState.PARKED,
    attempts=0,
    due_at=None,
    correlation_id="correlation",
    reply_to=None,
    outbox_id=None,
    digest=b"\xab" * 32,
    stored_bytes=2048,
    edited=False,
    received_at=NOW - timedelta(hours=3),
    created_at=NOW - timedelta(hours=2),
    decided_by=None,
    decided_at=None,
    decided_because=None,
    resolved_at=None,
)


def shown(what: RenderableType) -> str:
    """What a wide terminal without colours shows."""
    out = StringIO()
    Console(file=out, width=200, highlight=False).print(what)
    return out.getvalue()


def explained(letter: DeadLetter, *lineage: DeadLetter) -> str:
    """The explanation of a dead letter, as text."""
    return shown(printing.explanation(letter, POLICIES.of(letter.code), lineage or (letter,), NOW))


@pytest.mark.parametrize(
    "expected",
    [
        "validate.schema  2 findings.",
        "core-a",
        "north",
        "pacs.008.001.08",
        "BIZ-1",
        "2048 stored, SHA-256 " + "ab" * 32,
        "2030-01-01T09:00:00.000Z  (3 h ago)",
        "schema.pattern  /Document/A[2] (line 7)",
        "found x",
        "[bold]y[/]",
        "parked at once; replay by: operator; severity medium",
    ],
)
def test_an_explanation_says_what_is_known(expected: str) -> None:
    """Reason, place, findings, origin, policy: each is in the explanation, as it was written."""
    assert expected in explained(LETTER)


def test_lineage_is_shown_where_there_is_one() -> None:
    """A dead letter that came of another shows both, with their states; one alone shows none."""
    parent = replace(LETTER, id=UUID(int=9), state=DeadLetterState.REPLAYED)
    child = replace(LETTER, parent_id=parent.id)
    assert f"{parent.id}  replayed" in explained(child, parent, child)
    assert "What it came of" not in explained(LETTER)


def test_a_decision_is_shown_with_its_reason() -> None:
    """Who decided and why is in the explanation."""
    decided = replace(LETTER, state=DeadLetterState.REQUESTED, decided_by="mia", decided_because="mended", edited=True)
    assert "by mia: mended" in explained(decided)
    assert "other bytes" in explained(decided)


def test_a_waiting_one_says_when_it_is_tried_again() -> None:
    """The list counts the seconds until the next retry, the explanation names the instant and the attempts."""
    waiting = replace(
        LETTER, code="internal.error", state=DeadLetterState.WAITING, due_at=NOW + timedelta(seconds=30), attempts=2
    )
    assert "waiting 30 s" in shown(printing.table([waiting], NOW))
    assert "after 2 automatic retries, next retry at 2030-01-01T12:00:30.000Z" in explained(waiting)


@pytest.mark.parametrize("field", ["reason", "channel", "tenant", "definition", "correlation_id", "decided_because"])
def test_no_control_character_reaches_a_terminal(field: str) -> None:
    """A header that carries an escape sequence is shown with it written out."""
    hostile: dict[str, Any] = {field: "a\x1b]0;owned\x07\x9bb"}
    letter = replace(LETTER, decided_by="mia", **hostile)
    text = explained(letter) + shown(printing.table([letter], NOW))
    assert not {"\x1b", "\x07", "\x9b"} & set(text)
    assert r"a\x1b]0;owned\x07\x9bb" in text


def test_markup_of_others_is_text() -> None:
    """Square brackets in what came with a message do not style or break the output."""
    assert "[/red]" in explained(replace(LETTER, reason="[/red]"))


def test_a_refused_event_shows_who_refused_it() -> None:
    """List and explanation name the queue it was refused from; the explanation also the event."""
    queue = "iso20022.events.ledger"
    letter = replace(LETTER, code="handler.refused", refused_by=queue, event_id=UUID(int=7), event_type="type.v1")

    assert f"core-a → {queue}" in shown(printing.table([letter], NOW))
    assert f"{queue}: the message itself was accepted" in explained(letter)
    assert f"{UUID(int=7)}  type.v1" in explained(letter)


def test_a_program_reads_every_field() -> None:
    """The JSON form has each field of a dead letter, with the digest in hexadecimal and instants in RFC 3339."""
    value = json.loads(orjson.dumps(printing.as_object(LETTER), default=str))
    assert set(value) == set(DeadLetter.__dataclass_fields__)
    assert value["digest"] == "ab" * 32
    assert value["created_at"] == "2030-01-01T10:00:00.000Z"
    assert value["findings"][0]["line"] == 7
    assert value["due_at"] is None


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(hours=25), "1 d"),
        (timedelta(hours=-1), "0 s"),
    ],
)
def test_ages_are_rounded_down(passed: timedelta, text: str) -> None:
    """An age is shown in its largest whole unit; a clock that is behind shows none."""
    assert printing.ago(NOW - passed, NOW) == text


@pytest.mark.parametrize("code", FailureCode)
def test_every_runbook_is_shown(code: FailureCode) -> None:
    """Each page renders for a terminal, with its headings."""
    page = printing.runbook((RUNBOOKS / f"{code}.md").read_text(encoding="utf-8"))
    assert "What to check" in shown(page)
