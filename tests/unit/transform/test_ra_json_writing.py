"""RA JSON → XML: what is accepted, and each way of being refused with its rule and path."""

import copy
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from lxml import etree

from broker.catalogue.catalogue import Catalogue
from broker.catalogue.model import Element, Schema, SequenceType, SimpleType
from broker.errors import CatalogueError, ConfigurationError
from broker.generate import Generator
from broker.law import folder
from broker.message.finding import Finding
from broker.transform.ra_json import to_object, to_xml

CATALOGUE = Catalogue(folder("schemas/iso20022"))
PACS_008 = "pacs.008.001.08"
TRANSFER = "/Document/FIToFICstmrCdtTrf"
PAYMENT = f"{TRANSFER}/CdtTrfTxInf[1]"
GOOD: dict[str, Any] = orjson.loads(Generator(CATALOGUE, 11).command().body)
HEADED: dict[str, Any] = orjson.loads(Generator(CATALOGUE, 11).command(wrapped=True).body)
Tree = dict[str, Any]


def findings(source: object, **options: str) -> tuple[Finding, ...]:
    """What a refusal says; fails where the message is accepted."""
    answer = to_xml(source, PACS_008, CATALOGUE, **options)  # type: ignore[arg-type]  # tests hand in what callers may not
    assert isinstance(answer, tuple)
    return answer


def damaged(change: Callable[[Tree, Tree], object]) -> Tree:
    """The good message after a change of its group header or its payment."""
    message = copy.deepcopy(GOOD)
    transfer = message["Document"]["FIToFICstmrCdtTrf"]
    change(transfer["GrpHdr"], transfer["CdtTrfTxInf"][0])
    return message


def test_a_good_message_becomes_valid_xml_in_schema_order() -> None:
    """Members may come in any order; the XML has the schema's order, a declaration, and says the same."""
    turned = dict(reversed(GOOD["Document"]["FIToFICstmrCdtTrf"].items()))

    written = to_xml({"Document": {"FIToFICstmrCdtTrf": turned}}, PACS_008, CATALOGUE)

    assert isinstance(written, bytes)
    assert written.startswith(
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs'
    )
    assert CATALOGUE.validator(PACS_008).validate(etree.fromstring(written))
    assert to_object(etree.fromstring(written), CATALOGUE.schema(PACS_008)) == GOOD


def test_text_is_escaped_and_comes_back() -> None:
    """Markup, quotes, carriage returns and letters of all planes survive."""
    text = "a<b>&amp;\"'\r\n\t]]> é漢💶"
    message = damaged(lambda _, payment: payment["Dbtr"].update(Nm=text))

    written = to_xml(message, PACS_008, CATALOGUE)

    assert isinstance(written, bytes)
    assert etree.fromstring(written).xpath("string(//*[local-name()='Dbtr']/*[1])") == text


def test_a_bare_item_is_accepted_for_an_array() -> None:
    """Where one item of a repeating element stands alone it is taken as an array of one."""
    message = copy.deepcopy(GOOD)
    transfer = message["Document"]["FIToFICstmrCdtTrf"]
    transfer["CdtTrfTxInf"] = transfer["CdtTrfTxInf"][0]

    assert to_xml(message, PACS_008, CATALOGUE) == to_xml(GOOD, PACS_008, CATALOGUE)


