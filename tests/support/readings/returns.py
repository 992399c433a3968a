"""Returns, read by XPath."""

from tests.support.readings.parts import Reading, original

READINGS = {
    "pacs.004": Reading(
        "iso20022.payment.return.v1",
        "//n:TxInf",
        {
            "message.id": "../n:GrpHdr/n:MsgId",
            "return_id": "n:RtrId",
            "returned_amount.amount": "n:RtrdIntrBkSttlmAmt",
            "returned_amount.currency": "n:RtrdIntrBkSttlmAmt/@Ccy",
            "original_settlement_amount.amount": "n:OrgnlIntrBkSttlmAmt",
            "settlement_date": "(n:IntrBkSttlmDt|../n:GrpHdr/n:IntrBkSttlmDt)[last()]",
            "reasons.0.reason.code": "n:RtrRsnInf[1]/n:Rsn/n:Cd",
            "chain.debtor.party.name": "n:RtrChain/n:Dbtr/n:Pty/n:Nm",
            "chain.creditor.agent.bic": "n:RtrChain/n:Cdtr/n:Agt/n:FinInstnId/n:BICFI",
            **original(),
        },
    ),
}
