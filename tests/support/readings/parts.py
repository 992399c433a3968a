"""What a reading is made of: XPaths of the shared parts, written for the purpose; no mapping is used."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """How one family is read: XPath to the items, XPaths from an item (first hit counts) by path in the event."""

    event_type: str
    items: str
    fields: Mapping[str, str]


PARTY = {".name": "n:Nm", ".address.country": "n:PstlAdr/n:Ctry", ".organisation.lei": "n:Id/n:OrgId/n:LEI"}
ACCOUNT = {".iban": "n:Id/n:IBAN", ".other.id": "n:Id/n:Othr/n:Id"}
AGENT = {
    ".bic": "n:FinInstnId/n:BICFI|{}/n:FinInstnId/n:BIC",
    ".clearing_member.member_id": "n:FinInstnId/n:ClrSysMmbId/n:MmbId",
    ".name": "n:FinInstnId/n:Nm",
}


def under(field: str, element: str, parts: Mapping[str, str]) -> dict[str, str]:
    """XPaths of a part of the event, below an element."""
    return {f"{field}{name}": f"{element}/{path.format(element)}" for name, path in parts.items()}


def sides(debtor: str, creditor: str) -> dict[str, str]:
    """Who pays whom; ``debtor`` and ``creditor`` are where each side begins."""
    return {
        **under("debtor", f"{debtor}n:Dbtr", PARTY),
        **under("debtor_account", f"{debtor}n:DbtrAcct", ACCOUNT),
        **under("debtor_agent", f"{debtor}n:DbtrAgt", AGENT),
        **under("creditor", f"{creditor}n:Cdtr", PARTY),
        **under("creditor_account", f"{creditor}n:CdtrAcct", ACCOUNT),
        **under("creditor_agent", f"{creditor}n:CdtrAgt", AGENT),
    }


def original() -> dict[str, str]:
    """References of the payment a message is about, and the parties it repeats, directly or below Pty."""
    at = "n:OrgnlTxRef/"
    either = {
        f"original_transaction.{side}.party.name": f"{at}n:{name}/n:Nm|{at}n:{name}/n:Pty/n:Nm"
        for side, name in (("debtor", "Dbtr"), ("creditor", "Cdtr"))
    }
    return {
        "original_references.instruction_id": "n:OrgnlInstrId",
        "original_references.end_to_end_id": "n:OrgnlEndToEndId",
        "original_references.uetr": "n:OrgnlUETR",
        "original_transaction.settlement_amount.amount": f"{at}n:IntrBkSttlmAmt",
        "original_transaction.settlement_amount.currency": f"{at}n:IntrBkSttlmAmt/@Ccy",
        "original_transaction.amount.instructed.amount": f"{at}n:Amt/n:InstdAmt",
        "original_transaction.settlement_date": f"{at}n:IntrBkSttlmDt",
        **under("original_transaction.debtor_account", f"{at}n:DbtrAcct", ACCOUNT),
        **under("original_transaction.creditor_agent", f"{at}n:CdtrAgt", AGENT),
        **either,
    }
