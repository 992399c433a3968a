"""What the office shows: tables for people, objects for programs.

Everything that came with a message is made harmless first: a control character in a header must not reach a terminal.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from broker.message.lifecycle import DeadLetterState
from broker.pipeline.policy import Policy
from broker.store.dead_letters import DeadLetter
from dlq.replaying import Answer

_STYLES = {
    DeadLetterState.WAITING: "yellow",
    DeadLetterState.PARKED: "red",
    DeadLetterState.REQUESTED: "cyan",
    DeadLetterState.REPLAYED: "green",
    DeadLetterState.DISCARDED: "dim",
}
_SEVERITY = {"error": "red", "warning": "yellow"}


def harmless(text: str) -> str:
    """Write control characters out, apart from line ends and tabs."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)


def ago(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits: ``3 h``."""
    passed = max(now - since, timedelta())
    for unit, name in ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min")):
        if passed >= unit:
            return f"{passed // unit} {name}"
    return f"{passed.seconds} s"


def as_object(letter: DeadLetter) -> dict[str, object]:
    """A dead letter as the JSON a program reads. Instants are RFC 3339, the digest is hexadecimal."""
    instants = ("due_at", "received_at", "created_at", "decided_at", "resolved_at")
    names = (name for name in DeadLetter.__dataclass_fields__ if name not in ("digest", *instants))
    return {
        **{name: getattr(letter, name) for name in names},
        "digest": letter.digest.hex(),
        **{name: _rfc3339(getattr(letter, name)) for name in instants},
    }


def answer_object(answer: Answer) -> dict[str, object]:
    """An answer as the JSON a program reads."""
    return {"id": answer.id, "result": answer.result.value, "text": answer.text, "child": answer.child}


def table(letters: Sequence[DeadLetter], now: datetime) -> RenderableType:
    """Dead letters one a row."""
    rows = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "state", "code", "channel", "definition", "age"):
        rows.add_column(name, no_wrap=name in ("id", "age"), overflow="fold")
    for each in letters:
        state = Text(each.state.value, _STYLES[each.state])
        if each.state is DeadLetterState.WAITING and each.due_at is not None:
            state.append(f" {max(0, round((each.due_at - now).total_seconds()))} s", "dim")
        channel = each.channel if each.direction == "inbound" else f"{each.channel} (out)"
        if each.refused_by is not None:
            channel = f"{channel} → {each.refused_by}"
        cells = (harmless(each.code), harmless(channel), harmless(each.definition or ""), ago(each.created_at, now))
        rows.add_row(str(each.id), state, *(Text(cell) for cell in cells))
    return rows


def explanation(letter: DeadLetter, policy: Policy, lineage: Sequence[DeadLetter], now: datetime) -> RenderableType:
    """Everything known of one dead letter, apart from its runbook and its bytes."""
    title = Text.assemble((harmless(letter.code), "bold red"), "  ", harmless(letter.reason))
    return Group(title, "", _facts(letter, policy, now), *_findings(letter.findings), *_lineage(lineage, letter))


def runbook(text: str) -> RenderableType:
    """A page of the runbooks."""
    return Markdown(text)


def _facts(letter: DeadLetter, policy: Policy, now: datetime) -> RenderableType:
    facts = Table.grid(padding=(0, 2))
    rows = {
        "dead letter": str(letter.id),
        "message": f"{letter.message_id}  ({letter.direction} on {letter.channel}, tenant {letter.tenant})",
        "definition": letter.definition,
        "business id": letter.business_id,
        "publication": letter.outbox_id and f"{letter.outbox_id}: the message itself was accepted",
        "refused by": letter.refused_by and f"{letter.refused_by}: the message itself was accepted",
        "event": letter.event_id and f"{letter.event_id}  {letter.event_type}",
        "bytes": f"{letter.stored_bytes} stored, SHA-256 {letter.digest.hex()}",
        "received": f"{_rfc3339(letter.received_at)}  ({ago(letter.received_at, now)} ago)",
        "correlation": letter.correlation_id,
        "reply to": letter.reply_to,
        "state": _state(letter),
        "decided": letter.decided_by and f"by {letter.decided_by}: {letter.decided_because}",
        "edited": "the replay used other bytes than were received" if letter.edited else None,
        "policy": _policy(policy),
    }
    for name, value in rows.items():
        if value:
            facts.add_row(Text(name, "dim"), Text(harmless(str(value))))
    return facts


def _state(letter: DeadLetter) -> str:
    retries = f", after {letter.attempts} automatic retries" if letter.attempts else ""
    due = f", next retry at {_rfc3339(letter.due_at)}" if letter.due_at else ""
    return f"{letter.state.value}{retries}{due}"


def _policy(policy: Policy) -> str:
    backoff = policy.backoff
    retry = f"{backoff.attempts} automatic retries, then parked" if backoff else "parked at once"
    return f"{retry}; replay by: {policy.replay_by}; severity {policy.severity}"


def _findings(findings: Sequence[Mapping[str, str | int]]) -> list[RenderableType]:
    shown: list[RenderableType] = []
    for each in findings:
        place = harmless(str(each["path"])) + (f" (line {each['line']})" if each["line"] else "")
        head = (
            f"[{_SEVERITY.get(str(each['severity']), 'red')}]{escape(harmless(str(each['rule'])))}[/]  {escape(place)}"
        )
        shown += [Text(), Text.from_markup(head), Text(f"    {harmless(str(each['text']))}")]
    return shown


def _lineage(lineage: Sequence[DeadLetter], letter: DeadLetter) -> list[RenderableType]:
    if len(lineage) < 2:  # noqa: PLR2004  itself alone is no lineage
        return []
    lines = Table.grid(padding=(0, 2))
    for each in lineage:
        mark = "▶" if each.id == letter.id else ""
        lines.add_row(
            mark, _rfc3339(each.created_at), str(each.id), Text(each.state.value, _STYLES[each.state]), each.code
        )
    return [Text(), Text("What it came of and what became of it", "bold"), lines]


def _rfc3339(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
