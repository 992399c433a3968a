"""Header facts: one model whatever the version of head.001."""

import pytest
from lxml import etree

from broker.message.header import BusinessHeader
from broker.parse import Parsed, parse
from broker.parse.header import read_header
from broker.validate import validate
from tests.support.hostile import CATALOGUE, DEFINITION, DOCUMENT, ISO, LIMITS


def _header(version: str, sender: str, receiver: str) -> str:
    return (
        f'<h:AppHdr xmlns:h="{ISO}{version}"><h:Fr>{sender}</h:Fr><h:To>{receiver}</h:To>'
        f"<h:BizMsgIdr>BUSINESS-1</h:BizMsgIdr><h:MsgDefIdr>{DEFINITION}</h:MsgDefIdr><h:BizSvc> example.service.01 "
        f"</h:BizSvc><h:CreDt>2025-03-14T08:26:53Z</h:CreDt><h:CpyDplct>DUPL</h:CpyDplct>"
        f"<h:PssblDplct>true</h:PssblDplct><h:Prty>HIGH</h:Prty></h:AppHdr>"
    )


def _institution(inside: str) -> str:
    return f"<h:FIId><h:FinInstnId>{inside}</h:FinInstnId></h:FIId>"


_MEMBER = "<h:ClrSysMmbId><h:ClrSysId><h:Cd>USABA</h:Cd></h:ClrSysId><h:MmbId>021000000</h:MmbId></h:ClrSysMmbId>"


@pytest.mark.parametrize("version", ["head.001.001.01", "head.001.001.02", "head.001.001.03", "head.001.001.04"])
def test_every_version_gives_the_same_facts(version: str) -> None:
    """The four header versions are read into one model, and each is valid by its own schema."""
    header = _header(version, _institution("<h:BICFI>TESTDEFFXXX</h:BICFI>" + _MEMBER), _institution(_MEMBER))

    parsed = parse(f"<Envelope>{header}{DOCUMENT}</Envelope>".encode(), LIMITS, CATALOGUE)

    assert isinstance(parsed, Parsed)
    assert validate(parsed, CATALOGUE) == ()
    assert parsed.header_facts == BusinessHeader(
        definition=version,
        business_message_id="BUSINESS-1",
        message_definition=DEFINITION,
        sender="TESTDEFFXXX",
        receiver="021000000",
        business_service="example.service.01",
        created="2025-03-14T08:26:53Z",
        copy_duplicate="DUPL",
        possible_duplicate="true",
        priority="HIGH",
    )


@pytest.mark.parametrize(("party", "expected"), [
    (_institution("<h:LEI>TEST00TESTLEI0000042</h:LEI>"), "TEST00TESTLEI0000042"),
    (_institution("<h:Othr><h:Id>OWN-7</h:Id></h:Othr>"), "OWN-7"),
    ("<h:OrgId><h:Id><h:OrgId><h:AnyBIC>TESTDEFFXXX</h:AnyBIC></h:OrgId></h:Id></h:OrgId>", "TESTDEFFXXX"),
    ("<h:OrgId><h:Id><h:OrgId><h:Othr><h:Id>OWN-8</h:Id></h:Othr></h:OrgId></h:Id></h:OrgId>", "OWN-8"),
    ("<h:OrgId><h:Nm>Ateliers Brindille</h:Nm></h:OrgId>", None),
    (_institution("<h:BICFI> </h:BICFI>"), None),
    ("", None),
])  # fmt: skip
def test_a_party_is_named_by_what_identifies_it(party: str, expected: str | None) -> None:
    """BIC, member id, LEI, own id: the first there is; a name alone identifies nobody."""
    header = etree.fromstring(_header("head.001.001.02", party, ""))

    facts = read_header(header, "head.001.001.02")

    assert facts.sender == expected
    assert facts.receiver is None


def test_an_empty_header_says_nothing() -> None:
    """What a header leaves out is empty or absent, never made up."""
    facts = read_header(etree.fromstring(f'<AppHdr xmlns="{ISO}head.001.001.02"/>'), "head.001.001.02")

    assert facts == BusinessHeader("head.001.001.02", "", "")
