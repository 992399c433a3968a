"""``currency.*``: currency codes and the decimals of amounts (ISO 4217)."""

from collections.abc import Sequence
from typing import Final

from lxml.etree import _Element

from broker.catalogue.model import AmountType
from broker.message.finding import Severity
from broker.validate.rules.facts import minor_units, withdrawn_currencies
from broker.validate.rules.rule import NONE, Breach, Check, Member, Rule, Run

_CODES: Final = ("ActiveCurrencyCode", "ActiveOrHistoricCurrencyCode", "CurrencyCode")
_AT: Final = "Every element and every Ccy attribute whose type is a currency code: {}."

UNKNOWN: Final = Rule(
    "currency.unknown",
    Severity.ERROR,
    "A currency code is one of ISO 4217.",
    _AT.format("ActiveCurrencyCode, ActiveOrHistoricCurrencyCode, CurrencyCode"),
    "constraints *ActiveCurrency* and *ActiveOrHistoricCurrency* of the standard; ISO 4217, lists one and three.",
    "No scheme settles in a currency that was never registered.",
    "Send the code of the currency: CNY and not CNH, GBP and not UKL.",
)
WITHDRAWN: Final = Rule(
    "currency.withdrawn",
    Severity.WARNING,
    "A currency that must be active has not been withdrawn.",
    _AT.format("ActiveCurrencyCode alone"),
    "constraint *ActiveCurrency* of the standard: not yet withdrawn on the day the message is exchanged; ISO 4217.",
    "An old message is right as of its day, and rules know no clock.",
    "Send the amount in the currency that followed.",
)
DECIMALS: Final = Rule(
    "currency.decimals",
    Severity.ERROR,
    "An amount has no more decimals than its currency's minor unit.",
    "Every amount with a currency (types that end in CurrencyAndAmount); prices and withdrawn currencies are left out.",
    "constraint *CurrencyAmount* of the standard: the decimals comply with ISO 4217.",
    "Such an amount cannot be paid: there is no half yen.",
    "Ask the sender for the amount. Nothing may round it on the way.",
)
TRAILING_ZEROS: Final = Rule(
    "currency.trailing-zeros",
    Severity.WARNING,
    "An amount is written without zeros beyond its currency's minor unit.",
    "The same amounts as currency.decimals.",
    "constraint *CurrencyAmount* of the standard.",
    "The amount itself is right; several schemes refuse how it is written.",
    "Write the amount with the decimals of its currency: 1500 and not 1500.00 for JPY.",
)
RULES: Final = (UNKNOWN, WITHDRAWN, DECIMALS, TRAILING_ZEROS)


def check_for(member: Member) -> Check | None:
    """Give the check of a currency code or of an amount with one."""
    type_ = member.type
    if not isinstance(type_, AmountType):
        return _CODE_CHECKS.get(type_.name.partition("@")[0])
    active = type_.currency.startswith("ActiveCurrency")
    if type_.name.partition("@")[0].endswith("CurrencyAndAmount"):
        return active_amount if active else amount
    return active_price if active else price


def active_code(element: _Element, _: Run) -> Sequence[Breach]:
    """Check a code that must be active."""
    return _code(element, element.text, "", active=True)


def code(element: _Element, _: Run) -> Sequence[Breach]:
    """Check a code that may be withdrawn."""
    return _code(element, element.text, "", active=False)


def active_price(element: _Element, _: Run) -> Sequence[Breach]:
    """Check an amount's currency, which must be active."""
    return _code(element, element.get("Ccy"), "@Ccy", active=True)


def price(element: _Element, _: Run) -> Sequence[Breach]:
    """Check an amount's currency."""
    return _code(element, element.get("Ccy"), "@Ccy", active=False)


def active_amount(element: _Element, _: Run) -> Sequence[Breach]:
    """Check an amount's currency, which must be active, and its decimals."""
    return _amount(element, active=True)


def amount(element: _Element, _: Run) -> Sequence[Breach]:
    """Check an amount's currency and decimals."""
    return _amount(element, active=False)


_CODE_CHECKS: Final[dict[str, Check]] = {_CODES[0]: active_code, _CODES[1]: code, _CODES[2]: code}


def _amount(element: _Element, *, active: bool) -> Sequence[Breach]:
    currency = element.get("Ccy")
    units = minor_units().get(currency, -1)
    if units is None:
        return NONE
    if units < 0:
        return _code(element, currency, "@Ccy", active=active)
    decimals = (element.text or "").partition(".")[2]
    if len(decimals) <= units or len(decimals := decimals.rstrip()) <= units:
        return NONE
    found = f"found {len(decimals)} decimals; expected at most {units}, as {currency} has"
    return (Breach(DECIMALS if decimals[units:].strip("0") else TRAILING_ZEROS, element, found),)


def _code(element: _Element, currency: str | None, place: str, *, active: bool) -> Sequence[Breach]:
    if currency is None or currency in minor_units() or len(currency) != 3:  # noqa: PLR2004  a code has three letters
        return NONE
    if currency not in withdrawn_currencies():
        return (Breach(UNKNOWN, element, f"found {currency}; expected a code of ISO 4217", place),)
    if active:
        return (Breach(WITHDRAWN, element, f"found {currency}, which was withdrawn; expected an active one", place),)
    return NONE
