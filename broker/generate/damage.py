"""How a message goes bad: each kind by its name, as a change to the bytes of a valid one, with the failure expected.

Owns the kinds, of XML and of commands. A change is a plain function of bytes; nothing here needs a parser, since much
of what comes out is not well-formed. Must not know how failures are found.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from broker.message.failure import FailureCode


@dataclass(frozen=True, slots=True)
class Damage:
    """One kind of damage: the failure it must lead to, the change, and whether it needs a header to change.

    ``apply`` takes the UTF-8 bytes of a valid pacs.008 of this package and gives the bad ones.
    """

    expected: FailureCode
    apply: Callable[[bytes], bytes]
    wrapped: bool = False


def _replace(pattern: bytes, by: bytes) -> Callable[[bytes], bytes]:
    """Make a change of the first place a pattern matches; a message without such a place is a mistake of ours."""
    compiled = re.compile(pattern, re.DOTALL)

    def change(body: bytes) -> bytes:
        changed, count = compiled.subn(by, body, count=1)
        assert count, "the message has nothing of that kind to damage"
        return changed

    return change


def _latin_1(body: bytes) -> bytes:
    """Write a name in ISO-8859-1 under a declaration that says UTF-8."""
    return re.sub(rb"<Nm>", "<Nm>é".encode("iso-8859-1"), body, count=1)


def _believed_latin_1(body: bytes) -> bytes:
    """Declare ISO-8859-1 over a name in UTF-8."""
    declared = body.replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"', 1)
    return re.sub(b"<Nm>", "<Nm>\u0141\u00f3d\u017a ".encode(), declared, count=1)


_AFTER_DECLARATION = rb"(<\?xml[^>]*\?>\s*)"
_BOMB = rb'\1<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'
_DEPTH = 200
_ATTRIBUTES = b"".join(b' a%d="1"' % number for number in range(5_000))
_MALFORMED, _SCHEMA = FailureCode.PARSE_MALFORMED, FailureCode.VALIDATE_SCHEMA

DAMAGE: dict[str, Damage] = {
    "empty": Damage(FailureCode.RECEIVE_EMPTY, lambda _: b""),
    "cut-off": Damage(_MALFORMED, lambda body: body[: len(body) * 2 // 3]),
    "end-tag-missing": Damage(_MALFORMED, _replace(rb"</GrpHdr>", b"")),
    "two-roots": Damage(_MALFORMED, lambda body: body + b"<Document/>"),
    "not-xml": Damage(_MALFORMED, lambda _: b'{"Document": {}}'),
    "doctype": Damage(FailureCode.PARSE_DOCTYPE, _replace(_AFTER_DECLARATION, rb"\1<!DOCTYPE Document>\n")),
    "entity-bomb": Damage(FailureCode.PARSE_DOCTYPE, _replace(_AFTER_DECLARATION, _BOMB)),
    "leading-space": Damage(FailureCode.PARSE_LEADING_SPACE, lambda body: b"\n " + body),
    "encoding-unknown": Damage(FailureCode.PARSE_ENCODING_UNKNOWN, _replace(b'"UTF-8"', b'"KLINGON-1"')),
    "latin-1-not-declared": Damage(FailureCode.PARSE_ENCODING_MISMATCH, _latin_1),
    "latin-1-declared-falsely": Damage(FailureCode.PARSE_ENCODING_MISMATCH, _believed_latin_1),
    "too-deep": Damage(
        FailureCode.PARSE_TOO_DEEP,
        _replace(rb"<RmtInf>.*?</RmtInf>", b"<RmtInf>" + b"<Deep>" * _DEPTH + b"</Deep>" * _DEPTH + b"</RmtInf>"),
    ),
    "too-many-attributes": Damage(
        FailureCode.PARSE_TOO_MANY_ATTRIBUTES, _replace(b"<GrpHdr", b"<GrpHdr" + _ATTRIBUTES)
    ),
    "no-document": Damage(FailureCode.IDENTIFY_NO_DOCUMENT, lambda _: b"<Envelope><Nothing>here</Nothing></Envelope>"),
    "unknown-definition": Damage(
        FailureCode.IDENTIFY_UNKNOWN_DEFINITION, _replace(rb"xsd:pacs\.008\.001\.08", b"xsd:pacs.008.001.99")
    ),
    "two-documents": Damage(
        FailureCode.IDENTIFY_SEVERAL_DOCUMENTS, _replace(rb"(<Document .*</Document>)", rb"\1\1"), wrapped=True
    ),
    "uetr-upper-case": Damage(
        _SCHEMA, lambda body: re.sub(rb"<UETR>[^<]*", b"<UETR>9B2F4C1E-0D3A-4E5F-8A6B-7C8D9E0F1A2B", body, count=1)
    ),
    "identifier-too-long": Damage(_SCHEMA, _replace(rb"<EndToEndId>[^<]*", b"<EndToEndId>" + b"E" * 36)),
    "bic-of-another-version": Damage(_SCHEMA, _replace(rb"<BICFI>([^<]*)</BICFI>", rb"<BIC>\1</BIC>")),
    "wrong-order": Damage(_SCHEMA, _replace(rb"(<MsgId>.*?</MsgId>)(<CreDtTm>.*?</CreDtTm>)", rb"\2\1")),
    "mandatory-missing": Damage(_SCHEMA, _replace(rb"<MsgId>[^<]*</MsgId>", b"")),
    "element-twice": Damage(_SCHEMA, _replace(rb"(<ChrgBr>[^<]*</ChrgBr>)", rb"\1\1")),
    "element-unknown": Damage(_SCHEMA, _replace(rb"</CdtTrfTxInf>", b"<Note>by the way</Note></CdtTrfTxInf>")),
    "code-unknown": Damage(_SCHEMA, _replace(rb"<ChrgBr>[^<]*", b"<ChrgBr>FREE")),
    "amount-with-comma": Damage(_SCHEMA, _replace(rb"(<IntrBkSttlmAmt [^>]*>)[^<]*", rb"\g<1>1234,50")),
    "currency-missing": Damage(_SCHEMA, _replace(rb"<IntrBkSttlmAmt [^>]*>", b"<IntrBkSttlmAmt>")),
    "too-many-decimals": Damage(_SCHEMA, _replace(rb"(<IntrBkSttlmAmt [^>]*>)[^<]*", rb"\g<1>10.123456")),
    "date-impossible": Damage(_SCHEMA, _replace(rb"<IntrBkSttlmDt>[^<]*", b"<IntrBkSttlmDt>2025-02-30")),
    "two-branches-of-a-choice": Damage(
        _SCHEMA, _replace(rb"(<DbtrAcct><Id><IBAN>[^<]*</IBAN>)", rb"\1<Othr><Id>1</Id></Othr>")
    ),
    "header-says-another-definition": Damage(
        FailureCode.VALIDATE_HEADER,
        _replace(rb"<MsgDefIdr>[^<]*", b"<MsgDefIdr>pacs.009.001.08"),
        wrapped=True,
    ),
}
"""Every kind of bad XML message by its name; each needs no more than one change."""

_AMOUNT = rb'"amt":"([0-9.]+)"'
_INVALID = FailureCode.COMMAND_INVALID

COMMAND_DAMAGE: dict[str, Damage] = {
    "command-not-json": Damage(FailureCode.COMMAND_MALFORMED, lambda body: body[:-2]),
    "command-not-utf-8": Damage(FailureCode.COMMAND_MALFORMED, lambda body: body.replace(b'"Nm":"', b'"Nm":"\xe9', 1)),
    "command-amount-a-number": Damage(_INVALID, _replace(_AMOUNT, rb'"amt":\1')),
    "command-amount-not-a-number": Damage(_INVALID, _replace(_AMOUNT, rb'"amt":NaN')),
    "command-member-twice": Damage(_INVALID, _replace(rb'("MsgId":"[^"]*")', rb"\1,\1")),
    "command-member-unknown": Damage(_INVALID, _replace(rb'"GrpHdr":', rb'"GrpHeader":')),
    "command-member-missing": Damage(_INVALID, _replace(rb'"MsgId":"[^"]*",', rb"")),
    "command-null": Damage(_INVALID, _replace(rb'"ChrgBr":"[^"]*"', rb'"ChrgBr":null')),
    "command-code-unknown": Damage(_INVALID, _replace(rb'"ChrgBr":"[^"]*"', rb'"ChrgBr":"FREE"')),
    "command-two-branches-of-a-choice": Damage(_INVALID, _replace(rb'"IBAN":', rb'"Othr":{"Id":"1"},"IBAN":')),
    "command-nested-beyond-measure": Damage(
        FailureCode.COMMAND_MALFORMED, lambda _: b'{"Document":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    ),
}
"""Every kind of bad command by its name, as a change to the JSON of a valid one."""
