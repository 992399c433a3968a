"""Damage that the schema sees, and damage to the header and the bytes."""

from tests.support.mutations import Mutation, both, put, text_of

_LEI = r"(<LEI>)[^<]*"

SCHEMA = (
    Mutation("transfer", "a UETR in capitals", ("schema.pattern",), lambda body: _upper(body, b"UETR")),
    Mutation(
        "transfer",
        "a UETR of version 1",
        ("schema.pattern",),
        text_of("UETR", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
    ),
    Mutation("transfer", "an id of 36 characters", ("schema.length",), text_of("EndToEndId", "E" * 36)),
    Mutation("transfer", "an empty id", ("schema.length",), text_of("MsgId", "")),
    Mutation("transfer", "BIC for BICFI", ("schema.unexpected",), put("<BICFI>([^<]*)</BICFI>", r"<BIC>\1</BIC>")),
    Mutation("transfer", "a BIC in small letters", ("schema.pattern",), lambda body: _lower(body, b"BICFI")),
    Mutation("transfer", "an IBAN with spaces", ("schema.pattern",), put(r"<IBAN>(.{4})(.{4})", r"<IBAN>\1 \2 ")),
    Mutation(
        "transfer", "two elements exchanged", ("schema.order",), put(r"(<MsgId>.*?)(<CreDtTm>.*?</CreDtTm>)", r"\2\1")
    ),
    Mutation("transfer", "a mandatory element left out", ("schema.missing",), put(r"<MsgId>[^<]*</MsgId>", "")),
    Mutation("transfer", "an element twice", ("schema.occurrence",), put(r"(<ChrgBr>[^<]*</ChrgBr>)", r"\1\1")),
    Mutation(
        "transfer",
        "an unknown element",
        ("schema.unexpected",),
        put("</CdtTrfTxInf>", "<Note>by the way</Note></CdtTrfTxInf>"),
    ),
    Mutation("transfer", "a code that is not in its list", ("schema.enumeration",), text_of("ChrgBr", "FREE")),
    Mutation("transfer", "an amount with a comma", ("schema.type",), text_of("IntrBkSttlmAmt", "1234,50")),
    Mutation("transfer", "an amount of six decimals", ("schema.digits",), text_of("IntrBkSttlmAmt", "10.123456")),
    Mutation("transfer", "an amount of 19 digits", ("schema.digits",), text_of("IntrBkSttlmAmt", "1" * 19)),
    Mutation("transfer", "a negative amount", ("schema.minimum",), text_of("IntrBkSttlmAmt", "-1.00")),
    Mutation("transfer", "no currency", ("schema.attribute",), put("<IntrBkSttlmAmt [^>]*>", "<IntrBkSttlmAmt>")),
    Mutation("transfer", "an attribute too many", ("schema.attribute",), put("<GrpHdr>", '<GrpHdr version="2">')),
    Mutation("transfer", "a currency in small letters", ("schema.pattern",), put('Ccy="EUR"', 'Ccy="eur"')),
    Mutation("transfer", "a date that does not exist", ("schema.type",), text_of("IntrBkSttlmDt", "2025-02-30")),
    Mutation("transfer", "a date with slashes", ("schema.type",), text_of("IntrBkSttlmDt", "30/01/2025")),
    Mutation("transfer", "milliseconds after a colon", ("schema.type",), text_of("CreDtTm", "2025-01-31T09:30:00:735")),
    Mutation(
        "transfer",
        "two branches of a choice",
        ("schema.choice",),
        put(r"(<DbtrAcct><Id><IBAN>[^<]*</IBAN>)", r"\1<Othr><Id>1</Id></Othr>"),
    ),
    Mutation(
        "transfer", "no branch of a choice", ("schema.choice",), put(r"<DbtrAcct><Id>.*?</Id>", "<DbtrAcct><Id></Id>")
    ),
    Mutation("transfer", "text between elements", ("schema.text",), put("<GrpHdr>", "<GrpHdr>as agreed")),
    Mutation(
        "transfer",
        "an element of another namespace",
        ("schema.namespace",),
        put("<PmtId>", '<PmtId xmlns="urn:example:other">'),
    ),
    Mutation("transfer", "remittance text over 140 characters", ("schema.length",), text_of("Ustrd", "U" * 141)),
    Mutation("transfer", "a count in words", ("schema.pattern",), text_of("NbOfTxs", "one")),
    Mutation("transfer", "an LEI that is too short", ("schema.pattern",), put(_LEI, r"\g<1>529900EXAMPLE00")),
    Mutation("transfer", "a country in small letters", ("schema.pattern",), text_of("Ctry", "de")),
    Mutation("order", "yes for true", ("schema.type",), text_of("BtchBookg", "yes")),
    Mutation(
        "batch of transfers",
        "one transfer without an amount",
        ("schema.missing",),
        put("<IntrBkSttlmAmt .*?</IntrBkSttlmAmt>", ""),
    ),
)

HEADER = (
    Mutation(
        "transfer with header",
        "a header of another definition",
        ("header.definition",),
        text_of("MsgDefIdr", "pacs.009.001.08"),
    ),
    Mutation(
        "transfer with header",
        "a business id of 36 characters",
        ("header.schema.length",),
        text_of("BizMsgIdr", "B" * 36),
    ),
    Mutation("transfer with header", "a header without receiver", ("header.schema.missing",), put("<To>.*?</To>", "")),
    Mutation(
        "transfer with header",
        "a header of an unknown version",
        ("header.schema.unknown",),
        put(r"head\.001\.001\.02", "head.001.001.99"),
    ),
    Mutation(
        "transfer with header",
        "a sender's BIC of no country",
        ("bic.country",),
        put(r"(<Fr>.*?<BICFI>.{4})..", r"\1ZZ"),
    ),
    Mutation(
        "transfer",
        "Latin-1, declared and true",
        ("encoding.not-utf-8",),
        lambda body: (
            both(put('"UTF-8"', '"ISO-8859-1"'), text_of("Nm", "Grün & Söhne".replace("&", "&amp;")))(body)
            .decode()
            .encode("iso-8859-1")
        ),
    ),
)


def _upper(body: bytes, tag: bytes) -> bytes:
    start = body.index(b"<" + tag + b">") + len(tag) + 2
    end = body.index(b"<", start)
    return body[:start] + body[start:end].upper() + body[end:]


def _lower(body: bytes, tag: bytes) -> bytes:
    start = body.index(b"<" + tag + b">") + len(tag) + 2
    end = body.index(b"<", start)
    return body[:start] + body[start:end].lower() + body[end:]
