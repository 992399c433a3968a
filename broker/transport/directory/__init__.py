"""Folders as a transport: a queue is a directory, a message a file with its headers beside it.

<root>/.topology.json                     what was declared
<root>/<queue>/<name>                     a message that waits
<root>/<queue>/<name>.headers.json        its headers, where it has any; put there before the message
<root>/<queue>/.claimed/<consumer>/       messages in the hands of one consumer, who holds the lock file in it
<root>/<queue>/done/                      acknowledged messages, unless they are removed
<root>/<queue>/unreadable/                files that cannot be read as messages
"""

from broker.transport.directory.transport import DirectoryConfig, DirectoryTransport

__all__ = ["DirectoryConfig", "DirectoryTransport"]
