"""Damage that no schema sees: values, identifiers, totals, amounts, agents and dates."""

import re
from collections.abc import Callable

from tests.support.mutations import Mutation, both, put, text_of

_TRANSFER, _BATCH, _ORDER, _STATEMENT = "transfer", "batch of transfers", "order", "statement"
_IBAN = "(<IBAN>)[^<]*"
_AMOUNT = r'(Ccy="EUR">)[^<]*'
_SUM = "(<CtrlSum>)[^<]*"
_FI = "<FinInstnId><BICFI>ZNLTDEB0XXX</BICFI></FinInstnId>"
_SETTLED = '<IntrBkSttlmAmt Ccy="EUR">'


def _amounts(currency: str, amount: str) -> Callable[[bytes], bytes]:
    """Give every amount of a transfer another currency and value; instructed, settled and totals stay equal."""
    return both(put(_AMOUNT, rf'Ccy="{currency}">{amount}', times=0), put(_SUM, rf"\g<1>{amount}"))


def _same(tag: str) -> Callable[[bytes], bytes]:
    """Give the second element of a name the text of the first."""
    return put(rf"(<{tag}>)([^<]*)(.*?<{tag}>)[^<]*", r"\1\2\3\2")


def _exchanged(body: bytes) -> bytes:
    """Exchange two digits of an IBAN that differ and stand side by side."""
    start = body.index(b"<IBAN>") + 12
    place = next(at for at in range(start, start + 10) if body[at] != body[at + 1] and body[at : at + 2].isdigit())
    return body[:place] + body[place + 1 : place + 2] + body[place : place + 1] + body[place + 2 :]


def _two_blocks(body: bytes) -> bytes:
    """Make two blocks of an order's one, with the same identification and no totals of their own."""
    block = re.search(b"<PmtInf>.*?(?=<CdtTrfTxInf>)", body, re.DOTALL)
    assert block is not None
    head = re.sub(b"<NbOfTxs>.*?</CtrlSum>", b"", block[0])
    first = body.index(b"</CdtTrfTxInf>", block.end()) + len(b"</CdtTrfTxInf>")
    return body[: block.start()] + head + body[block.end() : first] + b"</PmtInf>" + head + body[first:]


