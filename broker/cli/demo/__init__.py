"""`broker demo`: the main job on this machine, with nothing configured, checked while it is shown.

``cast`` makes the messages, ``story`` feeds them and looks, ``stage`` shows, and ``claims`` is why the exit code can be
trusted.
"""
