"""The pure core: one received message in, what becomes of it out. No loop, no database, no clock, no chance.

``pipeline`` decides which way, ``inbound`` and ``outbound`` are the two ways, ``outcome`` is what they give and
``policy`` what happens to a rejected one. ``shapes`` is what is remembered of messages, to take the next sooner.
"""
