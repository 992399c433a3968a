"""What a queue says of the messages in it."""

from dataclasses import dataclass

from broker.message.envelope import Direction


@dataclass(frozen=True, slots=True)
class Route:
    """Whose messages a queue holds, and which way they go."""

    tenant: str
    channel: str
    direction: Direction
