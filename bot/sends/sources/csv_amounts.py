"""Amounts of money as exports write them: $1,234.50, 1.234,50 €, USD 12. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.sends.money import CODES, minor_units

_CODE = re.compile(r"\b([A-Z]{3})\b")
_SYMBOLS = {
    "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "S$": "SGD", "R$": "BRL", "MX$": "MXN",
    "NZ$": "NZD", "€": "EUR", "£": "GBP", "₹": "INR", "¥": "JPY",
    # Sendoso is a product of the United States, so a bare sign is its dollar.
    "$": "USD",
}
_GROUPED = re.compile(r"\d{1,3}([,.' ]\d{3})+([,.]\d{1,2})?")
_NUMBER = re.compile(r"-?\d[\d,.' ]*(?:[eE][+-]?\d+)?")
_SCIENTIFIC = re.compile(r"(\d+(?:[.,]\d+)?)[eE]([+-]?\d{1,2})")


def amount(text: str, currency: str | None) -> tuple[int | None, str | None]:
    """The amount in the currency's smallest unit, and the currency: the given one, else what the text names.

    (None, currency) where the text holds no amount that can be read.
    """
    named = currency or currency_in(text)
    plain = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    found = _NUMBER.search(plain)
    if found is None:
        return None, named
    number = _decimal(found[0].lstrip("-").strip())
    negative = found[0].startswith("-") or "(" in plain or plain.strip().startswith("-")
    minor = minor_units(number, named)
    return (-minor if minor is not None and negative else minor), named


def currency_in(text: str) -> str | None:
    """The currency that a text names by code or sign; None where it names none."""
    for code in _CODE.findall(text.upper()):
        if code in CODES:
            return str(code)
    signs = sorted((sign for sign in _SYMBOLS if sign in text), key=len)
    return _SYMBOLS[signs[-1]] if signs else None


def _decimal(number: str) -> str:
    """The number with a point for its decimals and nothing between its thousands; empty where it cannot be read."""
    if "e" in number.lower():
        # A spreadsheet writes 1.5E+3 for a large number in a narrow column; no thousands are set apart then.
        parts = _SCIENTIFIC.fullmatch(number)
        return f"{Decimal(parts[1].replace(',', '.')).scaleb(int(parts[2])):f}" if parts else ""
    last = max(number.rfind(","), number.rfind("."))
    digits = re.sub(r"\D", "", number)
    if last < 0:
        return digits
    decimals = len(re.sub(r"\D", "", number[last:]))
    both = "," in number and "." in number
    # 1,234 and 1.234.567 hold thousands; 12,5 and 1.234,50 decimals.
    if not both and _GROUPED.fullmatch(number) and decimals == 3 and (number[last] == "," or number.count(".") > 1):  # noqa: PLR2004 - thousands
        return digits
    return f"{digits[:len(digits) - decimals] or '0'}.{digits[len(digits) - decimals:] or '0'}"
