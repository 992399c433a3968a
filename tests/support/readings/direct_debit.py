"""Direct debits between banks and customers' orders to collect, read by XPath."""

from tests.support.readings.parts import ACCOUNT, AGENT, PARTY, Reading, under

_SCHEME = ".person.other.0.id"
_PRIVATE = "n:Id/n:PrvtId/n:Othr[1]/n:Id"
_MANDATE = {
    "mandate.id": "n:DrctDbtTx/n:MndtRltdInf/n:MndtId",
    "mandate.signed_on": "n:DrctDbtTx/n:MndtRltdInf/n:DtOfSgntr",
    "mandate.original_id": "n:DrctDbtTx//n:AmdmntInfDtls/n:OrgnlMndtId",
    "mandate.original_debtor_account.iban": "n:DrctDbtTx//n:OrgnlDbtrAcct/n:Id/n:IBAN",
    f"mandate.original_creditor_scheme{_SCHEME}": f"n:DrctDbtTx//n:OrgnlCdtrSchmeId/{_PRIVATE}",
    "pre_notification.date": "n:DrctDbtTx/n:PreNtfctnDt",
}
_FROM = {
    **under("debtor", "n:Dbtr", PARTY),
    **under("debtor_account", "n:DbtrAcct", ACCOUNT),
    **under("debtor_agent", "n:DbtrAgt", AGENT),
    "ultimate_debtor.name": "n:UltmtDbtr/n:Nm",
    "references.instruction_id": "n:PmtId/n:InstrId",
    "references.end_to_end_id": "n:PmtId/n:EndToEndId",
    "references.uetr": "n:PmtId/n:UETR",
    "instructed_amount.amount": "n:InstdAmt",
    "instructed_amount.currency": "n:InstdAmt/@Ccy",
    "purpose.code": "n:Purp/n:Cd",
    "remittance.unstructured.0": "n:RmtInf/n:Ustrd[1]",
    "remittance.structured.0.creditor_reference.reference": "n:RmtInf/n:Strd[1]/n:CdtrRefInf/n:Ref",
}


def _to(at: str) -> dict[str, str]:
    return {
        **under("creditor", f"{at}n:Cdtr", PARTY),
        **under("creditor_account", f"{at}n:CdtrAcct", ACCOUNT),
        **under("creditor_agent", f"{at}n:CdtrAgt", AGENT),
    }


READINGS = {
    "pacs.003": Reading(
        "iso20022.payment.direct-debit.v1",
        "//n:DrctDbtTxInf",
        {
            "message.id": "../n:GrpHdr/n:MsgId",
            "references.transaction_id": "n:PmtId/n:TxId",
            "settlement_amount.amount": "n:IntrBkSttlmAmt",
            "settlement_amount.currency": "n:IntrBkSttlmAmt/@Ccy",
            "settlement_date": "(n:IntrBkSttlmDt|../n:GrpHdr/n:IntrBkSttlmDt)[last()]",
            "requested_collection_date": "n:ReqdColltnDt",
            "payment_type.sequence_type": "(n:PmtTpInf|../n:GrpHdr/n:PmtTpInf)[last()]/n:SeqTp",
            f"creditor_scheme{_SCHEME}": f"n:DrctDbtTx/n:CdtrSchmeId/{_PRIVATE}",
            "ultimate_creditor.name": "n:UltmtCdtr/n:Nm",
            **_to(""),
            **_FROM,
            **_MANDATE,
        },
    ),
    "pain.008": Reading(
        "iso20022.payment.collection.v1",
        "//n:DrctDbtTxInf",
        {
            "message.id": "../../n:GrpHdr/n:MsgId",
            "payment_information_id": "../n:PmtInfId",
            "requested_collection_date": "../n:ReqdColltnDt",
            "payment_type.sequence_type": "(n:PmtTpInf|../n:PmtTpInf)[last()]/n:SeqTp",
            "payment_type.local_instrument.code": "(n:PmtTpInf|../n:PmtTpInf)[last()]/n:LclInstrm/n:Cd",
            f"creditor_scheme{_SCHEME}": f"(n:DrctDbtTx/n:CdtrSchmeId|../n:CdtrSchmeId)[last()]/{_PRIVATE}",
            "ultimate_creditor.name": "(n:UltmtCdtr|../n:UltmtCdtr)[last()]/n:Nm",
            **_to("../"),
            **_FROM,
            **_MANDATE,
        },
    ),
}
