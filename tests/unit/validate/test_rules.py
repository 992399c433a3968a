"""Rules beyond the schema: when they run, how they tell, and where each must keep silent."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest

from broker.message.finding import Finding, Severity
from broker.parse import Limits, Parsed, parse
from broker.validate import validate
from broker.validate.rules import RULES, check_tree
from broker.validate.rules.plan import compile_plan
from broker.validate.rules.total import TOTALS
from tests.support.hostile import CATALOGUE
from tests.support.mutations import both, good_message, put, text_of
from tests.support.rules_pages import FOLDER, pages

_LIMITS = Limits(100_000_000, 5_000_000, 64, 64, 1_000_000)
_IBAN = put("(<IBAN>)[^<]*", r"\1DE75999111002381529841")
_FI = "<FinInstnId><BICFI>ZNLTDEB0XXX</BICFI></FinInstnId>"
_CHARGES = f'<ChrgsInf><Amt Ccy="EUR">1.00</Amt><Agt>{_FI}</Agt></ChrgsInf>'


def test_rules_wait_for_the_schema() -> None:
    """Where the schema is broken values may be anything: no rule speaks of them."""
    body = both(_IBAN, text_of("UETR", "none"))(good_message("transfer", 0))

    assert _rules(body) == ["schema.pattern"]


def test_a_wrong_header_does_not_hide_the_document() -> None:
    """Rules look at each part that its own schema accepts."""
    body = both(_IBAN, text_of("BizMsgIdr", "B" * 36))(good_message("transfer with header", 0))

    assert sorted(_rules(body)) == ["header.schema.length", "iban.check-digits"]


def test_findings_come_in_the_order_of_the_document() -> None:
    """Whether libxml2 or a pass found them: the group's total, then the first account, then the second."""
    twice = put("(<IBAN>)[^<]*", r"\1DE75999111002381529841", times=2)
    body = both(text_of("NbOfTxs", "7"), twice, text_of("InstdAmt", "7.77"))(good_message("transfer", 0))

    findings = _findings(body)

    transfer = "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf"
    assert [(each.rule, each.path) for each in findings] == [
        ("total.transactions", "/Document/FIToFICstmrCdtTrf/GrpHdr/NbOfTxs"),
        ("amount.charges", f"{transfer}/IntrBkSttlmAmt"),
        ("iban.check-digits", f"{transfer}/DbtrAcct/Id/IBAN"),
        ("iban.check-digits", f"{transfer}/CdtrAcct/Id/IBAN"),
    ]


def test_many_breaches_are_counted() -> None:
    """Beyond the first hundred they are one finding, an error where one of them is."""
    start, end, transfer = _parts(good_message("transfer", 0))
    wrong = transfer.replace(b"<Ctry>DE", b"<Ctry>UK")
    wrong = put("<Ctry>..", "<Ctry>UK")(wrong)
    wrong = put("<UETR>.*?</UETR>", "")(wrong)

    findings = check_tree(_parsed(start + wrong * 200 + end).document, CATALOGUE.schema("pacs.008.001.08"))

    assert len(findings) == 101
    assert findings[-1].rule == "rules.more"
    assert findings[-1].severity is Severity.ERROR


def test_places_count_repeated_elements() -> None:
    """The third transaction of a batch is called the third."""
    start, end, transfer = _parts(good_message("transfer", 0))
    body = start + transfer * 2 + _IBAN(transfer) + transfer + end

    paths = [each.path for each in _findings(body) if each.rule == "iban.check-digits"]

    assert paths == ["/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[3]/DbtrAcct/Id/IBAN"]


