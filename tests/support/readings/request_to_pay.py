"""Requests to pay and what became of them, read by XPath."""

from tests.support.readings.parts import ACCOUNT, AGENT, Reading, sides, under

_AT = "n:OrgnlTxRef/"

READINGS = {
    "pain.013": Reading(
        "iso20022.request.to-pay.v1",
        "//n:CdtTrfTx",
        {
            "message.id": "../../n:GrpHdr/n:MsgId",
            "initiating_party.name": "../../n:GrpHdr/n:InitgPty/n:Nm",
            "payment_information_id": "../n:PmtInfId",
            "payment_method": "../n:PmtMtd",
            "references.instruction_id": "n:PmtId/n:InstrId",
            "references.end_to_end_id": "n:PmtId/n:EndToEndId",
            "references.uetr": "n:PmtId/n:UETR",
            "amount.instructed.amount": "n:Amt/n:InstdAmt",
            "amount.instructed.currency": "n:Amt/n:InstdAmt/@Ccy",
            "requested_execution.date": "../n:ReqdExctnDt[not(*)]|../n:ReqdExctnDt/n:Dt",
            "expires.date": "../n:XpryDt[not(*)]|../n:XpryDt/n:Dt",
            "remittance.unstructured.0": "n:RmtInf/n:Ustrd[1]",
            **sides("../", ""),
        },
    ),
    "pain.014": Reading(
        "iso20022.request.to-pay-status.v1",
        "//n:TxInfAndSts",
        {
            "message.id": "../../n:GrpHdr/n:MsgId",
            "status_id": "n:StsId",
            "original_message.message_id": "../../n:OrgnlGrpInfAndSts/n:OrgnlMsgId",
            "original_references.payment_information_id": "../n:OrgnlPmtInfId",
            "original_references.instruction_id": "n:OrgnlInstrId",
            "original_references.end_to_end_id": "n:OrgnlEndToEndId",
            "status": "n:TxSts",
            "reasons.0.reason.code": "n:StsRsnInf[1]/n:Rsn/n:Cd",
            "accepted_conditions.amount.amount": "n:PmtCondSts/n:AccptdAmt",
            "original_request.amount.instructed.amount": f"{_AT}n:Amt/n:InstdAmt",
            "original_request.creditor.name": f"{_AT}n:Cdtr/n:Nm",
            **under("original_request.debtor_account", f"{_AT}n:DbtrAcct", ACCOUNT),
            **under("original_request.creditor_agent", f"{_AT}n:CdtrAgt", AGENT),
        },
    ),
}
