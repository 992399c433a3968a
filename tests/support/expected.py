"""Which events a generated message must give, told from its bytes alone: nothing of the broker's reading is used."""

from collections import Counter
from collections.abc import Iterable

from broker.generate import Sample

_PAYMENT = "iso20022.payment"
_SUBJECTS = {
    "pacs.008.001.08": (f"{_PAYMENT}.transfer", b"CdtTrfTxInf"),
    "pacs.002.001.10": (f"{_PAYMENT}.status", b"TxInfAndSts"),
    "pacs.004.001.09": (f"{_PAYMENT}.return", b"TxInf"),
    "pain.001.001.09": (f"{_PAYMENT}.initiation", b"CdtTrfTxInf"),
    "pain.002.001.10": (f"{_PAYMENT}.status", b"TxInfAndSts"),
    "camt.053.001.08": ("iso20022.account.statement", b"Ntry"),
    "camt.056.001.08": (f"{_PAYMENT}.cancellation-request", b"TxInf"),
}
DEFINITIONS = tuple(_SUBJECTS)


def events(sample: Sample) -> Counter[str]:
    """Count the events of a message by type: one for the message, one for each transaction or entry in it."""
    if sample.expected is not None:
        return Counter()
    subject, tag = _SUBJECTS[sample.definition]
    item = "account.statement-entry.v1" if tag == b"Ntry" else ""
    items = sample.body.count(b"<%b>" % tag)
    return Counter({f"{subject}-message.v1": 1, f"iso20022.{item}" if item else f"{subject}.v1": items})


def total(samples: Iterable[Sample]) -> Counter[str]:
    """Count the events of many messages by type."""
    return sum((events(each) for each in samples), Counter())


def codes(samples: Iterable[Sample]) -> Counter[str]:
    """Count the dead letters of many messages by code."""
    return Counter(each.expected.value for each in samples if each.expected is not None)
