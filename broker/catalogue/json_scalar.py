"""A scalar as JSON Schema: always a string, in the lexical form XML Schema gives it.

Owns the patterns; knows nothing of objects. Where a facet cannot be said exactly in JSON Schema, what is said admits
every valid text and may admit more: the XSD decides. That is so for the day of a month, a bound other than zero, the
octets of base64 and a scheme's patterns in a syntax that ECMA-262 does not have.
"""

import re
from decimal import Decimal
from typing import Final

from broker.catalogue.model import SimpleType

_ZONE: Final = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR: Final = r"-?(?!0000)([1-9][0-9]{3,}|0[0-9]{3})"
_MONTH: Final = r"(0[1-9]|1[0-2])"
_DATE: Final = rf"{_YEAR}-{_MONTH}-(0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = r"(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|24:00:00(\.0+)?)"
_GAP: Final = r"[ \t\r\n]*"
_SIX_BITS: Final = rf"[A-Za-z0-9+/]{_GAP}"
_BASE64_END: Final = (
    rf"{_SIX_BITS}[AQgw]{_GAP}={_GAP}={_GAP}|{_SIX_BITS}{_SIX_BITS}[AEIMQUYcgkosw048]{_GAP}={_GAP}"  # spare bits are 0
)
_FORMS: Final = {
    "date": f"^{_DATE}{_ZONE}$",
    "dateTime": f"^{_DATE}T{_CLOCK}{_ZONE}$",
    "time": f"^{_CLOCK}{_ZONE}$",
    "gYear": f"^{_YEAR}{_ZONE}$",
    "gYearMonth": f"^{_YEAR}-{_MONTH}{_ZONE}$",
    "base64Binary": f"^{_GAP}(({_SIX_BITS}){{4}})*({_BASE64_END})?$",
}
_BOOLEANS: Final = ("true", "false", "1", "0")
_NOT_ECMA: Final = re.compile(r"\\[cCiIpP]|\[.*-\[")
_TOKEN: Final = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|.", re.DOTALL)


def write_scalar(declared: SimpleType) -> dict[str, object]:
    """Give the keywords of a scalar: ``type`` and what narrows it."""
    keywords: dict[str, object] = {"type": "string"}
    if declared.enumeration:
        return keywords | {"enum": list(declared.enumeration)}
    match declared.base:
        case "string":
            return keywords | _text(declared)
        case "boolean":
            return keywords | {"enum": list(_BOOLEANS)}
        case "decimal":
            return keywords | {"pattern": decimal_pattern(declared)}
        case "base64Binary":
            octets = declared.min_length or 0
            least = {"minLength": (octets + 2) // 3 * 4} if octets else {}
            return keywords | least | {"pattern": _FORMS["base64Binary"]}
        case base:
            return keywords | {"pattern": _FORMS[base]}


def decimal_pattern(declared: SimpleType) -> str:
    """Give the pattern of a decimal: its sign from the bound, its digits, extra zeros tolerated on both ends.

    XML Schema part 2, 3.2.3 and 4.3.11: leading zeros and trailing zeros of the fraction are no digits of the value.
    """
    total, fraction = declared.total_digits, declared.fraction_digits
    bound = None if declared.min_inclusive is None else Decimal(declared.min_inclusive)
    sign = "[+-]?"
    if bound is not None and bound >= 0:
        sign = r"\+?(?=.*[1-9])" if bound else r"(\+|-(?=[0.]*$))?"
    decimals = "[0-9]*" if fraction is None else f"[0-9]{{0,{fraction}}}0*"
    if total is None:
        return rf"^{sign}(?=\.?[0-9])[0-9]*(\.{decimals})?$"
    within = rf"(?=[0-9.]{{1,{total + 1}}}0*$)[0-9]*\.{decimals}"
    return rf"^{sign}(?=\.?[0-9])0*(?!0)([0-9]{{0,{total}}}|{within})$"


def _text(declared: SimpleType) -> dict[str, object]:
    keywords: dict[str, object] = {}
    if declared.min_length is not None:
        keywords["minLength"] = declared.min_length
    if declared.max_length is not None:
        keywords["maxLength"] = declared.max_length
    tokens = [_TOKEN.findall(pattern) for pattern in declared.patterns]
    if tokens and not any(_NOT_ECMA.search(each) for pattern in tokens for each in pattern):
        keywords["pattern"] = _anchored(tokens)
    return keywords


def _anchored(patterns: list[list[str]]) -> str:
    """Join patterns, given in parts, of which one must match whole (XML Schema part 2, 4.3.4.3)."""
    joined = "|".join("".join(f"\\{part}" if part in "^$" else part for part in pattern) for pattern in patterns)
    return f"^({joined})$" if "|" in joined else f"^{joined}$"
