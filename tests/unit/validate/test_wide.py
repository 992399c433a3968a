"""Documents with very many siblings: the same findings, in a time that does not explode."""

from broker.message.finding import Finding
from broker.parse import Limits, Parsed, parse
from broker.validate import validate
from tests.support.hostile import CATALOGUE, DOCUMENT

_WIDE = Limits(10**8, 10**6, 64, 64, 10**6)
_TRANSFER = DOCUMENT[DOCUMENT.index("    <CdtTrfTxInf>") : DOCUMENT.index("</CdtTrfTxInf>") + len("</CdtTrfTxInf>\n")]
_WRONG = _TRANSFER.replace("SLEV", "SLOW")
_PATH = "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf"


def test_a_wide_message_that_is_right_has_no_finding() -> None:
    """Two thousand right transactions are right."""
    assert _findings(_TRANSFER * 2_000) == ()


def test_a_few_wrong_among_many_are_found_in_their_places() -> None:
    """Places count all siblings, the first and the last of them."""
    findings = _findings(_WRONG + _TRANSFER * 1_500 + _WRONG)

    assert [(finding.rule, finding.path) for finding in findings] == [
        ("schema.enumeration", f"{_PATH}[1]/ChrgBr"),
        ("schema.enumeration", f"{_PATH}[1502]/ChrgBr"),
    ]
    assert findings[0].line == 16
    assert findings[1].line == 16 + 1_501 * _TRANSFER.count("\n")


def test_many_wrong_are_told_from_the_first() -> None:
    """Of thousands of wrong transactions the first hundred are told with their lines, and all others are counted."""
    findings = _findings(_WRONG * 3_000)

    assert [finding.path for finding in findings[:2]] == [f"{_PATH}[1]/ChrgBr", f"{_PATH}[2]/ChrgBr"]
    assert findings[1].line == 16 + _TRANSFER.count("\n")
    assert len(findings) == 101
    assert findings[-1].text.startswith("found 2,900 more problems")


def test_wrong_ones_behind_the_first_siblings_are_counted() -> None:
    """Where none of the first siblings is wrong, it is still said that others are."""
    findings = _findings(_TRANSFER * 1_100 + _WRONG * 300)

    assert [finding.rule for finding in findings] == ["schema.more"]
    assert findings[0].text.startswith("found 300 more problems")


def test_hundreds_of_thousands_of_wrong_siblings_do_not_hold_the_worker() -> None:
    """What libxml2's paths would make minutes of is over at once: this test would not end otherwise."""
    findings = _findings("<CdtTrfTxInf/>" * 200_000)

    assert findings[0].path == f"{_PATH}[1]/PmtId"
    assert findings[0].rule == "schema.missing"
    assert findings[-1].text.startswith("found 199,9")


def _findings(transfers: str) -> tuple[Finding, ...]:
    start, end = DOCUMENT.index("    <CdtTrfTxInf>"), DOCUMENT.index("  </FIToFICstmrCdtTrf>")
    parsed = parse((DOCUMENT[:start] + transfers + DOCUMENT[end:]).encode(), _WIDE, CATALOGUE)
    assert isinstance(parsed, Parsed)
    return tuple(finding for finding in validate(parsed, CATALOGUE) if finding.rule.startswith("schema."))
