"""Amounts of money as exports write them: $1,234.50, 1.234,50 €, USD 12. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.sends.money import CODES, minor_units

_CODE = re.compile(r"(?<![^\W\d_])([A-Z]{3})(?![^\W\d_])")
_SYMBOLS = {
    "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "S$": "SGD", "R$": "BRL", "MX$": "MXN",
    "NZ$": "NZD", "€": "EUR", "£": "GBP", "₹": "INR", "¥": "JPY",
    # Sendoso is a product of the United States, so a bare sign is its dollar.
    "$": "USD",
}
_GROUPED = re.compile(r"\d{1,3}([,.' ])\d{3}(?:\1\d{3})*(?:(?!\1)[,.]\d{1,2})?")
_INDIAN = re.compile(r"\d{1,2}(,\d{2})+,\d{3}(\.\d{1,2})?")
_NUMBER = re.compile(r"(?:(?<![\w.,])[,.]\d+|\d+(?:[,.']\d+| \d{3}(?!\d))*)[,.]?(?:[eE][+-]?\d+)?")
_SIGNS = "|".join(map(re.escape, sorted(_SYMBOLS, key=len, reverse=True)))
_NAMES = "|".join(sorted(CODES))
_ENDS_IN_CURRENCY = re.compile(rf"(?:{_SIGNS}|(?<![^\W\d_])(?:{_NAMES}))\s*-?\s*$", re.IGNORECASE)
_BEGINS_WITH_CURRENCY = re.compile(rf"\s*(?:{_SIGNS}|(?:{_NAMES})(?![^\W\d_]))", re.IGNORECASE)
_MINUS = re.compile(r"(?:^\s*-\s*|\s-)$")
_RANGE = re.compile(rf"\d\s*[-\N{{EN DASH}}]\s*(?:{_SIGNS})?\d")
_NOTE = re.compile(r"\([^()]*\)")
_IN_BRACKETS = re.compile(r"([^()]*)\(([^()]*)\)([^()]*)")
_STRAIGHT = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{MINUS SIGN}": "-"})
_SCIENTIFIC = re.compile(r"(\d+(?:[.,]\d+)?)[eE]([+-]?\d{1,2})")


def amount(text: str, currency: str | None) -> tuple[int | None, str | None]:
    """The amount in the currency's smallest unit, and the currency: the given one, else what the text names.

    (None, currency) where the text holds no amount that can be read, several, or a percentage. Remarks in brackets are
    passed over.
    """
    plain = text.translate(_STRAIGHT)
    said, in_brackets = _without_notes(plain)
    named = currency or currency_in(said) or currency_in(plain)
    found = _only_number(said)
    if found is None or said[found.end():].lstrip().startswith("%"):
        return None, named
    minor = minor_units(_decimal(found[0]), named)
    negative = in_brackets or _is_negative(said[:found.start()], said[found.end():])
    return (-minor if minor is not None and negative else minor), named


def _without_notes(text: str) -> tuple[str, bool]:
    """The text without what is remarked in brackets, and whether brackets enclose the amount: a bookkeeper's minus."""
    outside = _NOTE.sub(" ", text)
    enclosed = _IN_BRACKETS.fullmatch(text)
    if not enclosed or _NUMBER.search(outside):
        return outside, False
    before, within, after = enclosed.groups()
    is_whole = not any(_ENDS_IN_CURRENCY.sub("", part).strip() for part in (before, after))
    return (f"{before}{within}{after}", True) if is_whole else ("", False)


def _only_number(text: str) -> re.Match[str] | None:
    """The number that is the amount: the only one, or of several the only one beside a currency; of a range none."""
    found = [*_NUMBER.finditer(text)]
    if _RANGE.search(text):
        return None
    if len(found) > 1:
        found = [
            one for one in found
            if _ENDS_IN_CURRENCY.search(text[:one.start()]) or _BEGINS_WITH_CURRENCY.match(text[one.end():])
        ]
    return found[0] if len(found) == 1 else None


def _is_negative(before: str, after: str) -> bool:
    """Whether a minus stands before the number, before the currency that it follows, or at the very end."""
    currency = _ENDS_IN_CURRENCY.search(before)
    if after.strip() == "-" or (currency and currency[0].rstrip().endswith("-")):
        return True
    return bool(_MINUS.search(before[:currency.start()] if currency else before))


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
    if _INDIAN.fullmatch(number):  # lakhs and crores
        return number.replace(",", "")
    last = max(number.rfind(","), number.rfind("."))
    digits = re.sub(r"\D", "", number)
    if last < 0:
        return digits
    if any(number.count(sign) > 1 for sign in ",.' ") and not _GROUPED.fullmatch(number):
        return ""
    decimals = len(re.sub(r"\D", "", number[last:]))
    # 1,234 and 1.234.567 hold thousands; 12,5 and 1.234,50 decimals.
    if decimals == 3 and _GROUPED.fullmatch(number) and (number[last] == "," or number.count(".") > 1):  # noqa: PLR2004 - thousands
        return digits
    return f"{digits[:len(digits) - decimals] or '0'}.{digits[len(digits) - decimals:] or '0'}"
