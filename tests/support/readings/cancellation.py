"""Requests to cancel, read by XPath."""

from tests.support.readings.parts import Reading, original

READINGS = {
    "camt.056": Reading(
        "iso20022.payment.cancellation-request.v1",
        "//n:TxInf",
        {
            "message.id": "../../n:Assgnmt/n:Id",
            "assigner.agent.bic": "../../n:Assgnmt/n:Assgnr/n:Agt/n:FinInstnId/n:BICFI",
            "cancellation_id": "n:CxlId",
            "original_settlement_amount.amount": "n:OrgnlIntrBkSttlmAmt",
            "original_settlement_amount.currency": "n:OrgnlIntrBkSttlmAmt/@Ccy",
            "reasons.0.reason.code": "n:CxlRsnInf[1]/n:Rsn/n:Cd",
            **original(),
        },
    ),
}
