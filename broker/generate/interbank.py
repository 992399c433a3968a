"""The messages between banks about a transfer: pacs.008, pacs.002, pacs.004, camt.056, and the header before them.

Owns how facts are written in these definitions (RA JSON; member order is the schema's affair). Must not invent
anything beyond what its arguments and the reference makers say.
"""

from datetime import datetime, timedelta

from broker.generate.facts import Facts, Payment, Transfer, money, working_day
from broker.generate.people import Bank, Holder, RaJson

PACS_008 = "pacs.008.001.08"
Way = tuple[Bank | Holder, Bank | Holder]
"""From whom a message comes and to whom it goes."""

_SETTLEMENT: RaJson = {"SttlmMtd": "CLRG", "ClrSys": {"Prtry": "TESTCLEARING"}}
_BUSINESS_SERVICE = "invented.scheme.01"


def instant(moment: datetime) -> str:
    """A UTC instant as the standard writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def header(definition: str, message_id: str, created: datetime, way: Way) -> RaJson:
    """The business application header of a message on its way."""
    sender, receiver = way
    return {
        "Fr": sender.endpoint(),
        "To": receiver.endpoint(),
        "BizMsgIdr": message_id,
        "MsgDefIdr": definition,
        "BizSvc": _BUSINESS_SERVICE,
        "CreDt": instant(created),
        "Prty": "NORM",
    }


def pacs_008(transfer: Transfer) -> RaJson:
    """The transfer itself: FIToFICustomerCreditTransfer."""
    group = {
        "MsgId": transfer.message_id,
        "CreDtTm": instant(transfer.created),
        "NbOfTxs": str(len(transfer.payments)),
        "CtrlSum": f"{transfer.total:f}",
        "TtlIntrBkSttlmAmt": money(transfer.total, transfer.currency),
        "IntrBkSttlmDt": transfer.settled.isoformat(),
        "SttlmInf": _SETTLEMENT,
        "InstgAgt": transfer.sender.agent(),
        "InstdAgt": transfer.receiver.agent(),
    }
    payments = [_credit_transfer(payment, transfer) for payment in transfer.payments]
    return {"Document": {"FIToFICstmrCdtTrf": {"GrpHdr": group, "CdtTrfTxInf": payments}}}


def _credit_transfer(payment: Payment, transfer: Transfer) -> RaJson:
    return {
        "PmtId": {
            "InstrId": payment.instruction_id,
            "EndToEndId": payment.end_to_end_id,
            "TxId": payment.transaction_id,
            "UETR": payment.uetr,
        },
        "PmtTpInf": {
            "InstrPrty": "NORM",
            "SvcLvl": [{"Cd": "SEPA"}],
            "CtgyPurp": {"Cd": "SALA" if payment.purpose == "SALA" else "SUPP"},
        },
        "IntrBkSttlmAmt": payment.money(),
        "AccptncDtTm": instant(transfer.created - timedelta(minutes=2)),
        "InstdAmt": payment.money(),
        "ChrgBr": "SLEV",
        "Dbtr": payment.debtor.party(),
        "DbtrAcct": payment.debtor.account(),
        "DbtrAgt": payment.debtor.bank.named_agent(),
        "CdtrAgt": payment.creditor.bank.named_agent(),
        "Cdtr": payment.creditor.party(),
        "CdtrAcct": payment.creditor.account(),
        "Purp": {"Cd": payment.purpose},
        "RmtInf": payment.remittance(),
    }


def pacs_002(transfer: Transfer, facts: Facts, status: str, created: datetime) -> tuple[str, RaJson]:
    """The receiver's answer to a transfer, each payment with the status; gives its message id too."""
    message_id = facts.reference("S", created.date())
    reason = [{"Rsn": {"Cd": "AC04"}, "AddtlInf": ["Account closed"]}] if status == "RJCT" else []
    payments = [
        {
            "StsId": facts.reference("Q", created.date()),
            **_original(payment),
            "TxSts": status,
            **({"StsRsnInf": reason} if reason else {}),
            "AccptncDtTm": instant(created),
            "OrgnlTxRef": {
                "IntrBkSttlmAmt": payment.money(),
                "IntrBkSttlmDt": transfer.settled.isoformat(),
                "DbtrAgt": payment.debtor.bank.agent(),
                "CdtrAgt": payment.creditor.bank.agent(),
            },
        }
        for payment in transfer.payments
    ]
    report = {
        "GrpHdr": _answer(message_id, created, transfer),
        "OrgnlGrpInfAndSts": [_original_group(transfer) | {"OrgnlNbOfTxs": str(len(payments)), "GrpSts": status}],
        "TxInfAndSts": payments,
    }
    return message_id, {"Document": {"FIToFIPmtStsRpt": report}}


