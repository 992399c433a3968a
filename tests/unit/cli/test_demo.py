"""How the demo looks: texts as they are, documents beside each other where the terminal is wide enough."""

from datetime import UTC, datetime
from io import StringIO
from uuid import UUID

import pytest
from rich.console import Console

from broker.cli.demo.stage import Stage
from broker.message.lifecycle import DeadLetterState
from broker.store.dead_letters import DeadLetter

PATTERN = "expected the pattern [a-f0-9]{8}"
PLACE = "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf/PmtId/UETR"
NOW = datetime(2030, 1, 1, tzinfo=UTC)
LETTER = DeadLetter(
    id=UUID(int=1),
    tenant="north",
    message_id=UUID(int=2),
    parent_id=None,
    channel="core",
    direction="inbound",
    code="validate.schema",
    reason=PATTERN,
    findings=({"rule": "schema.pattern", "severity": "error", "path": PLACE, "line": 7, "text": PATTERN},),
    definition="pacs.008.001.08",
    business_id=None,
    state=DeadLetterState.PARKED,
    attempts=0,
    due_at=None,
    correlation_id=None,
    reply_to=None,
    outbox_id=None,
    digest=bytes(32),
    stored_bytes=2048,
    edited=False,
    received_at=NOW,
    created_at=NOW,
    decided_by=None,
    decided_at=None,
    decided_because=None,
    resolved_at=None,
)


def _stage(width: int) -> tuple[Stage, StringIO]:
    out = StringIO()
    return Stage(Console(file=out, width=width, highlight=False)), out


def test_a_pattern_in_a_text_is_shown_whole() -> None:
    """Brackets in what is said are the message's own and no markup."""
    stage, out = _stage(120)

    stage.say(PATTERN)

    assert out.getvalue() == f"{PATTERN}\n"


@pytest.mark.parametrize("width", [80, 120])
def test_a_dead_letter_is_shown_with_its_whole_reason_place_and_runbook(width: int) -> None:
    """Nothing is cut off, however narrow the columns: what does not fit goes on in the next line."""
    stage, out = _stage(width)

    stage.dead_letters([LETTER])

    rows = [line.split("│")[1:-1] for line in out.getvalue().splitlines() if line.startswith("│")]
    code, reason, runbook = ("".join(cell.strip() for cell in column) for column in zip(*rows, strict=True))
    assert (code, runbook) == ("validate.schema", "dlq/runbooks/validate.schema.md")
    assert reason.replace(" ", "") == f"{PATTERN}{PLACE}line7".replace(" ", "")


@pytest.mark.parametrize(("width", "beside"), [(80, False), (120, True)])
def test_two_documents_stand_beside_each_other_where_there_is_room(width: int, *, beside: bool) -> None:
    """On a wide terminal both titles are in one line, on a narrow one they are not; nothing is cut off on either."""
    stage, out = _stage(width)

    stage.pair(("XML", "xml", f"<A>{'x' * 90}</A>"), ("event", "json", '{"a": 1}'))

    titles = [line for line in out.getvalue().splitlines() if " XML " in line or " event " in line]
    assert len(titles) == (1 if beside else 2)
    assert out.getvalue().count("x") == 90
