"""The subscriber kit: what a Python service imports to get each event's effect exactly once.

The broker delivers at least once, always under the same event id. The kit remembers the id in the service's own
database, in the transaction of the effect, and acknowledges after its commit: an event that comes again has no effect.

    subscriber   opens a queue, runs until it is told to stop
    handlers     which coroutine takes which type of event
    event        the frame around the data, read out of a CloudEvent
    consuming    one event after another: effect and id in one transaction, then the acknowledgement
    refusal      what goes back to the office, and why
    config       limits and choices
    models       the data of every type of event

All that a service needs is here, the models of the events included. ``docs/subscribing.md`` has it from the beginning.
"""

from broker.store.database import Connection
from broker.subscriber import models
from broker.subscriber.config import SubscriberConfig
from broker.subscriber.event import Event, Origin
from broker.subscriber.models import *  # noqa: F403  each by its name there, so that a service finds all in one place
from broker.subscriber.refusal import EventRefusedError
from broker.subscriber.subscriber import Subscriber

__all__ = ["Connection", "Event", "EventRefusedError", "Origin", "Subscriber", "SubscriberConfig"]
__all__ += models.__all__