def pacs_004(transfer: Transfer, facts: Facts, created: datetime) -> tuple[str, RaJson]:
    """The return of every payment of a transfer by its receiver; gives its message id too."""
    message_id = facts.reference("R", created.date())
    returned = [
        {
            "RtrId": facts.reference("V", created.date()),
            **_original(payment),
            "OrgnlIntrBkSttlmAmt": payment.money(),
            "OrgnlIntrBkSttlmDt": transfer.settled.isoformat(),
            "RtrdIntrBkSttlmAmt": payment.money(),
            "ChrgBr": "SLEV",
            "RtrRsnInf": [{"Rsn": {"Cd": "AC04"}, "AddtlInf": ["Account closed"]}],
            "OrgnlTxRef": {
                "Dbtr": {"Pty": payment.debtor.party()},
                "DbtrAcct": payment.debtor.account(),
                "DbtrAgt": payment.debtor.bank.agent(),
                "CdtrAgt": payment.creditor.bank.agent(),
                "Cdtr": {"Pty": payment.creditor.party()},
                "CdtrAcct": payment.creditor.account(),
            },
        }
        for payment in transfer.payments
    ]
    group = _answer(message_id, created, transfer) | {
        "NbOfTxs": str(len(returned)),
        "CtrlSum": f"{transfer.total:f}",
        "TtlRtrdIntrBkSttlmAmt": money(transfer.total, transfer.currency),
        "IntrBkSttlmDt": working_day(created.date(), 1).isoformat(),
        "SttlmInf": _SETTLEMENT,
    }
    report = {"GrpHdr": group, "OrgnlGrpInf": _original_group(transfer), "TxInf": returned}
    return message_id, {"Document": {"PmtRtr": report}}


def camt_056(transfer: Transfer, facts: Facts, created: datetime) -> tuple[str, RaJson]:
    """The sender's request to cancel every payment of a transfer; gives its message id too."""
    message_id = facts.reference("X", created.date())
    cancelled = [
        {
            "CxlId": facts.reference("Y", created.date()),
            "OrgnlGrpInf": _original_group(transfer),
            **_original(payment),
            "OrgnlIntrBkSttlmAmt": payment.money(),
            "OrgnlIntrBkSttlmDt": transfer.settled.isoformat(),
            "CxlRsnInf": [{"Orgtr": {"Nm": payment.debtor.name}, "Rsn": {"Cd": "DUPL"}}],
        }
        for payment in transfer.payments
    ]
    request = {
        "Assgnmt": {
            "Id": message_id,
            "Assgnr": {"Agt": transfer.sender.agent()},
            "Assgne": {"Agt": transfer.receiver.agent()},
            "CreDtTm": instant(created),
        },
        "Case": {"Id": facts.reference("C", created.date()), "Cretr": {"Agt": transfer.sender.agent()}},
        "CtrlData": {"NbOfTxs": str(len(cancelled)), "CtrlSum": f"{transfer.total:f}"},
        "Undrlyg": [{"TxInf": cancelled}],
    }
    return message_id, {"Document": {"FIToFIPmtCxlReq": request}}


def _answer(message_id: str, created: datetime, transfer: Transfer) -> RaJson:
    return {
        "MsgId": message_id,
        "CreDtTm": instant(created),
        "InstgAgt": transfer.receiver.agent(),
        "InstdAgt": transfer.sender.agent(),
    }


def _original_group(transfer: Transfer) -> RaJson:
    return {
        "OrgnlMsgId": transfer.message_id,
        "OrgnlMsgNmId": PACS_008,
        "OrgnlCreDtTm": instant(transfer.created),
    }


def _original(payment: Payment) -> RaJson:
    return {
        "OrgnlInstrId": payment.instruction_id,
        "OrgnlEndToEndId": payment.end_to_end_id,
        "OrgnlTxId": payment.transaction_id,
        "OrgnlUETR": payment.uetr,
    }
