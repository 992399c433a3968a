"""Hostile and sloppy XML, each with the failure or the finding it must lead to.

Owns one good message of our own (invented people, test codes) and the table of what can be done to it; nothing here
knows how failures are found.
"""

import re
from dataclasses import dataclass

from broker.catalogue import Catalogue
from broker.law import folder
from broker.message.failure import FailureCode
from broker.parse import Limits

CATALOGUE = Catalogue(folder("schemas/iso20022"))
LIMITS = Limits(max_bytes=200_000, max_elements=2_000, max_attributes=32, max_depth=48, max_text_characters=20_000)

ISO = "urn:iso:std:iso:20022:tech:xsd:"
DEFINITION = "pacs.008.001.08"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_TRANSFER = """\
    <CdtTrfTxInf>
      <PmtId>
        <EndToEndId>INVOICE-{number}</EndToEndId>
        <UETR>5f1e7c7a-0b7d-4c5e-9a3f-00000000000{number}</UETR>
      </PmtId>
      <IntrBkSttlmAmt Ccy="EUR">1250.5{number}</IntrBkSttlmAmt>
      <IntrBkSttlmDt>2025-03-14</IntrBkSttlmDt>
      <ChrgBr>SLEV</ChrgBr>
      <Dbtr><Nm>Zoë Lindqvist</Nm></Dbtr>
      <DbtrAcct><Id><IBAN>DE75512108001245126199</IBAN></Id></DbtrAcct>
      <DbtrAgt><FinInstnId><BICFI>TESTDEFFXXX</BICFI></FinInstnId></DbtrAgt>
      <CdtrAgt><FinInstnId><BICFI>TESTFRPPXXX</BICFI></FinInstnId></CdtrAgt>
      <Cdtr><Nm>Ateliers Brindille</Nm></Cdtr>
      <CdtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></CdtrAcct>
      <RmtInf><Ustrd>Rent for March</Ustrd></RmtInf>
    </CdtTrfTxInf>
"""
DOCUMENT = f"""\
<Document xmlns="{ISO}{DEFINITION}">
  <FIToFICstmrCdtTrf>
    <GrpHdr>
      <MsgId>MESSAGE-1</MsgId>
      <CreDtTm>2025-03-14T09:26:53+01:00</CreDtTm>
      <NbOfTxs>2</NbOfTxs>
      <SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>
    </GrpHdr>
{_TRANSFER.format(number=1)}{_TRANSFER.format(number=2)}  </FIToFICstmrCdtTrf>
</Document>
"""
"""A valid pacs.008 with two transactions, without a declaration; its second ``CdtTrfTxInf`` begins on line 24."""

HEADER = f"""\
<AppHdr xmlns="{ISO}head.001.001.02">
  <Fr><FIId><FinInstnId><BICFI>TESTDEFFXXX</BICFI></FinInstnId></FIId></Fr>
  <To><FIId><FinInstnId><BICFI>TESTFRPPXXX</BICFI></FinInstnId></FIId></To>
  <BizMsgIdr>BUSINESS-1</BizMsgIdr>
  <MsgDefIdr>{DEFINITION}</MsgDefIdr>
  <CreDt>2025-03-14T08:26:53Z</CreDt>
</AppHdr>
"""
GOOD = (DECLARATION + DOCUMENT).encode()
WRAPPED = f"{DECLARATION}<Envelope>\n{HEADER}{DOCUMENT}</Envelope>".encode()


@dataclass(frozen=True, slots=True)
class Hostile:
    """One document: what it is called, its bytes, and the failure code or the rule of the finding it must lead to."""

    name: str
    body: bytes
    expected: FailureCode | str


def altered(old: str, new: str, source: bytes = GOOD) -> bytes:
    """Give the message with the first ``old`` made ``new``; it must be there."""
    assert old.encode() in source, old
    return source.replace(old.encode(), new.encode(), 1)


def _text(length: int) -> str:
    return altered("Rent for March", "x" * length).decode()


_BOMB = '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>\n'
_FILE = '<!DOCTYPE Document [<!ENTITY file SYSTEM "file:///etc/hostname">]>\n'
_LATIN_1 = GOOD.decode().replace("UTF-8", "ISO-8859-1")
_UTF_16 = GOOD.decode().replace("UTF-8", "UTF-16")
_PREFIXED = re.sub(r"<(/?)(?=[A-Z])", r"<\1p:", DOCUMENT).replace("xmlns=", "xmlns:p=")
_MANY = " ".join(f'a{number}="1"' for number in range(5_000))

