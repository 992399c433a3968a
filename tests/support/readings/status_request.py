"""Requests for the status of payments, read by XPath."""

from tests.support.readings.parts import Reading, original

_ONLY = "../n:OrgnlGrpInf[count(../n:OrgnlGrpInf)=1]"
READINGS = {
    "pacs.028": Reading(
        "iso20022.payment.status-request.v1",
        "//n:TxInf",
        {
            "message.id": "../n:GrpHdr/n:MsgId",
            "status_request_id": "n:StsReqId",
            "original_message.message_id": f"(n:OrgnlGrpInf|{_ONLY})[last()]/n:OrgnlMsgId",
            "original_message.message_name": f"(n:OrgnlGrpInf|{_ONLY})[last()]/n:OrgnlMsgNmId",
            "clearing_system_reference": "n:ClrSysRef",
            **original(),
        },
    ),
}
