"""Charges between banks, read by XPath: records that stand alone, under one transaction, or under types."""

from tests.support.readings.parts import ACCOUNT, AGENT, PARTY, Reading, under

_RECORDS = "//n:Sngl|//n:PerTx/n:Rcrd|//n:PerTp/n:Rcrd|//n:Chrgs[n:UndrlygTx]"


def _records(noun: str, account: str, account_tag: str) -> Reading:
    """How a record of charges is read; ``account`` is the field that says whose account they are on."""
    return Reading(
        f"iso20022.payment.charges-{noun}.v1",
        _RECORDS,
        {
            "message.id": "//n:GrpHdr/n:MsgId",
            "charges_id": "n:ChrgsId|../n:ChrgsId",
            "record_id": "n:RcrdId|n:ChrgsRcrdId",
            **under("requester", "//n:GrpHdr/n:ChrgsRqstr", AGENT),
            "transactions.0.message_id": "n:UndrlygTx/n:MsgId",
            "transactions.0.message_name": "n:UndrlygTx/n:MsgNmId",
            "transactions.0.instruction_id": "n:UndrlygTx/n:InstrId",
            "transactions.0.end_to_end_id": "n:UndrlygTx/n:EndToEndId",
            "transactions.0.uetr": "n:UndrlygTx/n:UETR",
            "amount.amount": "n:Amt",
            "amount.currency": "n:Amt/@Ccy",
            "totals.total.amount": "n:TtlChrgsPerRcrd/n:TtlChrgsAmt",
            "breakdown.0.amount.amount": "n:ChrgsBrkdwn[1]/n:Amt",
            "breakdown.0.type.code": "n:ChrgsBrkdwn[1]/n:Tp/n:Cd",
            "breakdown.1.amount.amount": "n:ChrgsBrkdwn[2]/n:Amt",
            "type.code": "n:Tp/n:Cd|../n:Tp/n:Cd",
            "value.date": "n:ValDt/n:Dt",
            **under("debtor", "n:Dbtr", PARTY),
            **under("debtor_agent", "n:DbtrAgt", AGENT),
            **under("debtor_agent_account", "n:DbtrAgtAcct", ACCOUNT),
            f"{account}.bic": f"(n:{account_tag}|../n:{account_tag}|//n:GrpHdr/n:{account_tag})[last()]//n:BICFI",
            "information": "n:AddtlInf",
        },
    )


READINGS = {
    "camt.105": _records("notification", "charges_account_owner", "ChrgsAcctOwnr"),
    "camt.106": _records("request", "charges_account_agent", "ChrgsAcctAgt"),
}
