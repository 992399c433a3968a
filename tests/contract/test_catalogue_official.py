"""The catalogue against the standard's own files, and the comparison against faults it must notice.

``ISO20022_XSD_DIR`` names the folder of official XSDs. The comparison is one of what two XSDs say, read here without
the importer: order, cardinality, types, facets, attributes, root, namespace; not spelling.
"""

import os
from pathlib import Path

import pytest

from broker import law
from broker.catalogue import Catalogue
from broker.catalogue.check import check
from broker.catalogue.importer import read_xsd
from broker.catalogue.xsd import write_xsd
from tests.support.small_xsd import SMALL, varied
from tests.support.xsd_facts import facts

CATALOGUE = law.folder("schemas/iso20022")
OFFICIAL = os.environ.get("ISO20022_XSD_DIR")
official_files = pytest.mark.skipif(
    OFFICIAL is None, reason="ISO20022_XSD_DIR is not set: no official XSD was compared"
)
DEFINITIONS = 599

BIN = '<xs:element name="Bin" type="Binary" minOccurs="0"/>'
ENVLP = '<xs:element name="Envlp" type="Envelope" minOccurs="0"/>'
GAP = "\n      "
ALTERNATIVES = GAP.join(
    (
        "",
        '<xs:element name="Nm" type="Max35Text"/>',
        '<xs:element name="BIC" type="BICIdentifier"/>',
        '<xs:element name="Flg" type="Flag"/>\n    ',
    )
)

