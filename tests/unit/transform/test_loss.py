"""Losses as values: what they print, and what becomes of them as findings."""

from broker.message.finding import Finding, Severity
from broker.transform.loss import Loss, LossReport


def test_report_is_ready_for_json() -> None:
    """A report names both ends and each loss by path, rule and text."""
    loss = Loss("$.references.uetr", "mapping.not-representable", "pacs.008.001.02 has no place for this value")

    report = LossReport("iso20022.payment.transfer.v1", "pacs.008.001.02", (loss,))

    assert report.as_dict() == {
        "source": "iso20022.payment.transfer.v1",
        "target": "pacs.008.001.02",
        "losses": [
            {
                "path": "$.references.uetr",
                "rule": "mapping.not-representable",
                "text": "pacs.008.001.02 has no place for this value",
            }
        ],
    }


def test_loss_that_is_let_go_is_a_warning() -> None:
    """The finding keeps place, rule and text, and takes the severity it is given."""
    loss = Loss("$.a", "json.length", "35 characters at most")

    assert loss.as_finding(Severity.WARNING) == Finding(
        "json.length", Severity.WARNING, "$.a", 0, "35 characters at most"
    )