REFUSED: dict[str, tuple[Callable[[Tree, Tree], object], str, str]] = {
    "unknown member": (lambda _, p: p.update(Own="x"), "json.unknown", f"{PAYMENT}/Own"),
    "member that is no tag": (lambda _, p: p.update({"Max Muster": "x"}), "json.unknown", PAYMENT),
    "missing member": (lambda g, _: g.pop("MsgId"), "json.missing", f"{TRANSFER}/GrpHdr/MsgId"),
    "null": (lambda g, _: g.update(MsgId=None), "json.type", f"{TRANSFER}/GrpHdr/MsgId"),
    "number": (lambda g, _: g.update(NbOfTxs=1), "json.type", f"{TRANSFER}/GrpHdr/NbOfTxs"),
    "boolean": (lambda g, _: g.update(BtchBookg=True), "json.type", f"{TRANSFER}/GrpHdr/BtchBookg"),
    "object for text": (lambda g, _: g.update(MsgId={}), "json.type", f"{TRANSFER}/GrpHdr/MsgId"),
    "text for object": (lambda _, p: p.update(Dbtr="x"), "json.type", f"{PAYMENT}/Dbtr"),
    "array for one": (lambda g, _: g.update(MsgId=["1"]), "json.type", f"{TRANSFER}/GrpHdr/MsgId"),
    "empty array": (lambda _, p: p["RmtInf"].update(Ustrd=[]), "json.occurs", f"{PAYMENT}/RmtInf/Ustrd"),
    "array too long": (
        lambda _, p: p["Dbtr"]["PstlAdr"].update(AdrLine=["x"] * 8),
        "json.occurs",
        f"{PAYMENT}/Dbtr/PstlAdr/AdrLine",
    ),
    "two branches": (
        lambda _, p: p["DbtrAcct"]["Id"].update(Othr={"Id": "1"}),
        "json.choice",
        f"{PAYMENT}/DbtrAcct/Id",
    ),
    "no branch": (lambda _, p: p["DbtrAcct"].update(Id={}), "json.choice", f"{PAYMENT}/DbtrAcct/Id"),
    "empty object": (lambda g, _: g.update(SttlmInf={}), "json.missing", f"{TRANSFER}/GrpHdr/SttlmInf/SttlmMtd"),
    "code": (lambda _, p: p.update(ChrgBr="FREE"), "json.enumeration", f"{PAYMENT}/ChrgBr"),
    "pattern": (lambda _, p: p["PmtId"].update(UETR="A" * 36), "json.pattern", f"{PAYMENT}/PmtId/UETR"),
    "too long": (lambda _, p: p["PmtId"].update(EndToEndId="E" * 36), "json.length", f"{PAYMENT}/PmtId/EndToEndId"),
    "too short": (lambda _, p: p["PmtId"].update(EndToEndId=""), "json.length", f"{PAYMENT}/PmtId/EndToEndId"),
    "control character": (lambda _, p: p["Dbtr"].update(Nm="a\x00b"), "json.character", f"{PAYMENT}/Dbtr/Nm"),
    "lone surrogate": (lambda _, p: p["Dbtr"].update(Nm="a\ud800"), "json.character", f"{PAYMENT}/Dbtr/Nm"),
    "no date": (lambda _, p: p.update(IntrBkSttlmDt="2025-02-30"), "json.form", f"{PAYMENT}/IntrBkSttlmDt"),
    "exponent": (lambda _, p: p["InstdAmt"].update(amt="1e3"), "json.form", f"{PAYMENT}/InstdAmt/amt"),
    "white space around a number": (
        lambda _, p: p["InstdAmt"].update(amt=" 1 "),
        "json.form",
        f"{PAYMENT}/InstdAmt/amt",
    ),
    "too many decimals": (lambda _, p: p["InstdAmt"].update(amt="1.123456"), "json.digits", f"{PAYMENT}/InstdAmt/amt"),
    "too many digits": (lambda _, p: p["InstdAmt"].update(amt="1" * 19), "json.digits", f"{PAYMENT}/InstdAmt/amt"),
    "below the minimum": (lambda _, p: p["InstdAmt"].update(amt="-1"), "json.minimum", f"{PAYMENT}/InstdAmt/amt"),
    "amount without currency": (lambda _, p: p["InstdAmt"].pop("Ccy"), "json.missing", f"{PAYMENT}/InstdAmt/Ccy"),
    "amount as text": (lambda _, p: p.update(InstdAmt="1.00"), "json.type", f"{PAYMENT}/InstdAmt"),
    "amount with more": (lambda _, p: p["InstdAmt"].update(Unit="x"), "json.unknown", f"{PAYMENT}/InstdAmt/Unit"),
    "inner XML malformed": (
        lambda _, p: p.update(SplmtryData=[{"Envlp": "<a>"}]),
        "json.content",
        f"{PAYMENT}/SplmtryData[1]/Envlp",
    ),
    "inner XML no text": (
        lambda _, p: p.update(SplmtryData=[{"Envlp": {"a": "b"}}]),
        "json.type",
        f"{PAYMENT}/SplmtryData[1]/Envlp",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_each_fault_is_refused_at_its_place(kind: str) -> None:
    """A fault gives one finding with its rule and path."""
    change, rule, path = REFUSED[kind]

    found = findings(damaged(change))

    assert [(one.rule, one.path) for one in found] == [(rule, path)]


def test_findings_show_no_value() -> None:
    """Whatever is wrong, what was found there is not repeated."""
    secret = "Erika Beispiel\x00 DE00"

    places = {"Nm": secret, "Id": secret, "CtryOfRes": secret, secret: secret}

    texts = [one.text + one.path for one in findings(damaged(lambda _, payment: payment["Dbtr"].update(places)))]

    assert len(texts) >= 4
    assert not any("Erika" in text for text in texts)


def test_all_faults_are_named_at_once_and_no_more_than_a_hundred() -> None:
    """One answer names every fault, up to a limit that a hostile message cannot pass."""
    two = findings(damaged(lambda group, payment: (group.pop("MsgId"), payment.update(ChrgBr="X"))))
    many = findings(damaged(lambda group, _: group.update({f"X{number}": "" for number in range(5_000)})))

    assert {finding.rule for finding in two} == {"json.missing", "json.enumeration"}
    assert len(many) == 100


def test_a_near_miss_names_the_right_member() -> None:
    """An unknown member gives the nearest that is known."""
    found = findings(damaged(lambda group, _: group.update(MsgIdr="x")))

    assert "did you mean MsgId?" in found[0].text


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "json.malformed"),
        (b"\xff", "json.malformed"),
        (b"\xef\xbb\xbf{}", "json.malformed"),
        (b"[" * 200_000, "json.malformed"),
        (b'{"Document":' * 50_000, "json.malformed"),
        (b'{"Document": {}} {}', "json.malformed"),
        (b"[]", "json.type"),
        (b"1e999999", "json.type"),
        (b"9" * 100_000, "json.type"),
        (b"NaN", "json.type"),
        (b"null", "json.type"),
        (b"{}", "json.missing"),
        (b'{"Document": {}, "Document": {}}', "json.duplicate"),
        (b'{"Document": {"FIToFICstmrCdtTrf": {"GrpHdr": {}, "GrpHdr": {}}}}', "json.duplicate"),
        (b'{"Document": -Infinity}', "json.type"),
        (b'{"Document": {"FIToFICstmrCdtTrf": []}}', "json.type"),
    ],
)
def test_hostile_bytes_give_findings(body: bytes, rule: str) -> None:
    """Bytes that are no message, are nested without end or hold what JSON leaves open give a finding."""
    assert rule in {finding.rule for finding in findings(body)}