FAULTS = {
    "namespace": ('targetNamespace="urn:iso:std:iso:20022:tech:xsd:demo.001.001.01"', 'targetNamespace="urn:other"'),
    "setting of the schema": ('elementFormDefault="qualified"', 'elementFormDefault="unqualified"'),
    "root's tag": ('<xs:element name="Document"', '<xs:element name="Dcmnt"'),
    "root's type": ('name="Document" type="Document"', 'name="Document" type="GreetingV01"'),
    "element missing": ('<xs:element name="Tm" type="DateTime" minOccurs="0"/>', ""),
    "element added": ('<xs:element name="Id" type="Max35Text"/>', '<xs:element name="Id" type="Max35Text"/>' * 2),
    "element renamed": ('name="Greetng"', 'name="Grtng"'),
    "element's type": ('name="Nm" type="Max35Text"', 'name="Nm" type="Code"'),
    "least occurrence": ('type="Binary" minOccurs="0"', 'type="Binary"'),
    "most occurrences": ('maxOccurs="3"', 'maxOccurs="4"'),
    "unbounded": ('maxOccurs="unbounded"', 'maxOccurs="999"'),
    "order": (f"{BIN}{GAP}{ENVLP}", f"{ENVLP}{GAP}{BIN}"),
    "alternative missing": ('<xs:element name="Flg" type="Flag"/>', ""),
    "choice within a sequence opened": ("      <xs:choice>\n        ", '      <xs:choice minOccurs="0">\n        '),
    "alternative's occurrence": ('name="Clnt" type="Max35Text" minOccurs="0"', 'name="Clnt" type="Max35Text"'),
    "choice made a sequence": (
        f"<xs:choice>{ALTERNATIVES}</xs:choice>",
        f"<xs:sequence>{ALTERNATIVES}</xs:sequence>",
    ),
    "any's namespace": ("##any", "http://www.w3.org/2000/09/xmldsig#"),
    "any's treatment": ('processContents="lax"', 'processContents="skip"'),
    "attribute's name": ('name="Ccy"', 'name="Cur"'),
    "attribute's type": ('type="CurrencyCode" use', 'type="Code" use'),
    "attribute's use": ('use="required"', 'use="optional"'),
    "amount's base": ('base="Amount_SimpleType"', 'base="DateTime"'),
    "scalar's base": ('base="xs:dateTime"', 'base="xs:date"'),
    "pattern": ("[A-NP-Z0-9]", "[A-NP-Z1-9]"),
    "pattern's repetition": ("[A-Z]{3}", "[A-Z]{4}"),
    "pattern missing": ('<xs:pattern value="[A-Z]{3}"/>', ""),
    "pattern added": ('<xs:pattern value="[A-Z]{3}"/>', '<xs:pattern value="[A-Z]{3}"/><xs:pattern value="[0-9]{3}"/>'),
    "code missing": ('<xs:enumeration value="NORM"/>', ""),
    "code's spelling": ('value="NORM"', 'value="Norm"'),
    "least length": (
        '<xs:minLength value="1"/>\n      <xs:maxLength value="35"/>',
        '<xs:minLength value="0"/>\n      <xs:maxLength value="35"/>',
    ),
    "most length": ('<xs:maxLength value="35"/>', '<xs:maxLength value="36"/>'),
    "total digits": ('<xs:totalDigits value="5"/>', '<xs:totalDigits value="6"/>'),
    "fraction digits": ('<xs:fractionDigits value="2"/>', '<xs:fractionDigits value="3"/>'),
    "minimum": ('<xs:minInclusive value="0"/>', '<xs:minInclusive value="1"/>'),
    "maximum": ('<xs:maxInclusive value="999"/>', ""),
    "type missing": ('<xs:simpleType name="Flag">\n    <xs:restriction base="xs:boolean"/>\n  </xs:simpleType>', ""),
}
SPELLINGS = {
    "occurrences of one": ('name="Id" type="Max35Text"', 'maxOccurs="1" minOccurs="1" name="Id" type="Max35Text"'),
    "repetition of exactly so many": ("[A-Z]{6,6}", "[A-Z]{6}"),
    "repetition of at most one": ("){0,1}", ")?"),
    "order of codes": (
        '<xs:enumeration value="HIGH"/>\n      <xs:enumeration value="NORM"/>',
        '<xs:enumeration value="NORM"/>\n      <xs:enumeration value="HIGH"/>',
    ),
    "a choice alone in a sequence": (
        f"<xs:choice>{ALTERNATIVES}</xs:choice>",
        f"<xs:sequence><xs:choice>{ALTERNATIVES}</xs:choice></xs:sequence>",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_comparison_notices_every_kind_of_fault(name: str) -> None:
    """An XSD with one fault says something else than the one without."""
    original = facts(SMALL)

    faulty = facts(varied(*FAULTS[name]))

    assert faulty != original


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_comparison_overlooks_spelling(name: str) -> None:
    """Another spelling of the same is no difference, neither in the comparison nor to the importer."""
    text = varied(*SPELLINGS[name])

    assert facts(text) == facts(SMALL)
    assert read_xsd(text.encode()).schema == read_xsd(SMALL.encode()).schema


def test_our_export_of_our_own_xsd_says_the_same() -> None:
    """An XSD with every feature, imported and exported again, says what it said."""
    exported = write_xsd(read_xsd(SMALL.encode()).schema)

    assert facts(exported) == facts(SMALL)


@official_files
def test_every_exported_xsd_says_what_the_official_one_says() -> None:
    """599 of 599 definitions are equal to the official files, as models."""
    catalogue = Catalogue(CATALOGUE)
    folder = Path(OFFICIAL or "")

    equal = [
        definition
        for definition in catalogue.definitions()
        if facts(catalogue.xsd(definition)) == facts((folder / f"{definition}.xsd").read_bytes())
    ]

    assert tuple(equal) == catalogue.definitions()
    assert len(equal) == DEFINITIONS


@official_files
def test_every_entry_names_the_file_it_was_checked_against() -> None:
    """The check finds every official file by the recorded sha256, and nothing wrong."""
    report = check(CATALOGUE, Path(OFFICIAL or ""))

    assert (report.definitions, report.compared, report.not_compared, report.wrong) == (599, 599, (), ())
