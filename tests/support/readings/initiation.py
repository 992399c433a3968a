"""Customers' orders to pay, read by XPath."""

from tests.support.readings.parts import Reading, sides

READINGS = {
    "pain.001": Reading(
        "iso20022.payment.initiation.v1",
        "//n:CdtTrfTxInf",
        {
            "message.id": "../../n:GrpHdr/n:MsgId",
            "payment_information_id": "../n:PmtInfId",
            "amount.instructed.amount": "n:Amt/n:InstdAmt",
            "amount.instructed.currency": "n:Amt/n:InstdAmt/@Ccy",
            "amount.equivalent.amount.amount": "n:Amt/n:EqvtAmt/n:Amt",
            "requested_execution.date": "../n:ReqdExctnDt[not(*)]|../n:ReqdExctnDt/n:Dt",
            "references.instruction_id": "n:PmtId/n:InstrId",
            "references.end_to_end_id": "n:PmtId/n:EndToEndId",
            "references.uetr": "n:PmtId/n:UETR",
            "remittance.unstructured.0": "n:RmtInf/n:Ustrd[1]",
            **sides("../", ""),
        },
    ),
}
