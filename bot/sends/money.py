"""Amounts as whole numbers of a currency's smallest unit, so that sums are exact."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

# At most twelve digits before the point: more is a mistake, and must not overflow a database's column.
_AMOUNT = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{0,20})?")

# ISO 4217's currencies whose smallest unit is not a hundredth.
_WHOLE = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
})
_THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_USED = (
    # ISO 4217's currencies that people pay with, and those that went out of use since 2016.
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BYR BZD CAD CDF "
    "CHF CLF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD "
    "HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL "
    "LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR "
    "PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND "
    "TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UZS VED VEF VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL"
)
CODES = frozenset(_USED.split())
"""What a word in a text must be to be taken for a currency."""


def decimals(currency: str | None) -> int:
    """Digits behind the point in amounts of a currency (ISO 4217 code in any case); 2 for one not known."""
    code = (currency or "").strip().upper()
    if code in _WHOLE:
        return 0
    return 3 if code in _THOUSANDTHS else 2


def minor_units(amount: str | None, currency: str | None) -> int | None:
    """`"2.0"` US dollars as 200 cents, `"500"` yen as 500; halves are rounded away from nought. None for no number."""
    text = (amount or "").strip()
    if not _AMOUNT.fullmatch(text):
        return None
    return int(Decimal(text).scaleb(decimals(currency)).to_integral_value(rounding=ROUND_HALF_UP))
