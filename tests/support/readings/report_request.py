"""Requests for reports on accounts, read by XPath."""

from tests.support.readings.parts import ACCOUNT, AGENT, PARTY, Reading, under

READINGS = {
    "camt.060": Reading(
        "iso20022.account.report-request.v1",
        "//n:RptgReq",
        {
            "message.id": "../n:GrpHdr/n:MsgId",
            "request_id": "n:Id",
            "requested_message_name": "n:ReqdMsgNmId",
            "period.from_date": "n:RptgPrd/n:FrToDt/n:FrDt",
            "period.to_time": "n:RptgPrd/n:FrToTm/n:ToTm",
            "reporting_sequence.from_sequence": "n:RptgSeq/n:FrSeq",
            "entries.status.code": "n:ReqdTxTp/n:Sts[not(*)]|n:ReqdTxTp/n:Sts/n:Cd",
            "entries.floor_limits.0.amount.amount": "n:ReqdTxTp/n:FlrLmt[1]/n:Amt",
            "balances.0.type.code": "n:ReqdBalTp[1]/n:CdOrPrtry/n:Cd",
            **under("account", "n:Acct", ACCOUNT),
            **under("owner.party", "n:AcctOwnr/n:Pty", PARTY),
            **under("owner.agent", "n:AcctOwnr/n:Agt", AGENT),
            **under("servicer", "n:AcctSvcr", AGENT),
        },
    ),
}
