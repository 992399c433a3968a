"""``Generator``: messages and commands from a catalogue and a seed.

Owns the order in which things are invented, which is what makes equal seeds give equal bytes. Must not know what the
messages are fed to.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle

import orjson

from broker.catalogue.catalogue import Catalogue
from broker.generate import collecting, customer, interbank
from broker.generate.damage import COMMAND_DAMAGE, DAMAGE
from broker.generate.facts import Facts, Transfer
from broker.generate.people import RaJson
from broker.message.failure import FailureCode
from broker.transform.ra_json import to_xml

DEFINITIONS = (
    "pacs.008.001.08",
    "pacs.002.001.10",
    "pacs.004.001.09",
    "pain.001.001.09",
    "pain.002.001.10",
    "camt.053.001.08",
    "camt.056.001.08",
)
HEADER = "head.001.001.02"
BAD_COMMANDS = tuple(COMMAND_DAMAGE)
_BAD_IN_A_HUNDRED = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """One message as it goes on a queue; ``expected`` is the failure it must lead to, None for a valid one.

    ``name`` is unique among the samples of one generator and fit for a file name without suffix.
    """

    name: str
    definition: str
    body: bytes = field(repr=False)
    expected: FailureCode | None = None


class Generator:
    """Makes samples; every call goes on with the same source of chance, so the order of calls matters too."""

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        """Begin at a seed. The catalogue must have ``DEFINITIONS`` and ``HEADER``."""
        self._catalogue = catalogue
        self._facts = Facts(random.Random(seed))  # noqa: S311  repeatable test data; nothing secret depends on it
        self._count = 0

    def transfer(self, payments: int = 1) -> Transfer:
        """Invent a transfer for several messages to speak of."""
        return self._facts.transfer(payments)

    def pacs_008(self, transfer: Transfer | None = None, *, wrapped: bool = False) -> Sample:
        """Make a customer credit transfer; some 2 to 4 KB with one payment."""
        of = transfer or self.transfer()
        way = (of.sender, of.receiver)
        return self._sample(
            "pacs.008.001.08", (of.message_id, interbank.pacs_008(of)), (way if wrapped else None, of.created)
        )

    def pacs_002(self, transfer: Transfer | None = None, *, status: str = "ACSC", wrapped: bool = False) -> Sample:
        """Make the status report about a transfer, for each of its payments."""
        of, created = self._later(transfer, timedelta(seconds=20))
        way = (of.receiver, of.sender) if wrapped else None
        return self._sample("pacs.002.001.10", interbank.pacs_002(of, self._facts, status, created), (way, created))

    def pacs_004(self, transfer: Transfer | None = None, *, wrapped: bool = False) -> Sample:
        """Make the return of a transfer, a day later."""
        of, created = self._later(transfer, timedelta(days=1))
        way = (of.receiver, of.sender) if wrapped else None
        return self._sample("pacs.004.001.09", interbank.pacs_004(of, self._facts, created), (way, created))

    def camt_056(self, transfer: Transfer | None = None, *, wrapped: bool = False) -> Sample:
        """Make the request to cancel a transfer, an hour later."""
        of, created = self._later(transfer, timedelta(hours=1))
        way = (of.sender, of.receiver) if wrapped else None
        return self._sample("camt.056.001.08", interbank.camt_056(of, self._facts, created), (way, created))

    def order(self, payments: int = 5) -> customer.Order:
        """Invent a customer's bulk order for pain.001 and pain.002 to speak of."""
        return customer.order(self._facts, payments)

    def pain_001(self, order: customer.Order | None = None, *, wrapped: bool = False) -> Sample:
        """Make a bulk order, of five payments unless one is given."""
        of = order or self.order()
        way = (of.debtor, of.debtor.bank) if wrapped else None
        return self._sample("pain.001.001.09", (of.message_id, customer.pain_001(of)), (way, of.created))

    def pain_002(self, order: customer.Order | None = None, *, wrapped: bool = False) -> Sample:
        """Make the bank's answer to an order: all its payments accepted but the last."""
        of = order or self.order()
        created = of.created + timedelta(minutes=5)
        way = (of.debtor.bank, of.debtor) if wrapped else None
        return self._sample("pain.002.001.10", customer.pain_002(of, self._facts, created), (way, created))

    def collection(self, payments: int = 5) -> collecting.Collection:
        """Invent a customer's bulk order to collect for pain.008 to speak of."""
        return collecting.collection(self._facts, payments)

    def pain_008(self, order: collecting.Collection | None = None, *, wrapped: bool = False) -> Sample:
        """Make a bulk order to collect by direct debit, of five payments unless one is given."""
        of = order or self.collection()
        way = (of.creditor, of.creditor.bank) if wrapped else None
        return self._sample(collecting.PAIN_008, (of.message_id, collecting.pain_008(of)), (way, of.created))

    def camt_053(self, entries: int = 6, *, wrapped: bool = False) -> Sample:
        """Make a statement of an account's day."""
        day = customer.statement(self._facts, entries)
        way = (day.owner.bank, day.owner) if wrapped else None
        return self._sample("camt.053.001.08", (day.message_id, customer.camt_053(day)), (way, day.created))

    def camt_054(self, entries: int = 3, *, wrapped: bool = False) -> Sample:
        """Make a notification of an account's entries."""
        day = customer.statement(self._facts, entries)
        way = (day.owner.bank, day.owner) if wrapped else None
        return self._sample("camt.054.001.08", (day.message_id, customer.camt_054(day)), (way, day.created))

    def bad(self, kind: str) -> Sample:
        """Make a bad pacs.008 of one of the kinds in ``DAMAGE``."""
        damage = DAMAGE[kind]
        good = self.pacs_008(wrapped=damage.wrapped)
        return Sample(f"{kind}-{self._count:05}", good.definition, damage.apply(good.body), damage.expected)

    def command(self, kind: str | None = None, *, wrapped: bool = False) -> Sample:
        """Make a command of the outbound side: a pacs.008 as RA JSON bytes, or a bad one of ``BAD_COMMANDS``."""
        of = self.transfer()
        message = interbank.pacs_008(of)
        if wrapped:
            way = (of.sender, of.receiver)
            message = {"AppHdr": interbank.header(interbank.PACS_008, of.message_id, of.created, way)} | message
        body = orjson.dumps(message)
        self._count += 1
        if kind is None:
            return Sample(f"command-{self._count:05}", interbank.PACS_008, body)
        damage = COMMAND_DAMAGE[kind]
        return Sample(f"{kind}-{self._count:05}", interbank.PACS_008, damage.apply(body), damage.expected)

    def mixed(self, count: int, bad: int | None = None) -> Iterator[Sample]:
        """Make so many samples of all kinds, bare and wrapped, answers after what they answer.

        ``bad`` of them are bad (four in a hundred unless said), evenly spread and each of another kind until every
        kind has been.
        """
        worse = min(count, count * _BAD_IN_A_HUNDRED // 100 if bad is None else bad)
        kinds, stories = cycle(DAMAGE), self._stories()
        for number in range(count):
            if (number + 1) * worse // count > number * worse // count:
                yield self.bad(next(kinds))
            else:
                yield next(stories)

    def _stories(self) -> Iterator[Sample]:
        """Tell of transfers, orders and accounts without end."""
        for number in cycle(range(10)):
            wrapped = number % 2 == 1
            of = self.transfer(payments=4 if number == 7 else 1)  # noqa: PLR2004  now and then a batch
            yield self.pacs_008(of, wrapped=wrapped)
            yield self.pacs_002(of, status="RJCT" if number % 5 == 4 else "ACSC", wrapped=wrapped)  # noqa: PLR2004
            if number % 5 == 1:
                yield self.camt_056(of, wrapped=wrapped)
                yield self.pacs_004(of, wrapped=wrapped)
            if number % 5 == 2:  # noqa: PLR2004  one story in five
                order = self.order(self._facts.rng.randint(2, 12))
                yield self.pain_001(order)
                yield self.pain_002(order)
            if number % 5 == 3:  # noqa: PLR2004  one story in five
                yield self.camt_053(self._facts.rng.randint(0, 10), wrapped=wrapped)

    def _later(self, transfer: Transfer | None, by: timedelta) -> tuple[Transfer, datetime]:
        of = transfer or self.transfer()
        return of, of.created + by

    def _sample(
        self, definition: str, message: tuple[str, RaJson], sending: tuple[interbank.Way | None, datetime]
    ) -> Sample:
        message_id, document = message
        way, created = sending
        if way is not None:
            document = {"AppHdr": interbank.header(definition, message_id, created, way)} | document
        body = to_xml(document, definition, self._catalogue, wrapper="Envelope", header=HEADER)
        assert isinstance(body, bytes), body  # what this package builds is valid; the catalogue says where it is not
        self._count += 1
        return Sample(f"{definition}-{self._count:05}", definition, body)
