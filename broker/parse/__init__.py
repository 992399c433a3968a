"""Parse: received bytes to a tree, a definition and a header. The only XML parser of messages, hardened.

Read in the order of a message's way:

    limits.py       ``Limits``, and what is refused by size before and after the parser
    encoding.py     the bytes as UTF-8; what is declared against what is true
    tree.py         the parser: well-formed, nothing resolved, nothing fetched
    location.py     header and document found by structure, whatever the wrapper
    unknown.py      a namespace nobody knows, and the definitions nearest to it
    header.py       the business application header's facts
    message.py      ``parse``: the steps above in one
    shape.py        a message's text without its values, by which the next one like it is known

It knows nothing of transports, channels or rules: what a message may say is for ``broker.validate``.
"""

from broker.parse.limits import Limits
from broker.parse.message import Parsed, parse

__all__ = ["Limits", "Parsed", "parse"]
