"""The messages between a customer and the bank: pain.001 (bulk), pain.002, camt.053 and camt.054.

Owns how facts are written in these definitions. Sums and counts are computed from the payments, balances from the
entries. Must not know where a message is sent.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from broker.generate.facts import Facts, Payment, money, working_day
from broker.generate.interbank import instant
from broker.generate.people import BANKS, Holder, RaJson

PAIN_001 = "pain.001.001.09"


@dataclass(frozen=True, slots=True)
class Order:
    """A customer's bulk order: payments of one debtor, to be executed on one day."""

    message_id: str
    block_id: str
    created: datetime
    execution: date
    debtor: Holder
    payments: tuple[Payment, ...]

    @property
    def total(self) -> Decimal:
        """The sum of the payments' amounts."""
        return sum((payment.amount for payment in self.payments), Decimal(0))


@dataclass(frozen=True, slots=True)
class Statement:
    """An account's day: what came in (True) and went out (False), with the balance it opened with."""

    message_id: str
    created: datetime
    owner: Holder
    opening: Decimal
    entries: tuple[tuple[bool, Payment], ...]

    def sum_of(self, *, credit: bool) -> Decimal:
        """The sum of the entries of one kind."""
        return sum((payment.amount for incoming, payment in self.entries if incoming is credit), Decimal(0))


def order(facts: Facts, payments: int) -> Order:
    """Invent a bulk order of so many payments to customers of several banks."""
    created = facts.moment()
    debtor = facts.customer(facts.rng.choice(BANKS))
    return Order(
        message_id=facts.reference("P", created.date()),
        block_id=facts.reference("B", created.date()),
        created=created,
        execution=working_day(created.date(), 1),
        debtor=debtor,
        payments=tuple(facts.payment(debtor, facts.rng.choice(BANKS), created.date()) for _ in range(payments)),
    )


def statement(facts: Facts, entries: int) -> Statement:
    """Invent an account's day with so many entries, about half of them incoming."""
    created = facts.moment()
    owner = facts.customer(facts.rng.choice(BANKS))
    made = []
    for _ in range(entries):
        other = facts.customer(facts.rng.choice(BANKS))
        incoming = facts.rng.random() < 0.5  # noqa: PLR2004  about half
        debtor = other if incoming else owner
        payment = facts.payment(debtor, owner.bank if incoming else other.bank, created.date())
        made.append((incoming, payment))
    opening = Decimal(facts.rng.randint(0, 500_000_00)).scaleb(-2)
    return Statement(facts.reference("K", created.date()), created, owner, opening, tuple(made))


def pain_001(bulk: Order) -> RaJson:
    """The order: CustomerCreditTransferInitiation with one block of payments."""
    count, total = str(len(bulk.payments)), f"{bulk.total:f}"
    block = {
        "PmtInfId": bulk.block_id,
        "PmtMtd": "TRF",
        "BtchBookg": "true",
        "NbOfTxs": count,
        "CtrlSum": total,
        "PmtTpInf": {"SvcLvl": [{"Cd": "SEPA"}]},
        "ReqdExctnDt": {"Dt": bulk.execution.isoformat()},
        "Dbtr": bulk.debtor.party(),
        "DbtrAcct": bulk.debtor.account(),
        "DbtrAgt": bulk.debtor.bank.agent(),
        "ChrgBr": "SLEV",
        "CdtTrfTxInf": [_ordered(payment) for payment in bulk.payments],
    }
    group = {
        "MsgId": bulk.message_id,
        "CreDtTm": instant(bulk.created),
        "NbOfTxs": count,
        "CtrlSum": total,
        "InitgPty": {"Nm": bulk.debtor.name},
    }
    return {"Document": {"CstmrCdtTrfInitn": {"GrpHdr": group, "PmtInf": [block]}}}


def _ordered(payment: Payment) -> RaJson:
    return {
        "PmtId": {"InstrId": payment.instruction_id, "EndToEndId": payment.end_to_end_id, "UETR": payment.uetr},
        "Amt": {"InstdAmt": payment.money()},
        "CdtrAgt": payment.creditor.bank.agent(),
        "Cdtr": payment.creditor.party(),
        "CdtrAcct": payment.creditor.account(),
        "Purp": {"Cd": payment.purpose},
        "RmtInf": payment.remittance(),
    }


