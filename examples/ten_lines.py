import asyncio

from broker.subscriber import Connection, Event, Subscriber, Transfer


async def main() -> None:
    async with Subscriber("var/queues", "postgresql:///ledger", queue="iso20022.events.ledger") as events:

        @events.on("iso20022.payment.transfer.v1")
        async def book(transfer: Transfer, event: Event, transaction: Connection) -> None:
            money = transfer.settlement_amount
            await transaction.fetch("INSERT INTO booking VALUES ($1, $2, $3)", event.id, money.currency, money.amount)

        await events.run()


asyncio.run(main())
