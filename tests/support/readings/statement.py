"""Entries of statements, reports within a day and notifications, read by XPath."""

from tests.support.readings.parts import Reading

_ENTRY = "(n:NtryDtls[1]/n:TxDtls[1]|n:TxDtls[1])/"  # version 01 has no groups of details
_OTHER = "../n:Acct/n:Id/"
_AGENT_BIC = "{0}n:DbtrAgt/n:FinInstnId/n:BICFI|{0}n:DbtrAgt/n:FinInstnId/n:BIC"
_PARTIES, _AGENTS = f"{_ENTRY}n:RltdPties/", f"{_ENTRY}n:RltdAgts/"


def _entries(noun: str) -> Reading:
    """How an entry is read; ``noun`` is what the message tells accounts in."""
    return Reading(
        f"iso20022.account.{noun}-entry.v1",
        "//n:Ntry",
        {
            "message.id": "../../n:GrpHdr/n:MsgId",
            f"{noun}_id": "../n:Id",
            "account.account.iban": "../n:Acct/n:Id/n:IBAN",
            "account.account.other.id": f"{_OTHER}n:Othr/n:Id|{_OTHER}n:PrtryAcct/n:Id|{_OTHER}n:BBAN|{_OTHER}n:UPIC",
            "account.owner.name": "../n:Acct/n:Ownr/n:Nm",
            "account.servicer.bic": "../n:Acct/n:Svcr/n:FinInstnId/n:BICFI|../n:Acct/n:Svcr/n:FinInstnId/n:BIC",
            "amount.amount": "n:Amt",
            "amount.currency": "n:Amt/@Ccy",
            "status.code": "n:Sts[not(*)]|n:Sts/n:Cd",
            "booking.date": "n:BookgDt/n:Dt",
            "value.date": "n:ValDt/n:Dt",
            "entry_reference": "n:NtryRef",
            "account_servicer_reference": "n:AcctSvcrRef",
            "bank_transaction_code.sub_family": "n:BkTxCd/n:Domn/n:Fmly/n:SubFmlyCd",
            "bank_transaction_code.proprietary": "n:BkTxCd/n:Prtry/n:Cd",
            "transactions.0.references.end_to_end_id": f"{_ENTRY}n:Refs/n:EndToEndId",
            "transactions.0.references.mandate_id": f"{_ENTRY}n:Refs/n:MndtId",
            "transactions.0.amount_details.instructed.amount.amount": f"{_ENTRY}n:AmtDtls/n:InstdAmt/n:Amt",
            "transactions.0.debtor.party.name": f"{_PARTIES}n:Dbtr/n:Nm|{_PARTIES}n:Dbtr/n:Pty/n:Nm",
            "transactions.0.creditor.party.name": f"{_PARTIES}n:Cdtr/n:Nm|{_PARTIES}n:Cdtr/n:Pty/n:Nm",
            "transactions.0.creditor_account.iban": f"{_PARTIES}n:CdtrAcct/n:Id/n:IBAN",
            "transactions.0.debtor_agent.bic": _AGENT_BIC.format(_AGENTS),
            "transactions.0.remittance.unstructured.0": f"{_ENTRY}n:RmtInf/n:Ustrd[1]",
            "information": "n:AddtlNtryInf",
        },
    )


READINGS = {
    "camt.052": _entries("report"),
    "camt.053": _entries("statement"),
    "camt.054": _entries("notification"),
}
