"""Places: libxml2's paths become elements, ISO names and types."""

import pytest
from lxml import etree
from lxml.etree import _Element

from broker.catalogue.model import SimpleType
from broker.validate.place import Place, declared, find_place
from tests.support.hostile import CATALOGUE, DEFINITION, DOCUMENT, ISO

_SCHEMA = CATALOGUE.schema(DEFINITION)


@pytest.mark.parametrize(("path", "expected"), [
    ("/*", "/Document"),
    ("/*/*/*[1]/*[1]", "/Document/FIToFICstmrCdtTrf/GrpHdr/MsgId"),
    ("/*/*/*[3]/*[1]/*[2]", "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/PmtId/UETR"),
    ("/*/*/*[9]/*[1]", "/Document/FIToFICstmrCdtTrf"),
    ("", "/Document"),
])  # fmt: skip
def test_paths_of_a_default_namespace(path: str, expected: str) -> None:
    """Steps without names count all children; what does not exist ends at its parent."""
    assert _place(etree.fromstring(DOCUMENT), path).path == expected


def test_paths_of_prefixes_count_by_prefix() -> None:
    """Two prefixes of one namespace are counted apart, as xmlGetNodePath counts them, and told together."""
    root = etree.fromstring(
        f'<p:Document xmlns:p="{ISO}{DEFINITION}" xmlns:q="{ISO}{DEFINITION}"><p:FIToFICstmrCdtTrf>'
        "<p:CdtTrfTxInf/><q:CdtTrfTxInf/><p:CdtTrfTxInf/></p:FIToFICstmrCdtTrf></p:Document>"
    )
    for element in root[0]:
        path = root.getroottree().getpath(element)
        assert find_place(root, path, _SCHEMA).element is element
    assert _place(root, "/p:Document/p:FIToFICstmrCdtTrf/p:CdtTrfTxInf[2]").path.endswith("/CdtTrfTxInf[3]")


def test_a_place_knows_its_types() -> None:
    """The type of the element and of its parent come from the model."""
    place = _place(etree.fromstring(DOCUMENT), "/*/*/*[1]/*[1]")

    assert isinstance(place.type, SimpleType)
    assert place.type.max_length == 35
    assert "MsgId" in [element.tag for element in declared(place.parent_type)]
    assert place.parent_path == "/Document/FIToFICstmrCdtTrf/GrpHdr"


def test_what_the_schema_does_not_describe_has_no_type() -> None:
    """An unknown element, and all within it, has a path and no type."""
    root = etree.fromstring(DOCUMENT.replace("<MsgId>MESSAGE-1</MsgId>", "<Own><MsgId/></Own>"))

    place = _place(root, "/*/*/*[1]/*[1]/*")

    assert place.path.endswith("/GrpHdr/Own/MsgId")
    assert place.type is None
    assert place.parent_type is None


def _place(root: _Element, path: str) -> Place:
    return find_place(root, path, _SCHEMA)
