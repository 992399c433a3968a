"""How the demo looks: progress, pairs of documents, tables. Nothing is decided here."""

from collections import Counter
from collections.abc import Iterable, Sequence

import orjson
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from broker.audit.verdict import Verdict
from broker.cli.demo.claims import Claim
from broker.store.dead_letters import DeadLetter

_LINES = 46
_WIDE = 110


class _Rate(ProgressColumn):
    """Items a second since the start."""

    def render(self, task: Task) -> Text:
        """Show the rate; nothing before there is one."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="cyan")


class Stage:
    """Where the demo is shown. What is given as a text is shown as it is: brackets in it are not rich's markup."""

    def __init__(self, console: Console) -> None:
        """Show on a console."""
        self.console = console

    def heading(self, text: str) -> None:
        """Begin a part."""
        self.console.print()
        self.console.print(Rule(Text(text, "bold"), align="left"))

    def say(self, text: str) -> None:
        """Say a sentence or two."""
        self.console.print(text, markup=False)

    def progress(self) -> Progress:
        """A live display of stages and their rates."""
        return Progress(
            TextColumn("{task.description:<34}"),
            BarColumn(bar_width=40),
            MofNCompleteColumn(),
            _Rate(),
            TimeElapsedColumn(),
            console=self.console,
        )

    def pair(self, left: tuple[str, str, str], right: tuple[str, str, str]) -> None:
        """Show two documents side by side, or one under the other on a narrow screen: (title, language, text)."""
        panels = [_document(*each) for each in (left, right)]
        if self.console.width < _WIDE:
            for panel in panels:
                self.console.print(panel)
        else:
            beside = Table.grid(expand=True)
            for _ in panels:
                beside.add_column(ratio=1)
            beside.add_row(*panels)
            self.console.print(beside)

    def dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        """List dead letters: reason, place, runbook."""
        table = Table(show_lines=True, expand=True)
        for name in ("code", "reason and place", "runbook"):
            table.add_column(name, overflow="fold")
        for letter in letters:
            table.add_row(letter.code, _reason(letter), f"dlq/runbooks/{letter.code}.md")
        self.console.print(table)

    def counts(self, title: str, counts: Counter[str]) -> None:
        """Show how many of each."""
        table = Table(title, "count")
        for name, count in sorted(counts.items()):
            table.add_row(name, f"{count:,}")
        self.console.print(table)

    def verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Show what the audit log's verification gave."""
        for verdict in verdicts:
            mark = Text("holds", "green") if verdict.problem is None else Text(verdict.problem.text, "red")
            self.console.print(
                f"tenant {verdict.tenant}: {verdict.size:,} entries, {verdict.proven:,} of them proven by "
                f"{verdict.checkpoints} signed tree heads:",
                mark,
            )

    def claims(self, claims: Sequence[Claim]) -> None:
        """Show every claim beside what was found."""
        table = Table("claim", "expected", "found", "")
        for each in claims:
            mark = "[green]✓[/]" if each.holds else "[bold red]✗[/]"
            table.add_row(each.text, _short(each.expected), _short(each.found), mark)
        self.console.print(table)


def pretty_json(body: bytes) -> str:
    """JSON, indented."""
    return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()


def _document(title: str, language: str, text: str) -> Panel:
    lines = text.splitlines()
    if len(lines) > _LINES:
        text = "\n".join([*lines[:_LINES], f"… {len(lines) - _LINES} more lines"])
    # The terminal's own colours, so that it can be read on a light one; and the text alone, for Syntax cuts long words.
    coloured = Syntax(text, language, theme="ansi_dark", word_wrap=True, background_color="default").highlight(text)
    coloured.rstrip()
    coloured.overflow = "fold"
    return Panel(coloured, title=title, title_align="left")


def _reason(letter: DeadLetter) -> Text:
    """The reason, and the first finding's place where there is one."""
    if not letter.findings:
        return Text(letter.reason)
    first = letter.findings[0]
    return Text.assemble(letter.reason, "\n", (f"{first['path']} line {first['line']}", "dim"))


def _short(value: object) -> str:
    if isinstance(value, Counter):
        return f"{value.total()} of {len(value)} kinds"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
