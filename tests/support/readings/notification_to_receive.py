"""Notifications of money expected, and their cancellations, read by XPath."""

from tests.support.readings.parts import Reading


def _own(tag: str, path: str) -> str:
    """What the item says, or else its notification; ``path`` below either."""
    return f"(n:{tag}|../n:{tag})[last()]/{path}"


def _original(tag: str, path: str) -> str:
    """The same of the original item that a cancellation repeats."""
    return f"(n:OrgnlItmRef/n:{tag}|../n:{tag})[last()]/{path}"


READINGS = {
    "camt.057": Reading(
        "iso20022.payment.notification-to-receive.v1",
        "//n:Itm",
        {
            "message.id": "../../n:GrpHdr/n:MsgId",
            "sender.agent.bic": "../../n:GrpHdr/n:MsgSndr/n:Agt/n:FinInstnId/n:BICFI",
            "notification_id": "../n:Id",
            "item_id": "n:Id",
            "end_to_end_id": "n:EndToEndId",
            "uetr": "n:UETR",
            "amount.amount": "n:Amt",
            "amount.currency": "n:Amt/@Ccy",
            "account.iban": _own("Acct", "n:Id/n:IBAN"),
            "account.other.id": _own("Acct", "n:Id/n:Othr/n:Id"),
            "account_owner.party.name": _own("AcctOwnr", "n:Pty/n:Nm"),
            "expected_value_date": "(n:XpctdValDt|../n:XpctdValDt)[last()]",
            "debtor.party.name": _own("Dbtr", "n:Pty/n:Nm"),
            "debtor.agent.bic": _own("Dbtr", "n:Agt/n:FinInstnId/n:BICFI"),
            "debtor_agent.bic": _own("DbtrAgt", "n:FinInstnId/n:BICFI"),
            "purpose.code": "n:Purp/n:Cd",
            "remittance.unstructured.0": "n:RmtInf/n:Ustrd[1]",
        },
    ),
    "camt.058": Reading(
        "iso20022.payment.notification-cancellation.v1",
        "//n:OrgnlItm",
        {
            "message.id": "../../../n:GrpHdr/n:MsgId",
            "original_message.message_id": "../../n:OrgnlMsgId",
            "original_notification_id": "../../n:OrgnlNtfctnId",
            "item_id": "n:OrgnlItmId",
            "end_to_end_id": "n:OrgnlEndToEndId",
            "uetr": "n:UETR",
            "amount.amount": "n:Amt",
            "amount.currency": "n:Amt/@Ccy",
            "expected_value_date": "(n:XpctdValDt|../n:XpctdValDt)[last()]",
            "account.iban": _original("Acct", "n:Id/n:IBAN"),
            "account.other.id": _original("Acct", "n:Id/n:Othr/n:Id"),
            "debtor.party.name": _original("Dbtr", "n:Pty/n:Nm"),
            "debtor_agent.bic": _original("DbtrAgt", "n:FinInstnId/n:BICFI"),
            "reason.reason.code": "../../../n:CxlRsn/n:Rsn/n:Cd",
        },
    ),
}
