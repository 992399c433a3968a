"""XML → RA JSON: names, scalars, arrays, amounts, inner XML, and trees that are not valid."""

from dataclasses import dataclass

import orjson
import pytest
from lxml import etree

from broker.catalogue.catalogue import Catalogue
from broker.catalogue.model import ChoiceGroup, Element, Schema, SequenceType, SimpleType
from broker.errors import CatalogueError
from broker.law import folder
from broker.transform.ra_json import to_json, to_loose_object, to_object

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
CATALOGUE = Catalogue(folder("schemas/iso20022"))


@dataclass(frozen=True, slots=True)
class Read:
    """What parsing hands over, as this room needs it."""

    document: etree._Element
    definition: str
    header: etree._Element | None = None


def element(definition: str, content: str, root: str = "Document") -> etree._Element:
    """The root element of a definition with some content."""
    return etree.fromstring(f'<{root} xmlns="{NAMESPACE}{definition}">{content}</{root}>')


def read(definition: str, content: str) -> dict[str, object]:
    """The RA JSON of a document with some content."""
    return to_object(element(definition, content), CATALOGUE.schema(definition))


def test_text_keeps_its_white_space_and_numbers_lose_it() -> None:
    """Text is verbatim; white space that XML Schema collapses around a number or a boolean goes; zeros stay."""
    content = (
        "<SysEvtNtfctn><EvtInf><EvtCd>  A </EvtCd><EvtParam>0100.00</EvtParam>"
        "<EvtTm>\n 2024-01-01T24:00:00\t</EvtTm></EvtInf></SysEvtNtfctn>"
    )

    made = read("admi.004.001.02", content)

    event = {"EvtCd": "  A ", "EvtParam": ["0100.00"], "EvtTm": "2024-01-01T24:00:00"}
    assert made == {"Document": {"SysEvtNtfctn": {"EvtInf": event}}}


def test_an_amount_carries_its_currency() -> None:
    """An amount is an object of value and currency, both strings."""
    amount = '<TtlIntrBkSttlmAmt Ccy="GBP"> 1760.30\n</TtlIntrBkSttlmAmt>'

    made = read("pacs.008.001.08", f"<FIToFICstmrCdtTrf><GrpHdr>{amount}</GrpHdr></FIToFICstmrCdtTrf>")

    assert made == {
        "Document": {"FIToFICstmrCdtTrf": {"GrpHdr": {"TtlIntrBkSttlmAmt": {"amt": "1760.30", "Ccy": "GBP"}}}}
    }


def test_what_may_repeat_is_an_array_always() -> None:
    """One transaction stands in an array, as two do, in document order."""
    one = "<CdtTrfTxInf><ChrgBr>SHAR</ChrgBr></CdtTrfTxInf>"

    made = read("pacs.008.001.08", f"<FIToFICstmrCdtTrf>{one}</FIToFICstmrCdtTrf>")
    both = read("pacs.008.001.08", f"<FIToFICstmrCdtTrf>{one}{one.replace('SHAR', 'DEBT')}</FIToFICstmrCdtTrf>")

    assert made == {"Document": {"FIToFICstmrCdtTrf": {"CdtTrfTxInf": [{"ChrgBr": "SHAR"}]}}}
    assert both == {"Document": {"FIToFICstmrCdtTrf": {"CdtTrfTxInf": [{"ChrgBr": "SHAR"}, {"ChrgBr": "DEBT"}]}}}


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ('<e:A xmlns:e="urn:e" xmlns:no="urn:no"><!-- c --><e:B z="1" a="2"/></e:A> tail', None),
        ('<A xmlns=""><B/></A>', "<A><B></B></A>"),
        ('<A xmlns="urn:e"><B/></A>', '<A xmlns="urn:e"><B></B></A>'),
        ('<A xmlns="relative"><B/></A>', '<A xmlns="relative"><B></B></A>'),
    ],
)
def test_inner_xml_is_its_exclusive_canonical_form(inner: str, expected: str | None) -> None:
    """What stands in an envelope is one string: namespaces in use, attributes in order, no comment, no tail."""
    content = f"<FIToFICstmrCdtTrf><SplmtryData><Envlp>\n{inner}</Envlp></SplmtryData></FIToFICstmrCdtTrf>"

    made = read("pacs.008.001.08", content)

    text = expected or '<e:A xmlns:e="urn:e"><e:B a="2" z="1"></e:B></e:A>'
    assert made == {"Document": {"FIToFICstmrCdtTrf": {"SplmtryData": [{"Envlp": text}]}}}


