"""The error tree: a broken program or peer is an exception of this tree; a bad message never is (message/failure.py).

    BrokerError
    ├── ConfigurationError        settings, mappings or topology say something that cannot be run
    │   ├── CatalogueError        schemas/iso20022 cannot be read, or an XSD cannot be represented
    │   ├── MappingError          a mapping file is wrong; carries file and line
    │   └── TopologyMismatchError a queue or exchange exists with other arguments
    ├── UnavailableError          a peer is away; resume by itself
    │   ├── StoreUnavailableError
    │   └── TransportUnavailableError
    ├── StoreRefusedError         the database refuses the data of a batch; split it
    ├── AuditError                the log cannot be continued or does not verify
    └── SettledTwiceError         a delivery was settled a second time: a bug

The docstring of a class is what its text tells a person to do.
"""


class BrokerError(Exception):
    """Something in the broker or one of its peers is broken."""


class ConfigurationError(BrokerError):
    """Mend the settings, mappings or topology that the text names, then start again."""


class CatalogueError(ConfigurationError):
    """Run `broker schemas check`; a file under schemas/iso20022 is damaged or names what it does not define."""


class MappingError(ConfigurationError):
    """Mend the mapping file at the line the text names."""


class TopologyMismatchError(ConfigurationError):
    """A queue or exchange exists with another argument; delete it when empty, or set the setting to what exists."""


class UnavailableError(BrokerError):
    """A peer is away. The broker stops taking messages and resumes by itself."""


class StoreUnavailableError(UnavailableError):
    """PostgreSQL cannot be reached or ended the connection; check the server and BROKER_DATABASE_URL."""


class TransportUnavailableError(UnavailableError):
    """The transport cannot be reached or ended the connection; check the server and BROKER_AMQP_URL."""


class StoreRefusedError(BrokerError):
    """The database refused the data of a batch; the batch is split until the culprit stands alone."""


class AuditError(BrokerError):
    """The audit log does not continue what was signed; run `broker audit verify` and keep everything as it is."""


class SettledTwiceError(BrokerError):
    """A delivery was settled twice. This is a bug: report it."""
