"""Header and wrapper around a message that was rewritten: kept as they came but for the version's name."""

import pytest
from lxml import etree

from broker import law
from broker.catalogue import Catalogue
from broker.errors import CatalogueError, ConfigurationError
from broker.generate import Generator
from broker.parse import Limits, Parsed, parse
from broker.transform.bridge import Bridge, Rewritten
from broker.transform.mapping import Mappings
from broker.transform.ra_json import to_object
from tests.support.versions import canonical

CATALOGUE = Catalogue(law.folder("schemas/iso20022"))
BRIDGE = Bridge(CATALOGUE, Mappings(law.folder("mappings"), CATALOGUE))
LIMITS = Limits(1_000_000, 10_000, 64, 64, 100_000)
OLD, NEW = "pacs.002.001.10", "pacs.002.001.11"
HEAD = "urn:iso:std:iso:20022:tech:xsd:head.001.001.02"


def message(wrapped: str = "") -> bytes:
    """A status report; with ``wrapped`` it stands where ``{}`` is."""
    body = Generator(CATALOGUE, 5).pacs_002().body
    return wrapped.format(body.partition(b"?>\n")[2].decode()).encode() if wrapped else body


def header(*more: str) -> str:
    """A business header of the message, with more elements at its end."""
    party = "<FIId><FinInstnId><BICFI>ZNLTDEB0XXX</BICFI></FinInstnId></FIId>"
    return (
        f'<h:AppHdr xmlns:h="{HEAD}" xmlns="{HEAD}"><Fr>{party}</Fr><To>{party}</To><BizMsgIdr>B1</BizMsgIdr>'
        f"<MsgDefIdr>{OLD}</MsgDefIdr><CreDt>2026-01-01T00:00:00Z</CreDt>{''.join(more)}</h:AppHdr>"
    )


def rewritten(body: bytes, target: str = NEW) -> tuple[Parsed, Rewritten]:
    """What parsing gives of the bytes, and what the bridge makes of it."""
    parsed = parse(body, LIMITS, CATALOGUE)
    assert isinstance(parsed, Parsed), parsed
    ra = to_object(parsed.document, CATALOGUE.schema(parsed.definition))
    return parsed, BRIDGE.rewrite(parsed, ra, target)


def xml_of(made: Rewritten) -> bytes:
    """The XML of a message that could be rewritten."""
    assert made.xml is not None, made.findings
    return made.xml


def test_a_bare_message_stays_bare() -> None:
    """It differs from what was received by the namespace alone."""
    body = message()
    _, made = rewritten(body)
    assert canonical(xml_of(made)) == canonical(body.replace(OLD.encode(), NEW.encode()))
    assert made.report.as_dict() == {"source": OLD, "target": NEW, "losses": []}


@pytest.mark.parametrize(
    "wrapper",
    [
        f"<Envelope>{header()}{{}}</Envelope>",
        f'<e:Env xmlns:e="urn:e" id="7"><e:Info>  {OLD} </e:Info><e:Body>\n {header()} \n{{}} tail</e:Body></e:Env>',
        "<Message><Note>kept</Note>{}</Message>",
    ],
)
def test_header_and_wrapper_stay_as_they_came(wrapper: str) -> None:
    """Only the version's name changes, wherever it is named, and the message itself."""
    body = message(wrapper)
    parsed, made = rewritten(body)
    expected = body.replace(OLD.encode(), NEW.encode()).replace(f"  {NEW} ".encode(), NEW.encode())
    assert canonical(xml_of(made)) == canonical(expected)
    assert OLD in etree.tostring(parsed.document.getroottree()).decode(), "what was parsed is not changed"


def test_the_header_of_a_related_message_stays() -> None:
    """``Rltd`` names what was copied or answered, which was of the version it was of."""
    inner = header().replace("h:AppHdr", "Rltd").replace(f'xmlns:h="{HEAD}" ', "").replace(f'xmlns="{HEAD}"', "")
    _, made = rewritten(message(f"<Envelope>{header(inner)}{{}}</Envelope>"))
    names = [each.text for each in etree.fromstring(xml_of(made)).iter("{*}MsgDefIdr")]
    assert names == [NEW, OLD]


def test_a_signature_is_lost_by_name() -> None:
    """It signs what was received; the new message goes without one."""
    signature = '<Sgntr><s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"/></Sgntr>'
    _, made = rewritten(message(f"<Envelope>{header(signature)}{{}}</Envelope>"))
    assert [(each.path, each.rule) for each in made.report.losses] == [("/AppHdr/Sgntr", "bridge.signature")]
    assert b"Sgntr" not in xml_of(made)


def test_a_wrapper_that_holds_the_message_without_its_document_holds_the_new_one_so() -> None:
    """Some senders leave ``Document`` out, and put the header into their own namespace."""
    body = message()
    inner = etree.tostring(etree.fromstring(body)[0]).decode()
    own = header().replace(f'xmlns:h="{HEAD}"', 'xmlns:h="urn:tch"')
    _, made = rewritten(f'<t:Message xmlns:t="urn:tch">{own}{inner}</t:Message>'.encode())
    root = etree.fromstring(xml_of(made))
    tags = [each.tag for each in root]
    assert tags == [f"{{{HEAD}}}AppHdr", f"{{{'urn:iso:std:iso:20022:tech:xsd:' + NEW}}}FIToFIPmtStsRpt"]
    again = parse(xml_of(made), LIMITS, CATALOGUE)
    assert isinstance(again, Parsed)
    assert again.header_facts is not None
    assert (again.definition, again.header_facts.message_definition) == (NEW, NEW)


def test_what_the_target_demands_and_nothing_says_is_a_finding() -> None:
    """There is no XML then; the path is the target's."""
    first = Generator(CATALOGUE, 5)
    body = first.pacs_008().body.replace(b"<TxId>", b"<!--").replace(b"</TxId>", b"-->")
    _, made = rewritten(body, "pacs.008.001.02")
    assert made.xml is None
    assert [(each.rule, each.path) for each in made.findings] == [
        ("json.missing", "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]/PmtId/TxId")
    ]


@pytest.mark.parametrize(
    ("target", "error"), [("pacs.008.001.08", ConfigurationError), ("pacs.002.001.99", CatalogueError)]
)
def test_what_is_no_version_of_the_message_is_refused(target: str, error: type[Exception]) -> None:
    """Another message, or none that the catalogue has."""
    with pytest.raises(error, match="is not"):
        rewritten(message(), target)
