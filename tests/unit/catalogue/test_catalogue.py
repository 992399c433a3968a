"""``Catalogue``: lookups, caches, and what it says of a name it does not have."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from broker import law
from broker.catalogue import Catalogue
from broker.catalogue.importer import read_xsd
from broker.catalogue.intake import Taken, Terms, admit, take_in
from broker.errors import CatalogueError
from tests.support.small_xsd import SMALL, varied

PACS = "pacs.008.001.08"
HELLO = """\
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:demo.001.001.01"><Greetng><Id>{}</Id><Clnt>Ada</Clnt>
<Who><Flg>true</Flg></Who></Greetng></Document>"""


@pytest.fixture(name="small")
def _small(tmp_path: Path) -> Catalogue:
    """A catalogue of one definition and a guideline that narrows it."""
    take_in(tmp_path, [Taken(read_xsd(SMALL.encode()), "ours")])
    narrower = read_xsd(varied('<xs:maxLength value="35"/>', '<xs:maxLength value="3"/>').encode())
    take_in(tmp_path, [Taken(admit(tmp_path, narrower, Terms("short")), "ours")])
    return Catalogue(tmp_path)


def test_a_definition_is_found_by_name_and_by_namespace() -> None:
    """The namespace the standard assigns leads to the definition; another leads nowhere."""
    catalogue = Catalogue(law.folder("schemas/iso20022"))

    assert PACS in catalogue
    assert "pacs.008.001.99" not in catalogue
    assert catalogue.by_namespace(f"urn:iso:std:iso:20022:tech:xsd:{PACS}") == PACS
    assert catalogue.by_namespace("urn:other") is None


def test_a_namespace_never_leads_to_a_named_variant(small: Catalogue) -> None:
    """A guideline is selected by its name alone."""
    assert small.definitions() == ("demo.001.001.01", "demo.001.001.01@short")
    assert small.by_namespace("urn:iso:std:iso:20022:tech:xsd:demo.001.001.01") == "demo.001.001.01"


def test_a_guideline_validates_more_strictly(small: Catalogue) -> None:
    """What the official definition accepts, its narrower variant may refuse."""
    long, short = (etree.fromstring(HELLO.format(text)) for text in ("12345", "123"))

    assert small.validator("demo.001.001.01").validate(long)
    assert not small.validator("demo.001.001.01@short").validate(long)
    assert small.validator("demo.001.001.01@short").validate(short)


def test_models_and_validators_are_made_once() -> None:
    """The second call gives the first call's object, and definitions share their types."""
    catalogue = Catalogue(law.folder("schemas/iso20022"))

    assert catalogue.schema(PACS) is catalogue.schema(PACS)
    assert catalogue.validator(PACS) is catalogue.validator(PACS)
    assert catalogue.schema(PACS).types["Max35Text"] is catalogue.schema("pain.001.001.09").types["Max35Text"]


@pytest.mark.parametrize(
    "ask", [Catalogue.schema, Catalogue.validator, Catalogue.xsd, Catalogue.json_schema, Catalogue.entry]
)
def test_an_unknown_definition_is_an_error_that_says_where_to_look(
    ask: Callable[[Catalogue, str], object], small: Catalogue
) -> None:
    """Every lookup names the definition and the command that lists what is there."""
    with pytest.raises(CatalogueError, match=r"pacs\.008\.001\.99 is not in the catalogue; `broker schemas list`"):
        ask(small, "pacs.008.001.99")
