"""Messages of our own making: valid ones that look like a bank's day, and bad ones of each named kind.

Owns what the demo, the tests and the benchmark feed. Everybody in them is invented, accounts and banks carry right
check digits and test codes, and a seed decides every byte: there is no clock and no other source of chance. Valid
messages are built as RA JSON and written by ``broker.transform.ra_json``, so the catalogue is what makes them valid.
"""

from broker.generate.bulk import BULK_DEFINITIONS, write_bulk
from broker.generate.damage import DAMAGE
from broker.generate.facts import Transfer
from broker.generate.generator import BAD_COMMANDS, DEFINITIONS, Generator, Sample

__all__ = [
    "BAD_COMMANDS",
    "BULK_DEFINITIONS",
    "DAMAGE",
    "DEFINITIONS",
    "Generator",
    "Sample",
    "Transfer",
    "write_bulk",
]
