"""From the queues into the store: ``intake`` in batches, ``redrive`` of dead letters, ``backpressure`` over both."""
