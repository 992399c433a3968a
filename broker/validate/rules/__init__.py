"""The general rules of the standard beyond the schema: those that hold in every scheme.

Read in this order:

    rule.py         what a rule, a breach and a check are
    facts.py        the facts of others, from ``tables``
    iban.py bic.py lei.py country.py currency.py code.py uetr.py       what a value must be
    duplicate.py total.py entry.py group.py amount.py agent.py date.py what elements must be beside each other
    plan.py         which elements of a definition are looked at, from its type model
    seen.py         which identifiers were seen, where a message is too large for a dictionary of them
    checking.py     ``check_tree``: one pass over a message; ``looks_at``: what it looks at
    page.py         a rule's page in the docs

Rules look at schema-valid trees only. They know no paths, no scheme and no channel: a scheme's own rules are packs of
their own.
"""

from broker.validate.rules.checking import MOST_FINDINGS, check_tree, findings_of, looks_at, more_findings
from broker.validate.rules.plan import RULES
from broker.validate.rules.rule import Check, References, Run
from broker.validate.rules.seen import Seen

__all__ = [
    "MOST_FINDINGS",
    "RULES",
    "Check",
    "References",
    "Run",
    "Seen",
    "check_tree",
    "findings_of",
    "looks_at",
    "more_findings",
]
