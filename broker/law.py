"""Where the law lies: the catalogue, the mappings and the dead-letter policies are files, not Python.

An installed wheel carries them under ``broker/_law``; a checkout has them at its top level. Nothing here reads them.
"""

from pathlib import Path

from broker.errors import ConfigurationError

_PACKAGED = Path(__file__).parent / "_law"
_CHECKOUT = Path(__file__).parent.parent


def folder(name: str) -> Path:
    """Give the folder or file ``name``, such as ``schemas/iso20022``; ConfigurationError where it is not installed."""
    for place in (_PACKAGED, _CHECKOUT):
        if (place / name).exists():
            return place / name
    raise ConfigurationError(f"{name} is not installed with the broker; install the wheel again or run in the checkout")


def packaged(name: str) -> bool:
    """Whether ``name`` came in a wheel, so that it is what the tests have held; a checkout may be edited."""
    return (_PACKAGED / name).exists()
