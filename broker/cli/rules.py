"""`broker rules`: the rules beyond the schema, listed and shown.

Owns options, printing and exit codes; what a rule says is the rule's.
"""

from typing import Annotated

import typer

from broker.cli.output import USAGE, JsonOption, fail, print_json
from broker.validate.rules import RULES
from broker.validate.rules.page import page
from broker.validate.rules.rule import Rule

app = typer.Typer(
    name="rules",
    no_args_is_help=True,
    help="The rules of the standard beyond its schemas: list, show.",
)


@app.command("list")
def list_rules(*, json: JsonOption = False) -> None:
    """List the rules: id, severity, what must hold.

    With --json one array of {"id", "severity", "says", "at", "source", "because", "mend"}.

    Exit code: 0 listed.
    """
    if json:
        print_json([_facts(rule) for rule in RULES.values()])
        return
    for rule in RULES.values():
        typer.echo(f"{rule.id:<26} {rule.severity.value:<8} {rule.says}")


@app.command()
def show(
    rule: Annotated[str, typer.Argument(help="A rule's id, e.g. iban.check-digits.", show_default=False)],
    *,
    json: JsonOption = False,
) -> None:
    """Show a rule's page: what must hold, where it is looked at, what it rests on, what to do.

    With --json one object, as in the array of list.

    Exit code: 0 shown, 2 there is no such rule.
    """
    known = RULES.get(rule)
    if known is None:
        fail(f"there is no rule {rule}; see `broker rules list`", USAGE)
    if json:
        print_json(_facts(known))
    else:
        typer.echo(page(known), nl=False)


def _facts(rule: Rule) -> dict[str, str]:
    return {
        "id": rule.id,
        "severity": rule.severity.value,
        "says": rule.says,
        "at": rule.at,
        "source": rule.source,
        "because": rule.because,
        "mend": rule.mend,
    }
