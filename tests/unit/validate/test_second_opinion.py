"""The second opinion: silent where both validators agree, a warning where they do not."""

from broker.catalogue import Catalogue
from broker.generate import Generator
from broker.law import folder
from broker.message.finding import Severity
from broker.parse import Limits, Parsed, parse
from broker.validate.second_opinion import RULE, second_opinion

_CATALOGUE = Catalogue(folder("schemas/iso20022"))
_LIMITS = Limits(10_000_000, 500_000, 64, 64, 1_000_000)


def _parsed(body: bytes) -> Parsed:
    parsed = parse(body, _LIMITS, _CATALOGUE)
    assert isinstance(parsed, Parsed)
    return parsed


def test_agreement_is_silent() -> None:
    """A good message called valid and a bad one called invalid need no word."""
    generator = Generator(_CATALOGUE, 8)
    good, bad = _parsed(generator.pacs_008().body), _parsed(generator.bad("uetr-upper-case").body)
    assert second_opinion(good, _CATALOGUE, schema_valid=True) is None
    assert second_opinion(bad, _CATALOGUE, schema_valid=False) is None


def test_disagreement_is_a_warning_in_both_directions() -> None:
    """Told the opposite verdict, it says who sees what, and where."""
    generator = Generator(_CATALOGUE, 8)
    good, bad = _parsed(generator.pacs_008().body), _parsed(generator.bad("uetr-upper-case").body)
    stricter = second_opinion(bad, _CATALOGUE, schema_valid=True)
    laxer = second_opinion(good, _CATALOGUE, schema_valid=False)
    assert stricter is not None
    assert (stricter.rule, stricter.severity) == (RULE, Severity.WARNING)
    assert stricter.path.endswith("/PmtId/UETR")
    assert laxer is not None
    assert laxer.text.startswith("xmlschema finds the document valid")
