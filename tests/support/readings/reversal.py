"""Reversals, read by XPath."""

from tests.support.readings.parts import Reading, original

READINGS = {
    "pacs.007": Reading(
        "iso20022.payment.reversal.v1",
        "//n:TxInf",
        {
            "message.id": "../n:GrpHdr/n:MsgId",
            "reversal_id": "n:RvslId",
            "original_message.message_id": "(../n:OrgnlGrpInf|n:OrgnlGrpInf)[last()]/n:OrgnlMsgId",
            "original_references.transaction_id": "n:OrgnlTxId",
            "original_settlement_amount.amount": "n:OrgnlIntrBkSttlmAmt",
            "reversed_amount.amount": "n:RvsdIntrBkSttlmAmt",
            "reversed_amount.currency": "n:RvsdIntrBkSttlmAmt/@Ccy",
            "reversed_instructed_amount.amount": "n:RvsdInstdAmt",
            "settlement_date": "(n:IntrBkSttlmDt|../n:GrpHdr/n:IntrBkSttlmDt)[last()]",
            "reasons.0.reason.code": "n:RvslRsnInf[1]/n:Rsn/n:Cd",
            **original(),
        },
    ),
    "pain.007": Reading(
        "iso20022.payment.reversal.v1",
        "//n:TxInf",
        {
            "message.id": "../../n:GrpHdr/n:MsgId",
            "reversal_id": "n:RvslId",
            "original_message.message_id": "../../n:OrgnlGrpInf/n:OrgnlMsgId",
            "original_references.payment_information_id": "../n:OrgnlPmtInfId",
            "original_instructed_amount.amount": "n:OrgnlInstdAmt",
            "reversed_instructed_amount.amount": "n:RvsdInstdAmt",
            "reversed_instructed_amount.currency": "n:RvsdInstdAmt/@Ccy",
            "reasons.0.reason.code": "n:RvslRsnInf[1]/n:Rsn/n:Cd",
            "reasons.0.reason.proprietary": "n:RvslRsnInf[1]/n:Rsn/n:Prtry",
            **original(),
        },
    ),
}