def test_an_object_that_contains_itself_is_refused() -> None:
    """The walk follows the schema, so that input without end ends."""
    endless: Tree = {}
    endless["FIToFICstmrCdtTrf"] = endless

    assert findings({"Document": endless})


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "text",
        "<a/><b/>",
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
        '<?xml version="1.0" encoding="UTF-16"?><a/>',
        "<a>&undefined;</a>",
        "<a></Envlp><Envlp>",
        "<p:a/>",
        "<a>" * 400 + "</a>" * 400,
        "\ud800",
    ],
)
def test_inner_xml_is_one_harmless_element(inner: str) -> None:
    """What is not one well-formed element without declarations does not come in."""
    found = findings(damaged(lambda _, payment: payment.update(SplmtryData=[{"Envlp": inner}])))

    assert [one.rule for one in found] == ["json.content"]


@pytest.mark.parametrize(
    "inner",
    [
        "<a><b></b></a>",
        '<a xmlns="urn:e"><b xmlns=""></b></a>',
        '<e:a xmlns:e="urn:e"><b></b></e:a>',
        '<e:a xmlns:e="urn:e"><b xmlns="urn:f"></b></e:a>',
        '<a xmlns="relative"></a>',
    ],
)
def test_inner_xml_comes_back_as_it_was(inner: str) -> None:
    """Inner XML keeps its namespaces, above all that of being in none, in a document that has a default one."""
    message = damaged(lambda _, payment: payment.update(SplmtryData=[{"Envlp": inner}]))

    written = to_xml(message, PACS_008, CATALOGUE)

    assert isinstance(written, bytes)
    assert to_object(etree.fromstring(written), CATALOGUE.schema(PACS_008)) == message


