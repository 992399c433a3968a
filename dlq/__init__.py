"""The dead-letter office: a second, small program over the same store, for the people who decide about what failed.

``cli`` is what an operator types, ``office`` opens the store, ``selection`` says which dead letters are meant,
``replaying`` asks for replays one by one, ``printing`` shows what happened to a message. ``policies.toml`` and
``runbooks/`` hold what happens to each failure code and what a person does about it. The office decides nothing by
itself and never touches a transport: a worker carries out what it asks for.
"""
