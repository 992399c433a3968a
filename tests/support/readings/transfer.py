"""Customer credit transfers between banks, read by XPath."""

from tests.support.readings.parts import Reading, sides

READINGS = {
    "pacs.008": Reading(
        "iso20022.payment.transfer.v1",
        "//n:CdtTrfTxInf",
        {
            "message.id": "../n:GrpHdr/n:MsgId",
            "settlement_amount.amount": "n:IntrBkSttlmAmt",
            "settlement_amount.currency": "n:IntrBkSttlmAmt/@Ccy",
            "settlement_date": "(n:IntrBkSttlmDt|../n:GrpHdr/n:IntrBkSttlmDt)[last()]",
            "instructed_amount.amount": "n:InstdAmt",
            "references.instruction_id": "n:PmtId/n:InstrId",
            "references.end_to_end_id": "n:PmtId/n:EndToEndId",
            "references.transaction_id": "n:PmtId/n:TxId",
            "references.uetr": "n:PmtId/n:UETR",
            "intermediary_agents.0.agent.bic": "n:IntrmyAgt1/n:FinInstnId/n:BICFI",
            "purpose.code": "n:Purp/n:Cd",
            "remittance.unstructured.0": "n:RmtInf/n:Ustrd[1]",
            **sides("", ""),
        },
    ),
}
