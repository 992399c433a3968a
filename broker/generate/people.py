"""The invented world: banks with test BICs, companies and persons, and how the standard writes them.

Owns names and addresses, none of which is anybody's. A test BIC has ``0`` as its eighth character (ISO 9362: the
second of the location code). Must not know payments.
"""

import random
from dataclasses import dataclass

from broker.generate.identifiers import iban, lei

RaJson = dict[str, object]


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank: its name, test BIC, country, town and the code its accounts begin with."""

    name: str
    bic: str
    country: str
    town: str
    code: str

    def endpoint(self) -> RaJson:
        """The bank as ``Fr`` or ``To`` of a business header."""
        return {"FIId": self.agent()}

    def agent(self) -> RaJson:
        """The bank as an agent, by its BIC."""
        return {"FinInstnId": {"BICFI": self.bic}}

    def named_agent(self) -> RaJson:
        """The bank as an agent, by BIC, name and town."""
        address = {"TwnNm": self.town, "Ctry": self.country}
        return {"FinInstnId": {"BICFI": self.bic, "Nm": self.name, "PstlAdr": address}}


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with an account: a company where ``lei`` is given, else a person."""

    name: str
    street: str
    building: str
    postcode: str
    bank: Bank
    iban: str
    lei: str | None = None

    def party(self) -> RaJson:
        """The holder with a structured address, and identified where it is a company."""
        address = {
            "StrtNm": self.street,
            "BldgNb": self.building,
            "PstCd": self.postcode,
            "TwnNm": self.bank.town,
            "Ctry": self.bank.country,
        }
        return self._named() | {"PstlAdr": address}

    def endpoint(self) -> RaJson:
        """The holder as ``Fr`` or ``To`` of a business header."""
        return {"OrgId": self._named()}

    def account(self) -> RaJson:
        """The holder's account by its IBAN."""
        return {"Id": {"IBAN": self.iban}}

    def _named(self) -> RaJson:
        return {"Nm": self.name} | ({"Id": {"OrgId": {"LEI": self.lei}}} if self.lei else {})


BANKS = (
    Bank("Nordlicht Testbank", "ZNLTDEB0XXX", "DE", "Blankenmoor", "99911100"),
    Bank("Isarquell Probebank", "ZISQDEM0", "DE", "Oberquell", "99922200"),
    Bank("Bergwald Musterkasse", "ZBWMATW0", "AT", "Hinterwald", "99931"),
    Bank("Polder Proefbank", "ZPPBNL20XXX", "NL", "Polderdam", "ZPPB"),
    Bank("Zeekant Voorbeeldbank", "ZZVBBEB0", "BE", "Zeekant", "999"),
    Bank("Thornbury Sample Bank", "ZTSBGB20", "GB", "Thornbury Vale", "ZTSB"),
    Bank("Ballyglen Example Bank", "ZBEBIE20", "IE", "Ballyglen", "ZBEB"),
    Bank("Moselthal Banque d'Essai", "ZMBELUL0", "LU", "Moselthal", "999"),
    Bank("Firnberg Testbank", "ZFTBCHZ0XXX", "CH", "Firnberg", "99941"),
)
_FIRST = (
    "Alma",
    "Benno",
    "Célia",
    "Dario",
    "Edda",
    "Fergus",
    "Greta",
    "Hanno",
    "Ilse",
    "Joris",
    "Käthe",
    "Liam",
    "Maud",
)
_LAST = ("Ahornfeld", "Birkenhain", "Corrigan", "van Dunevelt", "Eschbach", "Fennimore", "Grünwasser", "Holloway-Reed")
_TRADES = ("Maschinenbau", "Logistics", "Papierwaren", "Software", "Seefracht", "Textiles", "Gartenbau", "Instruments")
_FORMS = {"DE": "GmbH", "AT": "GmbH", "CH": "AG", "NL": "B.V.", "BE": "NV", "LU": "S.A.", "GB": "Ltd", "IE": "Ltd"}
_STREETS = ("Amselpfad", "Brunnenstraße", "Cooper's Lane", "Deichweg", "Elm Row", "Fabriekstraat", "Gerberzeile")


def holder(rng: random.Random, bank: Bank, *, company: bool) -> Holder:
    """Invent somebody with an account at a bank."""
    last = rng.choice(_LAST)
    name = f"{last} {rng.choice(_TRADES)} {_FORMS[bank.country]}" if company else f"{rng.choice(_FIRST)} {last}"
    return Holder(
        name=name,
        street=rng.choice(_STREETS),
        building=str(rng.randint(1, 180)),
        postcode=str(rng.randint(10_000, 99_999)),
        bank=bank,
        iban=iban(bank.country, bank.code, rng),
        lei=lei(rng) if company else None,
    )
