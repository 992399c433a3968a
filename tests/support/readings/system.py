"""What systems tell of messages and of themselves, read by XPath."""

from tests.support.readings.parts import Reading

READINGS = {
    "admi.002": Reading(
        "iso20022.system.message-rejection.v1",
        "//n:RltdRef/..",
        {
            "rejected_reference": "n:RltdRef/n:Ref",
            "reason": "n:Rsn/n:RjctgPtyRsn",
            "error_location": "n:Rsn/n:ErrLctn",
            "description": "n:Rsn/n:RsnDesc",
            "additional_data": "n:Rsn/n:AddtlData",
        },
    ),
    "admi.004": Reading(
        "iso20022.system.event.v1",
        "//n:EvtInf",
        {
            "code": "n:EvtCd",
            "parameters.0": "n:EvtParam[1]",
            "parameters.1": "n:EvtParam[2]",
            "description": "n:EvtDesc",
        },
    ),
    "admi.007": Reading(
        "iso20022.system.receipt-acknowledgement.v1",
        "//n:Rpt",
        {
            "message.id": "../n:MsgId/n:MsgId",
            "related_message.message_id": "n:RltdRef/n:Ref",
            "related_message.message_name": "n:RltdRef/n:MsgNm",
            "handling.status.code": "n:ReqHdlg/n:StsCd",
            "handling.description": "n:ReqHdlg/n:Desc",
        },
    ),
    "admi.011": Reading(
        "iso20022.system.event-acknowledgement.v1",
        "//n:SysEvtAck",
        {
            "message.id": "n:MsgId",
            "originator_reference": "n:OrgtrRef",
            "event.code": "n:AckDtls/n:EvtCd",
            "event.description": "n:AckDtls/n:EvtDesc",
        },
    ),
    "camt.025": Reading(
        "iso20022.system.receipt.v1",
        "//n:RctDtls",
        {
            "message.id": "../n:MsgHdr/n:MsgId",
            "original_message.message_id": "n:OrgnlMsgId/n:MsgId",
            "original_payment.transaction_id": "n:OrgnlPmtId//n:TxId",
            "original_payment.uetr": "n:OrgnlPmtId//n:UETR",
            "handlings.0.status.code": "n:ReqHdlg[1]/n:StsCd|n:ReqHdlg[1]/n:Sts/n:Cd",
            "handlings.0.description": "n:ReqHdlg[1]/n:Desc",
        },
    ),
}