def test_an_element_without_content_is_an_empty_object() -> None:
    """An element whose type demands nothing may be empty, and is kept so that it comes back."""
    made = read("pacs.008.001.08", "<FIToFICstmrCdtTrf><GrpHdr><PmtTpInf/></GrpHdr></FIToFICstmrCdtTrf>")

    assert made == {"Document": {"FIToFICstmrCdtTrf": {"GrpHdr": {"PmtTpInf": {}}}}}


def test_the_header_travels_beside_the_document() -> None:
    """With a header the JSON has AppHdr first, read by the header's own definition, whichever version it is."""
    header = element("head.001.001.03", "<BizMsgIdr>ü</BizMsgIdr>", "AppHdr")
    document = element("admi.002.001.01", "<admi.002.001.01/>")

    made = to_json(Read(document, "admi.002.001.01", header), CATALOGUE)

    assert made == '{"AppHdr":{"BizMsgIdr":"ü"},"Document":{"admi.002.001.01":{}}}'.encode()


def test_a_header_of_no_known_definition_is_an_error() -> None:
    """A header that the catalogue does not have cannot be read; it is never left out in silence."""
    header = element("head.001.001.77", "", "AppHdr")

    with pytest.raises(CatalogueError):
        to_json(Read(element("admi.002.001.01", ""), "admi.002.001.01", header), CATALOGUE)


def test_a_tree_that_is_not_valid_loses_nothing() -> None:
    """Unknown elements, repetitions the schema does not know and texts in wrong places are all there."""
    content = (
        "<FIToFICstmrCdtTrf><GrpHdr><MsgId>1</MsgId><MsgId>2</MsgId><Own><A>3</A><B/></Own></GrpHdr>"
        '<CdtTrfTxInf><IntrBkSttlmAmt Ccy="EUR">x</IntrBkSttlmAmt><Dbtr>loose</Dbtr></CdtTrfTxInf></FIToFICstmrCdtTrf>'
    )
    document = element("pacs.008.001.08", content)

    made = to_json(Read(document, "pacs.008.001.08"), CATALOGUE, valid=False)

    assert orjson.loads(made)["Document"]["FIToFICstmrCdtTrf"] == {
        "GrpHdr": {"MsgId": ["1", "2"], "Own": {"A": "3", "B": ""}},
        "CdtTrfTxInf": [{"IntrBkSttlmAmt": {"amt": "x", "Ccy": "EUR"}, "Dbtr": "loose"}],
    }


def test_a_loose_reading_keeps_the_root_it_finds() -> None:
    """A document whose root is not the definition's keeps its own name."""
    document = element("admi.002.001.01", "<A/>", "Dokument")

    assert to_loose_object(document, CATALOGUE.schema("admi.002.001.01")) == {"Dokument": {"A": ""}}


def test_content_without_a_form_in_ra_json_is_refused() -> None:
    """A repeated choice would lose its order in an object; a schema that has one is refused when compiled."""
    text = SimpleType("Text", "string")
    group = ChoiceGroup((Element("A", "Text"), Element("B", "Text")), max_occurs=None)
    root = SequenceType("Document", (group,))
    schema = Schema("own.001.001.01", "urn:own", Element("Document", "Document"), {"Document": root, "Text": text})

    with pytest.raises(CatalogueError, match="ChoiceGroup"):
        to_object(etree.fromstring('<Document xmlns="urn:own"><A>1</A><B>2</B><A>3</A></Document>'), schema)
