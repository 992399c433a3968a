"""The version bridge: a message of one version of its definition as a message of another, with what is lost named.

Read in this order:

    agreements.py   which places of two versions say the same under different names, as the mapping files tell it
    suiting.py      whether a type admits everything that another does, so that a value is copied whole
    plan.py         two definitions side by side, compiled: what becomes of each member
    acting.py       the closures a plan is made of
    walking.py      one message on its way: places and losses
    envelope.py     header and wrapper around the new version
    bridge.py       ``Bridge``

Knows no channel and no family of messages.
"""

from broker.transform.bridge.bridge import Bridge, Bridged, Rewritten, family

__all__ = ["Bridge", "Bridged", "Rewritten", "family"]