VALUES = (
    Mutation(
        _TRANSFER, "an IBAN with wrong check digits", ("iban.check-digits",), put(_IBAN, r"\1DE75999111002381529841")
    ),
    Mutation(_TRANSFER, "two digits of an IBAN exchanged", ("iban.check-digits",), _exchanged),
    Mutation(_TRANSFER, "an IBAN that is one digit short", ("iban.structure",), put("(<IBAN>[^<]*).<", r"\1<")),
    Mutation(
        _TRANSFER, "a letter where an IBAN has a digit", ("iban.structure",), put(_IBAN, r"\1DE7099911100238152984A")
    ),
    Mutation(_TRANSFER, "an IBAN of no country", ("iban.country",), put("<IBAN>..", "<IBAN>ZZ")),
    Mutation(
        _TRANSFER, "an IBAN of a country without IBANs", ("iban.unregistered",), put(_IBAN, r"\1US64SVBKUS6S3300958879")
    ),
    Mutation(_TRANSFER, "a BIC of no country", ("bic.country",), put("(<BICFI>.{4})..", r"\1QQ")),
    Mutation(_TRANSFER, "a BIC of a country that is no more", ("bic.withdrawn",), put("(<BICFI>.{4})..", r"\1AN")),
    Mutation(
        _BATCH, "an LEI with wrong check digits", ("lei.check-digits",), put("<LEI>[^<]*", "<LEI>529900EXAMPLE0000012")
    ),
    Mutation(_TRANSFER, "UK for GB", ("country.unknown",), text_of("Ctry", "UK")),
    Mutation(_TRANSFER, "a country that is no more", ("country.withdrawn",), text_of("Ctry", "YU")),
    Mutation(_TRANSFER, "a currency that never was", ("currency.unknown",), _amounts("EUX", "10.00")),
    Mutation(_TRANSFER, "a settlement in German marks", ("currency.withdrawn",), _amounts("DEM", "10.00")),
    Mutation(_TRANSFER, "half a yen", ("currency.decimals",), _amounts("JPY", "1500.50")),
    Mutation(_TRANSFER, "yen with decimals that are zeros", ("currency.trailing-zeros",), _amounts("JPY", "1500.00")),
    Mutation(_TRANSFER, "a tenth of a cent", ("currency.decimals",), _amounts("EUR", "10.005")),
    Mutation(
        _STATEMENT, "an account in an unknown currency", ("currency.unknown",), put("</Id><Ccy>...", "</Id><Ccy>EUX")
    ),
    Mutation(_TRANSFER, "a purpose that is in no set", ("code.unknown",), put("<Purp><Cd>[^<]*", "<Purp><Cd>XQZX")),
    Mutation(
        _TRANSFER, "a service level that is in no set", ("code.unknown",), put("<SvcLvl><Cd>SEPA", "<SvcLvl><Cd>SEPP")
    ),
    Mutation("return", "a return reason that is in no set", ("code.unknown",), put("<Rsn><Cd>AC04", "<Rsn><Cd>AC99")),
    Mutation("status", "a status that is in no set", ("code.unknown",), put("<TxSts>RJCT", "<TxSts>REJT")),
    Mutation(_STATEMENT, "a balance type that is in no set", ("code.unknown",), put("<Cd>OPBD", "<Cd>OPEN")),
    Mutation(_TRANSFER, "no UETR", ("uetr.missing",), put("<UETR>[^<]*</UETR>", "")),
)

