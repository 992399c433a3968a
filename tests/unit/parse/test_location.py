"""Header and document are found by structure, in every envelope in use."""

import pytest
from lxml import etree

from broker.message.failure import Failure, FailureCode
from broker.parse import Parsed, parse
from broker.validate import validate
from tests.support.hostile import CATALOGUE, DEFINITION, DOCUMENT, HEADER, ISO, LIMITS

_INSIDE = HEADER + DOCUMENT
_ROOT_ALONE = etree.tostring(etree.fromstring(DOCUMENT)[0]).decode()
_HEADER_INSIDE = "".join(
    etree.tostring(part).decode().replace("head.001.001.02", "head.001.001.01") for part in etree.fromstring(HEADER)
)

WRAPPERS = {
    "RequestPayload": f"<RequestPayload>{_INSIDE}</RequestPayload>",
    "BizMsgEnvlp": f"<BizMsgEnvlp><Header>{HEADER}</Header><Body>{DOCUMENT}</Body></BizMsgEnvlp>",
    "BusMsg": f"<BusMsg>{_INSIDE}</BusMsg>",
    "message": f"<message><extra>1</extra>{_INSIDE}</message>",
    "{urn:swift:xsd:envelope}Envelope": f'<e:Envelope xmlns:e="urn:swift:xsd:envelope">{_INSIDE}</e:Envelope>',
    "{urn:swift:saa:xsd:saa.2.0}DataPDU": '<Saa:DataPDU xmlns:Saa="urn:swift:saa:xsd:saa.2.0"><Saa:Revision>2.0.10'
    "</Saa:Revision><Saa:Header><Saa:Message><Saa:SenderReference>REF-1</Saa:SenderReference></Saa:Message>"
    f"</Saa:Header><Saa:Body>{_INSIDE}</Saa:Body></Saa:DataPDU>",
    "{urn:fednow:incoming:v001}FedNowIncoming": '<FedNowIncoming xmlns="urn:fednow:incoming:v001">'
    f"<FedNowTechnicalHeader/><FedNowIncomingMessage><FedNowCustomerCreditTransfer>{_INSIDE}"
    "</FedNowCustomerCreditTransfer></FedNowIncomingMessage></FedNowIncoming>",
    "{urn:fedwirefunds:outgoing:v001}FedwireFundsOutgoing": '<FedwireFundsOutgoing '
    'xmlns="urn:fedwirefunds:outgoing:v001"><FedwireFundsOutgoingMessage><FedwireFundsCustomerCreditTransfer>'
    f"{_INSIDE}</FedwireFundsCustomerCreditTransfer></FedwireFundsOutgoingMessage></FedwireFundsOutgoing>",
    "{urn:example:fps:envelope.01}FpsMsg": '<fps:FpsMsg xmlns:fps="urn:example:fps:envelope.01"><fps:NbOfMsgs>1'
    f"</fps:NbOfMsgs><fps:FpsPylds><fps:FpsPyld><fps:BizData>{_INSIDE}</fps:BizData></fps:FpsPyld></fps:FpsPylds>"
    "</fps:FpsMsg>",
    "{urn:tch}Message": f'<Message xmlns="urn:tch"><AppHdr>{_HEADER_INSIDE}</AppHdr><CreditTransfer>{_ROOT_ALONE}'
    "</CreditTransfer></Message>",
    f"{{{ISO}nvlp.001.001.01}}BizMsgEnvlp": f'<BizMsgEnvlp xmlns="{ISO}nvlp.001.001.01"><Hdr>{HEADER}</Hdr>'
    f"<Doc>{DOCUMENT}</Doc></BizMsgEnvlp>",
}  # fmt: skip


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_wrapped_message_is_found_and_valid(wrapper: str) -> None:
    """Document, definition and header come out of every envelope, each in the shape its schema describes."""
    parsed = parse(WRAPPERS[wrapper].encode(), LIMITS, CATALOGUE)

    assert isinstance(parsed, Parsed)
    assert parsed.definition == DEFINITION
    assert parsed.document.tag == f"{{{ISO}{DEFINITION}}}Document"
    assert parsed.wrapper == wrapper
    assert parsed.header_facts is not None
    assert parsed.header_facts.business_message_id == "BUSINESS-1"
    assert validate(parsed, CATALOGUE) == ()


def test_a_bare_document_has_no_wrapper() -> None:
    """A document that is the root has neither wrapper nor header."""
    parsed = parse(DOCUMENT.encode(), LIMITS, CATALOGUE)

    assert isinstance(parsed, Parsed)
    assert (parsed.wrapper, parsed.header, parsed.header_facts) == (None, None, None)


def test_a_message_root_without_document_is_given_one() -> None:
    """The message root alone is read as if its ``Document`` were there, lines included."""
    parsed = parse(_ROOT_ALONE.encode(), LIMITS, CATALOGUE)

    assert isinstance(parsed, Parsed)
    assert [child.tag for child in parsed.document] == [f"{{{ISO}{DEFINITION}}}FIToFICstmrCdtTrf"]
    assert parsed.document.sourceline == 1
    assert validate(parsed, CATALOGUE) == ()


def test_a_header_alone_is_a_message_of_its_own_definition() -> None:
    """``AppHdr`` as the root is a document of head.001."""
    parsed = parse(HEADER.encode(), LIMITS, CATALOGUE)

    assert isinstance(parsed, Parsed)
    assert parsed.definition == "head.001.001.02"
    assert parsed.header is None


def test_a_message_of_an_unknown_definition_in_an_envelope_is_unknown() -> None:
    """A payload in a namespace of the standard's form that nobody knows is named, not overlooked."""
    text = f'<Message xmlns="urn:tch"><Echo><r:EchoReq xmlns:r="{ISO}admn.005.001.01"/></Echo></Message>'

    refused = parse(text.encode(), LIMITS, CATALOGUE)

    assert isinstance(refused, Failure)
    assert refused.code is FailureCode.IDENTIFY_UNKNOWN_DEFINITION
    assert "admn.005.001.01" in refused.text


def test_wrappers_nested_without_end_hold_nothing() -> None:
    """The search goes as deep as any envelope in use, and no deeper."""
    refused = parse(("<a>" * 20 + DOCUMENT + "</a>" * 20).encode(), LIMITS, CATALOGUE)

    assert isinstance(refused, Failure)
    assert refused.code is FailureCode.IDENTIFY_NO_DOCUMENT
