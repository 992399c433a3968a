"""Validate: what is wrong or odd in a parsed message, in words a person can act on.

Read in this order:

    message.py      ``validate``: every family of rules over one message
    schema.py       ``schema.*``: what libxml2 reports, said by the type model
    header.py       ``header.*``: the business header by its own schema, and against the document
    content.py      which element is missing, misplaced, repeated or unknown
    subject.py      what the rules need of a message: ``broker.parse.Parsed`` is one
    wide.py         libxml2's reports, in bounded time
    place.py        where in the message and in the type model a report belongs
    expected.py     what a type allows, in words        found.py    what was found, masked
    recheck.py      is all well with a message whose elements were met before    facets.py   what is surely a value
    rules/          what the standard asks beyond the schema, of what the schema accepts

A family of rules is one module with one function ``check(subject, catalogue)``; a new one is added to the table in
``message.py``. Findings are said the same whatever the channel does with them: strict or lenient is decided elsewhere.
"""

from broker.validate.message import validate

__all__ = ["validate"]
