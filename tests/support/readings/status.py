"""Status reports, read by XPath."""

from tests.support.readings.parts import Reading, original

_STATUS = {
    "status": "n:TxSts",
    "reasons.0.reason.code": "n:StsRsnInf[1]/n:Rsn/n:Cd",
    "reasons.0.information.0": "n:StsRsnInf[1]/n:AddtlInf[1]",
}
READINGS = {
    "pacs.002": Reading(
        "iso20022.payment.status.v1", "//n:TxInfAndSts", {"message.id": "../n:GrpHdr/n:MsgId", **_STATUS, **original()}
    ),
    "pain.002": Reading(
        "iso20022.payment.status.v1",
        "//n:TxInfAndSts",
        {
            "message.id": "../../n:GrpHdr/n:MsgId",
            "original_references.payment_information_id": "../n:OrgnlPmtInfId",
            "original_message.message_id": "../../n:OrgnlGrpInfAndSts/n:OrgnlMsgId",
            **_STATUS,
            **original(),
        },
    ),
}
