"""From the outbox to the transport: ``publishing`` takes, publishes, waits for confirms and marks."""
