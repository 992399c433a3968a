"""Schema findings: rule, place and words."""

from lxml import etree

from broker.message.finding import Finding, Severity
from broker.parse import Limits, Parsed, parse
from broker.validate import validate
from broker.validate.schema import MOST_FINDINGS
from tests.support.hostile import CATALOGUE, DECLARATION, DOCUMENT, GOOD, HEADER, altered

_WIDE = Limits(10**8, 10**6, 64, 64, 10**6)


def test_a_finding_says_where_what_and_what_else() -> None:
    """The place counts what repeats; the text says what was found and what was expected."""
    body = GOOD.replace(b"000000000002", b"00000000000X")

    assert _findings(body) == (
        Finding(
            "schema.pattern",
            Severity.ERROR,
            "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/PmtId/UETR",
            29,
            "found 36 characters of the shape 9a9a9a9a-9a9a-9a9a-9a9a-99999999999A; expected the pattern "
            "[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}; it is not a UUID of 36 characters",
        ),
    )


def test_amount_and_currency_are_two_places() -> None:
    """An amount wrong in its digits and its currency has a finding for each."""
    body = altered('Ccy="EUR">1250.51', 'Ccy="EURO">1250.1234567')

    assert [(finding.rule, finding.path.rpartition("/")[2]) for finding in _findings(body)] == [
        ("schema.pattern", "@Ccy"),
        ("schema.digits", "IntrBkSttlmAmt"),
    ]


def test_the_same_under_a_prefix_and_in_a_wrapper() -> None:
    """Prefixes and wrappers change neither rule nor place."""
    bare = _findings(altered("SLEV", "SLOW"))
    prefixed = DOCUMENT.replace("SLEV", "SLOW", 1).replace("</", "</p:").replace("xmlns=", "xmlns:p=")
    for name in {element.tag.rpartition("}")[2] for element in etree.fromstring(DOCUMENT).iter()}:
        prefixed = prefixed.replace(f"<{name}>", f"<p:{name}>").replace(f"<{name} ", f"<p:{name} ")
    wrapped = f"{DECLARATION}<E>{HEADER.replace(chr(10), '')}{prefixed}</E>"

    assert _findings(wrapped.encode()) == bare


def test_what_is_wrong_beyond_the_most_is_counted() -> None:
    """A bulk message wrong everywhere gives a bounded number of findings and says how many more there are."""
    transfer = DOCUMENT[DOCUMENT.index("    <CdtTrfTxInf>") : DOCUMENT.index("  </FIToFICstmrCdtTrf>")]
    body = DOCUMENT.replace(transfer, transfer.replace("SLEV", "SLOW") * 60).encode()

    findings = _findings(body)

    assert len(findings) == MOST_FINDINGS + 1
    assert findings[-2].path.startswith(f"/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[{MOST_FINDINGS}]/")
    assert findings[-1].rule == "schema.more"
    assert findings[-1].text.startswith("found 20 more")


def test_a_line_libxml2_cannot_count_is_unknown() -> None:
    """Beyond line 65,534 the line is 0, never a wrong one, and the place still tells where."""
    body = altered("<ChrgBr>SLEV", "\n" * 70_000 + "<ChrgBr>SLOW")

    findings = _findings(body)

    assert [finding.line for finding in findings] == [0]
    assert findings[0].path.endswith("/CdtTrfTxInf[1]/ChrgBr")


def test_supplementary_data_of_any_namespace_is_left_alone() -> None:
    """Within an envelope for any content the schema says nothing, so nothing is found."""
    own = (
        '<SplmtryData><Envlp><x:Own xmlns:x="urn:example:own" kind="1"><Part>text</Part></x:Own></Envlp></SplmtryData>'
    )

    assert _findings(altered("</RmtInf>", f"</RmtInf>{own}")) == ()


def test_a_message_within_any_content_is_checked_in_its_place() -> None:
    """A document of the same definition within an envelope is checked by libxml2, and its finding has a place."""
    inner = DOCUMENT.replace("SLEV", "SLOW", 1)
    body = altered("</RmtInf>", f"</RmtInf><SplmtryData><Envlp>{inner}</Envlp></SplmtryData>")

    findings = _findings(body)

    assert [finding.rule for finding in findings] == ["schema.enumeration"]
    assert "/SplmtryData/Envlp/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]/ChrgBr" in findings[0].path


def test_nil_and_type_attributes_are_found() -> None:
    """``xsi:nil`` and an unknown ``xsi:type`` are no attributes of ISO 20022."""
    instance = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    for attribute in ('xsi:nil="true"', 'xsi:type="Unknown"'):
        rules = [finding.rule for finding in _findings(altered("<ChrgBr>", f"<ChrgBr {instance} {attribute}>"))]
        assert rules == ["schema.attribute"], attribute


def _findings(body: bytes) -> tuple[Finding, ...]:
    parsed = parse(body, _WIDE, CATALOGUE)
    assert isinstance(parsed, Parsed)
    return validate(parsed, CATALOGUE)
