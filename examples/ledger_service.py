"""A small ledger as a service of its own: books transfers, and follows their status.

Settings come from the environment: ``LEDGER_EVENTS`` (AMQP URL, or the root of the broker's folders),
``LEDGER_DATABASE`` (PostgreSQL with the tables of ``ledger.sql``), ``LEDGER_QUEUE`` (the subscription:
``iso20022.events.<name>``) and ``LEDGER_BATCH`` (how many events may share a transaction; 1).

    psql "$LEDGER_DATABASE" --file examples/ledger.sql
    python examples/ledger_service.py

SIGTERM ends it after the event in hand. It may be killed at any moment: each event still has its effect once.
"""

import asyncio
import os
from decimal import Decimal

from broker.observability import logs
from broker.subscriber import Connection, Event, EventRefusedError, Status, Subscriber, SubscriberConfig, Transfer

_BOOK = """
INSERT INTO ledger_entry (tenant, payment, currency, amount, state, event_id) VALUES ($1, $2, $3, $4, 'booked', $5)
"""
_FOLLOW = """
UPDATE ledger_entry SET state = $3, reports = reports + 1 WHERE tenant = $1 AND payment = $2 RETURNING entry_id
"""


async def book(transfer: Transfer, event: Event, transaction: Connection) -> None:
    """Book a transfer. Nothing here looks whether it was booked before: the kit does."""
    if event.subject is None:
        raise EventRefusedError("the transfer names no reference under which it could be booked")
    money = transfer.settlement_amount
    await transaction.fetch(_BOOK, event.tenant, event.subject, money.currency, Decimal(money.amount), event.id)


async def follow(status: Status, event: Event, transaction: Connection) -> None:
    """Note what became of a transfer. One that was never booked here may be some other service's: it is left alone."""
    await transaction.fetch(_FOLLOW, event.tenant, event.subject, status.outcome or status.status or "unknown")


async def main() -> None:
    """Run until SIGTERM."""
    logs.configure()
    where = os.environ
    config = SubscriberConfig(batch=int(where.get("LEDGER_BATCH", "1")))
    addresses = where["LEDGER_EVENTS"], where["LEDGER_DATABASE"]
    async with Subscriber(*addresses, queue=where["LEDGER_QUEUE"], config=config) as events:
        events.on(Transfer)(book)
        events.on(Status)(follow)
        await events.run()


if __name__ == "__main__":
    asyncio.run(main())