def pain_002(bulk: Order, facts: Facts, created: datetime) -> tuple[str, RaJson]:
    """The bank's answer to an order: accepted, but its last payment rejected; gives its message id too."""
    message_id = facts.reference("A", created.date())
    *good, bad = bulk.payments
    original = {"OrgnlNbOfTxs": str(len(bulk.payments)), "OrgnlCtrlSum": f"{bulk.total:f}"}
    status = "PART" if good else "RJCT"
    accepted = sum((payment.amount for payment in good), Decimal(0))
    counts = [
        {"DtldNbOfTxs": str(count), "DtldSts": state, "DtldCtrlSum": f"{total:f}"}
        for count, state, total in ((len(good), "ACSP", accepted), (1, "RJCT", bad.amount))
        if count
    ]
    block = original | {
        "OrgnlPmtInfId": bulk.block_id,
        "PmtInfSts": status,
        "NbOfTxsPerSts": counts,
        "TxInfAndSts": [_status_of(payment, "ACSP") for payment in good]
        + [_status_of(bad, "RJCT") | {"StsRsnInf": [{"Rsn": {"Cd": "AC01"}}]}],
    }
    report = {
        "GrpHdr": {
            "MsgId": message_id,
            "CreDtTm": instant(created),
            "DbtrAgt": bulk.debtor.bank.agent(),
        },
        "OrgnlGrpInfAndSts": original
        | {
            "OrgnlMsgId": bulk.message_id,
            "OrgnlMsgNmId": PAIN_001,
            "OrgnlCreDtTm": instant(bulk.created),
            "GrpSts": status,
        },
        "OrgnlPmtInfAndSts": [block],
    }
    return message_id, {"Document": {"CstmrPmtStsRpt": report}}


def _status_of(payment: Payment, status: str) -> RaJson:
    return {
        "OrgnlInstrId": payment.instruction_id,
        "OrgnlEndToEndId": payment.end_to_end_id,
        "OrgnlUETR": payment.uetr,
        "TxSts": status,
        "OrgnlTxRef": {"Amt": {"InstdAmt": payment.money()}, "CdtrAgt": payment.creditor.bank.agent()},
    }


def camt_053(day: Statement) -> RaJson:
    """The account's statement: opening and closing balance, summary, one entry with details a payment."""
    closing = day.opening + day.sum_of(credit=True) - day.sum_of(credit=False)
    booked = day.created.date()
    balances = [_balance("OPBD", day.opening, booked), _balance("CLBD", closing, booked)]
    return _told(day, ("BkToCstmrStmt", "Stmt"), {"Bal": balances})


def camt_054(day: Statement) -> RaJson:
    """The bank's notification of an account's entries: summary, one entry with details a payment."""
    return _told(day, ("BkToCstmrDbtCdtNtfctn", "Ntfctn"), {})


def _told(day: Statement, tags: tuple[str, str], balances: RaJson) -> RaJson:
    counts = {credit: sum(incoming is credit for incoming, _ in day.entries) for credit in (True, False)}
    body = {
        "Id": f"{day.message_id}-1",
        "ElctrncSeqNb": "1",
        "CreDtTm": instant(day.created),
        "Acct": day.owner.account()
        | {"Ccy": "EUR", "Ownr": {"Nm": day.owner.name}, "Svcr": day.owner.bank.named_agent()},
        **balances,
        "TxsSummry": {
            "TtlNtries": {"NbOfNtries": str(len(day.entries))},
            "TtlCdtNtries": {"NbOfNtries": str(counts[True]), "Sum": f"{day.sum_of(credit=True):f}"},
            "TtlDbtNtries": {"NbOfNtries": str(counts[False]), "Sum": f"{day.sum_of(credit=False):f}"},
        },
    }
    if day.entries:
        body["Ntry"] = [_entry(payment, day.created.date(), credit=incoming) for incoming, payment in day.entries]
    group = {"MsgId": day.message_id, "CreDtTm": instant(day.created)}
    message, account = tags
    return {"Document": {message: {"GrpHdr": group, account: [body]}}}


def _balance(code: str, amount: Decimal, day: date) -> RaJson:
    return {
        "Tp": {"CdOrPrtry": {"Cd": code}},
        "Amt": money(abs(amount), "EUR"),
        "CdtDbtInd": "CRDT" if amount >= 0 else "DBIT",
        "Dt": {"Dt": day.isoformat()},
    }


def _entry(payment: Payment, booked: date, *, credit: bool) -> RaJson:
    indicator = "CRDT" if credit else "DBIT"
    family = {"Cd": "RCDT" if credit else "ICDT", "SubFmlyCd": "ESCT"}
    other = {"Dbtr": {"Pty": payment.debtor.party()}, "DbtrAcct": payment.debtor.account()}
    if not credit:
        other = {"Cdtr": {"Pty": payment.creditor.party()}, "CdtrAcct": payment.creditor.account()}
    details = {
        "Refs": {
            "InstrId": payment.instruction_id,
            "EndToEndId": payment.end_to_end_id,
            "UETR": payment.uetr,
            "TxId": payment.transaction_id,
        },
        "Amt": payment.money(),
        "CdtDbtInd": indicator,
        "RltdPties": other,
        "RltdAgts": {"DbtrAgt": payment.debtor.bank.agent(), "CdtrAgt": payment.creditor.bank.agent()},
        "Purp": {"Cd": payment.purpose},
        "RmtInf": payment.remittance(),
    }
    return {
        "NtryRef": payment.transaction_id,
        "Amt": payment.money(),
        "CdtDbtInd": indicator,
        "Sts": {"Cd": "BOOK"},
        "BookgDt": {"Dt": booked.isoformat()},
        "ValDt": {"Dt": booked.isoformat()},
        "AcctSvcrRef": payment.transaction_id,
        "BkTxCd": {"Domn": {"Cd": "PMNT", "Fmly": family}},
        "NtryDtls": [{"TxDtls": [details]}],
    }