def test_no_finding_shows_an_account_or_a_name() -> None:
    """Of an account the country and the length are told, of a reference its name, of a birth nothing."""
    iban = "DE7599911100238152984"
    born = "2041-05-17"
    person = (
        rf"\1<Id><PrvtId><DtAndPlcOfBirth><BirthDt>{born}</BirthDt><CityOfBirth>Moor</CityOfBirth>"
        r"<CtryOfBirth>DE</CtryOfBirth></DtAndPlcOfBirth></PrvtId></Id></Dbtr>"
    )
    change = both(put("(<IBAN>)[^<]*", rf"\g<1>{iban}", times=0), put("(<Dbtr>.*?</PstlAdr>).*?</Dbtr>", person))
    findings = _findings(change(good_message("transfer", 0)))

    assert {each.rule for each in findings} == {"iban.structure", "date.birth"}
    assert not [each for each in findings if iban in each.text or born in each.text]
    assert "found 21 characters; expected 22" in findings[1].text


def test_what_any_content_holds_is_nobodys() -> None:
    """Elements of the message's own namespace within supplementary data are no amounts, accounts or groups."""
    inside = (
        "<GrpHdr><NbOfTxs>sNaN</NbOfTxs><CtrlSum>1E+999999999</CtrlSum></GrpHdr><CdtTrfTxInf><IBAN/><Ctry>ZZ</Ctry>"
        '<Amt Ccy="EUX">1</Amt><PmtId/><Cd>ZZ</Cd><LEI>x</LEI><BICFI/><CreDtTm/><UETR/></CdtTrfTxInf>'
    )
    extra = f"</RmtInf><SplmtryData><Envlp><Own>{inside}</Own></Envlp></SplmtryData>"

    assert _rules(put("</RmtInf>", extra)(good_message("transfer", 0))) == []


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("batch of transfers", text_of("EndToEndId", "NOTPROVIDED", times=0)),
        ("transfer", put("</ChrgBr>", f"</ChrgBr>{_CHARGES}".replace("1.00", "0.00"))),
        ("transfer", text_of("NbOfTxs", "01")),
        ("transfer", put("(<CtrlSum>[^<]*)", r"\g<1>0")),
        ("return", both(put("(<CtrlSum>.*?</CtrlSum>)", r"\1<GrpRtr>true</GrpRtr>"), text_of("NbOfTxs", "70"))),
        ("transfer", put("<IntrBkSttlmDt>([^<]*)", r"<IntrBkSttlmDt>\1+02:00")),
        ("order", put("<ReqdExctnDt><Dt>([^<]*)</Dt>", r"<ReqdExctnDt><DtTm>\1T10:00:00Z</DtTm>")),
        ("transfer", put("(<IBAN>)[^<]*", r"\1MT31MALT01100000000000000000123")),
        ("transfer", put("(<IBAN>)[^<]*", r"\1XK051212012345678906")),
        ("statement", put("<Cd>CLBD</Cd>(.*?<Amt [^>]*>)[^<]*", r"<Cd>CLAV</Cd>\g<1>1.00")),
        (
            "statement",
            both(
                put("(<Stmt><Id>[^<]*</Id>)", r"\1<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>"),
                put("(<Cd>CLBD</Cd>.*?<Amt [^>]*>)[^<]*", r"\g<1>1.00"),
            ),
        ),
        (
            "order",
            both(
                put('<Amt><InstdAmt Ccy="EUR">([^<]*)</InstdAmt></Amt>', r"<Amt>@\1@</Amt>"),
                put("@([^@]*)@", r'<EqvtAmt><Amt Ccy="EUR">\1</Amt><CcyOfTrf>USD</CcyOfTrf></EqvtAmt>'),
            ),
        ),
    ],
    ids=[
        "no reference",
        "charges of zero",
        "a count with a leading zero",
        "a sum with a trailing zero",
        "a group returned as a whole",
        "a date with a zone",
        "a moment of execution",
        "an IBAN of Malta",
        "an IBAN of Kosovo",
        "a balance that is not the closing one",
        "one page of several",
        "an equivalent amount",
    ],
)
def test_what_is_right_has_no_finding(kind: str, change: Callable[[bytes], bytes]) -> None:
    """Forms that are rare and right are left alone."""
    assert _rules(change(good_message(kind, 0))) == []