def test_a_signature_is_of_its_own_namespace() -> None:
    """The header's Sgntr takes an XML signature and nothing else."""
    signature = '<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"><s:KeyInfo></s:KeyInfo></s:Signature>'
    good = {**HEADED, "AppHdr": {**HEADED["AppHdr"], "Sgntr": signature}}
    bad = {**HEADED, "AppHdr": {**HEADED["AppHdr"], "Sgntr": "<Signature/>"}}

    assert isinstance(to_xml(good, PACS_008, CATALOGUE, wrapper="Envelope"), bytes)
    assert [(one.rule, one.path) for one in findings(bad, wrapper="Envelope")] == [("json.content", "/AppHdr/Sgntr")]


def test_header_and_document_stand_in_the_wrapper() -> None:
    """With a header both are written in an element that the caller names, each in its own namespace."""
    written = to_xml(orjson.dumps(HEADED), PACS_008, CATALOGUE, wrapper="BizMsg")

    assert isinstance(written, bytes)
    root = etree.fromstring(written)
    assert root.tag == "BizMsg"
    assert [etree.QName(child).localname for child in root] == ["AppHdr", "Document"]
    assert CATALOGUE.validator("head.001.001.02").validate(root[0])


def test_a_header_needs_a_wrapper() -> None:
    """Without a wrapper a header has no place, and is not left out in silence."""
    assert [(one.rule, one.path) for one in findings(HEADED)] == [("json.wrapper", "/AppHdr")]


def test_a_wrapper_without_a_header_is_not_used() -> None:
    """A document alone is bare, whatever the channel's wrapper."""
    assert to_xml(GOOD, PACS_008, CATALOGUE, wrapper="Envelope") == to_xml(GOOD, PACS_008, CATALOGUE)


def test_a_header_is_checked_by_the_definition_chosen() -> None:
    """The header's version is the caller's choice, and its faults are findings under AppHdr."""
    head_001 = {**HEADED["AppHdr"], "CreDt": "2025-01-01T00:00:00+01:00"}

    found = findings({**HEADED, "AppHdr": head_001}, wrapper="E", header="head.001.001.01")

    assert ("json.pattern", "/AppHdr/CreDt") in {(one.rule, one.path) for one in found}


def test_mistakes_of_the_configuration_are_errors() -> None:
    """An unknown definition and a wrapper that is no name are not the message's fault."""
    with pytest.raises(CatalogueError):
        to_xml(GOOD, "pacs.008.001.99", CATALOGUE)
    with pytest.raises(ConfigurationError):
        to_xml(GOOD, PACS_008, CATALOGUE, wrapper="a><b")


def test_a_header_may_be_a_message_of_its_own() -> None:
    """The root is whatever the definition's is: AppHdr alone needs no wrapper."""
    written = to_xml({"AppHdr": HEADED["AppHdr"]}, "head.001.001.02", CATALOGUE)

    assert isinstance(written, bytes)
    assert etree.fromstring(written).tag.endswith("}AppHdr")


def test_the_schema_has_the_last_word() -> None:
    """What the plan cannot judge, such as a dialect's own pattern syntax, the schema's validator refuses."""
    schema = Schema(
        "own.001.001.01",
        "urn:own",
        Element("Document", "Document"),
        {
            "Document": SequenceType("Document", (Element("Nm", "Own"),)),
            "Own": SimpleType("Own", "string", (r"\i\c*",)),
        },
    )

    class One(Catalogue):
        """A catalogue of that schema alone."""

        def schema(self, definition: str) -> Schema:  # noqa: ARG002  the signature it overrides
            """Give it whatever the name."""
            return schema

    catalogue = One(folder("schemas/iso20022"))

    good = to_xml({"Document": {"Nm": "name"}}, schema.definition, catalogue)
    bad = to_xml({"Document": {"Nm": "1 name"}}, schema.definition, catalogue)

    assert isinstance(good, bytes)
    assert isinstance(bad, tuple)
    assert [finding.rule for finding in bad] == ["json.schema"]
    assert "name" not in bad[0].text