GROUPS = (
    Mutation(_BATCH, "a UETR twice", ("id.duplicate-uetr",), _same("UETR")),
    Mutation(_BATCH, "an end-to-end id twice", ("id.duplicate",), _same("EndToEndId")),
    Mutation(_BATCH, "a transaction id twice", ("id.duplicate",), _same("TxId")),
    Mutation(_ORDER, "an instruction id twice", ("id.duplicate",), _same("InstrId")),
    Mutation("return", "a return id twice", ("id.duplicate",), _same("RtrId")),
    Mutation("cancellation", "a cancellation id twice", ("id.duplicate",), _same("CxlId")),
    Mutation(_ORDER, "two blocks with one id", ("id.duplicate-block",), _two_blocks),
    Mutation(_TRANSFER, "seven transactions announced, one sent", ("total.transactions",), text_of("NbOfTxs", "7")),
    Mutation(
        _BATCH,
        "a transaction lost",
        ("total.control-sum", "total.settlement-amount", "total.transactions"),
        put("<CdtTrfTxInf>.*?</CdtTrfTxInf>", ""),
    ),
    Mutation(
        _ORDER, "a payment lost", ("total.control-sum", "total.transactions"), put("<CdtTrfTxInf>.*?</CdtTrfTxInf>", "")
    ),
    Mutation(
        _ORDER, "a block's own count wrong", ("total.transactions",), put("(<BtchBookg>.*?<NbOfTxs>)[^<]*", r"\g<1>4")
    ),
    Mutation("cancellation", "a cancellation's count wrong", ("total.transactions",), text_of("NbOfTxs", "3")),
    Mutation(_BATCH, "a control sum one cent off", ("total.control-sum",), lambda body: _cent_more(body, b"<CtrlSum>")),
    Mutation("return", "a control sum of returns wrong", ("total.control-sum",), text_of("CtrlSum", "1.00")),
    Mutation(
        _BATCH,
        "a total settlement amount one cent off",
        ("total.settlement-amount",),
        lambda body: _cent_more(body, b'<TtlIntrBkSttlmAmt Ccy="EUR">'),
    ),
    Mutation(
        "return",
        "a total of returns wrong",
        ("total.settlement-amount",),
        text_of("TtlRtrdIntrBkSttlmAmt", "1.00"),
    ),
    Mutation(
        _BATCH,
        "a total in another currency than its transactions",
        ("total.settlement-currency",),
        put('<TtlIntrBkSttlmAmt Ccy="EUR"', '<TtlIntrBkSttlmAmt Ccy="USD"'),
    ),
    Mutation(
        _STATEMENT, "a count of entries wrong", ("entry.summary",), put("(<TtlNtries><NbOfNtries>)[^<]*", r"\g<1>9")
    ),
    Mutation(
        _STATEMENT, "a sum of credits wrong", ("entry.summary",), put("(<TtlCdtNtries>.*?<Sum>)[^<]*", r"\g<1>1.00")
    ),
    Mutation(
        _STATEMENT,
        "a closing balance wrong",
        ("entry.balance",),
        put("(<Cd>CLBD</Cd>.*?<Amt [^>]*>)[^<]*", r"\g<1>1.00"),
    ),
    Mutation(_STATEMENT, "an entry lost", ("entry.balance", "entry.summary"), put("<Ntry>.*?</Ntry>", "")),
    Mutation(
        _TRANSFER,
        "the instructing agent in group and transaction",
        ("group.twice",),
        put("(</ChrgBr>)", rf"\1<InstgAgt>{_FI}</InstgAgt>"),
    ),
    Mutation(
        _BATCH,
        "the settlement date in group and transaction",
        ("group.twice",),
        put("(</IntrBkSttlmAmt>)", r"\1<IntrBkSttlmDt>2025-06-02</IntrBkSttlmDt>"),
    ),
    Mutation(
        _ORDER,
        "the charge bearer in block and payment",
        ("group.twice",),
        put("</InstdAmt></Amt>", "</InstdAmt></Amt><ChrgBr>SLEV</ChrgBr>"),
    ),
    Mutation(_TRANSFER, "no settlement date", ("group.date-missing",), put("<IntrBkSttlmDt>[^<]*</IntrBkSttlmDt>", "")),
    Mutation(
        _BATCH,
        "no settlement date, and no total",
        ("group.date-missing",),
        put("<TtlIntrBkSttlmAmt .*?</IntrBkSttlmDt>", ""),
    ),
)

