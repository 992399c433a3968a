"""Transports: the seam (``seam``) and its two implementations, ``amqp`` (RabbitMQ) and ``directory`` (folders)."""
