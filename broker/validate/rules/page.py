"""A rule's page in the docs, and the list of all, in Markdown: made from the rules alone."""

from broker.message.finding import Severity
from broker.validate.rules.plan import RULES
from broker.validate.rules.rule import Rule

_OPENING = """\
# Rules beyond the schema

What the standard asks of every message and no XML schema can say. They are checked in a part of a message that its
schema accepts; an error rejects on a strict channel, a warning is kept beside the accepted message. An error is what
the standard itself makes wrong in every scheme; all else is a warning. These pages are made from the rules, and
`broker rules` prints them. What they find is proved in [detection](../detection.md).

| rule | severity | what must hold |
|---|---|---|
"""


def page(rule: Rule) -> str:
    """Give the page of one rule."""
    article = "an error" if rule.severity is Severity.ERROR else "a warning"
    return f"""\
# {rule.id}

{rule.says}

| | |
|---|---|
| severity | {rule.severity.value} |
| looked at | {rule.at} |
| rests on | {rule.source} |

**Why {article}.** {rule.because}

**What to do.** {rule.mend}
"""


def index() -> str:
    """Give the page that lists all rules."""
    rows = (f"| [`{rule.id}`]({rule.id}.md) | {rule.severity.value} | {rule.says} |\n" for rule in RULES.values())
    return _OPENING + "".join(rows)