AMOUNTS = (
    Mutation(
        _TRANSFER,
        "dollars instructed and no rate",
        ("amount.rate-missing",),
        put('<InstdAmt Ccy="EUR"', '<InstdAmt Ccy="USD"'),
    ),
    Mutation(
        _TRANSFER,
        "a rate between euros",
        ("amount.rate-needless",),
        put("<ChrgBr>", "<XchgRate>1.1</XchgRate><ChrgBr>"),
    ),
    Mutation(
        _TRANSFER,
        "a rate and nothing instructed",
        ("amount.rate-needless",),
        put("<InstdAmt .*?</InstdAmt>", "<XchgRate>1.1</XchgRate>"),
    ),
    Mutation(
        _TRANSFER,
        "charges and nothing instructed",
        ("amount.instructed-missing",),
        both(
            put("<InstdAmt .*?</InstdAmt>", ""),
            put("</ChrgBr>", rf'</ChrgBr><ChrgsInf><Amt Ccy="EUR">1.00</Amt><Agt>{_FI}</Agt></ChrgsInf>'),
        ),
    ),
    Mutation(
        _TRANSFER, "the creditor bears charges nobody names", ("amount.charges-missing",), text_of("ChrgBr", "CRED")
    ),
    Mutation(_TRANSFER, "more instructed than settled", ("amount.charges",), text_of("InstdAmt", "999999.99")),
    Mutation(
        _TRANSFER,
        "charges that were not deducted",
        ("amount.charges",),
        put("</ChrgBr>", rf'</ChrgBr><ChrgsInf><Amt Ccy="EUR">1.00</Amt><Agt>{_FI}</Agt></ChrgsInf>'),
    ),
    Mutation(
        _TRANSFER,
        "a settlement amount changed on the way",
        ("amount.charges", "total.control-sum", "total.settlement-amount"),
        both(
            put("<InstdAmt .*?</InstdAmt>", '<InstdAmt Ccy="EUR">7.00</InstdAmt>'),
            put(rf"({_SETTLED})[^<]*", r"\g<1>6.00"),
        ),
    ),
    Mutation(
        _TRANSFER,
        "a second intermediary without a first",
        ("agent.missing",),
        put("<Dbtr>", f"<IntrmyAgt2>{_FI}</IntrmyAgt2><Dbtr>"),
    ),
    Mutation(
        _TRANSFER,
        "an agent's account without the agent",
        ("agent.missing",),
        put("<Dbtr>", "<IntrmyAgt1Acct><Id><Othr><Id>1</Id></Othr></Id></IntrmyAgt1Acct><Dbtr>"),
    ),
    Mutation(
        _ORDER,
        "a creditor agent's account alone",
        ("agent.missing",),
        put("<CdtrAgt>.*?</CdtrAgt>", "<CdtrAgtAcct><Id><Othr><Id>1</Id></Othr></Id></CdtrAgtAcct>"),
    ),
    Mutation(
        _TRANSFER,
        "clearing with a reimbursement agent",
        ("settlement.method",),
        put("</SttlmInf>", f"<InstgRmbrsmntAgt>{_FI}</InstgRmbrsmntAgt></SttlmInf>"),
    ),
    Mutation(_TRANSFER, "the agent's books and a clearing system", ("settlement.method",), text_of("SttlmMtd", "INDA")),
    Mutation(
        _TRANSFER,
        "cover without a reimbursement agent",
        ("settlement.method",),
        both(text_of("SttlmMtd", "COVE"), put("<ClrSys>.*?</ClrSys>", "")),
    ),
)

DATES = (
    Mutation(_TRANSFER, "a settlement in a far year", ("date.far",), put("<IntrBkSttlmDt>....", "<IntrBkSttlmDt>2052")),
    Mutation(
        _ORDER, "an execution in a far year", ("date.far",), put("<ReqdExctnDt><Dt>....", "<ReqdExctnDt><Dt>1925")
    ),
    Mutation(
        _STATEMENT,
        "a period that ends before it begins",
        ("date.period",),
        put(
            "<Acct>",
            "<FrToDt><FrDtTm>2025-06-02T00:00:00Z</FrDtTm><ToDtTm>2025-06-01T00:00:00Z</ToDtTm></FrToDt><Acct>",
        ),
    ),
    Mutation(
        _TRANSFER,
        "a birth after the payment",
        ("date.birth",),
        put(
            "(<Dbtr>.*?</PstlAdr>).*?</Dbtr>",
            r"\1<Id><PrvtId><DtAndPlcOfBirth><BirthDt>2041-01-01</BirthDt><CityOfBirth>Moor</CityOfBirth>"
            r"<CtryOfBirth>DE</CtryOfBirth></DtAndPlcOfBirth></PrvtId></Id></Dbtr>",
        ),
    ),
)

LATER = (
    Mutation(
        _TRANSFER,
        "28 address lines that are not structured",
        (),
        put("</PstlAdr>", "<AdrLine>somewhere</AdrLine>" * 7 + "</PstlAdr>", times=0),
    ),
    Mutation(_TRANSFER, "letters outside a scheme's character set", (), text_of("Ustrd", "Zahlung für № 7 → Łódź")),
)
"""What a scheme forbids and the standard does not: it waits for the schemes' packs of rules."""


def _cent_more(body: bytes, start: bytes) -> bytes:
    at = body.index(start) + len(start)
    end = body.index(b"<", at)
    whole, _, cents = body[at:end].partition(b".")
    cents = b"%02d" % ((int(cents) + 1) % 100)
    return body[:at] + whole + b"." + cents + body[end:]
