"""ISO 20022 message broker: XML from legacy cores to canonical events, JSON commands back to XML.

The way of a message
    transport   takes it from a queue (RabbitMQ or a folder)
    ingest      gathers a batch, as much as the rest can take
    parse       bytes → tree, hardened; wrapper and business header found
    validate    schema and rules → findings
    transform   RA JSON, canonical events; or a JSON command → XML of the version its core speaks
    pipeline    the three above as one pure function: envelope → Accepted | Rejected
    store       one transaction: inbox, message, outbox or dead letter, audit entry; then the acknowledgement
    relay       outbox → publish → confirm → mark
    transport   carries the events to microservices and the XML to cores
    dlq/        the dead-letter office: why it failed, mend it, replay it
"""
