"""Investigations and how they end, read by XPath."""

from collections.abc import Mapping

from tests.support.readings.parts import AGENT, PARTY, Reading, original, under

_UNDERLYING = {
    f"underlying.{word}.{field}": f"n:Undrlyg/n:{tag}/{path}"
    for word, tag in (("initiation", "Initn"), ("interbank", "IntrBk"))
    for field, path in {
        "original_message.message_id": "n:OrgnlGrpInf/n:OrgnlMsgId",
        "original_message.message_name": "n:OrgnlGrpInf/n:OrgnlMsgNmId",
        "original_references.instruction_id": "n:OrgnlInstrId",
        "original_references.end_to_end_id": "n:OrgnlEndToEndId",
        "original_references.transaction_id": "n:OrgnlTxId",
        "original_references.uetr": "n:OrgnlUETR",
        "original_settlement_amount.amount": "n:OrgnlIntrBkSttlmAmt",
        "original_settlement_date": "n:OrgnlIntrBkSttlmDt",
        "original_instructed_amount.amount": "n:OrgnlInstdAmt",
    }.items()
}


def _assigned(assignment: str) -> dict[str, str]:
    """Who gives the case to whom; ``assignment`` leads from the item to it."""
    return {
        "message.id": f"{assignment}n:Assgnmt/n:Id",
        **under("assigner.agent", f"{assignment}n:Assgnmt/n:Assgnr/n:Agt", AGENT),
        **under("assigner.party", f"{assignment}n:Assgnmt/n:Assgnr/n:Pty", PARTY),
        **under("assignee.agent", f"{assignment}n:Assgnmt/n:Assgne/n:Agt", AGENT),
        **under("assignee.party", f"{assignment}n:Assgnmt/n:Assgne/n:Pty", PARTY),
    }


def _inquiry(noun: str, tag: str, fields: Mapping[str, str]) -> Reading:
    """How a message about one payment is read."""
    case = {"case.id": "n:Case/n:Id", "case.creator.agent.bic": "n:Case/n:Cretr/n:Agt/n:FinInstnId/n:BICFI"}
    return Reading(
        f"iso20022.investigation.{noun}.v1", f"//n:{tag}", {**_assigned(""), **case, **_UNDERLYING, **fields}
    )


READINGS = {
    "camt.026": _inquiry(
        "unable-to-apply",
        "UblToApply",
        {
            "missing_information.0.type.code": "n:Justfn//n:MssngInf[1]/n:Cd|n:Justfn//n:MssngInf[1]/n:Tp/n:Cd",
            "missing_information.0.information": "n:Justfn//n:MssngInf[1]/n:AddtlMssngInf",
            "incorrect_information.0.type.code": "n:Justfn//n:IncrrctInf[1]/n:Cd|n:Justfn//n:IncrrctInf[1]/n:Tp/n:Cd",
            "incorrect_information.0.information": "n:Justfn//n:IncrrctInf[1]/n:AddtlIncrrctInf",
        },
    ),
    "camt.028": _inquiry(
        "additional-information",
        "AddtlPmtInf",
        {
            "information.references.end_to_end_id": "n:Inf/n:EndToEndId",
            "information.settlement_amount.amount": "n:Inf/n:IntrBkSttlmAmt",
            "information.instructions_for_creditor_agent.0.information": "n:Inf/n:InstrForCdtrAgt[1]/n:InstrInf",
            "information.remittance.unstructured.0": "n:Inf/n:RmtInf/n:Ustrd[1]",
            **under("information.debtor", "n:Inf/n:Dbtr", PARTY),
            **under("information.creditor", "n:Inf/n:Cdtr", PARTY),
        },
    ),
    "camt.029": Reading(
        "iso20022.investigation.cancellation-resolution.v1",
        "//n:CxlDtls/n:TxInfAndSts",
        {
            "message.id": "../../n:Assgnmt/n:Id",
            **{name: path for name, path in _assigned("../../").items() if name.startswith("assign")},
            "case.id": "(n:RslvdCase|../n:OrgnlGrpInfAndSts/n:RslvdCase|../../n:RslvdCase)[last()]/n:Id",
            "confirmation": "../../n:Sts/n:Conf",
            "status_id": "n:CxlStsId",
            "status": "n:TxCxlSts",
            "original_message.message_id": "(n:OrgnlGrpInf|../n:OrgnlGrpInfAndSts)[last()]/n:OrgnlMsgId",
            "original_references.transaction_id": "n:OrgnlTxId",
            "reasons.0.reason.code": "n:CxlStsRsnInf[1]/n:Rsn/n:Cd",
            "reasons.0.information.0": "n:CxlStsRsnInf[1]/n:AddtlInf[1]",
            "reasons.0.originator.name": "n:CxlStsRsnInf[1]/n:Orgtr/n:Nm",
            "resolving_payment.settlement_amount.amount": "n:RsltnRltdInf/n:IntrBkSttlmAmt",
            "resolving_payment.charges.0.amount.amount": "(n:RsltnRltdInf/n:ChrgsInf|n:RsltnRltdInf/n:Chrgs)[1]/n:Amt",
            "original_settlement_amount.amount": "n:OrgnlIntrBkSttlmAmt",
            "original_settlement_date": "n:OrgnlIntrBkSttlmDt",
            **original(),
        },
    ),
}
