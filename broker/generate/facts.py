"""What happens in the invented world: payments and the transfers that carry them, before any message tells of them.

Owns the facts, so that every message about a payment (transfer, status, return, cancellation, statement) says the
same. Money is Decimal, days are working days of 2025. Must not know how a message is written.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from broker.generate.identifiers import digits, uetr
from broker.generate.people import BANKS, Bank, Holder, RaJson, holder

_FIRST_DAY = date(2025, 1, 6)
_WORKING_DAYS = 230
_REASONS = ("Invoice {}", "Rechnung {}", "Order {} second delivery", "Contract {} monthly fee", "Facture {} acompte")


@dataclass(frozen=True, slots=True)
class Payment:
    """One credit transfer from a debtor to a creditor: its references, amount and purpose."""

    instruction_id: str
    end_to_end_id: str
    transaction_id: str
    uetr: str
    amount: Decimal
    currency: str
    debtor: Holder
    creditor: Holder
    purpose: str
    reason: str
    invoice: str
    invoiced: date

    def money(self) -> dict[str, str]:
        """The amount as RA JSON."""
        return money(self.amount, self.currency)

    def remittance(self) -> RaJson:
        """What is paid, in words and as the invoice referred to, as RA JSON."""
        invoice = {
            "Tp": {"CdOrPrtry": {"Cd": "CINV"}},
            "Nb": self.invoice,
            "RltdDt": self.invoiced.isoformat(),
        }
        return {"Ustrd": [self.reason], "Strd": [{"RfrdDocInf": [invoice]}]}


@dataclass(frozen=True, slots=True)
class Transfer:
    """Payments of one debtor's bank to one creditor's bank in one message, in one currency.

    ``created`` is an aware UTC instant and ``settled`` the settlement day.
    """

    message_id: str
    created: datetime
    settled: date
    sender: Bank
    receiver: Bank
    currency: str
    payments: tuple[Payment, ...]

    @property
    def total(self) -> Decimal:
        """The sum of the payments' amounts."""
        return sum((payment.amount for payment in self.payments), Decimal(0))


class Facts:
    """A stream of facts from one source of chance; references never repeat within it."""

    def __init__(self, rng: random.Random) -> None:
        """Start with nothing having happened."""
        self.rng = rng
        self._count = 0

    def transfer(self, payments: int) -> Transfer:
        """Invent a transfer of so many payments between two banks."""
        sender, receiver = self.rng.sample(BANKS, 2)
        created = self.moment()
        return Transfer(
            message_id=self.reference("M", created.date()),
            created=created,
            settled=working_day(created.date(), self.rng.randint(0, 1)),
            sender=sender,
            receiver=receiver,
            currency="EUR",
            payments=tuple(self.payment(self.customer(sender), receiver, created.date()) for _ in range(payments)),
        )

    def payment(self, debtor: Holder, receiver: Bank, day: date) -> Payment:
        """Invent a payment of a debtor to somebody at a bank."""
        reference, invoice = self.reference("E", day), digits(6, self.rng)
        return Payment(
            instruction_id=self.reference("I", day),
            end_to_end_id=reference,
            transaction_id=self.reference("T", day),
            uetr=uetr(self.rng),
            amount=Decimal(self.rng.randint(1_00, 95_000_00)).scaleb(-2),
            currency="EUR",
            debtor=debtor,
            creditor=self.customer(receiver),
            purpose=self.rng.choice(("SUPP", "SALA", "GDDS", "SCVE", "OTHR")),
            reason=self.rng.choice(_REASONS).format(invoice),
            invoice=invoice,
            invoiced=working_day(day - timedelta(days=45), self.rng.randrange(20)),
        )

    def customer(self, bank: Bank) -> Holder:
        """Invent a customer of a bank, a company more often than a person."""
        return holder(self.rng, bank, company=self.rng.random() < 0.7)  # noqa: PLR2004  a share, said in the docstring

    def moment(self) -> datetime:
        """Choose an instant in the working hours of a working day of 2025."""
        day = working_day(_FIRST_DAY, self.rng.randrange(_WORKING_DAYS))
        start = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
        return start + timedelta(seconds=self.rng.randrange(9 * 3600))

    def reference(self, kind: str, day: date) -> str:
        """Make a reference of at most 35 characters that this stream has not made before."""
        self._count += 1
        return f"{kind}{day:%Y%m%d}-{digits(6, self.rng)}-{self._count:06}"


def working_day(start: date, days: int) -> date:
    """Give the working day (Monday to Friday) so many working days after the first one from ``start`` on."""
    day = start + timedelta(days=max(0, 7 - start.weekday()) if start.weekday() > 4 else 0)  # noqa: PLR2004  Friday
    weeks, rest = divmod(day.weekday() + days, 5)
    return day + timedelta(days=weeks * 7 + rest - day.weekday())


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """An amount as RA JSON."""
    return {"amt": f"{amount:f}", "Ccy": currency}
