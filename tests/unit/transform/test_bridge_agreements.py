"""What the mapping files say to be the same under another name, and what they do not."""

import pytest

from broker import law
from broker.catalogue import Catalogue
from broker.transform.bridge.agreements import Agreement, agreements, said
from broker.transform.mapping import Mappings
from broker.transform.mapping.problems import Problems
from broker.transform.mapping.reading import read_mapping

PART = "part demo is Demo\n  field {} {}\n"


def agreed(sources: str, sign: str = "=") -> list[tuple[tuple[str, ...], Agreement]]:
    """The agreements of one line, each with the tags that lead to where it begins."""
    found = said([read_mapping("demo.map", PART.format(sign, sources), Problems())])
    return [each for line in found.values() for each in line]


@pytest.mark.parametrize(
    ("sources", "leads", "expected"),
    [
        ("BICFI | BIC", (), Agreement(("BICFI",), ("BIC",))),
        ("Inst/BICFI/Cd | Inst/BIC/Cd", ("Inst",), Agreement(("BICFI",), ("BIC",), "Inst", elements=True)),
        ("Cd | .", (), Agreement(("Cd",), ())),
        ("RltdDt/Dt | RltdDt", ("RltdDt",), Agreement(("Dt",), (), "RltdDt")),
        ("Pty | . as party", (), Agreement(("Pty",), (), elements=True)),
        ("Ttl/Amt | Amt", (), Agreement(("Ttl",), (), elements=True)),
    ],
)
def test_alternatives_of_a_line_are_the_same(sources: str, leads: tuple[str, ...], expected: Agreement) -> None:
    """Without what their paths share; a part, or paths that go on alike, speak of elements and not of scalars."""
    assert agreed(sources) == [(leads, expected)]


@pytest.mark.parametrize(
    ("sources", "sign"),
    [("A when . is X | B", "="), ("A | /GrpHdr/A", "="), ("A | ../A", "="), ("A | B", "<-"), ("A", "=")],
)
def test_lines_that_say_nothing(sources: str, sign: str) -> None:
    """Conditions, places that begin elsewhere, lines that are read only, and lines with one source."""
    assert agreed(sources, sign) == []


def test_our_own_mappings_know_the_names_that_changed_most() -> None:
    """In the types that have them, whatever their number, and in no other."""
    catalogue = Catalogue(law.folder("schemas/iso20022"))
    found = agreements(Mappings(law.folder("mappings"), catalogue), catalogue)
    bank = ("FinancialInstitutionIdentification7", "FinancialInstitutionIdentification8")
    assert list(found.renamed(("BIC",), bank)) == [("BICFI",)]
    assert list(found.renamed(("BIC",), ("AccountIdentification4Choice", "Party6Choice"))) == []
    assert ("AnyBIC",) in found.renamed(("BICOrBEI",), ("OrganisationIdentification4", "OrganisationIdentification8"))
    assert found.wrappers("UltmtDbtr", ("PartyIdentification43", "Party40Choice")) == ["Pty"]
    assert {"Cd", "Prtry"} <= set(found.holders("AdrTp"))
    assert found.holders("RltdDt")[0] == "Dt"
