"""A customer's bulk order to collect by direct debit (pain.008).

Owns how a collection is written: one creditor, many debtors, each with a mandate. Sums and counts are computed from the
payments. Must not know where a message is sent.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from broker.generate.facts import Facts, Payment, working_day
from broker.generate.identifiers import creditor_identifier
from broker.generate.interbank import instant
from broker.generate.people import BANKS, Holder, RaJson

PAIN_008 = "pain.008.001.08"


@dataclass(frozen=True, slots=True)
class Collection:
    """What a creditor collects on one day: payments that debtors of several banks owe it."""

    message_id: str
    block_id: str
    created: datetime
    due: date
    creditor: Holder
    creditor_id: str
    payments: tuple[Payment, ...]

    @property
    def total(self) -> Decimal:
        """The sum of the payments' amounts."""
        return sum((payment.amount for payment in self.payments), Decimal(0))


def collection(facts: Facts, payments: int) -> Collection:
    """Invent a bulk order to collect so many payments from customers of several banks."""
    created = facts.moment()
    creditor = facts.customer(facts.rng.choice(BANKS))
    return Collection(
        message_id=facts.reference("C", created.date()),
        block_id=facts.reference("B", created.date()),
        created=created,
        due=working_day(created.date(), 2),
        creditor=creditor,
        creditor_id=creditor_identifier(creditor.bank.country, facts.rng),
        payments=tuple(
            facts.payment(facts.customer(facts.rng.choice(BANKS)), creditor.bank, created.date())
            for _ in range(payments)
        ),
    )


def pain_008(bulk: Collection) -> RaJson:
    """The order: CustomerDirectDebitInitiation with one block of recurrent collections."""
    count, total = str(len(bulk.payments)), f"{bulk.total:f}"
    scheme = {"Id": {"PrvtId": {"Othr": [{"Id": bulk.creditor_id, "SchmeNm": {"Prtry": "SEPA"}}]}}}
    block = {
        "PmtInfId": bulk.block_id,
        "PmtMtd": "DD",
        "BtchBookg": "true",
        "NbOfTxs": count,
        "CtrlSum": total,
        "PmtTpInf": {"SvcLvl": [{"Cd": "SEPA"}], "LclInstrm": {"Cd": "CORE"}, "SeqTp": "RCUR"},
        "ReqdColltnDt": bulk.due.isoformat(),
        "Cdtr": bulk.creditor.party(),
        "CdtrAcct": bulk.creditor.account(),
        "CdtrAgt": bulk.creditor.bank.agent(),
        "ChrgBr": "SLEV",
        "CdtrSchmeId": scheme,
        "DrctDbtTxInf": [_collected(payment) for payment in bulk.payments],
    }
    group = {
        "MsgId": bulk.message_id,
        "CreDtTm": instant(bulk.created),
        "NbOfTxs": count,
        "CtrlSum": total,
        "InitgPty": {"Nm": bulk.creditor.name},
    }
    return {"Document": {"CstmrDrctDbtInitn": {"GrpHdr": group, "PmtInf": [block]}}}


def _collected(payment: Payment) -> RaJson:
    mandate = {"MndtId": f"M{payment.transaction_id}", "DtOfSgntr": payment.invoiced.isoformat()}
    return {
        "PmtId": {"InstrId": payment.instruction_id, "EndToEndId": payment.end_to_end_id, "UETR": payment.uetr},
        "InstdAmt": payment.money(),
        "DrctDbtTx": {"MndtRltdInf": mandate},
        "DbtrAgt": payment.debtor.bank.agent(),
        "Dbtr": payment.debtor.party(),
        "DbtrAcct": payment.debtor.account(),
        "Purp": {"Cd": payment.purpose},
        "RmtInf": payment.remittance(),
    }