def test_an_entry_valued_later_may_come_after_the_balance() -> None:
    """Some banks book it after the closing balance; an amount that no entry explains is told all the same."""
    body = good_message("statement", 0)
    entry = re.search(rb"<Ntry>.*?<Amt [^>]*>([^<]*)</Amt><CdtDbtInd>CRDT", body)
    closing = re.search(rb"<Cd>CLBD</Cd>.*?<Amt [^>]*>([^<]*)", body)
    assert entry is not None
    assert closing is not None
    less = Decimal(closing[1].decode()) - Decimal(entry[1].decode())
    without = put("(<Cd>CLBD</Cd>.*?<Amt [^>]*>)[^<]*", rf"\g<1>{less}")
    later = put("(<Ntry>.*?CRDT.*?<ValDt><Dt>)....", r"\g<1>2099")

    assert _rules(both(without, later)(body)) == []
    assert _rules(without(body)) == ["entry.balance"]


def test_charges_that_the_debtor_prepaid_are_added() -> None:
    """With DEBT the settlement amount is the instructed one, or that and the charges."""
    amounts = r'<IntrBkSttlmAmt Ccy="EUR">11.00</IntrBkSttlmAmt>\1<InstdAmt Ccy="EUR">10.00</InstdAmt>'
    change = both(
        put("<IntrBkSttlmAmt .*?</IntrBkSttlmAmt>(.*?)<InstdAmt .*?</InstdAmt>", amounts),
        put("<ChrgBr>SLEV</ChrgBr>", f"<ChrgBr>DEBT</ChrgBr>{_CHARGES}"),
        put("(<CtrlSum>)[^<]*", r"\g<1>11.00"),
        text_of("TtlIntrBkSttlmAmt", "11.00"),
    )

    assert _rules(change(good_message("transfer", 0))) == []


def test_a_code_is_known_by_what_it_stands_in() -> None:
    """One tag, four meanings: a closed list is the schema's, each external set its own."""
    schema = CATALOGUE.schema("pacs.008.001.08")
    change = both(
        put("<SvcLvl><Cd>SEPA", "<SvcLvl><Cd>GDDS"),  # a purpose, and no service level
        put("<Purp><Cd>[^<]*", "<Purp><Cd>SEPA"),  # and the other way round
    )
    findings = check_tree(_parsed(change(good_message("transfer", 0))).document, schema)

    assert [each.text.partition("code of ")[2][:22] for each in findings] == [
        "ExternalServiceLevel1C",
        "ExternalPurpose1Code, ",
    ]


def test_every_row_of_the_totals_fits_every_version() -> None:
    """The one table of places: each version of a family has the holder it names and one of its ways to transactions."""
    rows = [(definition, row) for definition in CATALOGUE.definitions() for row in TOTALS.get(definition[:8], ())]
    expressions = {definition: compile_plan(CATALOGUE.schema(definition)).suspects for definition, _ in rows}

    misfits = [
        (definition, row.holder)
        for definition, row in rows
        if (expression := expressions[definition]) is None or f"n:{row.holder}[" not in expression.path
    ]

    assert len(rows) > 100
    assert misfits == []


def test_the_pages_are_made_from_the_rules() -> None:
    """`python -m tests.support.rules_pages` writes them anew."""
    assert {path: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")} == pages()


def test_rules_say_all_that_a_page_needs() -> None:
    """Each rule has a family, and sentences that end."""
    for rule in RULES.values():
        assert rule.id.count(".") == 1
        assert all(text.endswith(".") for text in (rule.says, rule.at, rule.source, rule.because, rule.mend)), rule.id


def _rules(body: bytes) -> list[str]:
    return [finding.rule for finding in _findings(body)]


def _findings(body: bytes) -> tuple[Finding, ...]:
    return validate(_parsed(body), CATALOGUE)


def _parsed(body: bytes) -> Parsed:
    parsed = parse(body, _LIMITS, CATALOGUE)
    assert isinstance(parsed, Parsed)
    return parsed


def _parts(body: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before the one transaction, after it, and itself."""
    start, end = body.index(b"<CdtTrfTxInf>"), body.index(b"</CdtTrfTxInf>") + len(b"</CdtTrfTxInf>")
    return body[:start], body[end:], body[start:end]
