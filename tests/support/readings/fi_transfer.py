"""Transfers and direct debits between financial institutions, read by XPath."""

from tests.support.readings.parts import ACCOUNT, AGENT, PARTY, Reading, under

_UNDERLYING = "n:UndrlygCstmrCdtTrf/"
_REFERENCES = {
    "references.instruction_id": "n:PmtId/n:InstrId",
    "references.end_to_end_id": "n:PmtId/n:EndToEndId",
    "references.transaction_id": "n:PmtId/n:TxId",
    "references.uetr": "n:PmtId/n:UETR",
    "references.clearing_system_reference": "n:PmtId/n:ClrSysRef",
}
_DEBTOR = {
    **under("debtor", "n:Dbtr", AGENT),
    **under("debtor_account", "n:DbtrAcct", ACCOUNT),
    **under("debtor_agent", "n:DbtrAgt", AGENT),
    "settlement_amount.amount": "n:IntrBkSttlmAmt",
    "settlement_amount.currency": "n:IntrBkSttlmAmt/@Ccy",
    "settlement_time_request.until": "n:SttlmTmReq/n:TillTm",
    "purpose.code": "n:Purp/n:Cd",
    "remittance.unstructured.0": "n:RmtInf/n:Ustrd[1]",
}
READINGS = {
    "pacs.009": Reading(
        "iso20022.payment.fi-transfer.v1",
        "//n:CdtTrfTxInf",
        {
            "message.id": "../n:GrpHdr/n:MsgId",
            **_REFERENCES,
            **_DEBTOR,
            "settlement_date": "(n:IntrBkSttlmDt|../n:GrpHdr/n:IntrBkSttlmDt)[last()]",
            "instructing_agent.bic": "(n:InstgAgt|../n:GrpHdr/n:InstgAgt)[last()]//n:BICFI",
            "previous_instructing_agents.0.agent.bic": "n:PrvsInstgAgt1/n:FinInstnId/n:BICFI",
            "intermediary_agents.0.agent.bic": "n:IntrmyAgt1/n:FinInstnId/n:BICFI",
            **under("creditor", "n:Cdtr", AGENT),
            **under("creditor_account", "n:CdtrAcct", ACCOUNT),
            **under("creditor_agent", "n:CdtrAgt", AGENT),
            "instructions_for_next_agent.0.information": "n:InstrForNxtAgt[1]/n:InstrInf",
            **under("underlying_customer_transfer.debtor", f"{_UNDERLYING}n:Dbtr", PARTY),
            **under("underlying_customer_transfer.debtor_account", f"{_UNDERLYING}n:DbtrAcct", ACCOUNT),
            **under("underlying_customer_transfer.debtor_agent", f"{_UNDERLYING}n:DbtrAgt", AGENT),
            **under("underlying_customer_transfer.creditor_agent", f"{_UNDERLYING}n:CdtrAgt", AGENT),
            **under("underlying_customer_transfer.creditor", f"{_UNDERLYING}n:Cdtr", PARTY),
            **under("underlying_customer_transfer.creditor_account", f"{_UNDERLYING}n:CdtrAcct", ACCOUNT),
            "underlying_customer_transfer.instructed_amount.amount": f"{_UNDERLYING}n:InstdAmt",
            "underlying_customer_transfer.remittance.unstructured.0": f"{_UNDERLYING}n:RmtInf/n:Ustrd[1]",
        },
    ),
    "pacs.010": Reading(
        "iso20022.payment.fi-direct-debit.v1",
        "//n:DrctDbtTxInf",
        {
            "message.id": "../../n:GrpHdr/n:MsgId",
            "credit_id": "../n:CdtId",
            **_REFERENCES,
            **_DEBTOR,
            "settlement_date": "(n:IntrBkSttlmDt|../n:IntrBkSttlmDt)[last()]",
            "instructing_agent.bic": "(../n:InstgAgt|../../n:GrpHdr/n:InstgAgt)[last()]//n:BICFI",
            **under("creditor", "../n:Cdtr", AGENT),
            **under("creditor_account", "../n:CdtrAcct", ACCOUNT),
            **under("creditor_agent", "../n:CdtrAgt", AGENT),
        },
    ),
}
