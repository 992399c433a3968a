"""The usual stack: a FastStream handler that validates with xmlschema, models with pydantic, commits and publishes.

What a good team writes in a week: one message at a time, one transaction and one awaited publish a message, an inbox
against duplicates, manual acknowledgement after the commit. The schemas are our own export of the definitions. Only
transfers get a model of their fields; of the other kinds it passes on what ``to_dict`` gives, and no header is looked
at: less work than a real one does.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import asyncpg
import orjson
import xmlschema
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitExchange, RabbitMessage, RabbitQueue
from pydantic import BaseModel

from bench.flow.arena import Arena
from broker.transport.topology import EVENTS

_PREFETCH = 20
SCHEMA = (
    "CREATE TABLE inbox (id text PRIMARY KEY, received_at timestamptz NOT NULL DEFAULT now(), event bytea NOT NULL)"
)


class Money(BaseModel):
    """An amount."""

    currency: str
    amount: str


class Transfer(BaseModel):
    """What this service reads of a credit transfer."""

    message_id: str
    end_to_end_id: str
    uetr: str | None
    amount: Money
    debtor: str | None
    debtor_account: dict[str, Any] | None
    debtor_agent: dict[str, Any]
    creditor: str | None
    creditor_account: dict[str, Any] | None
    creditor_agent: dict[str, Any]
    remittance: dict[str, Any] | None


class Other(BaseModel):
    """A message of another kind."""

    kind: str
    body: dict[str, Any]


def models(message: Any) -> Sequence[BaseModel]:  # noqa: ANN401 - what xmlschema gives
    """What a document, as ``to_dict`` gives it, says."""
    ((kind, body),) = ((name, each) for name, each in message.items() if not name.startswith("@"))
    if kind != "FIToFICstmrCdtTrf":
        return [Other(kind=kind, body=body)]
    return [
        Transfer(
            message_id=body["GrpHdr"]["MsgId"],
            end_to_end_id=each["PmtId"]["EndToEndId"],
            uetr=each["PmtId"].get("UETR"),
            amount=Money(currency=each["IntrBkSttlmAmt"]["@Ccy"], amount=str(each["IntrBkSttlmAmt"]["$"])),
            debtor=each["Dbtr"].get("Nm"),
            debtor_account=each.get("DbtrAcct"),
            debtor_agent=each["DbtrAgt"],
            creditor=each["Cdtr"].get("Nm"),
            creditor_account=each.get("CdtrAcct"),
            creditor_agent=each["CdtrAgt"],
            remittance=each.get("RmtInf"),
        )
        for each in body["CdtTrfTxInf"]
    ]


def compiled(folder: Path) -> dict[str, xmlschema.XMLSchema]:
    """The schemas of a folder by their namespace."""
    return {schema.target_namespace: schema for schema in map(xmlschema.XMLSchema, folder.glob("*.xsd"))}


async def main(folder: Path) -> None:
    """Run until SIGTERM; the folder holds the schemas."""
    schemas = compiled(folder)
    pool = await asyncpg.create_pool(os.environ["BROKER_DATABASE_URL"], min_size=2, max_size=10)
    broker = RabbitBroker(os.environ["BROKER_AMQP_URL"], logger=None, default_channel=Channel(prefetch_count=_PREFETCH))
    queue = RabbitQueue(Arena.inbound, queue_type=QueueType.QUORUM, durable=True, declare=False)
    events = RabbitExchange(EVENTS, declare=False)

    @broker.subscriber(queue, ack_policy=AckPolicy.MANUAL)
    async def handle(body: bytes, message: RabbitMessage) -> None:
        root = ET.fromstring(body)
        document = root if root.tag.endswith("}Document") else root.find("{*}Document")
        assert document is not None
        found = schemas[document.tag[1:].partition("}")[0]].to_dict(document)
        event = orjson.dumps([each.model_dump() for each in models(found)], default=str)
        async with pool.acquire() as connection, connection.transaction():
            key = str(message.headers["ce-id"])
            taken = await connection.fetch(
                "INSERT INTO inbox (id, event) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id", key, event
            )
        if taken:
            await broker.publish(event, exchange=events, routing_key="bank.usual", persist=True, mandatory=True)
        await message.ack()

    await FastStream(broker).run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