REFUSED = (
    Hostile("nothing at all", b"", FailureCode.RECEIVE_EMPTY),
    Hostile("white space alone", b" \r\n\t", FailureCode.RECEIVE_EMPTY),
    Hostile("too many bytes", GOOD + b" " * 200_000, FailureCode.RECEIVE_TOO_LARGE),
    Hostile("entity bomb", altered("<Document", f"{_BOMB}<Document"), FailureCode.PARSE_DOCTYPE),
    Hostile("external entity", altered("<Document", f"{_FILE}<Document"), FailureCode.PARSE_DOCTYPE),
    Hostile("entity bomb in UTF-16", altered("<Document", f"{_BOMB}<Document").decode().encode("utf-16"),
            FailureCode.PARSE_ENCODING_MISMATCH),
    Hostile("document type in true UTF-16",
            _UTF_16.replace("<Document", "<!DOCTYPE Document><Document", 1).encode("utf-16"),
            FailureCode.PARSE_DOCTYPE),
    Hostile("UTF-8 declared, Latin-1 sent", GOOD.decode().encode("latin-1"), FailureCode.PARSE_ENCODING_MISMATCH),
    Hostile("nothing declared, Latin-1 sent", DOCUMENT.encode("latin-1"), FailureCode.PARSE_ENCODING_MISMATCH),
    Hostile("Latin-1 declared, UTF-8 sent", _LATIN_1.encode(), FailureCode.PARSE_ENCODING_MISMATCH),
    Hostile("Latin-1 declared, Windows-1252 sent", _LATIN_1.replace("Rent", "€ 5").encode("cp1252"),
            FailureCode.PARSE_ENCODING_MISMATCH),
    Hostile("Latin-1 declared after a UTF-8 mark", b"\xef\xbb\xbf" + _LATIN_1.encode(),
            FailureCode.PARSE_ENCODING_MISMATCH),
    Hostile("UTF-16 declared, UTF-8 sent", _UTF_16.encode(), FailureCode.PARSE_ENCODING_MISMATCH),
    Hostile("UTF-16 cut in a letter", _UTF_16.encode("utf-16")[:-1], FailureCode.PARSE_ENCODING_MISMATCH),
    Hostile("UTF-16 without mark or declaration", DOCUMENT.encode("utf-16-le"), FailureCode.PARSE_ENCODING_MISMATCH),
    Hostile("US-ASCII declared, UTF-8 sent", altered("UTF-8", "US-ASCII"), FailureCode.PARSE_ENCODING_MISMATCH),
    Hostile("UTF-7", altered("UTF-8", "UTF-7"), FailureCode.PARSE_ENCODING_UNKNOWN),
    Hostile("UTF-32", GOOD.decode().encode("utf-32"), FailureCode.PARSE_ENCODING_UNKNOWN),
    Hostile("EBCDIC", GOOD.decode().encode("cp037"), FailureCode.PARSE_ENCODING_UNKNOWN),
    Hostile("white space before the declaration", b"\r\n " + GOOD, FailureCode.PARSE_LEADING_SPACE),
    Hostile("white space before the declaration in UTF-16", ("\n" + _UTF_16).encode("utf-16"),
            FailureCode.PARSE_LEADING_SPACE),
    Hostile("JSON", b'{"Document": {}}', FailureCode.PARSE_MALFORMED),
    Hostile("cut off", GOOD[: len(GOOD) // 2], FailureCode.PARSE_MALFORMED),
    Hostile("comments never closed", b"<!--" * 40_000, FailureCode.PARSE_MALFORMED),
    Hostile("sections never closed", b"<a>" + b"<![CDATA[" * 20_000, FailureCode.PARSE_MALFORMED),
    Hostile("two roots", GOOD + DOCUMENT.encode(), FailureCode.PARSE_MALFORMED),
    Hostile("undeclared entity", altered("Rent", "&euro;5"), FailureCode.PARSE_MALFORMED),
    Hostile("bare ampersand", altered("Rent", "Rent & heat"), FailureCode.PARSE_MALFORMED),
    Hostile("control character", altered("Rent", "Rent\x0b"), FailureCode.PARSE_MALFORMED),
    Hostile("control character by reference", altered("Rent", "Rent&#11;"), FailureCode.PARSE_MALFORMED),
    Hostile("null byte", altered("Rent", "Rent\x00"), FailureCode.PARSE_MALFORMED),
    Hostile("attribute twice", altered('Ccy="EUR"', 'Ccy="EUR" Ccy="USD"'), FailureCode.PARSE_MALFORMED),
    Hostile("undeclared prefix", altered("<Nm>", "<x:Nm>"), FailureCode.PARSE_MALFORMED),
    Hostile("name of 60,000 letters", altered("<Nm>", f"<{'N' * 60_000}>"), FailureCode.PARSE_MALFORMED),
    Hostile("nested deep", altered("Rent", "<a>" * 100 + "</a>" * 100), FailureCode.PARSE_TOO_DEEP),
    Hostile("nested deeper than libxml2 goes", altered("Rent", "<a>" * 1_900), FailureCode.PARSE_TOO_DEEP),
    Hostile("many elements", altered("Rent", "<a/>" * 2_001), FailureCode.PARSE_TOO_MANY_ELEMENTS),
    Hostile("many elements behind a comment", altered("Rent", "<!-- -->" + "<a/>" * 2_001),
            FailureCode.PARSE_TOO_MANY_ELEMENTS),
    Hostile("many attributes", altered("<GrpHdr", f"<GrpHdr {_MANY}"), FailureCode.PARSE_TOO_MANY_ATTRIBUTES),
    Hostile("many namespaces", altered("<GrpHdr", f"<GrpHdr {_MANY.replace('a', 'xmlns:a')}"),
            FailureCode.PARSE_TOO_MANY_ATTRIBUTES),
    Hostile("long text", _text(20_001).encode(), FailureCode.PARSE_TEXT_TOO_LONG),
    Hostile("long text around comments", _text(20_001).replace("x" * 5_000, "x" * 5_000 + "<!-- -->").encode(),
            FailureCode.PARSE_TEXT_TOO_LONG),
    Hostile("long attribute", altered('Ccy="EUR"', f'Ccy="{"E" * 20_001}"'), FailureCode.PARSE_TEXT_TOO_LONG),
    Hostile("no document", b"<Envelope><Nothing>here</Nothing></Envelope>", FailureCode.IDENTIFY_NO_DOCUMENT),
    Hostile("header alone in an envelope", f"<Envelope>{HEADER}</Envelope>".encode(), FailureCode.IDENTIFY_NO_DOCUMENT),
    Hostile("part of a message as root", f'<GrpHdr xmlns="{ISO}{DEFINITION}"/>'.encode(),
            FailureCode.IDENTIFY_NO_DOCUMENT),
    Hostile("two documents", f"<Envelope>{DOCUMENT}{DOCUMENT}</Envelope>".encode(),
            FailureCode.IDENTIFY_SEVERAL_DOCUMENTS),
    Hostile("two headers", f"<Envelope>{HEADER}{HEADER}{DOCUMENT}</Envelope>".encode(),
            FailureCode.IDENTIFY_SEVERAL_DOCUMENTS),
    Hostile("version of the future", altered("001.08", "001.99"), FailureCode.IDENTIFY_UNKNOWN_DEFINITION),
    Hostile("dialect", altered("001.08", "001.08.zz.02"), FailureCode.IDENTIFY_UNKNOWN_DEFINITION),
    Hostile("namespace without end", altered("001.08", "001.08" * 1_000), FailureCode.IDENTIFY_UNKNOWN_DEFINITION),
    Hostile("no namespace", altered(f' xmlns="{ISO}{DEFINITION}"', ""), FailureCode.IDENTIFY_UNKNOWN_DEFINITION),
    Hostile("envelope's namespace", altered("<Envelope>", '<Envelope xmlns="urn:example:envelope">',
            altered(f' xmlns="{ISO}{DEFINITION}"', "", WRAPPED)), FailureCode.IDENTIFY_UNKNOWN_DEFINITION),
)  # fmt: skip
"""What is refused before it is validated."""

TRANSCODED = (
    Hostile("true Latin-1", _LATIN_1.encode("latin-1"), "encoding.not-utf-8"),
    Hostile("true UTF-16 with a mark", _UTF_16.encode("utf-16"), "encoding.not-utf-8"),
    Hostile("true UTF-16 big-endian", b"\xfe\xff" + _UTF_16.encode("utf-16-be"), "encoding.not-utf-8"),
    Hostile("UTF-16 by its mark alone", DOCUMENT.encode("utf-16"), "encoding.not-utf-8"),
    Hostile("UTF-16LE by its declaration alone", _UTF_16.replace("UTF-16", "UTF-16LE").encode("utf-16-le"),
            "encoding.not-utf-8"),
    Hostile("true US-ASCII", altered("UTF-8", "US-ASCII").replace("ë".encode(), b"e"), "encoding.not-utf-8"),
)  # fmt: skip
"""What is accepted with a warning about its encoding."""

ODD = (
    GOOD,
    DOCUMENT.encode(),
    b"\xef\xbb\xbf" + GOOD,
    b"\n  " + DOCUMENT.encode(),
    GOOD.replace(b"\n", b"\r\n"),
    GOOD.replace(b'"', b"'"),
    (DECLARATION + _PREFIXED).encode(),
    altered("Rent for March", "<![CDATA[Rent < March & after]]>"),
    altered("1250.51", "1250<!-- -->.51"),
    altered("1250.51", "1250<?page break?>.51"),
    altered("Rent", "Rent a=b=c=d=e=f=g=h=i=j=k=l=m=n=o=p=q=r=s=t=u=v=w=x=y=z=1=2=3=4=5=6=7=8=9"),
    altered(
        "<Document", '<Document xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b.xsd"'
    ),
    WRAPPED,
)
"""What is odd and right: valid, and without a finding."""

SLOPPY = (
    Hostile("UETR in capitals", altered("5f1e7c7a", "5F1E7C7A"), "schema.pattern"),
    Hostile("UETR of version 1", altered("0b7d-4c5e", "0b7d-1c5e"), "schema.pattern"),
    Hostile("currency in small letters", altered('Ccy="EUR"', 'Ccy="eur"'), "schema.pattern"),
    Hostile("id of 36 characters", altered("MESSAGE-1", "M" * 36), "schema.length"),
    Hostile("empty id", altered("MESSAGE-1", ""), "schema.length"),
    Hostile("remittance over 140", altered("Rent for March", "x" * 141), "schema.length"),
    Hostile("unknown code", altered("SLEV", "SLOW"), "schema.enumeration"),
    Hostile("six decimals", altered("1250.51", "1250.123456"), "schema.digits"),
    Hostile("nineteen digits", altered("1250.51", "1234567890123456789"), "schema.digits"),
    Hostile("negative amount", altered("1250.51", "-1250.51"), "schema.minimum"),
    Hostile("decimal comma", altered("1250.51", "1250,51"), "schema.type"),
    Hostile("milliseconds after a colon", altered("09:26:53+01:00", "09:26:53:735"), "schema.type"),
    Hostile("BIC where BICFI belongs", altered("<BICFI>TESTDEFFXXX</BICFI>", "<BIC>TESTDEFFXXX</BIC>"),
            "schema.unexpected"),
    Hostile("wrong order", altered("<ChrgBr>SLEV</ChrgBr>\n      <Dbtr><Nm>Zoë Lindqvist</Nm></Dbtr>",
            "<Dbtr><Nm>Zoë Lindqvist</Nm></Dbtr>\n      <ChrgBr>SLEV</ChrgBr>"), "schema.order"),
    Hostile("element again", altered("<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>SLEV</ChrgBr><ChrgBr>SHAR</ChrgBr>"),
            "schema.occurrence"),
    Hostile("both branches", altered("</IBAN>", "</IBAN><Othr><Id>1</Id></Othr>"), "schema.choice"),
    Hostile("no branch", altered("<IBAN>DE75512108001245126199</IBAN>", ""), "schema.choice"),
    Hostile("missing in the middle", altered("<ChrgBr>SLEV</ChrgBr>", ""), "schema.missing"),
    Hostile("missing at the end", altered("<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>", ""), "schema.missing"),
    Hostile("empty envelope", altered("</RmtInf>", "</RmtInf><SplmtryData><Envlp/></SplmtryData>"), "schema.missing"),
    Hostile("text where elements belong", altered("<SttlmMtd>CLRG</SttlmMtd>", "CLRG"), "schema.text"),
    Hostile("elements where text belongs", altered("SLEV", "<Cd>SLEV</Cd>"), "schema.unexpected"),
    Hostile("no currency", altered(' Ccy="EUR"', ""), "schema.attribute"),
    Hostile("attribute of its own", altered("<GrpHdr>", '<GrpHdr version="2">'), "schema.attribute"),
    Hostile("foreign namespace", altered("<ChrgBr>", '<ChrgBr xmlns="">'), "schema.namespace"),
    Hostile("header of another message", altered("<MsgDefIdr>pacs.008.001.08", "<MsgDefIdr>pacs.009.001.08", WRAPPED),
            "header.definition"),
    Hostile("header of a local time", altered("08:26:53Z", "08.26", WRAPPED), "header.schema.type"),
    Hostile("header of the future", altered("head.001.001.02", "head.001.001.42", WRAPPED), "header.schema.unknown"),
)  # fmt: skip
"""What is well-formed and identified, and not valid: each has one thing wrong, and one finding says it."""
